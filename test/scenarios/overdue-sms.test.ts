import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

// BS4: a bill is overdue, and an agent sends an SMS by hand: to whom, outgoing, by SMS, with a template or without, to the contact's
// phone, and saves. Then an entry is queued, and sent.
const app = await openApp();
const fields = 'id number state direction medium to body createdBy origin completedAt';

const save = async (input: object) =>
  (
    await app.call(
      `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { ${fields} } } }`,
      { input: { contactExternalId: 'nikos', ...input } },
      ['AGENT', 'maria'],
    )
  ).createCommunication.communication;
const sent = async (id: string) =>
  await eventually(async () => {
    const { communication } = await app.call(`query ($id: ID!) { communication(id: $id) { ${fields} } }`, { id });
    return communication.state === 'COMPLETED' ? communication : undefined;
  });
const kept = async (communicationId: string) => {
  const { sandboxMessages } = await app.call('{ sandboxMessages { nodes { communicationId medium to text } } }');
  return sandboxMessages.nodes.find((each: { communicationId: string }) => each.communicationId === communicationId);
};

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [{ externalId: 'nikos', name: 'Nikos Ioannou', preferredLanguage: 'en', phones: [{ number: '+35799123456' }] }],
      accounts: [{ externalId: 'a1', contact: 'nikos', number: 'AR1', currency: 'EUR', outstandingAmount: '45.5' }],
      objects: [{ type: 'bill', externalId: 'b1', contact: 'nikos', account: 'a1', number: 'BL1', fields: { due_date: '2026-10-31' } }],
    },
  });
});

test('BS4 C18 without a template: it is queued on save, sent to the contact’s phone, and is Completed', async () => {
  const made = await save({ medium: 'SMS', body: 'Please pay #account.outstanding_amount today.' });
  expect(made).toMatchObject({ direction: 'OUTGOING', medium: 'SMS', to: '+35799123456', createdBy: 'maria', origin: 'MANUAL' });
  const done = await sent(made.id);
  expect(done.completedAt).not.toBeNull();
  expect(await kept(made.id)).toMatchObject({ medium: 'SMS', to: '+35799123456', text: 'Please pay €45.50 today.' });
  expect(await app.sql('select from queue_entry')).toHaveLength(0);
});

test('BS4 C23 with a template about the bill, to another phone', async () => {
  const { createTemplate } = await app.call(
    'mutation { createTemplate(input: { name: "Overdue", medium: SMS, objectType: "bill", content: [{ language: "en", body: "#bill.number was due on #bill.due_date." }] }) { template { id } } }',
  );
  const made = await save({
    templateId: createTemplate.template.id,
    to: '+35799654321',
    referringTo: { type: 'bill', externalId: 'b1' },
  });
  await sent(made.id);
  expect(await kept(made.id)).toMatchObject({ to: '+35799654321', text: expect.stringMatching(/^BL1 was due on .*2026\.$/) });
});

import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });
let system: string;

const fields = 'id number state direction medium to subject body expiresAt completedAt rejection { code message } followUpOf { id }';
const create = async (input: object) =>
  (
    await app.call(
      `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { ${fields} } } }`,
      { input },
      'AGENT',
    )
  ).createCommunication.communication;
const update = async (input: object) =>
  (
    await app.call(
      `mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { communication { ${fields} } } }`,
      { input },
      'AGENT',
    )
  ).updateCommunication.communication;
const refused = async (name: 'createCommunication' | 'updateCommunication' | 'followUpCommunication', input: object) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const answer = await app.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { communication { id } } }`, { input }, 'AGENT');
  const { code, problems } = answer.errors?.[0]?.extensions ?? {};
  return [code, ...(problems ?? []).map((each) => `${each.path.join('.')}: ${each.code}`)];
};

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        {
          externalId: 'anna',
          name: 'Anna Brown',
          preferredLanguage: 'en',
          emails: [{ address: 'anna@example.org' }],
          phones: [{ number: '+35799123456' }],
        },
        { externalId: 'bare', name: 'Bare Bob' },
      ],
      accounts: [{ externalId: 'a1', contact: 'anna', number: 'A1', currency: 'EUR', balance: '5' }],
      objects: [
        { type: 'subscription', externalId: 's1', contact: 'anna', account: 'a1', number: 'S1', fields: { type: 'Sports' } },
        { type: 'subscription', externalId: 's2', contact: 'anna', account: 'a1', number: 'S2', fields: { type: 'Films' } },
      ],
    },
  });
  const made = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true, characterLimit: 20 }) { externalSystem { id } } }',
  );
  system = made.createExternalSystem.externalSystem.id;
});

test('BS4 C5 C7 C9 an agent writes an SMS: it is queued at once, to the primary phone', async () => {
  const sms = await create({ contactExternalId: 'anna', medium: 'SMS', body: 'Dear #contact.first_name, please pay #account.balance.' });
  expect(sms).toMatchObject({
    state: 'PENDING',
    direction: 'OUTGOING',
    to: '+35799123456',
    body: 'Dear Anna, please pay €5.00.',
    completedAt: null,
  });
  expect(sms.number).toMatch(/^CM\d{6}$/);
  expect(await app.sql('select medium, priority from queue_entry')).toEqual([{ medium: 'SMS', priority: 3 }]);
});

test('C6 C18 C19 a draft waits, is changed, and is then as if it had been sent at once; after that nothing can be changed', async () => {
  const draft = await create({ contactExternalId: 'anna', medium: 'EMAIL', subject: 'Hello', body: 'First', saveAsDraft: true });
  expect(draft).toMatchObject({ state: 'DRAFT', to: 'anna@example.org' });
  const changed = await update({
    communicationId: draft.id,
    body: 'Second #subscription.number',
    referringTo: { type: 'subscription', externalId: 's2' },
  });
  expect(changed).toMatchObject({ id: draft.id, number: draft.number, state: 'DRAFT', subject: 'Hello', body: 'Second S2' });
  const sent = await update({ communicationId: draft.id, to: 'other@example.org', saveAsDraft: false });
  expect(sent).toMatchObject({
    id: draft.id,
    number: draft.number,
    state: 'PENDING',
    to: 'other@example.org',
    subject: 'Hello',
    body: 'Second S2',
  });
  expect(await refused('updateCommunication', { communicationId: draft.id, body: 'Third' })).toEqual(['INVALID_STATE_TRANSITION']);
});

test('C1 C5 C15 C22 M25 an incoming call is recorded under a number of its own and never queued; nothing in it is a tag', async () => {
  const call = await create({ contactExternalId: 'anna', medium: 'PHONE', direction: 'INCOMING', body: 'Asked about #contact.name' });
  expect(call).toMatchObject({ state: 'COMPLETED', direction: 'INCOMING', body: 'Asked about #contact.name' });
  const numbers = new Set([call.number]);
  for (const medium of ['PHONE', 'LETTER', 'FACE_TO_FACE']) {
    const made = await create({ contactExternalId: 'anna', medium, body: 'x' });
    expect(made.state).toBe('COMPLETED');
    numbers.add(made.number);
  }
  expect(numbers.size).toBe(4);
});

test('BS8 F1 F2 F3 F5 a call, kept as a draft, is completed and followed up by another', async () => {
  const call = await create({ contactExternalId: 'anna', medium: 'PHONE', direction: 'INCOMING', body: 'No picture', saveAsDraft: true });
  const followUp = { contactExternalId: 'anna', medium: 'PHONE', body: 'Is it better now?' };
  expect(await refused('followUpCommunication', { communicationId: call.id, followUp })).toEqual(['INVALID_STATE_TRANSITION']);
  expect((await update({ communicationId: call.id, saveAsDraft: false })).state).toBe('COMPLETED');
  const { followUpCommunication } = await app.call(
    `mutation ($input: FollowUpCommunicationInput!) { followUpCommunication(input: $input) { communication { ${fields} } } }`,
    { input: { communicationId: call.id, followUp } },
    'AGENT',
  );
  expect(followUpCommunication.communication).toMatchObject({ state: 'COMPLETED', direction: 'OUTGOING', followUpOf: { id: call.id } });
  expect(
    await refused('followUpCommunication', { communicationId: call.id, followUp: { ...followUp, contactExternalId: 'bare' } }),
  ).toEqual(['BAD_USER_INPUT', 'followUp.contactExternalId: OTHER_CONTACT']);
});

test('BS12 C29 X10 a wrong medium and a message that is too long are made REJECTED, without an error', async () => {
  expect(await create({ contactExternalId: 'anna', medium: 'EMAIL', externalSystemId: system, body: 'x' })).toMatchObject({
    state: 'REJECTED',
    rejection: { code: 'UNSUPPORTED_MEDIUM' },
  });
  expect(await create({ contactExternalId: 'anna', medium: 'DEVICE', externalSystemId: system, body: 'x'.repeat(21) })).toMatchObject({
    state: 'REJECTED',
    rejection: { code: 'TOO_LONG' },
  });
  expect(
    await create({ contactExternalId: 'anna', medium: 'DEVICE', externalSystemId: system, body: '#contact.name, and more.' }),
  ).toMatchObject({ state: 'REJECTED', rejection: { code: 'TOO_LONG' } });
  expect(await create({ contactExternalId: 'anna', medium: 'DEVICE', externalSystemId: system, body: 'x'.repeat(20) })).toMatchObject({
    state: 'PENDING',
  });
});

test('C23 C24 U2 a template gives medium and text; what it refers to and the parameters fill the tags', async () => {
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
    {
      input: {
        name: 'New',
        medium: 'EMAIL',
        content: [{ language: 'en', subject: '#subscription.number', body: '#subscription.type with #param.gift.' }],
      },
    },
  );
  const templateId = createTemplate.template.id;
  const input = {
    contactExternalId: 'anna',
    templateId,
    referringTo: { type: 'subscription', externalId: 's1' },
    parameters: [{ name: 'gift', value: 'a <b>cup</b>' }],
  };
  expect(await create(input)).toMatchObject({ medium: 'EMAIL', subject: 'S1', body: 'Sports with a <b>cup</b>.' });
  expect(await refused('createCommunication', { ...input, medium: 'SMS' })).toEqual(['BAD_USER_INPUT', 'medium: WRONG_MEDIUM']);
  expect(await refused('createCommunication', { ...input, body: 'Both' })).toEqual(['BAD_USER_INPUT', 'templateId: CONTRADICTION']);
});

test('C2 what is wrong is said all at once, and nothing is made, least of all without a contact', async () => {
  const before = await app.sql('select count(*)::int as n from communication');
  const [code, ...problems] = await refused('createCommunication', {
    contactExternalId: 'bare',
    medium: 'EMAIL',
    externalSystemId: 'nonsense',
    referringTo: { type: 'subscription', externalId: 's1' },
    expiresAt: '2020-01-01T00:00:00Z',
    body: 'Dear #contact.nmae',
  });
  expect(code).toBe('BAD_USER_INPUT');
  expect(problems.map((each) => String(each).split(':')[0]).toSorted()).toEqual([
    'body',
    'expiresAt',
    'externalSystemId',
    'referringTo',
    'to',
  ]);
  expect(await app.sql('select count(*)::int as n from communication')).toEqual(before);
  expect(await refused('createCommunication', { contactExternalId: 'nobody', medium: 'SMS', body: 'x' })).toEqual([
    'BAD_USER_INPUT',
    'contactExternalId: UNKNOWN_CONTACT',
  ]);
  expect(
    await refused('createCommunication', {
      contactExternalId: 'anna',
      medium: 'EMAIL',
      to: 'a@example.org\r\nBcc: b@example.org',
      body: 'x',
    }),
  ).toEqual(['BAD_USER_INPUT', 'to: INVALID_EMAIL']);
});

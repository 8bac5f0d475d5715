import { expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { openSink } from '../support/smtp-sink.js';

// BS13: a payment is posted. One rule thanks at once, another one reminds at its time, a third one is not met.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });

test('BS13 C3 E16 payment posted: one rule sends at once, one with a time sends then, and one whose conditions are not met sends nothing', async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [{ externalId: 'anna', name: 'Anna Brown', preferredLanguage: 'el', emails: [{ address: 'anna@example.org' }] }],
      accounts: [{ externalId: 'a1', contact: 'anna', number: 'A1', currency: 'EUR', balance: '20', outstandingAmount: '0' }],
      objects: [{ type: 'payment', externalId: 'p1', account: 'a1', number: 'PY1', fields: { amount: '30' } }],
    },
  });
  const create = async (name: string, body: string, more: object = {}) =>
    await app.call('mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }', {
      input: {
        name,
        objectType: 'payment',
        events: ['posted'],
        messages: [
          {
            medium: 'EMAIL',
            content: [
              { language: 'en', subject: name, body },
              { language: 'el', subject: `${name} (el)`, body: `Ελληνικά: ${body}` },
            ],
          },
        ],
        ...more,
      },
    });
  await create('At once', 'Thank you, #contact.name , for #payment.amount . Your balance is #account.balance .');
  await create('Large payment', 'Never', { conditions: [{ field: 'payment.amount', operator: 'GT', value: 1000 }] });
  await create('Later', 'How do you like us, after #payment.number ?', { timing: { after: { amount: 1, unit: 'DAY' } } });

  const { recordEvents } = await app.call(
    `mutation { recordEvents(input: { events: [{ object: { type: "payment", externalId: "p1" }, event: "posted", idempotencyKey: "p1-posted" }] }) { recorded eventIds } }`,
  );
  const first = await eventually(() => sink.arrived[0]);
  expect(first).toMatchObject({ to: ['anna@example.org'], mail: { subject: 'At once (el)' } });
  const outcomes = async () =>
    (
      await app.call('query ($id: ID!) { event(id: $id) { outcomes { state rule { name } communication { subject body state } } } }', {
        id: recordEvents.eventIds[0],
      })
    ).event.outcomes;
  const by = async (name: string) => (await outcomes()).find((each: { rule: { name: string } }) => each.rule.name === name);
  expect(
    await eventually(async () => ((await by('At once'))?.communication.state === 'COMPLETED' ? await by('At once') : undefined)),
  ).toMatchObject({
    state: 'CREATED',
    communication: { subject: 'At once (el)', body: 'Ελληνικά: Thank you, Anna Brown , for 30,00\u00a0€ . Your balance is 20,00\u00a0€ .' },
  });
  expect(await by('Large payment')).toMatchObject({ state: 'NOT_MET', communication: null });
  expect(await by('Later')).toMatchObject({ state: 'HELD', communication: null });
  expect(sink.arrived).toHaveLength(1);

  // Its time has come.
  await app.sql("update rule_outcome set due_at = clock_timestamp() where state = 'HELD'");
  await eventually(() => sink.arrived.length === 2);
  expect(await by('Later')).toMatchObject({ state: 'CREATED', communication: { body: 'Ελληνικά: How do you like us, after PY1 ?' } });

  // The CRM tells of it a second time.
  const again = await app.call(
    `mutation { recordEvents(input: { events: [{ object: { type: "payment", externalId: "p1" }, event: "posted", idempotencyKey: "p1-posted" }] }) { recorded duplicates } }`,
  );
  expect(again.recordEvents).toEqual({ recorded: 0, duplicates: 1 });
  expect(await app.sql('select count(*)::int as n from communication')).toEqual([{ n: 2 }]);
});

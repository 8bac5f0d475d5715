import { expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();

const upsert = 'mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted updated unchanged } }';
const contact = (externalId: string, more: object = {}) => ({ contacts: [{ externalId, name: `Name of ${externalId}`, ...more }] });
const count = async (like: string) =>
  (await app.sql<{ n: number }>('select count(*)::int as n from contact where external_id like $1', [like]))[0]?.n;

test('with several root fields all hold or none', async () => {
  const both =
    'mutation ($a: UpsertCrmRecordsInput!, $b: UpsertCrmRecordsInput!) { a: upsertCrmRecords(input: $a) { inserted } b: upsertCrmRecords(input: $b) { inserted } }';
  const bad = { contacts: [{ externalId: 'tx-2' }] };
  const answer = await app.ask(both, { a: contact('tx-1'), b: bad });
  expect(answer.data).toBeNull();
  expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(await count('tx-%')).toBe(0);
  await app.call(both, { a: contact('tx-1'), b: contact('tx-2') });
  expect(await count('tx-%')).toBe(2);
});

test('a dry run answers as a real one and keeps nothing, not even its idempotency key', async () => {
  const dry = upsert.replace('mutation', 'mutation').replace(') {', ') @dryRun {');
  const input = { ...contact('dry-1'), idempotencyKey: 'dry' };
  expect(await app.call(dry, { input })).toEqual({ upsertCrmRecords: { inserted: 1, updated: 0, unchanged: 0 } });
  expect(await count('dry-%')).toBe(0);
  expect(await app.call(upsert, { input })).toEqual({ upsertCrmRecords: { inserted: 1, updated: 0, unchanged: 0 } });
  expect(await count('dry-%')).toBe(1);
});

test('the same key with the same input gives the first answer again, however often and however many at once', async () => {
  const input = { ...contact('key-1'), idempotencyKey: 'one' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => app.ask(upsert, { input })));
  for (const answer of answers) expect(answer).toEqual({ data: { upsertCrmRecords: { inserted: 1, updated: 0, unchanged: 0 } } });
  // Asked for in another way, it is still the first answer.
  expect(await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input })).toEqual({
    upsertCrmRecords: { inserted: 1 },
  });
});

test('a follow-up carries the key of the communication that it makes', async () => {
  await app.call(upsert, { input: contact('follow-1') });
  const written = await app.call(
    `mutation { createCommunication(input: { contactExternalId: "follow-1", medium: PHONE, body: "called" }) { communication { id } } }`,
  );
  const followUp = { contactExternalId: 'follow-1', medium: 'PHONE', body: 'called again', idempotencyKey: 'again' };
  const input = { communicationId: written.createCommunication.communication.id, followUp };
  const ask = 'mutation ($input: FollowUpCommunicationInput!) { followUpCommunication(input: $input) { communication { id } } }';
  expect(await app.call(ask, { input })).toEqual(await app.call(ask, { input }));
  const other = await app.ask(ask, { input: { ...input, followUp: { ...followUp, body: 'another' } } });
  expect(other.errors?.[0]?.extensions.code).toBe('CONFLICT');
});

test('the same key with another input is a conflict, and is free for other callers', async () => {
  await app.call(upsert, { input: { ...contact('other-1'), idempotencyKey: 'two' } });
  const answer = await app.ask(upsert, { input: { ...contact('other-2'), idempotencyKey: 'two' } });
  expect(answer.errors?.[0]?.extensions.code).toBe('CONFLICT');
  expect(await count('other-%')).toBe(1);
  const elsewhere = await app.ask(upsert, { input: { ...contact('other-2'), idempotencyKey: 'two' } }, ['ADMIN', 'somebody else']);
  expect(elsewhere.errors).toBeUndefined();
});

test('a mutation that failed leaves its key free', async () => {
  const bad = { contacts: [{ externalId: 'free-1', preferredLanguage: 'no-such-language-tag!' }], idempotencyKey: 'three' };
  expect((await app.ask(upsert, { input: bad })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  await app.call(upsert, { input: { ...contact('free-1'), idempotencyKey: 'three' } });
  expect(await count('free-%')).toBe(1);
});

test('all problems of an input come at once, scalars and the rest alike, each with its path', async () => {
  const answer = await app.ask(upsert, {
    input: {
      contacts: [
        { externalId: 'p-1', name: 'A', preferredLanguage: 'klingon', timeZone: 'Mars/Olympus' },
        { externalId: 'p-2', name: 'B', emails: [{ address: 'no address' }] },
      ],
      accounts: [{ externalId: 'a-1', contact: 'p-1', balance: 'twelve' }],
    },
  });
  const problems = answer.errors?.[0]?.extensions.problems ?? [];
  expect(problems.map((each) => each.path.join('.')).toSorted()).toEqual([
    'accounts.0.balance',
    'contacts.0.preferredLanguage',
    'contacts.0.timeZone',
    'contacts.1.emails.0.address',
  ]);
  expect(await count('p-%')).toBe(0);
});

test('variables of the wrong type are named all at once', async () => {
  const answer = await app.ask(upsert, { input: { contacts: [{ externalId: 5, nonsense: true }], accounts: 'no' } });
  expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(answer.errors?.[0]?.extensions.problems?.length).toBeGreaterThanOrEqual(2);
});

test('what waits for the commit does not happen in a dry run, over HTTP', async () => {
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "S", condition: { field: "contact.name", operator: IS_NOT_EMPTY } }) { segment { id } } }',
  );
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'P',
      includeSegmentIds: [createSegment.segment.id],
      messages: [{ medium: 'EMAIL', content: [{ language: 'en', body: 'x' }] }],
    },
  });
  const schedule = (directive: string) =>
    app.call(
      `mutation ($id: ID!) ${directive} { schedulePlan(input: { planId: $id, schedule: { after: { amount: 1, unit: DAY } } }) { schedule { id nextRunAt } } }`,
      { id: createPlan.plan.id },
    );
  await schedule('@dryRun');
  await schedule('');
  await eventually(async () => (await app.sql('select 1 from agenda_jobs')).length === 1);
  expect(await app.sql('select 1 from schedule')).toHaveLength(1);
});

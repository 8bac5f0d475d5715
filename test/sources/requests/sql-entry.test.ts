import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { engine } from '../../../src/access/viewer.js';
import { transact } from '../../../src/graphql/request.js';
import { pruneRequests } from '../../../src/sources/requests/worker.js';
import { eventually, openApp } from '../../support/app.js';

// A billing system in the same database, with a role of its own that may call two functions and nothing else.
const app = await openApp();
const role = `billing_${Math.floor(Math.random() * 1e9)}`;
let billing: Client;

beforeAll(async () => {
  await app.sql(`create role ${role} login password 'x'`);
  await app.sql(`grant usage on schema carillon to ${role}`);
  await app.sql(`grant execute on function carillon.record_event, carillon.enqueue_communication to ${role}`);
  await app.sql(`create schema billing authorization ${role}`);
  billing = new Client({ connectionString: app.databaseUrl });
  await billing.connect();
  await billing.query(`set session authorization ${role}`);
  await billing.query('create table billing.payment (id text)');
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        { externalId: 'anna', name: 'Anna Brown', preferredLanguage: 'el', emails: [{ address: 'anna@example.org' }] },
        { externalId: 'mute', name: 'Mute Mary' },
      ],
      accounts: [{ externalId: 'a1', contact: 'anna', currency: 'EUR', balance: '10' }],
      objects: [{ type: 'payment', externalId: 'PY-1', account: 'a1', number: 'PY1', fields: { amount: '45.5' } }],
    },
  });
  await app.call(`mutation {
    createTemplate(input: { name: "Thanks", code: "thanks", medium: EMAIL, objectType: "payment", content: [
      { language: "en", subject: "Thanks", body: "#payment.amount with #param.voucher" }, { language: "el", subject: "Ευχαριστούμε", body: "#payment.amount με #param.voucher" }] }) { template { id } }
    draft: createTemplate(input: { name: "Draft", code: "draft", state: DRAFT, medium: EMAIL, content: [{ language: "en", body: "x" }] }) { template { id } }
    letter: createTemplate(input: { name: "Letter", code: "letter", medium: LETTER, content: [{ language: "en", body: "x" }] }) { template { id } }
    createExternalSystem(input: { name: "Gateway", code: "gateway", media: [SMS] }) { externalSystem { id } }
    createRule(input: { name: "Posted", objectType: "payment", events: ["posted"], messages: [{ medium: EMAIL, content: [{ language: "en", subject: "Paid", body: "Paid by #param.channel" }] }] }) { rule { id } }
  }`);
});
afterAll(async () => {
  await billing.end();
  await app.sql(`drop schema billing cascade`);
  await app.sql(`drop owned by ${role}`);
  await app.sql(`drop role ${role}`);
});

const ask = async (text: string, parameters: unknown[] = []) => (await billing.query(text, parameters)).rows[0];
const refusal = async (text: string) =>
  await billing.query(text).then(
    () => 'no refusal',
    (error: { code: string; message: string }) => `${error.code} ${error.message}`,
  );
const made = async () => (await app.call('{ communications { nodes { subject body origin } } }')).communications.nodes;

test('XU3 what is told within a transaction that is rolled back never happened', async () => {
  await billing.query('begin');
  await billing.query("insert into billing.payment values ('PY-1')");
  await ask(`select carillon.record_event('payment', 'PY-1', 'posted', '{"channel": "web"}')`);
  await ask(`select carillon.enqueue_communication('thanks', 'anna', '{"voucher": "SPRING"}', 'payment', 'PY-1')`);
  await billing.query('rollback');
  expect(await app.sql('select (select count(*)::int from event) as e, (select count(*)::int from communication_request) as r')).toEqual([
    { e: 0, r: 0 },
  ]);
});

test('XU3 an event recorded by SQL meets its rules after the commit, and a known key records nothing', async () => {
  await billing.query('begin');
  const first = await ask(`select carillon.record_event('payment', 'PY-1', 'posted', '{"channel": "web"}', idempotency_key => 'k1') as id`);
  expect(await made()).toEqual([]);
  await billing.query('commit');
  expect(await eventually(async () => ((await made()).length > 0 ? await made() : undefined))).toEqual([
    { subject: 'Paid', body: 'Paid by web', origin: 'RULE' },
  ]);
  const again = await ask(`select carillon.record_event('payment', 'PY-1', 'posted', '{"channel": "web"}', idempotency_key => 'k1') as id`);
  expect(again).toEqual(first);
  expect(await app.sql('select count(*)::int as n from event')).toEqual([{ n: 1 }]);
});

test('XU3 a communication asked for by SQL goes through the one pipeline: language, values, parameters, address', async () => {
  const { id } = await ask(
    `select carillon.enqueue_communication('thanks', 'anna', '{"voucher": "SPRING"}', 'payment', 'PY-1', idempotency_key => 'thanks') as id`,
  );
  const again = await ask(
    `select carillon.enqueue_communication('thanks', 'anna', '{"voucher": "SPRING"}', 'payment', 'PY-1', null, now() + interval '1 day', 'thanks') as id`,
  );
  expect(again.id).toBe(id);
  const state = async (request: string) => (await app.sql('select state, reason from communication_request where id = $1', [request]))[0];
  await eventually(async () => (await state(id))?.['state'] === 'CREATED');
  expect((await made())[0]).toEqual({ subject: 'Ευχαριστούμε', body: '45,50\u00a0€ με SPRING', origin: 'API' });
  const mute = await ask(`select carillon.enqueue_communication('thanks', 'mute') as id`);
  expect(await eventually(async () => ((await state(mute.id))?.['state'] !== 'WAITING' ? await state(mute.id) : undefined))).toEqual({
    state: 'SKIPPED',
    reason: 'NO_ADDRESS',
  });
});

test('XU3 E2x a key that is known with something else behind it is refused, from both doors alike', async () => {
  const key = `idempotency_key => 'k2', occurred_at => '2026-03-04 05:06:07+02'`;
  const { id } = await ask(`select carillon.record_event('payment', 'PY-1', 'cancelled', '{"n": 1}', ${key}) as id`);
  await billing.query("set timezone = 'Pacific/Apia'");
  expect((await ask(`select carillon.record_event('payment', 'PY-1', 'cancelled', '{"n": 1}', ${key}) as id`)).id).toBe(id);
  await billing.query('reset timezone');
  for (const other of [
    `'cancelled', '{"n": 2}', ${key}`,
    `'posted', '{"n": 1}', ${key}`,
    `'cancelled', '{"n": 1}', idempotency_key => 'k2'`,
  ])
    expect(await refusal(`select carillon.record_event('payment', 'PY-1', ${other})`)).toBe(
      "22023 carillon.record_event: the idempotency key 'k2' was used for another event",
    );
  const event = {
    object: { type: 'payment', externalId: 'PY-1' },
    event: 'cancelled',
    occurredAt: '2026-03-04T03:06:07Z',
    idempotencyKey: 'k2',
  };
  const record = async (payload: object) =>
    await app.ask('mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { duplicates } }', {
      input: { events: [{ ...event, payload }] },
    });
  expect((await record({ n: 1 })).data).toEqual({ recordEvents: { duplicates: 1 } });
  expect((await record({ n: 3 })).errors?.[0]?.extensions.code).toBe('CONFLICT');

  const about = `'thanks', 'anna', '{"voucher": "A"}', 'payment', 'PY-1', idempotency_key => 'c2'`;
  const { request } = await ask(`select carillon.enqueue_communication(${about}) as request`);
  expect((await ask(`select carillon.enqueue_communication(${about}) as request`)).request).toBe(request);
  for (const other of [
    `'thanks', 'anna', '{"voucher": "B"}', 'payment', 'PY-1', idempotency_key => 'c2'`,
    `'thanks', 'anna', '{"voucher": "A"}', idempotency_key => 'c2'`,
    `'thanks', 'mute', '{"voucher": "A"}', idempotency_key => 'c2'`,
  ])
    expect(await refusal(`select carillon.enqueue_communication(${other})`)).toBe(
      "22023 carillon.enqueue_communication: the idempotency key 'c2' was used for another communication",
    );
  expect(await app.sql("select count(*)::int as n from communication_request where idempotency_key = 'c2'")).toEqual([{ n: 1 }]);
  await eventually(async () => (await app.sql("select 1 from communication_request where state = 'WAITING'")).length === 0);
});

test('XU3 a request whose template has left effect since fails alone', async () => {
  await billing.query('begin');
  const { id } = await ask(`select carillon.enqueue_communication('thanks', 'anna') as id`);
  await app.sql("update template set state = 'NOT_EFFECTIVE' where code = 'thanks'");
  await billing.query('commit');
  const state = async () => (await app.sql('select state, reason from communication_request where id = $1', [id]))[0];
  const failed = await eventually(async () => ((await state())?.['state'] === 'FAILED' ? await state() : undefined));
  expect(failed['reason']).toContain('not effective');
  await app.sql("update template set state = 'EFFECTIVE' where code = 'thanks'");
  await app.sql("update communication_request set requested_at = requested_at - interval '31 days'");
  await transact(app.context(engine), pruneRequests);
  expect(await app.sql('select 1 from communication_request')).toEqual([]);
});

test('XU3 what is wrong is refused at the call, in words that name it', async () => {
  const before = await made();
  expect(await refusal(`select carillon.record_event('payment', 'PY-9', 'posted')`)).toMatch(/^P0002 .*no payment 'PY-9'/);
  expect(await refusal(`select carillon.record_event('payment', 'PY-1', 'postd')`)).toMatch(/^22023 .*'payment' has no event 'postd'/);
  expect(await refusal(`select carillon.record_event(null, null, null)`)).toMatch(/^22023/);
  expect(await refusal(`select carillon.record_event('payment', 'PY-1', 'posted', '[]')`)).toMatch(/^22023 .*JSON object/);
  expect(await refusal(`select carillon.record_event('payment', 'PY-1', 'posted', occurred_at => now() + interval '1 day')`)).toMatch(
    /^22023/,
  );
  expect(await refusal(`select carillon.record_event('payment', 'PY-1', 'posted', occurred_at => '-infinity')`)).toMatch(
    /^22023 .*an instant, not -infinity/,
  );
  expect(await refusal(`select carillon.enqueue_communication('thanks', 'anna', expires_at => 'infinity')`)).toMatch(/^22023 .*an instant/);
  expect(await refusal(`select carillon.enqueue_communication('thankz', 'anna')`)).toMatch(/^P0002 .*no template 'thankz'/);
  expect(await refusal(`select carillon.enqueue_communication('thanks', 'nobody')`)).toMatch(/^P0002 .*no contact 'nobody'/);
  expect(await refusal(`select carillon.enqueue_communication('draft', 'anna')`)).toMatch(/^22023 .*not effective/);
  expect(await refusal(`select carillon.enqueue_communication('letter', 'anna')`)).toMatch(/^22023 .*LETTER/);
  expect(await refusal(`select carillon.enqueue_communication('thanks', 'mute', '{}', 'payment', 'PY-1')`)).toMatch(
    /^P0002 .*'mute' has no payment 'PY-1'/,
  );
  expect(await refusal(`select carillon.enqueue_communication('thanks', 'anna', '{}', 'account', 'a1')`)).toMatch(
    /^22023 .*about a payment/,
  );
  expect(await refusal(`select carillon.enqueue_communication('thanks', 'anna', external_system_code => 'gateway')`)).toMatch(
    /^22023 .*EMAIL/,
  );
  expect(await refusal(`select carillon.enqueue_communication('thanks', 'anna', expires_at => now() - interval '1 day')`)).toMatch(
    /^22023/,
  );
  expect(await refusal(`select carillon.enqueue_communication('thanks'' or true --', 'anna')`)).toMatch(/^P0002/);
  expect(await made()).toEqual(before);
});

test('XU3 what the API refuses is refused here: a template for what comes in, a system that is disabled', async () => {
  await app.call(`mutation {
    createTemplate(input: { name: "Call", code: "call", medium: EMAIL, direction: INCOMING, content: [{ language: "en", body: "x" }] }) { template { id } }
    createExternalSystem(input: { name: "Away", code: "away", media: [EMAIL], enabled: false }) { externalSystem { id } }
  }`);
  expect(await refusal(`select carillon.enqueue_communication('call', 'anna')`)).toBe(
    "22023 carillon.enqueue_communication: the template 'call' is for what comes in",
  );
  expect(await refusal(`select carillon.enqueue_communication('thanks', 'anna', external_system_code => 'away')`)).toBe(
    "22023 carillon.enqueue_communication: the external system 'away' is disabled",
  );
  expect(await app.sql("select 1 from communication_request where state = 'WAITING'")).toEqual([]);
});

test('XU3 a savepoint takes back what was told since, and the rest of the transaction happens', async () => {
  const count = async () => (await app.sql("select count(*)::int as n from event where payload ->> 'batch' = 's'"))[0]?.['n'];
  await billing.query('begin');
  await ask(`select carillon.record_event('payment', 'PY-1', 'cancelled', '{"batch": "s", "n": 1}', idempotency_key => 's1')`);
  await billing.query('savepoint one');
  await ask(`select carillon.record_event('payment', 'PY-1', 'cancelled', '{"batch": "s", "n": 2}', idempotency_key => 's2')`);
  await billing.query('rollback to savepoint one');
  // A refusal that is caught takes nothing else with it, and its key is free.
  await billing.query('savepoint two');
  expect(await refusal(`select carillon.record_event('payment', 'PY-9', 'cancelled', idempotency_key => 's3')`)).toMatch(/^P0002/);
  await billing.query('rollback to savepoint two');
  await ask(`select carillon.record_event('payment', 'PY-1', 'cancelled', '{"batch": "s", "n": 3}', idempotency_key => 's3')`);
  await billing.query('commit');
  expect(await count()).toBe(2);
});

test('XU3 U2 parameters may be any JSON; a text, a number and a truth are written as they are, what is missing as nothing', async () => {
  await app.call(`mutation { createTemplate(input: { name: "Values", code: "values", medium: EMAIL,
    content: [{ language: "en", subject: "V", body: "#param.a|#param.b|#param.c|#param.d|#param.e" }] }) { template { id } } }`);
  const { id } = await ask(
    `select carillon.enqueue_communication('values', 'anna', '{"a": "<b>", "b": 12.50, "c": true, "d": null, "odd name": 1}') as id`,
  );
  await eventually(async () => (await app.sql("select 1 from communication_request where id = $1 and state = 'CREATED'", [id])).length > 0);
  expect((await made())[0]).toMatchObject({ subject: 'V', body: '<b>|12.50|true||' });
  expect(await refusal(`select carillon.enqueue_communication('values', 'anna', null)`)).toMatch(/^22023 .*JSON object/);
  expect(await refusal(`select carillon.enqueue_communication('values', 'anna', '"x"')`)).toMatch(/^22023 .*JSON object/);
  expect(await refusal(`select carillon.enqueue_communication('values', 'anna', jsonb_build_object('a', repeat('x', 70000)))`)).toMatch(
    /^22023/,
  );
  expect(await refusal(`select carillon.enqueue_communication('values', 'anna', '{}', 'payment')`)).toMatch(/^22023 .*or neither/);
  expect(await refusal(`select carillon.enqueue_communication(null, null)`)).toMatch(/^P0002/);
  expect(await refusal(`select carillon.enqueue_communication('values', 'anna', idempotency_key => '')`)).toMatch(/^22023/);
  expect(await refusal(`select carillon.record_event('payment', 'PY-1', 'posted', jsonb_build_object('a', repeat('x', 17000)))`)).toMatch(
    /^22023/,
  );
});

test('XU3 the caller gets no other right, cannot bend the search path, and nobody may call uninvited', async () => {
  expect(await refusal('select * from contact')).toMatch(/^42501/);
  expect(await refusal('insert into event_waiting values (1)')).toMatch(/^42501/);
  await billing.query('create table billing.template as select 1 as id');
  await billing.query('set search_path = billing, public');
  expect(await refusal(`select carillon.enqueue_communication('thankz', 'anna')`)).toMatch(/^P0002/);
  await billing.query('create temp table template (id uuid, code text)');
  expect(await refusal(`select carillon.enqueue_communication('thankz', 'anna')`)).toMatch(/^P0002/);
  await billing.query('reset search_path');
  const stranger = `${role}_s`;
  await app.sql(`create role ${stranger} login password 'x'`);
  await app.sql(`grant usage on schema carillon to ${stranger}`);
  await billing.query('reset session authorization');
  await billing.query(`set session authorization ${stranger}`);
  expect(await refusal(`select carillon.record_event('payment', 'PY-1', 'posted')`)).toMatch(/^42501/);
  await billing.query('reset session authorization');
  await billing.query(`set session authorization ${role}`);
  await app.sql(`drop owned by ${stranger}`);
  await app.sql(`drop role ${stranger}`);
});

test('the schema of the entry holds its functions and nothing else, whatever the role is called', async () => {
  const kinds = await app.sql("select count(*)::int as n from pg_class where relnamespace = 'carillon'::regnamespace");
  expect(kinds).toEqual([{ n: 0 }]);
  const paths = await app.sql("select distinct proconfig from pg_proc where pronamespace = 'carillon'::regnamespace");
  expect(paths).toEqual([{ proconfig: ['search_path=pg_catalog, public, pg_temp'] }]);
});

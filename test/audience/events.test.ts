import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

// No worker: what was recorded stays as it is.
const app = await openApp({ env: { ROLE: 'api' } });

const record = async (events: object[], directive = '') =>
  await app.ask(`mutation ($input: RecordEventsInput!) ${directive} { recordEvents(input: $input) { recorded duplicates eventIds } }`, {
    input: { events },
  });
const upsert = async (input: object) =>
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted updated unchanged } }', { input });
const payment = { type: 'payment', externalId: 'p1' };
/** Somebody listens: a rule as the table has it. */
const listen = async (objectType: string, events: string[]) =>
  await app.sql(`insert into rule (name, code, object_type, events, priority, enabled) values ($1, $1, $2, $3, 2, true)`, [
    `${objectType} ${events.join(' ')}`,
    objectType,
    events,
  ]);

beforeAll(async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna Brown' },
      { externalId: 'bob', name: 'Bob Green' },
    ],
    accounts: [{ externalId: 'a1', contact: 'anna', currency: 'EUR', balance: '10', outstandingAmount: '4' }],
    objects: [
      { type: 'payment', externalId: 'p1', account: 'a1', number: 'PY1', fields: { amount: '12.5' } },
      { type: 'payment', externalId: 'p2', contact: 'bob', number: 'PY2', fields: { amount: '3' } },
    ],
  });
});

test('E15 events are recorded in order, with payload and time, and listed by type, event and contact', async () => {
  const { data } = await record([
    { object: payment, event: 'posted', payload: { channel: 'web' }, occurredAt: '2026-01-02T03:04:05Z', idempotencyKey: 'k1' },
    { object: { type: 'payment', externalId: 'p2' }, event: 'failed' },
    { object: { type: 'contact', externalId: 'bob' }, event: 'portal_registered' },
  ]);
  expect(data?.['recordEvents']).toMatchObject({ recorded: 3, duplicates: 0 });
  const fields = 'nodes { id objectType event objectExternalId payload occurredAt contact { externalId } } totalCount';
  const { events } = await app.call(`{ events(objectType: "payment") { ${fields} } }`);
  expect(events).toMatchObject({
    totalCount: 2,
    nodes: [
      { event: 'failed', objectExternalId: 'p2', contact: { externalId: 'bob' } },
      {
        event: 'posted',
        objectExternalId: 'p1',
        payload: { channel: 'web' },
        occurredAt: '2026-01-02T03:04:05.000Z',
        contact: { externalId: 'anna' },
      },
    ],
  });
  const ofBob = await app.call(`{ events(contactExternalId: "bob", first: 1) { ${fields} pageInfo { hasNextPage endCursor } } }`);
  expect(ofBob.events).toMatchObject({ totalCount: 2, nodes: [{ event: 'portal_registered', objectExternalId: 'bob' }] });
  const { node } = await app.call(`{ node(id: "${data?.['recordEvents'].eventIds[0]}") { ... on Event { event objectExternalId } } }`);
  expect(node).toEqual({ event: 'posted', objectExternalId: 'p1' });
});

test('E2x an event whose key is known is not recorded again, in one call or in two', async () => {
  const twice = { object: payment, event: 'posted', idempotencyKey: 'twice' };
  const { data } = await record([twice, twice, { object: payment, event: 'cancelled', idempotencyKey: 'once' }]);
  expect(data?.['recordEvents']).toMatchObject({ recorded: 2, duplicates: 1 });
  expect(data?.['recordEvents'].eventIds[0]).toBe(data?.['recordEvents'].eventIds[1]);
  const again = await record([twice]);
  expect(again.data?.['recordEvents']).toEqual({ recorded: 0, duplicates: 1, eventIds: [data?.['recordEvents'].eventIds[0]] });
  expect(await app.sql("select count(*)::int as n from event where idempotency_key = 'twice'")).toEqual([{ n: 1 }]);
});

test('E2x the same key with another event is a conflict, whichever part of it differs, and all such problems are told', async () => {
  const base = { object: payment, event: 'posted', payload: { a: 1 }, occurredAt: '2026-01-02T03:04:05Z', idempotencyKey: 'one' };
  const { data } = await record([base]);
  const others = [
    { ...base, event: 'cancelled' },
    { ...base, object: { type: 'payment', externalId: 'p2' } },
    { ...base, object: { type: 'contact', externalId: 'anna' }, event: 'portal_registered' },
    { ...base, payload: { a: 2 } },
    { ...base, payload: null },
    { ...base, occurredAt: '2026-01-02T03:04:06Z' },
    { ...base, occurredAt: undefined },
  ];
  const fresh = { object: payment, event: 'posted', idempotencyKey: 'fresh' };
  const refused = await record([fresh, ...others]);
  expect(refused.errors?.[0]?.extensions.code).toBe('CONFLICT');
  expect(refused.errors?.[0]?.message).toContain('The key "one" was used for another event; take a new key. (and 6 more');
  expect(refused.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code])).toEqual(
    others.map((_, index) => [`events.${index + 1}.idempotencyKey`, 'KEY_REUSED']),
  );
  expect(await app.sql("select 1 from event where idempotency_key = 'fresh'")).toEqual([]);
  // The same event, however it is written.
  const same = await record([{ ...base, occurredAt: '2026-01-02T05:04:05+02:00' }]);
  expect(same.data?.['recordEvents']).toEqual({ recorded: 0, duplicates: 1, eventIds: data?.['recordEvents'].eventIds });
});

test('E2x within one call, too, a key belongs to one event; other problems are told with it', async () => {
  const fresh = { object: payment, event: 'posted', idempotencyKey: 'within' };
  const answer = await record([fresh, { ...fresh, event: 'cancelled' }, fresh]);
  expect([answer.errors?.[0]?.extensions.code, answer.errors?.[0]?.extensions.problems?.map((each) => each.path.join('.'))]).toEqual([
    'CONFLICT',
    ['events.1.idempotencyKey'],
  ]);
  const mixed = await record([fresh, { ...fresh, payload: { a: 1 } }, { object: payment, event: 'nonsense', idempotencyKey: 'within' }]);
  expect(mixed.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(mixed.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code])).toEqual([
    ['events.2.event', 'UNKNOWN_EVENT'],
    ['events.1.idempotencyKey', 'KEY_REUSED'],
  ]);
  expect(await app.sql("select 1 from event where idempotency_key = 'within'")).toEqual([]);
  const timeless = await record([
    { ...fresh, occurredAt: '2026-02-30T00:00:00Z' },
    fresh,
    { ...fresh, payload: { a: 1 } },
    { object: payment, event: 'x' },
  ]);
  expect(timeless.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code])).toEqual([
    ['events.0.occurredAt', 'INVALID_DATE_TIME'],
    ['events.3.event', 'UNKNOWN_EVENT'],
    ['events.2.idempotencyKey', 'KEY_REUSED'],
  ]);
});

test('E2x of two calls at the same time with one key and different events one is refused', async () => {
  const answers = await Promise.all(
    ['posted', 'cancelled', 'posted', 'cancelled'].map(async (event) => await record([{ object: payment, event, idempotencyKey: 'duel' }])),
  );
  const [{ name } = { name: '' }] = await app.sql<{ name: string }>("select name from event where idempotency_key = 'duel'");
  const codes = answers.map((each) => each.errors?.[0]?.extensions.code);
  expect(codes).toEqual(['posted', 'cancelled', 'posted', 'cancelled'].map((event) => (event === name ? undefined : 'CONFLICT')));
});

test('E2x two calls with the same keys at the same time record each event once', async () => {
  const events = Array.from({ length: 50 }, (_, n) => ({ object: payment, event: 'posted', idempotencyKey: `race-${n}` }));
  const answers = await Promise.all([record(events), record(events.toReversed()), record(events)]);
  expect(answers.map((each) => each.errors)).toEqual([undefined, undefined, undefined]);
  expect(await app.sql("select count(*)::int as n from event where idempotency_key like 'race-%'")).toEqual([{ n: 50 }]);
  expect(answers.reduce((sum, each) => sum + each.data?.['recordEvents'].recorded, 0)).toBe(50);
});

test('XU4 a dry run records nothing; BAD input changes nothing, and every problem is told', async () => {
  const before = await app.sql('select count(*)::int as n from event');
  const dry = await record([{ object: payment, event: 'posted' }], '@dryRun');
  expect(dry.data?.['recordEvents'].recorded).toBe(1);
  const { errors } = await record([
    { object: payment, event: 'postd' },
    { object: { type: 'paymnt', externalId: 'p1' }, event: 'posted' },
    { object: { type: 'payment', externalId: 'nobody' }, event: 'posted', occurredAt: '2999-01-01T00:00:00Z' },
    { object: payment, event: 'posted', payload: { text: 'x'.repeat(20_000) }, causedBy: 'nonsense' },
    { object: payment, event: 'posted', idempotencyKey: '' },
  ]);
  expect(errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`).toSorted()).toEqual([
    'events.0.event: UNKNOWN_EVENT',
    'events.1.object.type: UNKNOWN_TYPE',
    'events.2.object.externalId: NOT_FOUND',
    'events.2.occurredAt: IN_THE_FUTURE',
    'events.3.causedBy: NOT_FOUND',
    'events.3.payload: TOO_LARGE',
    'events.4.idempotencyKey: INVALID',
  ]);
  expect(errors?.[0]?.extensions.problems?.find((each) => each.code === 'UNKNOWN_EVENT')?.message).toContain('posted');
  const many = await record(Array.from({ length: 1_001 }, () => ({ object: payment, event: 'posted' })));
  expect(many.errors?.[0]?.extensions.problems?.[0]?.code).toBe('TOO_MANY');
  expect(await app.sql('select count(*)::int as n from event')).toEqual(before);
});

test('only administrators record events; contacts and systems read none', async () => {
  const answer = await app.ask('mutation { recordEvents(input: { events: [] }) { recorded } }', {}, 'AGENT');
  expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await app.ask('{ events { totalCount } }', {}, ['CONTACT', 'anna'])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('E2 E15 the fifteen entities have their events in the catalogue, and operators declare others', async () => {
  const events = async () =>
    new Map(
      (
        (await app.call('{ objectTypes { name events { name label declared } } }')).objectTypes as {
          name: string;
          events: { name: string }[];
        }[]
      ).map(({ name, events }) => [name, events.map((each) => each.name)]),
    );
  const known = await events();
  const entities = [
    ...['account', 'activity', 'award_expiration_transaction', 'bill', 'contact', 'invoice', 'lead', 'payment', 'refund'],
    ...['award_reward_transaction', 'spend_reward_transaction', 'service_request', 'subscription', 'voucher', 'wallet'],
  ];
  for (const each of entities) expect(known.get(each), each).toEqual(expect.arrayContaining(['created', 'updated', 'state_changed']));
  expect(known.get('service_request')).toEqual(expect.arrayContaining(['responded', 'closed']));
  const declare = async (name: string) =>
    await app.ask('mutation ($input: DeclareEventInput!) { declareEvent(input: $input) { objectType { name } } }', {
      input: { objectType: 'payment', name, labels: [{ language: 'en', text: 'Charged back' }] },
    });
  expect((await declare('posted')).errors?.[0]?.extensions.problems?.[0]?.code).toBe('NAME_TAKEN');
  expect((await declare('Bad Name')).errors?.[0]?.extensions.problems?.[0]?.code).toBe('INVALID_NAME');
  expect((await declare('charged_back')).errors).toBeUndefined();
  expect((await events()).get('payment')).toContain('charged_back');
  expect((await record([{ object: payment, event: 'charged_back' }])).data?.['recordEvents'].recorded).toBe(1);
});

test('upserts imply events only where somebody listens, in the same transaction, with the values as they were then (AMB-3)', async () => {
  const waiting = async () =>
    await app.sql(
      `select e.object_type as type, e.name, e.payload, e.object_row -> 'fields' ->> 'status' as status, e.account_row ->> 'balance' as balance
       from event_waiting w join event e on e.seq = w.event_seq order by e.seq`,
    );
  const request = (status: string, extra: object = {}) =>
    upsert({ objects: [{ type: 'service_request', externalId: 'sr1', account: 'a1', number: 'SR1', fields: { status, ...extra } }] });
  await request('Open');
  expect(await waiting()).toEqual([]);

  await listen('service_request', ['state_changed', 'updated']);
  await listen('contact', ['created', 'updated']);
  await listen('account', ['updated']);
  await request('Open');
  expect(await waiting(), 'nothing changed').toEqual([]);
  await request('Closed', { response_description: 'Mended' });
  await request('Open');
  expect((await waiting()).map(({ name, payload, status }) => ({ name, payload, status }))).toEqual(
    expect.arrayContaining([
      { name: 'state_changed', payload: { from: 'Open', to: 'Closed' }, status: 'Closed' },
      {
        name: 'updated',
        payload: {
          changed: ['response_description', 'status'],
          old: { status: 'Open', response_description: null },
          new: { status: 'Closed', response_description: 'Mended' },
        },
        status: 'Closed',
      },
      { name: 'state_changed', payload: { from: 'Closed', to: 'Open' }, status: 'Open' },
    ]),
  );
  await app.sql('delete from event_waiting');

  await upsert({
    contacts: [
      { externalId: 'carla', name: 'Carla New' },
      { externalId: 'anna', attributes: { tier: 'gold' }, emails: [{ address: 'anna@example.org' }] },
    ],
    accounts: [{ externalId: 'a1', balance: '99' }],
  });
  expect((await waiting()).map(({ type, name, payload }) => [type, name, payload.changed, payload.new])).toEqual(
    expect.arrayContaining([
      ['contact', 'created', undefined, undefined],
      ['contact', 'updated', ['attributes.tier', 'email'], { 'attributes.tier': 'gold', email: 'anna@example.org' }],
      ['account', 'updated', ['balance'], { balance: 99 }],
    ]),
  );
  await app.sql('delete from event_waiting');
  await app.call('mutation @dryRun { upsertCrmRecords(input: { accounts: [{ externalId: "a1", balance: "1" }] }) { updated } }');
  expect(await waiting()).toEqual([]);
});

test('E4 an account stands below another one of the same call; none stands above itself', async () => {
  const answer = await upsert({
    accounts: [
      { externalId: 'child', contact: 'anna', parentAccount: 'group' },
      { externalId: 'group', contact: 'bob', name: 'Group' },
    ],
  });
  expect(answer.upsertCrmRecords).toEqual({ inserted: 2, updated: 0, unchanged: 0 });
  expect((await upsert({ accounts: [{ externalId: 'child', parentAccount: 'group' }] })).upsertCrmRecords.unchanged).toBe(1);
  const parent = async () =>
    await app.sql("select p.external_id as parent from account a left join account p on p.id = a.parent_id where a.external_id = 'child'");
  expect(await parent()).toEqual([{ parent: 'group' }]);
  const bad = await app.ask('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      accounts: [
        { externalId: 'child', parentAccount: 'child' },
        { externalId: 'group', parentAccount: 'nobody' },
      ],
    },
  });
  expect(bad.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['CIRCLE', 'UNKNOWN_ACCOUNT']);
  const preview = await app.call(
    'mutation @dryRun { createCommunication(input: { contactExternalId: "anna", medium: LETTER, body: "#account.parent.name .", referringTo: { type: "account", externalId: "child" } }) { communication { body } } }',
  );
  expect(preview.createCommunication.communication.body).toBe('Group .');
  expect((await upsert({ accounts: [{ externalId: 'child', parentAccount: null }] })).upsertCrmRecords.updated).toBe(1);
  expect(await parent()).toEqual([{ parent: null }]);
});

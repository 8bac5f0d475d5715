import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../../support/app.js';
import { type Notified, notifying } from '../../support/notify.js';
import { statementsOf } from '../../support/statements.js';

const app = await openApp();
const { upsert, template, type, told, start, ended, run, of } = notifying(app);
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

let bills: string;
let notified: Notified[];

beforeAll(async () => {
  await upsert({
    contacts: ['anna', 'bob'].map((externalId) => ({ externalId, name: externalId, emails: [{ address: `${externalId}@example.org` }] })),
    accounts: [
      { externalId: 'A1', contact: 'anna', number: 'AR000680', name: 'Anna Example', currency: 'EUR' },
      { externalId: 'A2', contact: 'anna', number: 'AR000681', currency: 'USD' },
      { externalId: 'A3', contact: 'bob' },
    ],
    objects: [
      // Of another contact: the account's owner is who is told.
      {
        type: 'bill',
        externalId: 'B1',
        account: 'A1',
        contact: 'bob',
        number: 'BL1',
        fields: { outstanding_amount: '45.5', due_date: day(-1) },
      },
      { type: 'bill', externalId: 'B2', account: 'A1', number: 'BL2', fields: { outstanding_amount: '4.5', due_date: day(1) } },
      { type: 'bill', externalId: 'B3', account: 'A2', fields: { outstanding_amount: '7' } },
      { type: 'bill', externalId: 'B4', account: 'A3', fields: {} },
      { type: 'bill', externalId: 'B5', contact: 'bob', number: 'no account', fields: { outstanding_amount: '9' } },
      { type: 'wallet', externalId: 'W1', account: 'A1', fields: { available_amount: '18', estimated_consumption_date: day(9) } },
      { type: 'job', externalId: 'J1', contact: 'bob', account: 'A3', number: 'JB1' },
      { type: 'lead', externalId: 'L1', contact: 'bob', number: 'LD1' },
    ],
  });
  bills = await type({ name: 'Bills', classification: 'FINANCIAL', about: 'bill' });
  notified = await told(bills);
});

test('O1 numbers are generated and unique', async () => {
  const more = await told(bills);
  const numbers = [...notified, ...more].map((each) => each.number);
  expect(new Set(numbers).size).toBe(6);
  expect(numbers.every((each) => /^NT\d{6}$/.test(each))).toBe(true);
});

test('O2 O4 O5 O15 type, classification and recipient: of FINANCIAL ones the owner of the account', () => {
  expect(notified.map((each) => [each.contact.externalId, each.classification, each.type.name])).toEqual(
    expect.arrayContaining([
      ['anna', 'FINANCIAL', 'Bills'],
      ['anna', 'FINANCIAL', 'Bills'],
      ['bob', 'FINANCIAL', 'Bills'],
    ]),
  );
});

test('O13 FINANCIAL: one for each account with all its objects; objects without account are of none', () => {
  expect(notified.map((each) => each.items.map((item) => item.externalId).join(' ')).toSorted()).toEqual(['B1 B2', 'B3', 'B4']);
});

test('O6 O7 number and name of the account, joined, and its currency', () => {
  const account = (id: string) => notified.find((each) => each.items[0]?.externalId === id);
  expect(account('B1')).toMatchObject({ accountInformation: 'AR000680 Anna Example', currency: 'EUR' });
  expect(account('B3')).toMatchObject({ accountInformation: 'AR000681', currency: 'USD' });
  expect(account('B4')).toMatchObject({ accountInformation: null, currency: null, totalNotifiedAmount: null, totals: [] });
});

test('O8 O9 items: type, number, and the amounts of FINANCIAL ones', async () => {
  const items = notified.find((each) => each.items[0]?.externalId === 'B1')?.items;
  expect(items).toEqual([
    {
      objectType: 'bill',
      externalId: 'B1',
      number: 'BL1',
      amount: '45.5',
      currency: 'EUR',
      outstandingAmount: '45.5',
      unsettledAmount: '45.5',
      estimatedConsumptionDays: null,
      estimatedConsumptionDate: null,
    },
    {
      objectType: 'bill',
      externalId: 'B2',
      number: 'BL2',
      amount: '4.5',
      currency: 'EUR',
      outstandingAmount: '4.5',
      unsettledAmount: '0',
      estimatedConsumptionDays: null,
      estimatedConsumptionDate: null,
    },
  ]);
  const [wallet] = await told(await type({ classification: 'FINANCIAL', about: 'wallet' }));
  expect(wallet?.items).toMatchObject([
    { amount: '18', outstandingAmount: null, estimatedConsumptionDays: 9, estimatedConsumptionDate: day(9) },
  ]);
});

test('O12 O15 N36 CUSTOMER_CARE: one for each object, to its contact, customer or not', async () => {
  const [job] = await told(await type({ classification: 'CUSTOMER_CARE', about: 'job' }));
  expect(job).toMatchObject({ contact: { externalId: 'bob' }, classification: 'CUSTOMER_CARE', totalNotifiedAmount: null });
  expect(job?.items).toMatchObject([{ objectType: 'job', externalId: 'J1', number: 'JB1', amount: null }]);
  const [lead] = await told(await type({ classification: 'CUSTOMER_CARE', about: 'lead' }));
  expect(lead).toMatchObject({ contact: { externalId: 'bob' }, accountInformation: null, items: [{ externalId: 'L1' }] });
});

test('O3 Q19 the state is that of its communication, at every step', async () => {
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const id = await type({
    classification: 'CUSTOMER_CARE',
    about: 'job',
    externalSystemId: createExternalSystem.externalSystem.id,
    templateId: await template('x', { medium: 'DEVICE' }),
  });
  const [notification] = await told(id);
  const entry = notification?.communication.id;
  const state = async () =>
    (await app.call('query ($id: ID!) { notification(id: $id) { state communication { id } } }', { id: notification?.id })).notification;
  expect(await state()).toEqual({ state: 'PENDING', communication: { id: entry } });
  await app.call(
    'mutation ($id: ID!) { completeQueueEntries(input: { entries: [{ id: $id }] }) { results { error { code } } } }',
    { id: entry },
    ['EXTERNAL_SYSTEM', 'portal'],
  );
  expect((await state()).state).toBe('COMPLETED');
  await app.call(
    'mutation ($id: ID!) { removeQueueEntries(input: { entries: [{ id: $id }] }) { results { error { code } } } }',
    { id: entry },
    ['EXTERNAL_SYSTEM', 'portal'],
  );
  expect((await state()).state).toBe('COMPLETED_AND_REMOVED');
});

test('O10 its communication, and back', async () => {
  const { communications } = await app.call(
    '{ communications(first: 100) { nodes { id notification { id number communication { id } } contact { notifications(first: 3) { nodes { id } totalCount } } } } }',
  );
  for (const each of communications.nodes) expect(each.notification.communication.id).toBe(each.id);
  expect(communications.nodes[0].contact.notifications.nodes.length).toBeGreaterThan(0);
});

test('O10 what is too long is REJECTED, and the notification is there', async () => {
  await upsert({ contacts: [{ externalId: 'bob', phones: [{ number: '+35799000001' }] }] });
  const [notification] = await told(
    await type({
      classification: 'CUSTOMER_CARE',
      about: 'job',
      templateId: await template(`#notification.number ${'x'.repeat(160)}`, { medium: 'SMS' }),
    }),
  );
  expect(notification).toMatchObject({ state: 'REJECTED', items: [{ externalId: 'J1' }], communication: { state: 'REJECTED' } });
});

test('O11 nothing edits or deletes them', () => {
  const mutations = Object.keys(app.schema.getMutationType()?.getFields() ?? {});
  expect(mutations.filter((each) => /notification/i.test(each)).toSorted()).toEqual([
    'createNotificationType',
    'deleteNotificationType',
    'runNotifications',
    'scheduleNotifications',
    'updateNotificationType',
  ]);
});

test('J2 O1 O3 the list, filtered by type, run, state, contact, account and time, in pages', async () => {
  const list = async (args: string) =>
    (await app.call(`{ notifications(${args}) { totalCount nodes { id number } pageInfo { hasNextPage endCursor } } }`, {}, 'AGENT'))
      .notifications;
  const runId = notified[0]?.run.id;
  const typeId = notified[0]?.type.id;
  expect(await list(`runId: "${runId}"`)).toMatchObject({ totalCount: 3 });
  expect(await list(`notificationTypeId: "${typeId}"`)).toMatchObject({ totalCount: 6 });
  expect(await list(`notificationTypeId: "${typeId}", contactExternalId: "bob"`)).toMatchObject({ totalCount: 2 });
  expect(await list(`runId: "${runId}", accountExternalId: "A2"`)).toMatchObject({ totalCount: 1 });
  expect(await list(`accountExternalId: "nobody"`)).toMatchObject({ totalCount: 0, nodes: [] });
  await eventually(async () => (await list(`runId: "${runId}", states: [COMPLETED]`)).totalCount === 3);
  expect(await list('states: [COMPLETED_AND_REMOVED]')).toMatchObject({ totalCount: 1 });
  const created = notified[0]?.createdAt;
  expect(
    await list(`runId: "${runId}", createdAfter: "${created}", createdBefore: "${new Date(Date.now() + 1000).toISOString()}"`),
  ).toMatchObject({ totalCount: 3 });
  expect(await list(`runId: "${runId}", createdBefore: "${created}"`)).toMatchObject({ totalCount: 0 });
  const first = await list('first: 2');
  const second = await list(`first: 2, after: "${first.pageInfo.endCursor}"`);
  const numbers = [...first.nodes, ...second.nodes].map((each: { number: string }) => each.number);
  expect(numbers).toEqual(numbers.toSorted().toReversed());
  expect(new Set(numbers).size).toBe(4);
});

test('O5 a contact sees its inbox, not the records; another system sees none', async () => {
  const id = notified[0]?.id;
  for (const caller of [
    ['CONTACT', 'anna'],
    ['EXTERNAL_SYSTEM', 'portal'],
  ] as const) {
    expect((await app.ask('{ notifications { totalCount } }', {}, [...caller])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await app.ask('query ($id: ID!) { node(id: $id) { id } }', { id }, [...caller])).data?.['node']).toBeNull();
  }
  const own = await app.ask('{ contact(externalId: "anna") { notifications { totalCount } } }', {}, ['CONTACT', 'anna']);
  expect(own.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('O8 a page of notifications costs the same number of statements, however many they are', async () => {
  const query = `query ($first: Int!) { notifications(first: $first) { nodes { state accountInformation type { name template { name } } contact { name } communication { body }
    items { number } totals { amount } run { state } } } }`;
  const statements = async (first: number) => {
    const executed = await statementsOf(async () => await app.call(query, { first }));
    return executed.filter((each) => /notified_item|from contact c where|communication c where|notification_type t where|run r /.test(each))
      .length;
  };
  const ofOne = await statements(1);
  expect(ofOne).toBeGreaterThan(4);
  expect(await statements(6)).toBeLessThanOrEqual(ofOne);
});

test('R2 R4 R5 R6 R7 a run makes a communication for each notification, personalised, and the sums add up', async () => {
  const id = await type({ classification: 'FINANCIAL', about: 'bill', templateId: await template('#contact.name: #account.number') });
  const done = await ended(await start(id));
  expect(done).toMatchObject({ state: 'COMPLETED', matched: 3, generated: 3, remaining: 0, skipped: [] });
  expect((await of(done.id)).map((each) => each.communication.body).toSorted()).toEqual(['anna: AR000680', 'anna: AR000681', 'bob: ']);
  const node = await app.call('query ($id: ID!) { node(id: $id) { ... on NotificationType { runs { totalCount nodes { id } } } } }', {
    id,
  });
  expect(node.node.runs).toEqual({ totalCount: 1, nodes: [{ id: done.id }] });
});

test('R8 N32 who has no address is skipped: neither notification nor communication', async () => {
  await upsert({ contacts: [{ externalId: 'none', name: 'None' }], objects: [{ type: 'activity', externalId: 'V1', contact: 'none' }] });
  const done = await run(await type({ classification: 'CUSTOMER_CARE', about: 'activity' }));
  expect(done).toMatchObject({ matched: 1, generated: 0, skipped: [{ reason: 'NO_ADDRESS', count: 1 }] });
  expect(await of(done.id)).toEqual([]);
});

test('R3 R9 N35 several named schedules run one type', async () => {
  const schedule = async (name: string) =>
    await app.ask(
      'mutation ($input: ScheduleNotificationsInput!) { scheduleNotifications(input: $input) { schedule { name active nextRunAt } } }',
      {
        input: {
          notificationTypeId: bills,
          name,
          schedule: { repeat: { every: { amount: 1, unit: 'MONTH' } }, after: { amount: 1, unit: 'DAY' } },
        },
      },
    );
  await schedule('First');
  await schedule('Second');
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on NotificationType { schedules { name active } } } }', {
    id: bills,
  });
  expect(node.schedules).toEqual([
    { name: 'First', active: true },
    { name: 'Second', active: true },
  ]);
  expect((await schedule(' ')).errors?.[0]?.extensions.problems?.[0]?.path).toEqual(['name']);
});

test('R2 a run with an idempotency key runs once; a dry run keeps nothing', async () => {
  const go = async (key: string, dry = '') =>
    (
      await app.call(`mutation ($input: RunNotificationsInput!) ${dry} { runNotifications(input: $input) { run { id } } }`, {
        input: { notificationTypeId: bills, idempotencyKey: key },
      })
    ).runNotifications.run.id;
  expect(await go('one')).toBe(await go('one'));
  const [before] = await app.sql('select count(*)::int as runs from run');
  await go('two', '@dryRun');
  expect(await app.sql('select count(*)::int as runs from run')).toEqual([before]);
});

test('R7 a run of several chunks, held between two and going on, tells of each object exactly once', async () => {
  await app.sql(`insert into business_object (type, external_id, contact_id, number) select 'payment', 'PY' || n, (select id from contact where external_id = 'bob'), 'PY' || n
    from generate_series(1, 11000) n`);
  const runId = await start(await type({ classification: 'CUSTOMER_CARE', about: 'payment' }));
  const act = async (action: string) =>
    await app.ask(`mutation ($id: ID!) { ${action}(input: { runId: $id }) { run { state } } }`, { id: runId });
  // Wherever it is when it is held: before matching, between chunks, or at its end.
  await act('pauseRun');
  const [held] = await app.sql(
    `select (select count(*) from notification n where n.run_id = r.id) = r.generated as even from run r order by seq desc limit 1`,
  );
  expect(held?.['even']).toBe(true);
  await act('resumeRun');
  expect(await ended(runId)).toMatchObject({ state: 'COMPLETED', generated: 11_000 });
  const [counts] =
    await app.sql(`select count(*)::int as items, count(distinct i.object_id)::int as objects, count(distinct n.id)::int as notifications, count(distinct c.id)::int as communications
    from run r join notification n on n.run_id = r.id join notified_item i on i.notification_id = n.id join communication c on c.id = n.id and c.run_id = r.id
    where r.id = (select id from run order by seq desc limit 1)`);
  expect(counts).toEqual({ items: 11_000, objects: 11_000, notifications: 11_000, communications: 11_000 });
});

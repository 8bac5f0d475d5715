import { pino } from 'pino';
import { beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../src/app.js';
import { openApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';

const app = await openApp();
const { upsert, type, who, told, start, ended, run } = notifying(app);

const job = (contact: string, id: string) => ({ type: 'job', externalId: id, contact, number: id, fields: { type: 'Installation' } });
const back = async (typeId: string, span: string) =>
  await app.sql(
    `update notification set created_at = created_at - $2::interval where notification_type_id = (select id from notification_type t where 'nty_' || replace(t.id::text, '-', '') = $1)`,
    [typeId, span],
  );
const jobs = async (history: object[], more: object = {}) =>
  await type({ classification: 'CUSTOMER_CARE', about: 'job', criteria: { history, ...more } });
const only = (contact: string) => ({ condition: { field: 'contact.name', operator: 'EQ', value: contact } });

beforeAll(async () => {
  await upsert({
    contacts: ['anna', 'bob'].map((externalId) => ({ externalId, name: externalId, emails: [{ address: `${externalId}@example.org` }] })),
    accounts: ['anna', 'bob'].flatMap((contact) =>
      ['1', '2'].map((place) => ({ externalId: `${contact}-${place}`, contact, currency: 'EUR', balance: place })),
    ),
    objects: [
      job('anna', 'J1'),
      job('anna', 'J2'),
      job('bob', 'J3'),
      ...['anna-1', 'anna-2', 'bob-1', 'bob-2'].map((account) => ({
        type: 'bill',
        externalId: `B-${account}`,
        account,
        fields: { outstanding_amount: '5' },
      })),
    ],
  });
});

test('N9 not notified by this type before: each recipient once, with all objects of the first run', async () => {
  const id = await jobs([{ all: [{ notified: false }] }]);
  expect((await told(id)).map((each) => each.items[0]?.externalId).toSorted()).toEqual(['J1', 'J2', 'J3']);
  await upsert({ objects: [job('anna', 'J4')] });
  expect(await who(id)).toEqual([]);
  await app.sql(`delete from business_object where external_id = 'J4'`);
});

test('N9 per object, each is told of once: a new one of the same contact is', async () => {
  const id = await jobs([{ all: [{ notified: false, scope: 'OBJECT' }] }]);
  expect(await told(id)).toHaveLength(3);
  await upsert({ objects: [job('anna', 'J5')] });
  expect((await told(id)).map((each) => each.items[0]?.externalId)).toEqual(['J5']);
  await app.sql(`delete from business_object where external_id = 'J5'`);
});

test('N9 within the last 30 days: 29 days ago counts, exactly 30 days ago does not', async () => {
  const id = await jobs([{ all: [{ notified: false, withinDays: 30 }] }]);
  expect(await told(id)).toHaveLength(3);
  await back(id, '29 days');
  expect(await told(id)).toHaveLength(0);
  await back(id, '1 day');
  expect(await told(id)).toHaveLength(3);
});

test('N8 AMB-22 notified before, by another type', async () => {
  const first = await jobs([{ all: [{ notified: false }] }], only('anna'));
  const second = await jobs([{ all: [{ notified: true, notificationTypeId: first, withinDays: 7 }] }]);
  expect(await who(second)).toEqual([]);
  await run(first);
  expect(await who(second)).toEqual(['anna', 'anna']);
  await back(first, '7 days');
  expect(await who(second)).toEqual([]);
});

test('N10 AND within a row, OR between rows', async () => {
  const [a, b] = [await jobs([{ all: [{ notified: false }] }], only('anna')), await jobs([{ all: [{ notified: false }] }], only('bob'))];
  await run(a);
  await run(b);
  const by = (notificationTypeId: string) => ({ notified: true, notificationTypeId });
  expect(await who(await jobs([{ all: [by(a), by(b)] }]))).toEqual([]);
  expect(await who(await jobs([{ all: [by(a)] }, { all: [by(b)] }]))).toEqual(['anna', 'anna', 'bob']);
  expect(await who(await jobs([{ all: [by(a)] }, { all: [by(b), { ...by(a), notified: false }] }]))).toEqual(['anna', 'anna', 'bob']);
});

test('N8 FINANCIAL counts by account; between classifications the contact counts', async () => {
  const bills = async (criteria: object) => await type({ classification: 'FINANCIAL', about: 'bill', criteria });
  const first = await bills({ ...only('anna'), accountBalance: { lessThan: '2' } });
  expect((await told(first)).map((each) => each.items[0]?.externalId)).toEqual(['B-anna-1']);
  const others = await bills({ history: [{ all: [{ notified: false, notificationTypeId: first }] }] });
  expect((await told(others)).map((each) => each.items[0]?.externalId).toSorted()).toEqual(['B-anna-2', 'B-bob-1', 'B-bob-2']);
  expect(await who(await jobs([{ all: [{ notified: true, notificationTypeId: first }] }]))).toEqual(['anna', 'anna']);
});

test('N9 runs of one type that start at the same moment in two processes make one set', async () => {
  const second = await createApp(
    { ...app.config, port: 0, databaseUrl: app.databaseUrl, role: 'worker' },
    { log: pino({ level: 'silent' }) },
  );
  try {
    for (let round = 0; round < 5; round++) {
      const id = await jobs([{ all: [{ notified: false, withinDays: 30 }] }]);
      const runs = await Promise.all([1, 2, 3, 4].map(async () => await start(id)));
      const ends = await Promise.all(runs.map(async (each) => await ended(each)));
      expect(ends.map((each) => each.generated).toSorted()).toEqual([0, 0, 0, 3]);
    }
  } finally {
    await second.close();
  }
});

test('N9 two types that look at each other never wait for each other for ever', async () => {
  const second = await createApp(
    { ...app.config, port: 0, databaseUrl: app.databaseUrl, role: 'worker' },
    { log: pino({ level: 'silent' }) },
  );
  try {
    const a = await jobs([{ all: [{ notified: false }] }]);
    const b = await jobs([{ all: [{ notified: false, notificationTypeId: a }] }]);
    await app.call(
      'mutation ($input: UpdateNotificationTypeInput!) { updateNotificationType(input: $input) { notificationType { id } } }',
      { input: { notificationTypeId: a, criteria: { history: [{ all: [{ notified: false, notificationTypeId: b }] }] } } },
    );
    const runs = await Promise.all([a, b, a, b].map(async (each) => await start(each)));
    const ends = await Promise.all(runs.map(async (each) => await ended(each)));
    expect(ends.every((each) => each.state === 'COMPLETED')).toBe(true);
    // Whoever was first keeps the other type out; the same type is not kept out by itself.
    expect(ends.map((each) => each.generated).toSorted()).toEqual([0, 0, 3, 3]);
  } finally {
    await second.close();
  }
});

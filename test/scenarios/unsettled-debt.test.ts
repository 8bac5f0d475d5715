import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { notifying } from '../support/notify.js';

// BS1: monthly, one letter to each account with its unsettled subscriptions.
const app = await openApp();
const { upsert, template, type, told, start, ended, of } = notifying(app);

const accounts = [
  { id: 'debtor', classification: 'Normal', bill: '45.50', subscriptions: ['20.25', '25.25'] },
  { id: 'exactly', classification: null, bill: '10', subscriptions: ['10'] },
  { id: 'nearly', classification: 'Normal', bill: '9.99', subscriptions: ['9.99'] },
  { id: 'vip', classification: 'VIP', bill: '500', subscriptions: ['500'] },
  { id: 'other-scheme', classification: 'Normal', bill: '80', subscriptions: [] },
  { id: 'not-due', classification: 'Normal', bill: null, subscriptions: ['30'] },
];
let unsettled: string;

beforeAll(async () => {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  await upsert({
    contacts: accounts.map(({ id }) => ({ externalId: id, name: id, emails: [{ address: `${id}@example.org` }] })),
    accounts: accounts.map(({ id, classification }) => ({
      externalId: id,
      contact: id,
      number: `AR-${id}`,
      name: 'Home',
      currency: 'EUR',
      classification,
    })),
    objects: [
      ...accounts.flatMap(({ id, subscriptions }) =>
        subscriptions.map((amount, index) => ({
          type: 'subscription',
          externalId: `${id}-${index}`,
          account: id,
          number: `S-${id}-${index}`,
          fields: { outstanding_amount: amount, billing_term_scheme: 'Normal', type: 'Sports' },
        })),
      ),
      {
        type: 'subscription',
        externalId: 'other-0',
        account: 'other-scheme',
        number: 'S-other',
        fields: { outstanding_amount: '80', billing_term_scheme: 'Weekly' },
      },
      ...accounts.flatMap(({ id, bill }) =>
        bill === null
          ? []
          : [{ type: 'bill', externalId: `b-${id}`, account: id, fields: { outstanding_amount: bill, due_date: day(-5) } }],
      ),
      { type: 'bill', externalId: 'b-not-due', account: 'not-due', fields: { outstanding_amount: '30', due_date: day(20) } },
    ],
  });
  unsettled = await type({
    name: 'Unsettled Subscriptions',
    classification: 'FINANCIAL',
    about: 'subscription',
    templateId: await template(
      'No. #notification.number, account #notification.accounts_receivable.number: #notification.subscriptions_notified_amount = #notification.total_notified_amount',
      { objectType: 'notification' },
    ),
    criteria: {
      history: [{ all: [{ notified: false, withinDays: 30 }] }],
      outstandingAmount: { moreThan: '10', dueDaysAgo: 0 },
      accountClassifications: { notIn: ['VIP'] },
      billingTermSchemes: ['Normal'],
    },
  });
});

test('BS1 one notification for each account lists its unsettled subscriptions; nobody at 9.99, somebody at exactly 10, no VIP', async () => {
  const notified = await told(unsettled);
  expect(notified.map((each) => each.contact.externalId).toSorted()).toEqual(['debtor', 'exactly']);
  const debtor = notified.find((each) => each.contact.externalId === 'debtor');
  expect(debtor).toMatchObject({
    accountInformation: 'AR-debtor Home',
    currency: 'EUR',
    totalNotifiedAmount: '45.5',
    items: [
      { objectType: 'subscription', externalId: 'debtor-0', number: 'S-debtor-0', amount: '20.25' },
      { objectType: 'subscription', externalId: 'debtor-1', number: 'S-debtor-1', amount: '25.25' },
    ],
  });
  expect(debtor?.communication.body).toBe(`No. ${debtor?.number}, account AR-debtor: S-debtor-0: €20.25, S-debtor-1: €25.25 = €45.50`);
});

test('BS1 a second run inside 30 days makes none, one 30 days later does', async () => {
  expect(await told(unsettled)).toEqual([]);
  await app.sql(`update notification set created_at = created_at - interval '29 days'`);
  expect(await told(unsettled)).toEqual([]);
  await app.sql(`update notification set created_at = created_at - interval '1 day'`);
  expect(await told(unsettled)).toHaveLength(2);
});

test('BS1 two runs at the same moment make one set', async () => {
  await app.sql('truncate notification, notified_item');
  const runs = await Promise.all([start(unsettled), start(unsettled), start(unsettled)]);
  const ends = await Promise.all(runs.map((each) => ended(each)));
  expect(ends.map((each) => each.generated).toSorted()).toEqual([0, 0, 2]);
});

test('BS1 a run whose notifications are still to be generated counts: a paused one, too', async () => {
  await app.sql('truncate notification, notified_item');
  // A run as another worker would have left it between matching and its first chunk.
  const first = await start(unsettled);
  await ended(first);
  await app.sql(`truncate notification, notified_item`);
  await app.sql(`update run set state = 'PAUSED', done_to = 0, generated = 0 where id = (select id from run order by seq desc limit 1)`);
  expect(await told(unsettled)).toEqual([]);
  await app.call('mutation ($id: ID!) { cancelRun(input: { runId: $id }) { run { state } } }', { id: first });
  expect(await told(unsettled)).toHaveLength(2);
  expect(await of(first)).toEqual([]);
});

test('Z7 BS1 it runs by itself on the first of each month', async () => {
  const { scheduleNotifications } = await app.call(
    `mutation ($input: ScheduleNotificationsInput!) { scheduleNotifications(input: $input) { schedule { id name active nextRuns(first: 3) } } }`,
    {
      input: {
        notificationTypeId: unsettled,
        name: 'Notify unsettled subscriptions',
        schedule: { repeat: { cron: '0 9 1 * *' }, timeZone: 'UTC' },
      },
    },
  );
  const { schedule } = scheduleNotifications;
  expect(schedule).toMatchObject({ name: 'Notify unsettled subscriptions', active: true });
  expect(schedule.nextRuns.every((each: string) => /-01T09:00:00/.test(each))).toBe(true);
  await app.sql('truncate notification, notified_item');
  await app.sql(`update schedule set next_run_at = now() where notification_type_id is not null`);
  const { runs } = await eventually(async () => {
    const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Schedule { runs { nodes { id state generated } } } } }', {
      id: schedule.id,
    });
    return node.runs.nodes[0]?.state === 'COMPLETED' ? node : undefined;
  });
  expect(runs.nodes).toMatchObject([{ generated: 2 }]);
});

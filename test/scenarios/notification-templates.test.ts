import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { notifying } from '../support/notify.js';

// BS2: the templates of the sources, each rendered by a run of a type that fits it.
const app = await openApp();
const { upsert, template, type, told } = notifying(app);

/** What a run with these words says, by contact. */
async function said(body: string, input: object): Promise<Record<string, string>> {
  const templateId = await template(body, { objectType: 'notification' });
  const notified = await told(await type({ templateId, ...input }));
  return Object.fromEntries(notified.map((each) => [each.contact.externalId, each.communication.body.replaceAll(each.number, 'NT')]));
}

beforeAll(async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna', preferredLanguage: 'en', emails: [{ address: 'anna@example.org' }] },
      { externalId: 'bob', name: 'Bob', preferredLanguage: 'en', emails: [{ address: 'bob@example.org' }] },
    ],
    accounts: [{ externalId: 'A1', contact: 'anna', number: 'AR000680', name: 'Home', currency: 'EUR' }],
    objects: [
      { type: 'subscription', externalId: 'S1', account: 'A1', number: 'SB1', fields: { type: 'Fibre 200', outstanding_amount: '45.5' } },
      { type: 'subscription', externalId: 'S2', account: 'A1', number: 'SB2', fields: { type: 'TV', outstanding_amount: '4.5' } },
      { type: 'bill', externalId: 'B2', account: 'A1', number: 'BL2', fields: { outstanding_amount: '1200', due_date: '2027-02-01' } },
      { type: 'bill', externalId: 'B1', account: 'A1', number: 'BL9', fields: { outstanding_amount: '30', due_date: '2027-01-01' } },
      {
        type: 'wallet',
        externalId: 'W1',
        account: 'A1',
        number: 'WL1',
        fields: { available_amount: '18', product_available_amount: '5', estimated_consumption_date: '2027-04-10' },
      },
      { type: 'wallet_product_consumption', externalId: 'U1', account: 'A1', fields: { wallet: 'W1', amount: '2', product: 'Film' } },
      { type: 'job', externalId: 'J1', contact: 'anna', number: 'JB1', fields: { type: 'Installation', state: 'COMPLETED' } },
      { type: 'activity', externalId: 'V1', contact: 'bob', number: 'AC1', fields: { type: 'Call back', state: 'COMPLETED' } },
      { type: 'activity', externalId: 'V2', contact: 'bob', number: 'AC2', fields: { type: 'Visit', state: 'COMPLETED' } },
    ],
  });
});

test('BS2a G74 unsettled subscriptions: number, account, total, and the subscriptions with their amounts', async () => {
  const body =
    'No. #notification.number on #notification.accounts_receivable.number: #notification.subscriptions_notified_amount. Total #notification.total_notified_amount.';
  expect(await said(body, { classification: 'FINANCIAL', about: 'subscription' })).toEqual({
    anna: 'No. NT on AR000680: SB1: €45.50, SB2: €4.50. Total €50.00.',
  });
});

test('BS2b G75 unsettled accounts: the bills with their amounts, first due first; in HTML as a list', async () => {
  expect(
    await said('#notification.bills_notified_amount = #notification.total_notified_amount', { classification: 'FINANCIAL', about: 'bill' }),
  ).toEqual({ anna: 'BL9: €30.00, BL2: €1,200.00 = €1,230.00' });
  const templateId = await template('', {
    content: [{ language: 'en', body: '<p>#notification.bills_notified_amount</p>', format: 'HTML' }],
    objectType: 'notification',
  });
  const [first] = await told(await type({ templateId, classification: 'FINANCIAL', about: 'bill' }));
  expect(first?.communication.body).toBe('<p><ul><li>BL9: €30.00</li><li>BL2: €1,200.00</li></ul></p>');
});

test('BS2c G76 G78 a wallet with low credit: what is available, and until when', async () => {
  const body = '#notification.wallets_available_amount until #notification.wallets_estimated_consumption_date';
  expect(await said(body, { classification: 'FINANCIAL', about: 'wallet' })).toEqual({ anna: '€18.00 until Apr 10, 2027' });
});

test('BS2c of several wallets each is told by its number', async () => {
  await upsert({
    objects: [{ type: 'wallet', externalId: 'W2', account: 'A1', number: 'WL2', fields: { available_amount: '7', currency: 'USD' } }],
  });
  expect(await said('#notification.wallets_available_amount', { classification: 'FINANCIAL', about: 'wallet' })).toEqual({
    anna: 'WL1: €18.00, WL2: $7.00',
  });
  await app.sql(`delete from business_object where external_id = 'W2'`);
});

test('BS2d G77 consumption of products: what the wallet of each has left, and until when', async () => {
  const body = '#notification.wallets_product_available_amount until #notification.wallets_estimated_consumption_date';
  expect(await said(body, { classification: 'FINANCIAL', about: 'wallet_product_consumption' })).toEqual({
    anna: '€5.00 until Apr 10, 2027',
  });
});

test('BS2e G79 new subscribers: the type of the subscription, one notification for each', async () => {
  const notified = await told(
    await type({
      templateId: await template('Welcome to #notification.subscriptions_type'),
      classification: 'CUSTOMER_CARE',
      about: 'subscription',
    }),
  );
  expect(notified.map((each) => each.communication.body).toSorted()).toEqual(['Welcome to Fibre 200', 'Welcome to TV']);
});

test('BS2f G80 completed jobs: the type of the job', async () => {
  const condition = { field: 'job.state', operator: 'EQ', value: 'COMPLETED' };
  expect(
    await said('#contact.name: #notification.jobs_type is done', {
      classification: 'CUSTOMER_CARE',
      about: 'job',
      criteria: { condition },
    }),
  ).toEqual({
    anna: 'Anna: Installation is done',
  });
});

test('BS2g G81 O12 completed activities: one notification for each activity, with its type', async () => {
  const notified = await told(
    await type({
      templateId: await template('#notification.activities_type (#activity.number)', { objectType: 'notification' }),
      classification: 'CUSTOMER_CARE',
      about: 'activity',
    }),
  );
  expect(notified.map((each) => [each.communication.body, each.items.length]).toSorted()).toEqual([
    ['Call back (AC1)', 1],
    ['Visit (AC2)', 1],
  ]);
});

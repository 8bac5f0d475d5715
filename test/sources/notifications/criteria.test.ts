import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';

const app = await openApp();
const { upsert, type, who, told, problems } = notifying(app);

/** A day so many days from today, in UTC, which is the zone of the tests. */
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const people = ['anna', 'bob', 'cleo', 'dora'];

/** Each person has an account of the same name. */
async function facts(input: { accounts?: object[]; objects?: object[] }) {
  await upsert({
    contacts: people.map((externalId) => ({ externalId, name: externalId, emails: [{ address: `${externalId}@example.org` }] })),
    accounts: people.map((externalId) => ({ externalId, contact: externalId, currency: 'EUR' })),
  });
  if (input.accounts || input.objects) await upsert(input);
}
const financial = async (criteria: object, about = 'invoice') => await who(await type({ classification: 'FINANCIAL', about, criteria }));

beforeAll(async () => {
  await facts({
    accounts: [
      { externalId: 'anna', balance: '10', classification: 'VIP' },
      { externalId: 'bob', balance: '9.99', classification: 'Normal' },
      { externalId: 'cleo', balance: '-3' },
    ],
    objects: [
      ...people.map((account) => ({ type: 'invoice', externalId: `I-${account}`, account, number: `IN-${account}` })),
      ...people.map((contact) => ({ type: 'job', externalId: `J-${contact}`, contact })),
    ],
  });
});

test('N7 SG3 in one of the segments, as they are when it runs', async () => {
  const segment = async (input: object) =>
    (await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', { input })).createSegment
      .segment.id;
  const listed = await segment({ name: 'Listed', contactExternalIds: ['anna'] });
  const met = await segment({ name: 'Met', condition: { field: 'contact.name', operator: 'IN', value: ['bob', 'cleo'] } });
  const id = await type({ classification: 'CUSTOMER_CARE', about: 'job', criteria: { segmentIds: [listed, met] } });
  expect(await who(id)).toEqual(['anna', 'bob', 'cleo']);
  expect(await financial({ segmentIds: [listed] })).toEqual(['anna']);
  await upsert({ contacts: [{ externalId: 'cleo', name: 'Cleopatra' }] });
  expect(await who(id)).toEqual(['anna', 'bob']);
  expect(await problems({ classification: 'FINANCIAL', about: 'bill', criteria: { segmentIds: [] } })).toEqual([
    'criteria.segmentIds EMPTY',
  ]);
});

test('N11 N29 the balance of the account: moreThan is inclusive, lessThan exclusive; one without balance is in no range', async () => {
  expect(await financial({ accountBalance: { moreThan: '10' } })).toEqual(['anna']);
  expect(await financial({ accountBalance: { lessThan: '10' } })).toEqual(['bob', 'cleo']);
  expect(await financial({ accountBalance: { moreThan: '9.99', lessThan: '10' } })).toEqual(['bob']);
  expect(await financial({ accountBalance: { moreThan: '-3', lessThan: '9.99' } })).toEqual(['cleo']);
  expect(await problems({ classification: 'FINANCIAL', about: 'bill', criteria: { accountBalance: {} } })).toEqual([
    'criteria.accountBalance EMPTY',
  ]);
});

test('N12 AMB-6 what is outstanding as of a day, in every form', async () => {
  const month = new Date();
  const endOfMonth = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).toISOString().slice(0, 10);
  const bill = (account: string, id: string, amount: string, due: string | null) => ({
    type: 'bill',
    externalId: id,
    account,
    fields: { outstanding_amount: amount, due_date: due },
  });
  await facts({
    objects: [
      bill('anna', 'today', '10', day(0)),
      bill('bob', 'tomorrow', '10', day(1)),
      bill('cleo', 'ten-ago-1', '5', day(-10)),
      bill('cleo', 'ten-ago-2', '5', day(-10)),
      bill('dora', 'year', '10', day(-400)),
      bill('dora', 'far', '99', day(400)),
    ],
  });
  const owing = async (more: object) => await financial({ outstandingAmount: { moreThan: '10', ...more } });
  expect(await owing({})).toEqual(['anna', 'cleo', 'dora']);
  expect(await owing({ dueDaysAgo: 0 })).toEqual(['anna', 'cleo', 'dora']);
  expect(await owing({ dueDaysAgo: 10 })).toEqual(['cleo', 'dora']);
  expect(await owing({ dueDaysAgo: 11 })).toEqual(['dora']);
  expect(await owing({ dueInDays: 1 })).toEqual(people);
  expect(await owing({ dueInDays: 0 })).toEqual(['anna', 'cleo', 'dora']);
  expect(await owing({ dueMonthsAgo: 1 })).toEqual(['dora']);
  expect(await owing({ dueInMonths: 1 })).toEqual(people);
  expect(await owing({ dueOn: day(-10) })).toEqual(['cleo', 'dora']);
  expect(await owing({ dueByEndOfMonth: true })).toEqual(endOfMonth === day(0) ? ['anna', 'cleo', 'dora'] : people);
  // At least 10, less than 11: of dora's only what is due by then.
  expect(await owing({ lessThan: '11', dueDaysAgo: 0 })).toEqual(['anna', 'cleo', 'dora']);
  expect(await owing({ lessThan: '11', dueInDays: 500 })).toEqual(['anna', 'bob', 'cleo']);
  // An account without bills by then owes 0.
  expect(await financial({ outstandingAmount: { lessThan: '10', dueDaysAgo: 0 } })).toEqual(['bob']);
  expect(await financial({ outstandingAmount: { moreThan: '0', lessThan: '0.01', dueDaysAgo: 11 } })).toEqual(['anna', 'bob', 'cleo']);
  // A bill without a due date is due at once.
  await upsert({ objects: [bill('bob', 'tomorrow', '10', null)] });
  expect(await owing({ dueDaysAgo: 300 })).toEqual(['bob', 'dora']);
});

test('N12 at most one day is given, and a real one', async () => {
  const of = async (outstandingAmount: object) =>
    await problems({ classification: 'FINANCIAL', about: 'bill', criteria: { outstandingAmount } });
  expect(await of({ moreThan: 1, dueOn: day(0), dueDaysAgo: 3 })).toEqual(['criteria.outstandingAmount CONTRADICTION']);
  expect(await of({ moreThan: 1, dueByEndOfMonth: true, dueInMonths: 3 })).toEqual(['criteria.outstandingAmount CONTRADICTION']);
  expect(await of({ moreThan: 1, dueDaysAgo: -1 })).toEqual(['criteria.outstandingAmount.dueDaysAgo OUT_OF_RANGE']);
  expect(await of({ dueDaysAgo: 1 })).toEqual(['criteria.outstandingAmount EMPTY']);
  expect(await of({ moreThan: 1, dueOn: '2027-02-30' })).toEqual(['criteria.outstandingAmount.dueOn INVALID_DATE']);
});

test('N13 classifications of the account: in, and all except; without one it is none of them', async () => {
  expect(await financial({ accountClassifications: { in: ['VIP', 'Gold'] } })).toEqual(['anna']);
  expect(await financial({ accountClassifications: { notIn: ['VIP'] } })).toEqual(['bob', 'cleo', 'dora']);
  const of = async (accountClassifications: object) =>
    await problems({ classification: 'FINANCIAL', about: 'bill', criteria: { accountClassifications } });
  expect(await of({})).toEqual(['criteria.accountClassifications EXACTLY_ONE']);
  expect(await of({ in: [] })).toEqual(['criteria.accountClassifications.in EMPTY']);
});

test('N14 to N17 wallets: of the wallet notified about, or of any wallet of the account', async () => {
  const wallet = (account: string, id: string, fields: object) => ({ type: 'wallet', externalId: id, account, number: id, fields });
  await facts({
    objects: [
      wallet('anna', 'W-anna-1', { balance: '10', estimated_consumption_date: day(3), expiring_amount: '2', expires_on: day(5) }),
      wallet('anna', 'W-anna-2', { balance: '100', product_estimated_consumption_date: day(7) }),
      wallet('bob', 'W-bob', { balance: '9.99', estimated_consumption_date: day(4), expiring_amount: '5', expires_on: day(30) }),
      wallet('cleo', 'W-cleo', { expiring_amount: '5', expires_on: day(-1) }),
    ],
  });
  const wallets = async (criteria: object) => {
    const notified = await told(await type({ classification: 'FINANCIAL', about: 'wallet', criteria }));
    return notified.flatMap((each) => each.items.map((item) => item.externalId)).toSorted();
  };
  // N14
  expect(await wallets({ walletBalance: { moreThan: '10' } })).toEqual(['W-anna-1', 'W-anna-2']);
  expect(await wallets({ walletBalance: { lessThan: '10' } })).toEqual(['W-bob']);
  expect(await financial({ walletBalance: { moreThan: '50' } })).toEqual(['anna']);
  // N15
  expect(await wallets({ estimatedConsumptionDays: { moreThan: 3, lessThan: 4 } })).toEqual(['W-anna-1']);
  expect(await wallets({ estimatedConsumptionDays: { lessThan: 5 } })).toEqual(['W-anna-1', 'W-bob']);
  // N16
  expect(await wallets({ productEstimatedConsumptionDays: { lessThan: 8 } })).toEqual(['W-anna-2']);
  expect(await wallets({ productEstimatedConsumptionDays: { lessThan: 7 } })).toEqual([]);
  expect(await financial({ productEstimatedConsumptionDays: { moreThan: 7 } })).toEqual(['anna']);
  // N17: both ends are within; what has expired does not expire any more.
  expect(await wallets({ expiringAmount: { withinDays: 5 } })).toEqual(['W-anna-1']);
  expect(await wallets({ expiringAmount: { withinDays: 4 } })).toEqual([]);
  expect(await wallets({ expiringAmount: { withinMonths: 2 } })).toEqual(['W-anna-1', 'W-bob']);
  expect(await wallets({ expiringAmount: { withinMonths: 2, moreThan: '5' } })).toEqual(['W-bob']);
  expect(await financial({ expiringAmount: { withinDays: 5, moreThan: '2' } })).toEqual(['anna']);
  expect(
    await problems({ classification: 'FINANCIAL', about: 'wallet', criteria: { expiringAmount: { withinDays: 1, withinMonths: 1 } } }),
  ).toEqual(['criteria.expiringAmount EXACTLY_ONE']);
});

test('N16 the consumption of products: of the one notified about, or of all of the account', async () => {
  await facts({
    objects: ['4', '6'].map((amount) => ({
      type: 'wallet_product_consumption',
      externalId: `U${amount}`,
      account: 'anna',
      fields: { amount },
    })),
  });
  expect(await financial({ productConsumption: { moreThan: '10' } })).toEqual(['anna']);
  expect(await financial({ productConsumption: { moreThan: '10.01' } })).toEqual([]);
  const notified = await told(
    await type({ classification: 'FINANCIAL', about: 'wallet_product_consumption', criteria: { productConsumption: { moreThan: '5' } } }),
  );
  expect(notified.map((each) => each.items.map((item) => item.externalId))).toEqual([['U6']]);
});

test('N18 N19 subscription types and billing term schemes', async () => {
  const subscription = (account: string, id: string, type: string, scheme: string | null) => ({
    type: 'subscription',
    externalId: id,
    account,
    fields: { type, billing_term_scheme: scheme },
  });
  await facts({
    objects: [
      subscription('anna', 'S1', 'Fibre', 'Normal'),
      subscription('anna', 'S2', 'TV', 'Prebill'),
      subscription('bob', 'S3', 'TV', 'Normal'),
      subscription('cleo', 'S4', 'TV', null),
    ],
  });
  const items = async (criteria: object) => {
    const notified = await told(await type({ classification: 'FINANCIAL', about: 'subscription', criteria }));
    return notified.flatMap((each) => each.items.map((item) => item.externalId)).toSorted();
  };
  expect(await items({ subscriptionTypes: ['TV'] })).toEqual(['S2', 'S3', 'S4']);
  expect(await items({ billingTermSchemes: ['Normal'] })).toEqual(['S1', 'S3']);
  expect(await items({ subscriptionTypes: ['TV'], billingTermSchemes: ['Normal', 'Prebill'] })).toEqual(['S2', 'S3']);
  // About something else: the account has such a subscription.
  expect(await financial({ subscriptionTypes: ['Fibre'] })).toEqual(['anna']);
  expect(await financial({ billingTermSchemes: ['Normal'] })).toEqual(['anna', 'bob']);
  expect(await problems({ classification: 'FINANCIAL', about: 'bill', criteria: { subscriptionTypes: [''] } })).toEqual([
    'criteria.subscriptionTypes.0 EMPTY',
  ]);
});

test('N20 the total of one notification, over the objects in it, in the currency of the account', async () => {
  const wallet = (id: string, amount: string, currency?: string) => ({
    type: 'wallet',
    externalId: id,
    fields: { available_amount: amount, ...(currency && { currency }) },
  });
  await facts({
    objects: [
      { ...wallet('T-anna-1', '6'), account: 'anna' },
      { ...wallet('T-anna-2', '4', 'EUR'), account: 'anna' },
      { ...wallet('T-bob-1', '6'), account: 'bob' },
      { ...wallet('T-bob-2', '400', 'USD'), account: 'bob' },
      { ...wallet('T-cleo', '9.99'), account: 'cleo' },
    ],
  });
  const condition = { field: 'wallet.available_amount', operator: 'GT', value: 0 };
  const total = async (range: object) =>
    await told(await type({ classification: 'FINANCIAL', about: 'wallet', criteria: { condition, totalPerNotification: range } }));
  const rich = await total({ moreThan: '10' });
  expect(rich.map((each) => [each.contact.externalId, each.totalNotifiedAmount])).toEqual([['anna', '10']]);
  const poor = await total({ lessThan: '10' });
  expect(poor.map((each) => each.contact.externalId).toSorted()).toEqual(['bob', 'cleo']);
  // Currencies are told apart, never added up.
  const bob = poor.find((each) => each.contact.externalId === 'bob');
  expect(bob).toMatchObject({
    totalNotifiedAmount: '6',
    currency: 'EUR',
    totals: [
      { currency: 'EUR', amount: '6' },
      { currency: 'USD', amount: '400' },
    ],
  });
});

test('AMB-11 a condition speaks of the object notified about, its own account and the contact', async () => {
  await facts({
    objects: [
      { type: 'activity', externalId: 'V1', contact: 'anna', account: 'anna', fields: { type: 'Call', state: 'COMPLETED' } },
      { type: 'activity', externalId: 'V2', contact: 'anna', fields: { type: 'Call', state: 'PENDING' } },
      { type: 'activity', externalId: 'V3', contact: 'bob', account: 'bob', fields: { type: 'Visit', state: 'COMPLETED' } },
    ],
  });
  const items = async (condition: object) =>
    (await told(await type({ classification: 'CUSTOMER_CARE', about: 'activity', criteria: { condition } })))
      .map((each) => each.items[0]?.externalId)
      .toSorted();
  const completed = { field: 'activity.state', operator: 'EQ', value: 'COMPLETED' };
  // V2 does not come along because anna has another activity that is completed.
  expect(await items(completed)).toEqual(['V1', 'V3']);
  expect(await items({ all: [completed, { field: 'account.classification', operator: 'EQ', value: 'VIP' }] })).toEqual(['V1']);
  expect(await items({ all: [completed, { field: 'contact.name', operator: 'EQ', value: 'bob' }] })).toEqual(['V3']);
  // An object without account has none that could have a classification.
  expect(await items({ field: 'account.classification', operator: 'NE', value: 'Gold' })).toEqual(['V1', 'V3']);
});

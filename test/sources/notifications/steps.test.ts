import { beforeAll, expect, test } from 'vitest';
import { withCatalogue } from '../../../src/catalogue/current.js';
import { pushTo } from '../../../src/catalogue/field-sql.js';
import { rows } from '../../../src/database/sql.js';
import { localId } from '../../../src/graphql/node.js';
import { loadSteps } from '../../../src/sources/notifications/criteria/steps.js';
import { loadNotificationType } from '../../../src/sources/notifications/notification-type.js';
import { candidatesOf } from '../../../src/sources/notifications/recipients.js';
import { openApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';

// The steps are what a funnel and an explanation are computed from: each must say by itself whether it lets pass, and what it saw.
const app = await openApp();
const { upsert, type, run } = notifying(app);

interface Seen {
  kind: string;
  label: string;
  passed: boolean | null;
  value: unknown;
}

/** What each step of a type says of the candidates, one by one. */
async function look(publicId: string, where: string): Promise<Seen[]> {
  const ctx = app.context();
  return await withCatalogue(ctx, async () => {
    const found = await loadNotificationType(ctx, localId('NotificationType', publicId) ?? '');
    if (!found) throw new Error('There is no such type');
    const { tables, where: candidates, groupBy } = candidatesOf(found);
    const seen: Seen[] = [];
    for (const step of await loadSteps(ctx, found)) {
      const grouped = step.level === 'TOTAL' && groupBy ? ` group by ${groupBy}` : '';
      const ask = async (sql: (parameters: unknown[]) => string) => {
        const parameters: unknown[] = [];
        const asked = sql(parameters);
        return (
          await rows<{ answer: unknown }>(
            ctx,
            `select ${asked} as answer from ${tables} where ${candidates} and ${where}${grouped} limit 1`,
            parameters,
          )
        )[0]?.answer;
      };
      const passed = await ask((parameters) => step.predicate(pushTo(parameters)));
      const value = await ask((parameters) => step.value(pushTo(parameters)));
      seen.push({ kind: step.kind, label: step.label, passed: passed as boolean | null, value });
    }
    return seen;
  });
}

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  await upsert({
    contacts: [{ externalId: 'anna', name: 'Anna', emails: [{ address: 'anna@example.org' }] }],
    accounts: [{ externalId: 'A1', contact: 'anna', currency: 'EUR', balance: '12.5', classification: 'VIP' }],
    objects: [
      { type: 'bill', externalId: 'B1', account: 'A1', fields: { outstanding_amount: '45.5', due_date: day(-1) } },
      { type: 'bill', externalId: 'B2', account: 'A1', fields: { outstanding_amount: '4.5', due_date: day(9) } },
      {
        type: 'wallet',
        externalId: 'W1',
        account: 'A1',
        number: 'WL1',
        fields: { balance: '7', available_amount: '6', estimated_consumption_date: day(3), expiring_amount: '2', expires_on: day(2) },
      },
      { type: 'subscription', externalId: 'S1', account: 'A1', fields: { type: 'TV', billing_term_scheme: 'Normal' } },
      { type: 'rewards_participant', externalId: 'P1', contact: 'anna', fields: { scheme: 'Points' } },
      {
        type: 'reward_offer',
        externalId: 'O1',
        contact: 'anna',
        number: 'O1',
        fields: { type: 'Gift', classification: 'Loyalty', progress_class: 'ITEMS', missing_items: 2, valid_to: '2027-08-31' },
      },
    ],
  });
});

const everything = {
  condition: { field: 'contact.name', operator: 'EQ', value: 'Anna' },
  accountBalance: { moreThan: '20' },
  accountClassifications: { notIn: ['VIP'] },
  outstandingAmount: { moreThan: '10', dueDaysAgo: 0 },
  walletBalance: { moreThan: '1' },
  estimatedConsumptionDays: { lessThan: 4 },
  productEstimatedConsumptionDays: { lessThan: 4 },
  productConsumption: { moreThan: '1' },
  expiringAmount: { withinDays: 3 },
  subscriptionTypes: ['TV'],
  billingTermSchemes: ['Weekly'],
  history: [{ all: [{ notified: false, withinDays: 30 }] }, { all: [{ notified: true, scope: 'OBJECT' }] }],
};

test('N7 to N20 each step of a financial type says whether it lets pass, and what it saw', async () => {
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "VIPs", contactExternalIds: ["anna"] }) { segment { id } } }',
  );
  const criteria = { ...everything, segmentIds: [createSegment.segment.id], totalPerNotification: { lessThan: '50' } };
  const seen = await look(await type({ classification: 'FINANCIAL', about: 'bill', criteria }), 'true');
  expect(seen.map(({ kind, passed, value }) => [kind, passed, value])).toEqual([
    ['SEGMENTS', true, ['VIPs']],
    ['CONDITION', true, { 'contact.name': 'Anna' }],
    ['ACCOUNT_BALANCE', false, 12.5],
    ['ACCOUNT_CLASSIFICATION', false, 'VIP'],
    ['OUTSTANDING_AMOUNT', true, 45.5],
    ['WALLET_BALANCE', true, [7]],
    ['ESTIMATED_CONSUMPTION_DAYS', true, [3]],
    ['PRODUCT_ESTIMATED_CONSUMPTION_DAYS', false, [null]],
    ['PRODUCT_CONSUMPTION', false, 0],
    ['EXPIRING_AMOUNT', true, [{ amount: 2, expiresOn: day(2) }]],
    ['SUBSCRIPTION_TYPES', true, ['TV']],
    ['BILLING_TERM_SCHEMES', false, ['Normal']],
    ['HISTORY', true, [expect.objectContaining({ lastNotifiedAt: null }), expect.objectContaining({ lastNotifiedAt: null })]],
    ['TOTAL_PER_NOTIFICATION', false, 50],
  ]);
  expect(seen.every(({ label }) => label.length > 5)).toBe(true);
});

test('N14 to N17 of a type about wallets the steps look at the wallet itself', async () => {
  const { accountBalance, walletBalance, estimatedConsumptionDays, productEstimatedConsumptionDays, expiringAmount } = everything;
  const criteria = { accountBalance, walletBalance, estimatedConsumptionDays, productEstimatedConsumptionDays, expiringAmount };
  const seen = await look(await type({ classification: 'FINANCIAL', about: 'wallet', criteria }), 'true');
  expect(seen.map(({ kind, value }) => [kind, value])).toEqual([
    ['ACCOUNT_BALANCE', 12.5],
    ['WALLET_BALANCE', 7],
    ['ESTIMATED_CONSUMPTION_DAYS', 3],
    ['PRODUCT_ESTIMATED_CONSUMPTION_DAYS', null],
    ['EXPIRING_AMOUNT', { amount: 2, expiresOn: day(2) }],
  ]);
});

test('N8 the history shows when the recipient was last told, however long ago', async () => {
  const criteria = { history: [{ all: [{ notified: false, withinDays: 5 }] }] };
  const id = await type({ name: 'Told', classification: 'FINANCIAL', about: 'bill', criteria });
  await run(id);
  await app.sql(`update notification set created_at = '2026-01-02T03:04:05Z'`);
  expect(await look(id, 'true')).toEqual([
    {
      kind: 'HISTORY',
      label: 'not notified by this type within 5 days',
      passed: true,
      value: [{ type: 'Told', lastNotifiedAt: expect.stringContaining('2026-01-02T03:04:05') }],
    },
  ]);
});

test('N21 to N28 each step of a reward type', async () => {
  const criteria = {
    offerClassifications: ['Loyalty'],
    rewardTypes: ['Gift'],
    rewardOffers: ['O1'],
    rewardSchemes: ['Gold'],
    offerValidity: { from: '2027-01-01' },
    awardedStates: ['CLOSE_TO_BE_AWARDED'],
    progress: { missingItems: 2 },
    history: [{ all: [{ notified: false, scope: 'OBJECT' }, { notified: false }] }],
  };
  const seen = await look(await type({ classification: 'REWARD', about: 'reward_offer', criteria }), 'true');
  expect(seen.map(({ kind, passed, value }) => [kind, passed, value])).toEqual([
    ['OFFER_EFFECTIVE', true, null],
    ['OFFER_CLASSIFICATIONS', true, 'Loyalty'],
    ['REWARD_TYPES', true, 'Gift'],
    ['REWARD_OFFERS', true, 'O1'],
    ['REWARD_SCHEMES', false, 'Points'],
    ['OFFER_VALIDITY', true, { from: null, to: '2027-08-31' }],
    ['AWARDED_STATES', true, { awarded: false, progressClass: 'ITEMS', missing: '2' }],
    ['HISTORY', true, [expect.objectContaining({ lastNotifiedAt: null }), expect.objectContaining({ lastNotifiedAt: null })]],
  ]);
});

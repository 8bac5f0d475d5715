import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';

const app = await openApp();
const { upsert, template, type, told, problems } = notifying(app);

const participants = ['anna', 'bob'];
const offer = (participant: string, number: string, fields: object) => ({
  type: 'reward_offer',
  externalId: `${number}-${participant}`,
  contact: participant,
  number,
  fields: { rewards_participant: `P-${participant}`, state: 'EFFECTIVE', ...fields },
});

beforeAll(async () => {
  await upsert({
    contacts: participants.map((externalId) => ({ externalId, name: externalId, emails: [{ address: `${externalId}@example.org` }] })),
    accounts: participants.map((externalId) => ({
      externalId,
      contact: externalId,
      number: `AR-${externalId}`,
      name: 'Home',
      currency: 'EUR',
    })),
    objects: [
      ...participants.map((externalId) => ({
        type: 'rewards_participant',
        externalId: `P-${externalId}`,
        contact: externalId,
        account: externalId,
        number: `RP-${externalId}`,
        fields: { scheme: externalId === 'anna' ? 'Gold' : 'Points' },
      })),
      ...participants.flatMap((who) => [
        offer(who, 'O1', { name: 'Summer', type: 'Points', classification: 'Seasonal', valid_from: '2027-06-01', valid_to: '2027-08-31' }),
        offer(who, 'O2', {
          name: 'Spend',
          type: 'Voucher',
          classification: 'Spending',
          progress_class: 'AMOUNT',
          missing_amount: who === 'anna' ? '15' : '15.01',
        }),
        offer(who, 'O3', {
          name: 'Visits',
          type: 'Voucher',
          classification: 'Loyalty',
          progress_class: 'TRANSACTIONS',
          missing_transactions: who === 'anna' ? 3 : 2,
        }),
        offer(who, 'O4', { name: 'Items', type: 'Gift', classification: 'Loyalty', progress_class: 'ITEMS', missing_items: 0 }),
        offer(who, 'O5', { name: 'Old', type: 'Points', state: 'NOT_EFFECTIVE' }),
      ]),
      {
        type: 'award_reward_transaction',
        externalId: 'T1',
        contact: 'anna',
        fields: { rewards_participant: 'P-anna', offer: 'Summer', amount: '5' },
      },
      { type: 'award_reward_transaction', externalId: 'T2', contact: 'bob', fields: { offer: 'O2', amount: '5' } },
    ],
  });
});

/** `anna: O1 O2` for each participant who is notified. */
async function offers(criteria: object): Promise<string[]> {
  const notified = await told(await type({ classification: 'REWARD', about: 'reward_offer', criteria }));
  return notified.map((each) => [`${each.contact.externalId}:`, ...each.items.map((item) => item.number)].join(' ')).toSorted();
}
const refused = async (criteria: object) => await problems({ classification: 'REWARD', about: 'reward_offer', criteria });

test('AMB-8 O14 one notification for each rewards participant, with all offers; only effective ones (N25)', async () => {
  expect(await offers({})).toEqual(['anna: O1 O2 O3 O4', 'bob: O1 O2 O3 O4']);
  const [first] = await told(
    await type({
      classification: 'REWARD',
      about: 'reward_offer',
      templateId: await template('#notification.number: #rewards_participant.number'),
    }),
  );
  expect(first).toMatchObject({
    classification: 'REWARD',
    totalNotifiedAmount: null,
    accountInformation: expect.stringMatching(/^AR-\w+ Home$/),
  });
  expect(first?.communication.body).toBe(`${first?.number}: RP-${first?.contact.externalId}`);
});

test('SG3 N7 participants who are in one of the segments', async () => {
  const input = { name: 'Bob', contactExternalIds: ['bob'] };
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input,
  });
  expect((await offers({ segmentIds: [createSegment.segment.id] })).map((each) => each.split(':')[0])).toEqual(['bob']);
});

test('N21 AMB-7 awarded before, and not awarded before', async () => {
  expect(await offers({ awardedStates: ['AWARDED'] })).toEqual(['anna: O1', 'bob: O2']);
  expect(await offers({ awardedStates: ['NOT_AWARDED'] })).toEqual(['anna: O2 O3 O4', 'bob: O1 O3 O4']);
  expect(await offers({ awardedStates: ['NOT_AWARDED', 'AWARDED'] })).toEqual(['anna: O1 O2 O3 O4', 'bob: O1 O2 O3 O4']);
});

test('N21 N22 close to be awarded, by the class of progress that an offer counts; what is reached is not missing any more', async () => {
  const close = async (progress: object) => await offers({ awardedStates: ['CLOSE_TO_BE_AWARDED'], progress });
  expect(await close({ missingAmount: '15' })).toEqual(['anna: O2']);
  expect(await close({ missingTransactions: 2 })).toEqual(['bob: O3']);
  expect(await close({ missingItems: 5 })).toEqual([]);
  expect(await close({ missingAmount: '15', missingTransactions: 3 })).toEqual(['anna: O2 O3', 'bob: O3']);
});

test('N22 progress belongs to close to be awarded, which needs it, with at least one value', async () => {
  expect(await refused({ awardedStates: ['CLOSE_TO_BE_AWARDED'] })).toEqual(['criteria.progress REQUIRED']);
  expect(await refused({ awardedStates: ['CLOSE_TO_BE_AWARDED'], progress: {} })).toEqual(['criteria.progress EMPTY']);
  expect(await refused({ awardedStates: ['AWARDED'], progress: { missingItems: 1 } })).toEqual(['criteria.progress UNEXPECTED']);
  expect(await refused({ awardedStates: ['CLOSE_TO_BE_AWARDED'], progress: { missingItems: 0 } })).toEqual([
    'criteria.progress.missingItems OUT_OF_RANGE',
  ]);
  expect(await refused({ awardedStates: [] })).toEqual(['criteria.awardedStates EMPTY']);
});

test('N23 N24 classifications of offers and types of reward', async () => {
  expect(await offers({ offerClassifications: ['Loyalty', 'Spending'] })).toEqual(['anna: O2 O3 O4', 'bob: O2 O3 O4']);
  expect(await offers({ rewardTypes: ['Points', 'Gift'] })).toEqual(['anna: O1 O4', 'bob: O1 O4']);
});

test('N25 offers by their numbers, which must be there and effective', async () => {
  expect(await offers({ rewardOffers: ['O1', 'O3'] })).toEqual(['anna: O1 O3', 'bob: O1 O3']);
  expect(await refused({ rewardOffers: ['O1', 'O5', 'O9'] })).toEqual([
    'criteria.rewardOffers.1 NOT_EFFECTIVE',
    'criteria.rewardOffers.2 NOT_FOUND',
  ]);
});

test('N26 close to be awarded limits the choice of offers, classifications and types to those that count a progress', async () => {
  const close = { awardedStates: ['CLOSE_TO_BE_AWARDED'], progress: { missingAmount: '50' } };
  expect(await refused({ ...close, rewardOffers: ['O1', 'O2'] })).toEqual(['criteria.rewardOffers.0 NO_PROGRESS']);
  expect(await refused({ ...close, offerClassifications: ['Seasonal', 'Spending'] })).toEqual([
    'criteria.offerClassifications.0 NO_PROGRESS',
  ]);
  expect(await refused({ ...close, rewardTypes: ['Voucher', 'Points'] })).toEqual(['criteria.rewardTypes.1 NO_PROGRESS']);
  expect(await refused({ offerClassifications: ['Seasonal'] })).toEqual([]);
});

test('N27 schemes of the participant', async () => {
  expect(await offers({ rewardSchemes: ['Gold'], rewardOffers: ['O1'] })).toEqual(['anna: O1']);
});

test('N28 the validity of an offer, both ends included; without one it is always valid', async () => {
  const valid = async (offerValidity: object) => await offers({ offerValidity, rewardSchemes: ['Gold'], rewardOffers: ['O1', 'O2'] });
  expect(await valid({ from: '2027-08-31' })).toEqual(['anna: O1 O2']);
  expect(await valid({ from: '2027-09-01' })).toEqual(['anna: O2']);
  expect(await valid({ to: '2027-06-01' })).toEqual(['anna: O1 O2']);
  expect(await valid({ to: '2027-05-31' })).toEqual(['anna: O2']);
  expect(await refused({ offerValidity: {} })).toEqual(['criteria.offerValidity EMPTY']);
  expect(await refused({ offerValidity: { from: '2027-02-02', to: '2027-02-01' } })).toEqual(['criteria.offerValidity EMPTY_RANGE']);
});

test('N8 a history of rewards counts by participant', async () => {
  const criteria = { history: [{ all: [{ notified: false, withinDays: 30 }] }], rewardSchemes: ['Gold'] };
  const id = await type({ classification: 'REWARD', about: 'reward_offer', criteria });
  expect(await told(id)).toHaveLength(1);
  expect(await told(id)).toHaveLength(0);
});

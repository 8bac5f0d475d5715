import type { NotificationClassification } from '../../../catalogue/notifiable.js';
import type { Context } from '../../../context.js';
import type { Problems } from '../../../errors.js';
import { checkAccount } from './account.js';
import type { NotificationCriteriaInput } from './criteria.input.js';
import { checkHistory } from './history.js';
import { checkReward } from './reward.js';
import { checkSubscription } from './subscription.js';
import { checkTotal } from './total.js';
import { checkWallet } from './wallet.js';
import { checkWho } from './who.js';

/** Criteria as they are kept, and the rows that they name. */
export interface CheckedCriteria {
  criteria: NotificationCriteriaInput;
  segmentIds: string[];
  historyTypeIds: string[];
}

/** The criteria that belong to one classification; the others belong to all. */
const only: Partial<Record<keyof NotificationCriteriaInput, NotificationClassification>> = {
  accountBalance: 'FINANCIAL',
  accountClassifications: 'FINANCIAL',
  outstandingAmount: 'FINANCIAL',
  walletBalance: 'FINANCIAL',
  estimatedConsumptionDays: 'FINANCIAL',
  productEstimatedConsumptionDays: 'FINANCIAL',
  productConsumption: 'FINANCIAL',
  expiringAmount: 'FINANCIAL',
  subscriptionTypes: 'FINANCIAL',
  billingTermSchemes: 'FINANCIAL',
  totalPerNotification: 'FINANCIAL',
  awardedStates: 'REWARD',
  progress: 'REWARD',
  offerClassifications: 'REWARD',
  rewardTypes: 'REWARD',
  rewardOffers: 'REWARD',
  rewardSchemes: 'REWARD',
  offerValidity: 'REWARD',
};

/** Checks criteria for a type of that classification; every problem at once. */
export async function checkCriteria(
  ctx: Context,
  classification: NotificationClassification,
  given: NotificationCriteriaInput | null | undefined,
  problems: Problems,
): Promise<CheckedCriteria> {
  const criteria = withoutNulls(given ?? {});
  for (const [name, owner] of Object.entries(only) as [keyof NotificationCriteriaInput, NotificationClassification][]) {
    if (criteria[name] != null && owner !== classification)
      problems.add(
        ['criteria', name],
        'FORBIDDEN_FOR_CLASSIFICATION',
        `\`${name}\` belongs to ${owner} types; this one is ${classification}.`,
      );
  }
  const segmentIds = await checkWho(ctx, criteria, problems);
  checkAccount(criteria, problems);
  checkWallet(criteria, problems);
  checkSubscription(criteria, problems);
  checkTotal(criteria, problems);
  await checkReward(ctx, criteria, problems);
  const historyTypeIds = await checkHistory(ctx, criteria, problems);
  return { criteria, segmentIds, historyTypeIds };
}

/** Null and left out mean the same; only what is there is kept. Conditions stay as they are: null is a value to compare with. */
function withoutNulls(given: NotificationCriteriaInput): NotificationCriteriaInput {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
}

import { loadSegments } from '../../../audience/segment.js';
import type { Context } from '../../../context.js';
import { rows } from '../../../database/sql.js';
import type { NotificationType } from '../notification-type.js';
import { accountSteps } from './account.js';
import { historySteps, type PastType } from './history.js';
import { rewardSteps } from './reward.js';
import type { Step, StepScene } from './step.js';
import { subscriptionSteps } from './subscription.js';
import { totalSteps } from './total.js';
import { walletSteps } from './wallet.js';
import { whoSteps } from './who.js';

/** The criteria of a type as steps, in the order in which they are told: who, what it is about, what is owed, history, total. */
export async function loadSteps(ctx: Context, type: NotificationType): Promise<Step[]> {
  const { id, classification, about, criteria } = type;
  const scene: StepScene = { typeId: id, classification, about, timeZone: ctx.config.defaultTimeZone };
  const segments = await loadSegments(ctx, type.segmentIds);
  const past = await rows<PastType>(ctx, 'select id, name, classification from notification_type where id = any($1::uuid[])', [
    [id, ...type.historyTypeIds],
  ]);
  return [
    ...whoSteps(criteria, segments, criteria.segmentIds != null, scene),
    ...accountSteps(criteria, scene),
    ...walletSteps(criteria, scene),
    ...subscriptionSteps(criteria, scene),
    ...rewardSteps(criteria, scene),
    ...historySteps(criteria, new Map(past.map((each) => [each.id, each])), scene),
    ...totalSteps(criteria, scene),
  ];
}

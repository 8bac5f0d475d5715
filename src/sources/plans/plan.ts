import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { NotFound } from '../../errors.js';
import type { CauseMessage } from '../../generate/message.js';
import { localId } from '../../graphql/node.js';

/** DRAFT is being written, NOT_EFFECTIVE is put away: only an EFFECTIVE plan runs (AMB-24). */
export type PlanState = 'DRAFT' | 'EFFECTIVE' | 'NOT_EFFECTIVE';

export interface Plan {
  id: string;
  name: string;
  code: string;
  description: string | null;
  state: PlanState;
  expiresAt: Date | null;
  /** Its validity has passed, by the database's clock. */
  expired: boolean;
  includeSegmentIds: string[];
  excludeSegmentIds: string[];
  applyDirectMarketingPreference: boolean;
  applyAffiliateMarketingPreference: boolean;
  /** The code of the business unit that it belongs to (P15). */
  ownedByUnit: string | null;
  createdAt: Date;
  updatedAt: Date;
}

export const planColumns = `p.id, p.name, p.code, p.description, p.state, p.expires_at as "expiresAt",
  coalesce(p.expires_at <= clock_timestamp(), false) as expired, p.include_segment_ids as "includeSegmentIds",
  p.exclude_segment_ids as "excludeSegmentIds", p.apply_direct_marketing as "applyDirectMarketingPreference",
  p.apply_affiliate_marketing as "applyAffiliateMarketingPreference", p.owned_by_unit as "ownedByUnit", p.created_at as "createdAt", p.updated_at as "updatedAt"`;

export async function loadPlan(ctx: Context, id: string): Promise<Plan | null> {
  return (await first<Plan>(ctx, `select ${planColumns} from plan p where p.id = $1`, [id])) ?? null;
}

/** Those who begin a run or a schedule of a plan need not wait for one who edits it, only for one who deletes it. */
export async function lockPlan(ctx: Context, publicId: string, lock: 'key share' | 'no key update' | 'update'): Promise<Plan> {
  const id = localId('Plan', publicId);
  const found = id && (await first<Plan>(ctx, `select ${planColumns} from plan p where p.id = $1 for ${lock}`, [id]));
  if (!found) throw new NotFound('plan');
  return found;
}

/** What a plan says through one medium. */
export interface PlanMessage extends CauseMessage {
  /** Runs leave out what is switched off. */
  enabled: boolean;
}

export async function planMessages(ctx: Context, planId: string): Promise<PlanMessage[]> {
  return (await messagesOfPlans(ctx, [planId]))[0] ?? [];
}

/** For a loader: the messages of each plan, in its order. */
export async function messagesOfPlans(ctx: Context, planIds: readonly string[]): Promise<PlanMessage[][]> {
  const found = await rows<PlanMessage & { planId: string }>(
    ctx,
    `select plan_id as "planId", medium, template_id as "templateId", content_id as "contentId", external_system_id as "externalSystemId",
       category_id as "categoryId", address_type as "addressType", enabled
     from plan_message where plan_id = any($1::uuid[]) order by plan_id, place`,
    [planIds],
  );
  const byPlan = Map.groupBy(found, (each) => each.planId);
  return planIds.map((id) => byPlan.get(id) ?? []);
}

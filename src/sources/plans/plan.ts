import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { NotFound } from '../../errors.js';
import { type KeptMessage, readMessages } from '../../generate/message.js';
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

/** What a plan says, one message for each medium. */
export async function planMessages(ctx: Context, planId: string): Promise<KeptMessage[]> {
  return (await readMessages(ctx, 'plan_message', [planId]))[0] ?? [];
}

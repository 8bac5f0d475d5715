import { checkUnit } from '../../access/unit.js';
import { checkNames } from '../../content/names.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { Problems } from '../../errors.js';
import { checkMessages } from '../../generate/check-message.js';
import { writeMessages } from '../../generate/message.js';
import { codeFrom } from '../../graphql/code.js';
import { checkAudience, checkExpiry, keptSegmentIds } from './check.js';
import type { CopyPlanInput, CreatePlanInput } from './plan.input.js';
import { lockPlan, type Plan, planColumns, planMessages } from './plan.js';

/** Makes a plan; all problems of the input at once, and nothing is kept where there is one. */
export async function createPlan(ctx: Context, input: CreatePlanInput): Promise<Plan> {
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  const state = input.state ?? 'EFFECTIVE';
  await checkNames(ctx, problems, { table: 'plan', name, code });
  await checkExpiry(ctx, input.expiresAt, problems);
  checkAudience(input.includeSegmentIds, state, problems);
  const include = await keptSegmentIds(ctx, input.includeSegmentIds, 'includeSegmentIds', problems);
  const exclude = await keptSegmentIds(ctx, input.excludeSegmentIds ?? [], 'excludeSegmentIds', problems);
  const messages = await checkMessages(ctx, { noun: 'plan' }, input.messages, problems);
  const ownedByUnit = checkUnit(problems, ['ownedByUnit'], input.ownedByUnit);
  problems.throwIfAny();
  const plan = await insertPlan(ctx, {
    name,
    code,
    state,
    description: input.description ?? null,
    expiresAt: input.expiresAt ?? null,
    includeSegmentIds: include,
    excludeSegmentIds: exclude,
    applyDirectMarketingPreference: input.applyDirectMarketingPreference ?? false,
    applyAffiliateMarketingPreference: input.applyAffiliateMarketingPreference ?? false,
    ownedByUnit,
  });
  await writeMessages(ctx, 'plan_message', plan.id, messages);
  return plan;
}

/**
 * A plan like another (P6), without its runs and schedules. Contents never change, so both have them; a validity that has
 * passed is left out.
 */
export async function copyPlan(ctx: Context, input: CopyPlanInput): Promise<Plan> {
  const source = await lockPlan(ctx, input.planId, 'key share');
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  await checkNames(ctx, problems, { table: 'plan', name, code });
  const state = input.state ?? 'DRAFT';
  checkAudience(source.includeSegmentIds, state, problems);
  problems.throwIfAny();
  const plan = await insertPlan(ctx, { ...source, name, code, state, expiresAt: source.expired ? null : source.expiresAt });
  await writeMessages(ctx, 'plan_message', plan.id, await planMessages(ctx, source.id));
  return plan;
}

type Written = Omit<Plan, 'id' | 'createdAt' | 'updatedAt' | 'expired' | 'expiresAt'> & { expiresAt: Date | string | null };

async function insertPlan(ctx: Context, written: Written): Promise<Plan> {
  const plan = await first<Plan>(
    ctx,
    `insert into plan as p (name, code, description, state, expires_at, include_segment_ids, exclude_segment_ids, apply_direct_marketing, apply_affiliate_marketing, owned_by_unit)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${planColumns}`,
    [
      written.name,
      written.code,
      written.description,
      written.state,
      written.expiresAt,
      written.includeSegmentIds,
      written.excludeSegmentIds,
      written.applyDirectMarketingPreference,
      written.applyAffiliateMarketingPreference,
      written.ownedByUnit,
    ],
  );
  if (!plan) throw new Error('An insert answers its row');
  return plan;
}

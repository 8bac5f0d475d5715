import { checkUnit } from '../../access/unit.js';
import { checkNames } from '../../content/names.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { Conflict, InvalidStateTransition, NotFound, Problems } from '../../errors.js';
import { checkMessages } from '../../generate/check-message.js';
import { writeMessages } from '../../generate/message.js';
import { deleteSchedulesOf } from '../../generate/schedule.js';
import { requireLocalId } from '../../graphql/node.js';
import { checkAudience, checkExpiry, keptSegmentIds } from './check.js';
import type { UpdatePlanInput } from './plan.input.js';
import { lockPlan, type Plan, type PlanState, planColumns } from './plan.js';

/** What is left out stays. A run under way keeps what it froze when it began; the next one goes by the plan as it is then. */
export async function updatePlan(ctx: Context, input: UpdatePlanInput): Promise<Plan> {
  const before = await lockPlan(ctx, input.planId, 'no key update');
  const problems = new Problems();
  const name = input.name == null ? before.name : input.name.trim();
  const code = input.code == null ? before.code : input.code.trim();
  await checkNames(ctx, problems, { table: 'plan', name, code, except: before.id });
  await checkExpiry(ctx, input.expiresAt, problems);
  const state = stateAfter(before, input.state ?? before.state);
  checkAudience(input.includeSegmentIds ?? before.includeSegmentIds, state, problems);
  const segments = async (given: readonly string[] | null | undefined, path: string, kept: string[]) =>
    given == null ? kept : await keptSegmentIds(ctx, given, path, problems);
  const include = await segments(input.includeSegmentIds, 'includeSegmentIds', before.includeSegmentIds);
  const exclude = await segments(input.excludeSegmentIds, 'excludeSegmentIds', before.excludeSegmentIds);
  const messages = input.messages == null ? undefined : await checkMessages(ctx, { noun: 'plan' }, input.messages, problems);
  const ownedByUnit = input.ownedByUnit === undefined ? before.ownedByUnit : checkUnit(problems, ['ownedByUnit'], input.ownedByUnit);
  problems.throwIfAny();
  const changed = await first<Plan>(
    ctx,
    `update plan p set name = $2, code = $3, description = $4, state = $5, expires_at = $6, include_segment_ids = $7, exclude_segment_ids = $8,
       apply_direct_marketing = $9, apply_affiliate_marketing = $10, owned_by_unit = $11, updated_at = clock_timestamp()
     where p.id = $1 returning ${planColumns}`,
    [
      before.id,
      name,
      code,
      input.description === undefined ? before.description : input.description,
      state,
      input.expiresAt === undefined ? before.expiresAt : input.expiresAt,
      include,
      exclude,
      input.applyDirectMarketingPreference ?? before.applyDirectMarketingPreference,
      input.applyAffiliateMarketingPreference ?? before.applyAffiliateMarketingPreference,
      ownedByUnit,
    ],
  );
  if (!changed) throw new NotFound('plan');
  if (messages) await writeMessages(ctx, 'plan_message', before.id, messages);
  return changed;
}

/** Refused while a run of it is open. Its schedules go with it; its runs and their communications stay. */
export async function deletePlan(ctx: Context, publicId: string): Promise<void> {
  // Schedules before their plan: one that fires holds its own row, and then asks for the plan's.
  await deleteSchedulesOf(ctx, { planId: requireLocalId('Plan', publicId, 'plan') });
  const plan = await lockPlan(ctx, publicId, 'update');
  const open = await first<{ count: number }>(
    ctx,
    `select count(*)::int as count from run where plan_id = $1 and state in ('SCHEDULED', 'RUNNING', 'PAUSED')`,
    [plan.id],
  );
  if (open && open.count > 0) {
    const runs = open.count === 1 ? 'A run' : `${open.count} runs`;
    throw new Conflict(
      `${runs} of the plan ${JSON.stringify(plan.name)} ${open.count === 1 ? 'is' : 'are'} open: wait, cancel or delete first.`,
    );
  }
  await rows(ctx, 'delete from plan where id = $1', [plan.id]);
}

/** DRAFT is where a plan begins; once it has been effective it only leaves and enters effect (AMB-24). */
function stateAfter({ state }: Plan, wanted: PlanState): PlanState {
  if (wanted === 'DRAFT' && state !== 'DRAFT')
    throw new InvalidStateTransition(`A plan that is ${state} does not become a DRAFT again; copy it instead.`);
  return wanted;
}

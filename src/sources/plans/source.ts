import { loadSegments, segmentMembersSql } from '../../audience/segment.js';
import type { Context } from '../../context.js';
import { Invalid } from '../../errors.js';
import type { Recipients } from '../../generate/match.js';
import { freezeMessages } from '../../generate/message.js';
import type { ClaimedRun, Prepared, RunSource } from '../../generate/source.js';
import type { Candidate, Who } from '../../generate/why/step.js';
import { explainPlan, planFunnel } from './explain.js';
import { loadPlan, type Plan, planMessages } from './plan.js';

/** Campaigns give way to what people and events cause (E8x); smaller goes first. */
const campaignPriority = 7;

/** A plan as the cause of a run. */
export const planSource: RunSource = {
  async prepare(ctx: Context, run: ClaimedRun): Promise<Prepared> {
    const plan = await planOf(ctx, run);
    if (plan.state !== 'EFFECTIVE') throw refused(`The plan is ${plan.state}: only an EFFECTIVE one runs.`);
    if (plan.expired || (plan.expiresAt !== null && plan.expiresAt <= run.scheduledFor))
      throw refused('The validity of the plan has passed.');
    if (plan.includeSegmentIds.length === 0) throw refused('The plan includes no segment: there is nobody to reach.');
    const enabled = (await planMessages(ctx, plan.id)).filter((each) => each.enabled);
    if (enabled.length === 0) throw refused('All messages of the plan are switched off.');
    const messages = await freezeMessages(ctx, enabled, { expiresAt: plan.expiresAt, path: ['planId'] });
    const settings = {
      origin: 'PLAN',
      priority: campaignPriority,
      objectType: null,
      applyDirectMarketing: plan.applyDirectMarketingPreference,
      applyAffiliateMarketing: plan.applyAffiliateMarketingPreference,
    };
    const funnel = async (inside: Context) => await planFunnel(inside, messages.length);
    return { recipients: await recipientsOf(ctx, plan), messages, settings, funnel };
  },

  async explain(ctx: Context, run: ClaimedRun, who: Who): Promise<Candidate[]> {
    return await explainPlan(ctx, await planOf(ctx, run), who);
  },
};

/** Members of the included segments; those of an excluded one are met, and skipped. */
export async function recipientsOf(ctx: Context, plan: Pick<Plan, 'includeSegmentIds' | 'excludeSegmentIds'>): Promise<Recipients> {
  const segments = new Map(
    (await loadSegments(ctx, [...plan.includeSegmentIds, ...plan.excludeSegmentIds])).map((each) => [each.id, each]),
  );
  const pick = (ids: readonly string[]) => ids.flatMap((id) => segments.get(id) ?? []);
  const [include, exclude] = [pick(plan.includeSegmentIds), pick(plan.excludeSegmentIds)];
  return {
    sql(parameters) {
      const included = segmentMembersSql(include, parameters, 'c', ctx.config.defaultTimeZone);
      const excluded = exclude.length === 0 ? 'false' : segmentMembersSql(exclude, parameters, 'c', ctx.config.defaultTimeZone);
      return `select c.id as contact_id, null::uuid as account_id, null::uuid as object_id, case when ${excluded} then 'EXCLUDED_SEGMENT' end as skip_reason
        from contact c where ${included}`;
    },
  };
}

async function planOf(ctx: Context, run: ClaimedRun): Promise<Plan> {
  const plan = run.planId === null ? null : await loadPlan(ctx, run.planId);
  if (!plan) throw refused('The plan is not there any more.');
  return plan;
}

function refused(message: string): Invalid {
  return new Invalid([{ path: ['planId'], code: 'CANNOT_RUN', message }]);
}

import { loadSegments, segmentMembersSql } from '../../audience/segment.js';
import { limitsOf } from '../../content/limits.js';
import { loadContents } from '../../content/load.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import { Invalid } from '../../errors.js';
import type { Recipients } from '../../generate/match.js';
import type { RunMessage, RunSettings } from '../../generate/run.js';
import type { ClaimedRun, Prepared, RunSource } from '../../generate/runner.js';
import { loadExternalSystems } from '../../queue/systems.js';
import { readSettings } from '../../settings/settings.js';
import { loadPlan, type Plan, planMessages } from './plan.js';

/** Campaigns give way to what people and events cause (E8x); smaller goes first. */
const campaignPriority = 7;

/** A plan as the cause of a run. */
export const planSource: RunSource = {
  async prepare(ctx: Context, run: ClaimedRun): Promise<Prepared> {
    const plan = await planOf(ctx, run);
    if (plan.expiresAt !== null && plan.expiresAt <= ctx.now()) throw refused('The validity of the plan has passed.');
    return { recipients: await recipientsOf(ctx, plan), messages: await messagesOf(ctx, plan) };
  },
  async settings(ctx: Context, run: ClaimedRun): Promise<RunSettings> {
    const { expiresAt } = await planOf(ctx, run);
    return { origin: 'PLAN', priority: campaignPriority, expiresAt };
  },
};

/** Members of the included segments; those of an excluded one are met, and skipped. */
export async function recipientsOf(ctx: Context, plan: Plan): Promise<Recipients> {
  const segments = new Map(
    (await loadSegments(ctx, [...plan.includeSegmentIds, ...plan.excludeSegmentIds])).map((each) => [each.id, each]),
  );
  const pick = (ids: readonly string[]) => ids.flatMap((id) => segments.get(id) ?? []);
  const [include, exclude] = [pick(plan.includeSegmentIds), pick(plan.excludeSegmentIds)];
  return {
    applyDirectMarketing: plan.applyDirectMarketingPreference,
    applyAffiliateMarketing: plan.applyAffiliateMarketingPreference,
    sql(parameters) {
      const included = segmentMembersSql(include, parameters, 'c', ctx.config.defaultTimeZone);
      const excluded = exclude.length === 0 ? 'false' : segmentMembersSql(exclude, parameters, 'c', ctx.config.defaultTimeZone);
      return `select c.id as contact_id, null::uuid as object_id, case when ${excluded} then 'EXCLUDED_SEGMENT' end as skip_reason
        from contact c where ${included}`;
    },
  };
}

/** Templates count with the content that they have now: the run freezes it. */
async function messagesOf(ctx: Context, plan: Plan): Promise<RunMessage[]> {
  const messages = await planMessages(ctx, plan.id);
  const templates = await loadTemplates(
    ctx,
    messages.flatMap((each) => each.templateId ?? []),
  );
  const systems = await loadExternalSystems(
    ctx,
    messages.flatMap((each) => each.externalSystemId ?? []),
  );
  const contentIdOf = (message: (typeof messages)[number]) => message.contentId ?? templates.get(message.templateId ?? '')?.contentId ?? '';
  const contents = await loadContents(ctx, [...new Set(messages.map(contentIdOf))]);
  const settings = await readSettings(ctx);
  return messages.map((message): RunMessage => {
    const content = contents.get(contentIdOf(message));
    if (!content) throw new Error(`The content of plan ${plan.id} for ${message.medium} is missing`);
    if (message.templateId !== null && !templates.get(message.templateId)?.effective)
      throw refused(`The template for ${message.medium} is not effective.`);
    const system = systems.get(message.externalSystemId ?? '');
    const limits = limitsOf(settings, message.medium, system?.characterLimit ?? null);
    return {
      medium: message.medium,
      contentId: content.id,
      languages: content.languages,
      defaultLanguage: content.defaultLanguage,
      externalSystemId: message.externalSystemId,
      categoryId: message.categoryId ?? templates.get(message.templateId ?? '')?.categoryId ?? null,
      addressType: message.addressType,
      needsAddress: message.addressType !== null || (message.medium !== 'DEVICE' && !system?.contactInbox),
      characterLimit: limits.characters,
      segmentLimit: limits.segments,
    };
  });
}

async function planOf(ctx: Context, run: ClaimedRun): Promise<Plan> {
  const plan = run.planId === null ? null : await loadPlan(ctx, run.planId);
  if (!plan) throw refused('The plan is not there any more.');
  return plan;
}

function refused(message: string): Invalid {
  return new Invalid([{ path: ['planId'], code: 'CANNOT_RUN', message }]);
}

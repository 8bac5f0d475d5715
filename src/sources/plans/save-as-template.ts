import { loadTemplates, type Template } from '../../content/template.js';
import { templateFromContent } from '../../content/template-write.js';
import type { Context } from '../../context.js';
import { Invalid, NotFound } from '../../errors.js';
import { requireLocalId } from '../../graphql/node.js';
import type { SavePlanAsTemplateInput } from './plan.input.js';
import { loadPlan, planMessages } from './plan.js';

/** What a plan says through a medium, kept as a template; where it names a template itself, that one's text as it is now. */
export async function savePlanAsTemplate(ctx: Context, input: SavePlanAsTemplateInput): Promise<Template> {
  const plan = await loadPlan(ctx, requireLocalId('Plan', input.planId, 'plan'));
  if (!plan) throw new NotFound('plan');
  const messages = await planMessages(ctx, plan.id);
  const message = messages.find((each) => each.medium === input.medium);
  if (!message) {
    const media = messages.map((each) => each.medium).join(', ');
    throw new Invalid([{ path: ['medium'], code: 'NOT_IN_PLAN', message: `The plan says nothing by ${input.medium}; it has ${media}.` }]);
  }
  const named = message.templateId === null ? undefined : (await loadTemplates(ctx, [message.templateId])).get(message.templateId);
  return await templateFromContent(ctx, {
    contentId: message.contentId ?? named?.contentId ?? '',
    categoryId: message.categoryId ?? named?.categoryId ?? null,
    name: input.name,
    code: input.code ?? null,
    state: input.state ?? 'EFFECTIVE',
  });
}

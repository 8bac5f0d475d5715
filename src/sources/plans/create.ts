import { keepSegments, loadSegments } from '../../audience/segment.js';
import { queueingMedia } from '../../catalogue/medium.js';
import { keepCategory } from '../../content/category.js';
import { compileContent } from '../../content/compile.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import { databaseNow } from '../../database/clock.js';
import { first, rows } from '../../database/sql.js';
import { Problems } from '../../errors.js';
import type { CauseMessage } from '../../generate/message.js';
import { codeFrom } from '../../graphql/code.js';
import { localId } from '../../graphql/node.js';
import { checkChosen, loadExternalSystems, unsupportedWords } from '../../queue/systems.js';
import { type Plan, planColumns } from './plan.js';
import type { CreatePlanInput, PlanMessageInput } from './plan.type.js';

/** Makes a plan; all problems of the input at once, and nothing is kept where there is one. */
export async function createPlan(ctx: Context, input: CreatePlanInput): Promise<Plan> {
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  await checkNames(ctx, name, code, problems);
  if (input.expiresAt != null && new Date(input.expiresAt) <= (await databaseNow(ctx))) {
    problems.add(['expiresAt'], 'IN_THE_PAST', 'The expiry must be in the future.');
  }
  if (input.includeSegmentIds.length === 0)
    problems.add(['includeSegmentIds'], 'REQUIRED', 'Give at least one segment: its members are the recipients.');
  const include = await segmentIds(ctx, input.includeSegmentIds, 'includeSegmentIds', problems);
  const exclude = await segmentIds(ctx, input.excludeSegmentIds ?? [], 'excludeSegmentIds', problems);
  const messages = await checkMessages(ctx, input.messages, problems);
  problems.throwIfAny();
  const plan = await first<Plan>(
    ctx,
    `insert into plan as p (name, code, description, expires_at, include_segment_ids, exclude_segment_ids, apply_direct_marketing, apply_affiliate_marketing)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${planColumns}`,
    [
      name,
      code,
      input.description ?? null,
      input.expiresAt ?? null,
      include,
      exclude,
      input.applyDirectMarketingPreference ?? false,
      input.applyAffiliateMarketingPreference ?? false,
    ],
  );
  if (!plan) throw new Error('An insert answers its row');
  await rows(
    ctx,
    `insert into plan_message (plan_id, place, medium, template_id, content_id, external_system_id, category_id, address_type)
     select $1, m.place, m.medium, m.template_id, m.content_id, m.external_system_id, m.category_id, m.address_type
     from unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[])
       with ordinality as m (medium, template_id, content_id, external_system_id, category_id, address_type, place)`,
    [
      plan.id,
      messages.map((each) => each.medium),
      messages.map((each) => each.templateId),
      messages.map((each) => each.contentId),
      messages.map((each) => each.externalSystemId),
      messages.map((each) => each.categoryId),
      messages.map((each) => each.addressType),
    ],
  );
  return plan;
}

async function checkNames(ctx: Context, name: string, code: string, problems: Problems): Promise<void> {
  if (name === '' || name.length > 200) problems.add(['name'], 'INVALID', 'A name has 1 to 200 characters.');
  if (!/^[\w.-]{1,100}$/.test(code)) problems.add(['code'], 'INVALID', 'A code has 1 to 100 letters, digits, dots, dashes or underscores.');
  const taken = await rows<{ name: boolean; code: boolean }>(
    ctx,
    'select name = $1 as name, code = $2 as code from plan where name = $1 or code = $2',
    [name, code],
  );
  if (taken.some((each) => each.name)) problems.add(['name'], 'TAKEN', `There is a plan ${JSON.stringify(name)} already.`);
  else if (taken.some((each) => each.code))
    problems.add(['code'], 'TAKEN', `There is a plan with the code ${JSON.stringify(code)} already.`);
}

async function segmentIds(ctx: Context, given: readonly string[], path: string, problems: Problems): Promise<string[]> {
  const ids = given.map((each) => localId('Segment', each));
  const asked = ids.filter((each) => each !== undefined);
  await keepSegments(ctx, asked);
  const known = await loadSegments(ctx, asked);
  const found = new Set(known.map((each) => each.id));
  for (const [index, id] of ids.entries()) {
    if (id === undefined || !found.has(id)) problems.add([path, index], 'NOT_FOUND', 'There is no such segment.');
  }
  return [...found];
}

/** What the messages refer to is fetched at once for all of them; inline contents are compiled one by one, there are at most four. */
async function checkMessages(ctx: Context, given: readonly PlanMessageInput[], problems: Problems): Promise<CauseMessage[]> {
  if (given.length === 0) problems.add(['messages'], 'REQUIRED', 'Give at least one message.');
  const idsOf = (type: string, pick: (message: PlanMessageInput) => string | null | undefined) =>
    given.flatMap((each) => localId(type, pick(each) ?? '') ?? []);
  const templates = await loadTemplates(
    ctx,
    idsOf('Template', (each) => each.templateId),
  );
  const systems = await loadExternalSystems(
    ctx,
    idsOf('ExternalSystem', (each) => each.externalSystemId),
  );
  const messages: CauseMessage[] = [];
  for (const [index, message] of given.entries()) {
    const at = (...rest: (string | number)[]) => ['messages', index, ...rest];
    const { medium } = message;
    if (!queueingMedia.includes(medium))
      problems.add(at('medium'), 'NOT_QUEUED', `${medium} never queues; give one of ${queueingMedia.join(', ')}.`);
    if (given.findIndex((each) => each.medium === medium) < index)
      problems.add(at('medium'), 'DUPLICATE', `A plan has one message for each medium; ${medium} is there already.`);
    if ((message.templateId == null) === (message.content == null))
      problems.add(at(), 'CONTRADICTION', 'Give exactly one of `templateId` and `content`.');

    const template = message.templateId == null ? undefined : templates.get(localId('Template', message.templateId) ?? '');
    if (message.templateId != null && !template) problems.add(at('templateId'), 'NOT_FOUND', 'There is no such template.');
    if (template && template.medium !== medium)
      problems.add(at('templateId'), 'WRONG_MEDIUM', `The template is for ${template.medium}, not for ${medium}.`);
    if (template?.direction === 'INCOMING')
      problems.add(at('templateId'), 'WRONG_DIRECTION', 'The template is for what contacts say to us; a plan speaks to them.');
    if (template && !template.effective)
      problems.add(at('templateId'), 'NOT_EFFECTIVE', 'The template is not effective; make it so, or give another.');
    const contentId =
      message.content == null ? undefined : await compileContent(ctx, { medium, contents: message.content, path: at('content'), problems });

    const system = message.externalSystemId == null ? undefined : systems.get(localId('ExternalSystem', message.externalSystemId) ?? '');
    if (message.externalSystemId != null && !system) problems.add(at('externalSystemId'), 'NOT_FOUND', 'There is no such external system.');
    if (system) checkChosen(system, problems, at('externalSystemId'));
    if (system && !system.media.includes(medium))
      problems.add(at('externalSystemId'), 'UNSUPPORTED_MEDIUM', unsupportedWords(system, medium));
    messages.push({
      medium,
      templateId: template?.id ?? null,
      contentId: contentId ?? null,
      externalSystemId: system?.id ?? null,
      categoryId: await keepCategory(ctx, message.categoryId, problems, at('categoryId')),
      addressType: message.addressType?.trim() || null,
    });
  }
  return messages;
}

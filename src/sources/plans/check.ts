import { keepSegments, loadSegments } from '../../audience/segment.js';
import { queueingMedia } from '../../catalogue/medium.js';
import { keepCategory } from '../../content/category.js';
import { compileContent } from '../../content/compile.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import { databaseNow } from '../../database/clock.js';
import type { Problem, Problems } from '../../errors.js';
import { localId } from '../../graphql/node.js';
import { checkChosen, loadExternalSystems, unsupportedWords } from '../../queue/systems.js';
import type { PlanMessageInput } from './plan.input.js';
import type { PlanMessage } from './plan.js';

/** A validity is an instant, and lies ahead of us by the database's clock (P5). */
export async function checkExpiry(ctx: Context, expiresAt: string | null | undefined, problems: Problems): Promise<void> {
  if (expiresAt == null || !(new Date(expiresAt) <= (await databaseNow(ctx)))) return;
  problems.add(['expiresAt'], 'IN_THE_PAST', 'The expiry must be in the future.');
}

/** Without segments a plan can be kept as a DRAFT only: they are mandatory to run it (P23). */
export function checkAudience(segmentIds: readonly string[], state: string, problems: Problems): void {
  if (segmentIds.length > 0 || state === 'DRAFT') return;
  problems.add(
    ['includeSegmentIds'],
    'REQUIRED',
    'Give at least one segment, whose members are the recipients; only a DRAFT may have none.',
  );
}

/** The ids of segments that are there, kept from being deleted until the transaction ends. */
export async function keptSegmentIds(ctx: Context, given: readonly string[], path: string, problems: Problems): Promise<string[]> {
  await keepSegments(
    ctx,
    given.flatMap((each) => localId('Segment', each) ?? []),
  );
  return await segmentIds(ctx, given, path, problems);
}

/** The ids of segments that are there now; a problem for each other one. */
export async function segmentIds(ctx: Context, given: readonly string[], path: string, problems: Problems): Promise<string[]> {
  const ids = given.map((each) => localId('Segment', each));
  const asked = ids.filter((each) => each !== undefined);
  const found = new Set((await loadSegments(ctx, asked)).map((each) => each.id));
  for (const [index, id] of ids.entries()) {
    if (id === undefined || !found.has(id)) problems.add([path, index], 'NOT_FOUND', 'There is no such segment.');
  }
  return [...found];
}

/** What the messages refer to is fetched at once for all of them; inline contents are compiled one by one, there are at most four. */
export async function checkMessages(ctx: Context, given: readonly PlanMessageInput[], problems: Problems): Promise<PlanMessage[]> {
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
  const messages: PlanMessage[] = [];
  for (const [index, message] of given.entries()) {
    const at = (...rest: (string | number)[]): Problem['path'] => ['messages', index, ...rest];
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
      enabled: message.enabled ?? true,
    });
  }
  return messages;
}

import { queueingMedia } from '../catalogue/medium.js';
import { keepCategory } from '../content/category.js';
import { compileContent } from '../content/compile.js';
import { loadTemplates, type Template } from '../content/template.js';
import type { Context } from '../context.js';
import type { Problem, Problems } from '../errors.js';
import { localId } from '../graphql/node.js';
import { checkChosen, loadExternalSystems, unsupportedWords } from '../queue/systems.js';
import type { CauseMessageInput } from './message.input.js';
import type { KeptMessage } from './message.js';

/** Who speaks. */
export interface Speaker {
  /** What people call it. */
  noun: 'plan' | 'rule';
  /** What it is about: other objects a template cannot speak of. Absent where it is about contacts; null where it is not known. */
  objectType?: string | null;
}

/**
 * What a cause says, with every problem at its path under `messages`. What the messages refer to is fetched at once for all of
 * them; inline contents are compiled one by one, there is one for each medium at most.
 */
export async function checkMessages(
  ctx: Context,
  speaker: Speaker,
  given: readonly CauseMessageInput[],
  problems: Problems,
): Promise<KeptMessage[]> {
  if (given.length === 0) problems.add(['messages'], 'REQUIRED', `Give at least one message, by ${queueingMedia.join(', ')}.`);
  const idsOf = (type: string, pick: (message: CauseMessageInput) => string | null | undefined) =>
    given.flatMap((each) => localId(type, pick(each) ?? '') ?? []);
  const templates = await loadTemplates(
    ctx,
    idsOf('Template', (each) => each.templateId),
  );
  const systems = await loadExternalSystems(
    ctx,
    idsOf('ExternalSystem', (each) => each.externalSystemId),
  );
  const messages: KeptMessage[] = [];
  for (const [index, message] of given.entries()) {
    const at = (...rest: (string | number)[]) => ['messages', index, ...rest];
    const { medium, content, templateId, externalSystemId } = message;
    if (!queueingMedia.includes(medium))
      problems.add(at('medium'), 'NOT_QUEUED', `${medium} never queues; give one of ${queueingMedia.join(', ')}.`);
    if (given.findIndex((each) => each.medium === medium) < index)
      problems.add(at('medium'), 'DUPLICATE', `A ${speaker.noun} has one message for each medium; ${medium} is there already.`);
    if ((templateId == null) === (content == null)) problems.add(at(), 'CONTRADICTION', 'Give exactly one of `templateId` and `content`.');

    const template = templateId == null ? undefined : templates.get(localId('Template', templateId) ?? '');
    if (templateId != null) checkTemplate(template, medium, speaker, problems, at('templateId'));
    const { objectType } = speaker;
    const contentId =
      content == null
        ? null
        : await compileContent(ctx, {
            medium,
            ...(objectType !== undefined && { objectType }),
            contents: content,
            path: at('content'),
            problems,
          });

    const system = externalSystemId == null ? undefined : systems.get(localId('ExternalSystem', externalSystemId) ?? '');
    if (externalSystemId != null && !system) problems.add(at('externalSystemId'), 'NOT_FOUND', 'There is no such external system.');
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

/** A template about another type of object would have nothing to say (AMB-13). */
function checkTemplate(
  template: Template | undefined,
  medium: string,
  { noun, objectType }: Speaker,
  problems: Problems,
  path: Problem['path'],
): void {
  if (!template) {
    problems.add(path, 'NOT_FOUND', 'There is no such template.');
    return;
  }
  if (template.medium !== medium) problems.add(path, 'WRONG_MEDIUM', `The template is for ${template.medium}, not for ${medium}.`);
  if (template.direction === 'INCOMING')
    problems.add(path, 'WRONG_DIRECTION', `The template is for what contacts say to us; a ${noun} speaks to them.`);
  if (!template.effective) problems.add(path, 'NOT_EFFECTIVE', 'The template is not effective; make it so, or give another.');
  if (objectType == null) return;
  const fitting = [null, objectType, 'contact', 'account', 'wallet'];
  if (!fitting.includes(template.objectType))
    problems.add(path, 'WRONG_TYPE', `The template is about a ${template.objectType}; the ${noun} is about a ${objectType}.`);
}

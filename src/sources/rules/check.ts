import { checkCondition } from '../../catalogue/check-condition.js';
import type { Condition } from '../../catalogue/condition.js';
import { queueingMedia } from '../../catalogue/medium.js';
import { didYouMean } from '../../catalogue/nearest.js';
import { isObjectType, objectTypeNames, typeOf } from '../../catalogue/object-types.js';
import { keepCategory } from '../../content/category.js';
import { compileContent } from '../../content/compile.js';
import { loadTemplates, type Template } from '../../content/template.js';
import type { Context } from '../../context.js';
import type { Problem, Problems } from '../../errors.js';
import type { Duration } from '../../generate/recurrence.js';
import { localId } from '../../graphql/node.js';
import { checkChosen, loadExternalSystems, unsupportedWords } from '../../queue/systems.js';
import type { RuleMessageInput, RuleTimingInput } from './rule.input.js';
import type { RuleMessage } from './rule.js';

const most = { conditions: 20, events: 50, days: 3_650 };

/** The type whose events are listened to, where it is one. */
export function checkObjectType(given: string, problems: Problems): boolean {
  if (isObjectType(given)) return true;
  const hint = didYouMean(given, objectTypeNames()) || ` There are ${objectTypeNames().join(', ')}.`;
  problems.add(['objectType'], 'UNKNOWN_TYPE', `${JSON.stringify(given.slice(0, 80))} is no object type.${hint}`);
  return false;
}

/** Only events that the type has (E6). */
export function checkEvents(objectType: string, given: readonly string[], problems: Problems): string[] {
  const known = [...typeOf(objectType).eventByName.keys()];
  if (given.length === 0) problems.add(['events'], 'REQUIRED', `Give at least one event of ${objectType}: ${known.join(', ')}.`);
  if (given.length > most.events) problems.add(['events'], 'TOO_MANY', `A rule listens to at most ${most.events} events.`);
  for (const [index, each] of given.entries()) {
    if (known.includes(each)) continue;
    const hint = didYouMean(each, known) || ` It has ${known.join(', ')}; declareEvent adds others.`;
    problems.add(['events', index], 'UNKNOWN_EVENT', `${JSON.stringify(each.slice(0, 80))} is no event of ${objectType}.${hint}`);
  }
  return [...new Set(given)];
}

/** Each may speak of everything that the contact has, and of the event (E7). */
export function checkConditions(given: readonly Condition[], problems: Problems): void {
  if (given.length > most.conditions) problems.add(['conditions'], 'TOO_MANY', `A rule has at most ${most.conditions} conditions.`);
  for (const [index, each] of given.slice(0, most.conditions).entries()) checkCondition(each, problems, ['conditions', index], true);
}

export function checkTiming(given: RuleTimingInput | null, problems: Problems): { timeOfDay: string | null; after: Duration | null } {
  if (given === null) return { timeOfDay: null, after: null };
  const { timeOfDay = null, after = null } = given;
  if ((timeOfDay === null) === (after === null)) problems.add(['timing'], 'EXACTLY_ONE', 'Give exactly one of `timeOfDay` and `after`.');
  if (timeOfDay !== null && !/^([01]\d|2[0-3]):[0-5]\d$/.test(timeOfDay))
    problems.add(
      ['timing', 'timeOfDay'],
      'INVALID_TIME',
      `${JSON.stringify(timeOfDay.slice(0, 20))} is no time of day; give one such as 09:30.`,
    );
  if (after !== null) checkDuration(after, ['timing', 'after'], problems);
  return { timeOfDay, after };
}

const daysOf: Record<Duration['unit'], number> = { MINUTE: 1 / 1_440, HOUR: 1 / 24, DAY: 1, WEEK: 7, MONTH: 31, YEAR: 365 };

export function checkDuration({ amount, unit }: Duration, path: Problem['path'], problems: Problems): void {
  const greatest = Math.floor(most.days / daysOf[unit]);
  if (Number.isInteger(amount) && amount >= 1 && amount <= greatest) return;
  problems.add([...path, 'amount'], 'OUT_OF_RANGE', `${amount} is out of range: give 1 to ${greatest} ${unit}, which is ten years.`);
}

/** E8 to E14: what is said through each medium; what the messages refer to is fetched at once for all of them. */
export async function checkMessages(
  ctx: Context,
  objectType: string | null,
  given: readonly RuleMessageInput[],
  problems: Problems,
): Promise<RuleMessage[]> {
  if (given.length === 0) problems.add(['messages'], 'REQUIRED', `Give at least one message, by ${queueingMedia.join(', ')}.`);
  const idsOf = (type: string, pick: (message: RuleMessageInput) => string | null | undefined) =>
    given.flatMap((each) => localId(type, pick(each) ?? '') ?? []);
  const templates = await loadTemplates(
    ctx,
    idsOf('Template', (each) => each.templateId),
  );
  const systems = await loadExternalSystems(
    ctx,
    idsOf('ExternalSystem', (each) => each.externalSystemId),
  );
  const messages: RuleMessage[] = [];
  for (const [index, message] of given.entries()) {
    const at = (...rest: (string | number)[]) => ['messages', index, ...rest];
    const { medium } = message;
    if (!queueingMedia.includes(medium))
      problems.add(at('medium'), 'NOT_QUEUED', `${medium} never queues; give one of ${queueingMedia.join(', ')}.`);
    if (given.findIndex((each) => each.medium === medium) < index)
      problems.add(at('medium'), 'DUPLICATE', `A rule has one message for each medium; ${medium} is there already.`);
    if ((message.templateId == null) === (message.content == null))
      problems.add(at(), 'CONTRADICTION', 'Give exactly one of `templateId` and `content`.');
    const template = message.templateId == null ? undefined : templates.get(localId('Template', message.templateId) ?? '');
    if (message.templateId != null) checkTemplate(template, { medium, objectType }, problems, at('templateId'));
    const contentId =
      message.content == null
        ? undefined
        : await compileContent(ctx, { medium, objectType, contents: message.content, path: at('content'), problems });
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

/** A template about another type of object would have nothing to say (AMB-13). */
function checkTemplate(
  template: Template | undefined,
  { medium, objectType }: { medium: string; objectType: string | null },
  problems: Problems,
  path: Problem['path'],
): void {
  if (!template) {
    problems.add(path, 'NOT_FOUND', 'There is no such template.');
    return;
  }
  if (template.medium !== medium) problems.add(path, 'WRONG_MEDIUM', `The template is for ${template.medium}, not for ${medium}.`);
  if (template.direction === 'INCOMING')
    problems.add(path, 'WRONG_DIRECTION', 'The template is for what contacts say to us; a rule speaks to them.');
  if (!template.effective) problems.add(path, 'NOT_EFFECTIVE', 'The template is not effective; make it so, or give another.');
  const fitting = [null, objectType, 'contact', 'account', 'wallet'];
  if (objectType !== null && !fitting.includes(template.objectType))
    problems.add(path, 'WRONG_TYPE', `The template is about a ${template.objectType}; the rule is about a ${objectType}.`);
}

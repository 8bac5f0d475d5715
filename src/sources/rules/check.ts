import { checkCondition } from '../../catalogue/check-condition.js';
import type { Condition } from '../../catalogue/condition.js';
import { didYouMean } from '../../catalogue/nearest.js';
import { isObjectType, objectTypeNames, typeOf } from '../../catalogue/object-types.js';
import type { Problem, Problems } from '../../errors.js';
import type { Duration } from '../../generate/recurrence.js';
import type { RuleTimingInput } from './rule.input.js';

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

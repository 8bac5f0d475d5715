import type { Problems } from '../errors.js';
import { shown } from './check-fields.js';
import { type Condition, type ConditionOperator, conditionLimits, operators, operatorsOf } from './condition.js';
import { eventNames, eventType } from './event-type.js';
import { allowedValues, normalised } from './field-value.js';
import { didYouMean } from './nearest.js';
import { findType, objectTypeNames } from './object-types.js';
import { type FieldPath, leadsTooFar, namesWithin, resolvePath, tooFar } from './path.js';
import type { FieldKind } from './types.js';

type Path = readonly (string | number)[];

/** Adds a problem for everything in a condition that conditionSql could not take. `ofEvent`: it may speak of an event itself. */
export function checkCondition(condition: Condition, problems: Problems, path: Path, ofEvent = false): void {
  const seen = { leaves: 0, ofEvent };
  checkNode(condition, problems, path, 1, seen);
  if (seen.leaves > conditionLimits.leaves) {
    problems.add([...path], 'TOO_COMPLEX', `The condition compares ${seen.leaves} fields; at most ${conditionLimits.leaves} are allowed.`);
  }
}

interface Seen {
  leaves: number;
  readonly ofEvent: boolean;
}

function checkNode(node: Condition, problems: Problems, path: Path, depth: number, seen: Seen): void {
  if (depth > conditionLimits.depth) {
    problems.add([...path], 'TOO_COMPLEX', `The condition is nested more than ${conditionLimits.depth} levels deep.`);
    return;
  }
  const given = (['all', 'any', 'not', 'field'] as const).filter((name) => node[name] != null);
  if (given.length !== 1) {
    const what = given.length === 0 ? 'none of them is given' : `${given.join(' and ')} are given`;
    problems.add([...path], 'EXACTLY_ONE', `A condition has exactly one of all, any, not, field; ${what}.`);
  }
  for (const name of ['all', 'any'] as const) {
    const parts = node[name];
    if (parts?.length === 0) problems.add([...path, name], 'EMPTY', `\`${name}\` needs at least one condition.`);
    parts?.forEach((each, index) => {
      checkNode(each, problems, [...path, name, index], depth + 1, seen);
    });
  }
  if (node.not != null) checkNode(node.not, problems, [...path, 'not'], depth + 1, seen);
  if (node.field != null) {
    seen.leaves += 1;
    checkLeaf(node, node.field, problems, path, seen);
  } else {
    for (const name of ['operator', 'value'] as const) {
      if (node[name] != null) problems.add([...path, name], 'UNEXPECTED', `\`${name}\` belongs to \`field\`, which is not given.`);
    }
  }
}

function checkLeaf(leaf: Condition, field: string, problems: Problems, path: Path, { ofEvent }: Seen): void {
  const found = fieldOf(field, problems, path, ofEvent);
  const { operator } = leaf;
  if (operator == null) {
    problems.add(
      [...path, 'operator'],
      'REQUIRED',
      `\`operator\` is required: one of ${(found ? operatorsOf[found.kind] : operators).join(', ')}.`,
    );
    return;
  }
  if (!found) return;
  if (!operatorsOf[found.kind].includes(operator)) {
    const allowed = operatorsOf[found.kind].join(', ');
    problems.add(
      [...path, 'operator'],
      'OPERATOR_NOT_ALLOWED',
      `${operator} does not fit ${found.name} (${found.kind}); it takes ${allowed}.`,
    );
    return;
  }
  const wrong = valueProblem(found.kind, operator, leaf.value);
  if (wrong) problems.add([...path, 'value', ...wrong.at], wrong.code, wrong.message);
}

function fieldOf(field: string, problems: Problems, path: Path, ofEvent: boolean): FieldPath | undefined {
  const found = resolvePath(field);
  if (found?.path && (isKept(found.path) || (ofEvent && found.path.type === eventType))) return found.path;
  const quoted = shown(field);
  if (found && !found.path && leadsTooFar(found.unknown)) {
    problems.add([...path, 'field'], 'UNKNOWN_FIELD', `${quoted} ${tooFar}`);
  } else if (found && !found.path) {
    const { type, steps, given } = found.unknown;
    const names = type === eventType ? eventNames : namesWithin(type);
    const hint = didYouMean(given, names, `${steps.join('.')}.`) || ` ${type.name} has ${names.join(', ')}.`;
    problems.add([...path, 'field'], 'UNKNOWN_FIELD', `${quoted} is no field of the catalogue.${hint}`);
  } else {
    const head = field.split('.')[0] ?? '';
    const hint = didYouMean(head, objectTypeNames()) || ' A field is spelled as the tag without #: contact.preferred_language.';
    problems.add([...path, 'field'], 'UNKNOWN_FIELD', `${quoted} is no field of the catalogue.${hint}`);
  }
  return undefined;
}

/** Begins at a record, not at what exists only as a tag. */
function isKept({ type, steps }: FieldPath): boolean {
  return type.storage !== 'NONE' && findType(steps[0] ?? '')?.storage !== 'NONE';
}

interface ValueProblem {
  at: number[];
  code: string;
  message: string;
}

const wrong = (message: string, at: number[] = [], code = 'WRONG_TYPE'): ValueProblem => ({ at, code, message });

function valueProblem(kind: FieldKind, operator: ConditionOperator, value: unknown): ValueProblem | undefined {
  switch (operator) {
    case 'IS_EMPTY':
    case 'IS_NOT_EMPTY':
      return value == null ? undefined : wrong(`${operator} takes no value.`, [], 'UNEXPECTED');
    case 'WITHIN_LAST_DAYS':
    case 'WITHIN_NEXT_DAYS':
      if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= conditionLimits.days) return undefined;
      return wrong(`${operator} takes a whole number of days from 0 to ${conditionLimits.days}, not ${shown(value)}.`);
    case 'BETWEEN':
      if (!Array.isArray(value) || value.length !== 2) return wrong(`BETWEEN takes a list of two values, not ${shown(value)}.`);
      return firstWrong(kind, value);
    case 'IN':
    case 'NOT_IN':
      if (!Array.isArray(value)) return wrong(`${operator} takes a list of values, not ${shown(value)}.`);
      if (value.length === 0) return wrong(`${operator} needs at least one value.`, [], 'EMPTY');
      if (value.length > conditionLimits.values) {
        return wrong(`${operator} takes at most ${conditionLimits.values} values, not ${value.length}.`, [], 'TOO_MANY');
      }
      return firstWrong(kind, value);
    default:
      if (value == null) return wrong(`${operator} needs a value; for missing values there are IS_EMPTY and IS_NOT_EMPTY.`, [], 'REQUIRED');
      if ((operator === 'CONTAINS' || operator === 'STARTS_WITH') && (typeof value !== 'string' || value === '')) {
        return wrong(`${operator} takes a text that is not empty, not ${shown(value)}.`);
      }
      return isComparable(kind, value) ? undefined : wrong(`${shown(value)} is wrong here: this field takes ${expected(kind)}.`);
  }
}

function firstWrong(kind: FieldKind, values: readonly unknown[]): ValueProblem | undefined {
  const at = values.findIndex((each) => !isComparable(kind, each));
  return at < 0 ? undefined : wrong(`${shown(values[at])} is wrong here: this field takes ${expected(kind)}.`, [at]);
}

/** The kind of one value that a field of this kind is compared with: a list's element is a text. */
export function comparedKind(kind: FieldKind): FieldKind {
  return kind === 'LIST' || kind === 'LOCALE' || kind === 'TIME_ZONE' ? 'TEXT' : kind;
}

function isComparable(kind: FieldKind, value: unknown): boolean {
  if (kind !== 'ANY') return normalised(comparedKind(kind), value) !== undefined;
  return typeof value === 'boolean' || normalised('NUMBER', value) !== undefined || normalised('TEXT', value) !== undefined;
}

function expected(kind: FieldKind): string {
  return kind === 'ANY' ? 'a text, a number, true or false' : allowedValues[comparedKind(kind)];
}

import type { Problems } from '../../errors.js';
import { scalarProblem } from '../../graphql/scalars.js';

export type Path = (string | number)[];

/** Characters at most. */
export const lengths = { externalId: 200, name: 500, text: 500, type: 50, attributeName: 100 };

// Line breaks in a name end up in mail headers; NUL and half a surrogate pair are refused by PostgreSQL itself.
const control = /\p{Cc}/u;

/** Whether a short text may be kept; adds the problem where not. */
export function checkText(problems: Problems, path: Path, value: unknown, most: number = lengths.text): value is string {
  if (typeof value !== 'string') {
    problems.add(path, 'WRONG_TYPE', 'This must be a text.');
  } else if (value.length > most) {
    problems.add(path, 'TOO_LONG', `The text has ${value.length} characters; at most ${most} are allowed.`);
  } else if (control.test(value) || !value.isWellFormed()) {
    problems.add(path, 'INVALID_TEXT', 'The text has control characters or broken Unicode; leave them out.');
  } else {
    return true;
  }
  return false;
}

/** As checkText, for an id of the CRM or a type: not empty either. */
export function checkName(problems: Problems, path: Path, value: unknown, most: number = lengths.externalId): value is string {
  if (!checkText(problems, path, value, most)) return false;
  if (value.trim() !== '') return true;
  problems.add(path, 'EMPTY', 'This must not be empty.');
  return false;
}

/** Whether a value of that scalar may be kept. Asked again here, because an import does not come through GraphQL. */
export function checkScalar(problems: Problems, path: Path, scalar: 'Decimal' | 'Locale' | 'TimeZone', value: unknown): value is string {
  if (typeof value !== 'string') {
    problems.add(path, 'WRONG_TYPE', `This must be a ${scalar}, as a text.`);
    return false;
  }
  const problem = scalar === 'Decimal' ? scalarProblem(scalar, value) : remembered(scalar, value);
  if (problem) problems.add(path, problem.code, problem.message);
  return !problem;
}

// ICU takes tens of microseconds for each question, and a file of contacts asks the same few again and again.
const answers = new Map<string, ReturnType<typeof scalarProblem>>();
const answersKept = 5_000;

function remembered(scalar: string, value: string): ReturnType<typeof scalarProblem> {
  const key = `${scalar} ${value}`;
  if (!answers.has(key)) {
    if (answers.size >= answersKept) answers.clear();
    answers.set(key, scalarProblem(scalar, value));
  }
  return answers.get(key);
}

/** Bytes of one record's free fields, as JSON. */
const greatestFields = 65_536;
const greatestDepth = 20;

/** Whether free fields may be kept: an object of JSON values with short names. */
export function checkAttributes(problems: Problems, path: Path, value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(path, 'WRONG_TYPE', 'This must be an object: { "tier": "gold" }.');
    return false;
  }
  const before = problems.list.length;
  for (const [name, each] of Object.entries(value)) {
    if (!checkName(problems, [...path, name], name, lengths.attributeName) || isStorable(each, greatestDepth)) continue;
    problems.add([...path, name], 'INVALID_TEXT', `The value has a NUL character, broken Unicode or more than ${greatestDepth} levels.`);
  }
  if (problems.list.length > before) return false;
  const size = Buffer.byteLength(JSON.stringify(value));
  if (size <= greatestFields) return true;
  problems.add(path, 'TOO_LONG', `These fields have ${size} bytes; at most ${greatestFields} are allowed.`);
  return false;
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair, however deep they are hidden. */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.entries(value).every(([name, each]) => isStorable(name, 0) && isStorable(each, depth - 1));
}

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** Whether the text is a currency of ISO 4217, in capitals. */
export function checkCurrency(problems: Problems, path: Path, value: unknown): value is string {
  if (typeof value === 'string' && currencies.has(value)) return true;
  problems.add(path, 'INVALID_CURRENCY', `${JSON.stringify(value)} is no currency of ISO 4217; give one such as EUR.`);
  return false;
}

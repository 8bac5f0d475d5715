import type { Problems } from '../../errors.js';
import { scalarProblem } from '../../graphql/scalars.js';

export type Path = (string | number)[];

/** Characters at most. */
export const lengths = { externalId: 200, name: 500, text: 500, type: 50 };

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
  const problem = scalarProblem(scalar, value);
  if (problem) problems.add(path, problem.code, problem.message);
  return !problem;
}

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** Whether the text is a currency of ISO 4217, in capitals. */
export function checkCurrency(problems: Problems, path: Path, value: unknown): value is string {
  if (typeof value === 'string' && currencies.has(value)) return true;
  problems.add(path, 'INVALID_CURRENCY', `${JSON.stringify(value)} is no currency of ISO 4217; give one such as EUR.`);
  return false;
}

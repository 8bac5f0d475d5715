import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import { isLanguage, isTimeZone } from '../locales.js';

/**
 * The scalars of the contract. They take any value of the right JSON kind and keep a wrong one as it is: `scalarProblem` then
 * names every wrong value of an input at once, with its path, which a throwing `parseValue` could not.
 */
function textScalar(name: string, description: string, serialize: (value: unknown) => unknown = String): GraphQLScalarType {
  return new GraphQLScalarType({
    name,
    description,
    serialize,
    parseValue: (value) => {
      if (typeof value === 'string') return value;
      if (typeof value === 'number' && name === 'Decimal') return String(value);
      throw new GraphQLError(`${name} must be a string.`);
    },
    parseLiteral: (node) => {
      if (node.kind === Kind.STRING) return node.value;
      if (name === 'Decimal' && (node.kind === Kind.INT || node.kind === Kind.FLOAT)) return node.value;
      throw new GraphQLError(`${name} must be a string.`, { nodes: node });
    },
  });
}

export const DateTimeScalar = textScalar(
  'DateTime',
  'An instant: RFC 3339, answered in UTC with milliseconds, such as 2027-03-28T01:30:00.000Z.',
  (value) => {
    return instantText(value instanceof Date ? value : new Date(String(value)));
  },
);

let second = Number.NaN;
let textOfSecond = '';

/** As toISOString, which takes as long as all else of a small answer: instants that are shown together mostly lie in one second. */
function instantText(at: Date): string {
  const ms = at.getTime();
  const within = ms - Math.floor(ms / 1_000) * 1_000;
  if (ms - within !== second) {
    const text = at.toISOString();
    // Years of more digits are written otherwise.
    if (text.length !== 24) return text;
    second = ms - within;
    textOfSecond = text.slice(0, 20);
  }
  return `${textOfSecond}${within < 10 ? '00' : within < 100 ? '0' : ''}${within}Z`;
}

export const DateScalar = textScalar('Date', 'A calendar day without a time: 2027-03-28.', (value) =>
  value instanceof Date ? value.toISOString().slice(0, 10) : String(value).slice(0, 10),
);

export const DecimalScalar = textScalar('Decimal', 'An exact decimal number as a string: "12.50". An input may also be a number.');
export const LocaleScalar = textScalar('Locale', 'A language tag of BCP 47: `en`, `el`, `el-CY`.');
export const TimeZoneScalar = textScalar('TimeZone', 'A time zone of the IANA database: `Europe/Nicosia`.');

export const JsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

export const JsonObjectScalar = new GraphQLScalarType({
  name: 'JSONObject',
  description: 'A JSON object.',
  parseValue: mustBeObject,
  parseLiteral: (node, variables) => mustBeObject(valueFromASTUntyped(node, variables)),
});

function mustBeObject(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new GraphQLError('JSONObject must be an object.');
}

/** No zone is 16 hours from another's noon, and the database takes no more. */
const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-](0\d|1[0-5]):[0-5]\d)$/;
const decimal = /^-?\d{1,30}(\.\d{1,12})?([eE][+-]?\d{1,2})?$/;

/** What is wrong with a value of that scalar, or undefined. */
export function scalarProblem(scalar: string, value: unknown): { code: string; message: string } | undefined {
  if (typeof value !== 'string' || isFine(scalar, value)) return undefined;
  const given = JSON.stringify(value.slice(0, 80));
  switch (scalar) {
    case 'DateTime':
      return { code: 'INVALID_DATE_TIME', message: `${given} is no instant; give one such as 2027-03-28T01:30:00Z.` };
    case 'Date':
      return { code: 'INVALID_DATE', message: `${given} is no calendar day; give one such as 2027-03-28.` };
    case 'Decimal':
      return { code: 'INVALID_DECIMAL', message: `${given} is no decimal number; give one such as "12.50".` };
    case 'Locale':
      return { code: 'INVALID_LANGUAGE', message: `${given} is no language tag; give one such as en, el or el-CY.` };
    case 'TimeZone':
      return { code: 'INVALID_TIME_ZONE', message: `${given} is no time zone; give one of the IANA database, such as Europe/Nicosia.` };
    default:
      return undefined;
  }
}

const checks: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['DateTime', (value) => instantOf(value) !== undefined],
  ['Date', isCalendarDay],
  ['Decimal', (value) => decimal.test(value)],
  ['Locale', isLanguage],
  ['TimeZone', isTimeZone],
]);

/** Whether values of that scalar can be wrong although they are of the right kind. */
export function isChecked(scalar: string): boolean {
  return checks.has(scalar);
}

function isFine(scalar: string, value: string): boolean {
  return checks.get(scalar)?.(value) ?? true;
}

/**
 * The instant that a text of RFC 3339 names; undefined where it names none: on no day of the calendar, or by its offset outside
 * of the years 1 to 9999, which are all that the database and its casts take.
 */
export function instantOf(text: string): Date | undefined {
  const day = rfc3339.exec(text)?.[1];
  const at = new Date(text);
  if (day === undefined || !isCalendarDay(day) || Number.isNaN(at.getTime())) return undefined;
  return /^(?!0000)\d{4}-/.test(at.toISOString()) ? at : undefined;
}

/** `2027-02-30` has the right shape and is no day; the database knows no year 0. */
export function isCalendarDay(text: string): boolean {
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

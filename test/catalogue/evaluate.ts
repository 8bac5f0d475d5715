import type { Condition } from '../../src/catalogue/condition.js';

/** A contact as the test's own evaluator sees it: every object with plain values, and what it leads to. */
export interface Thing {
  fields: Record<string, unknown>;
  attributes: Record<string, unknown>;
  kinds: Record<string, string>;
  related: Record<string, Thing[]>;
}

export interface Person extends Thing {
  today: string;
  /** Whose clock counts the days of instants. */
  zone: string;
}

type Choice = Map<string, Thing | undefined>;

/** What a condition means, written down plainly: tries every choice of objects. Shares no code with the product. */
export function holds(condition: Condition, person: Person): boolean {
  if (condition.not) return !holds(condition.not, person);
  if (condition.any) return condition.any.some((each) => holds(each, person));
  const parts = condition.all ?? [condition];
  return choices([...new Set(parts.flatMap(waysIn).flat())], person, new Map()).some((choice) =>
    parts.every((each) => meets(each, person, choice)),
  );
}

function meets(part: Condition, person: Person, choice: Choice): boolean {
  if (part.any) return part.any.some((each) => meets(each, person, choice));
  if (part.all || part.not) return holds(part, person);
  const { steps, field, attribute } = split(part.field ?? '');
  const thing = steps.length === 0 ? person : choice.get(steps.join('.'));
  if (!thing) return false;
  const value = attribute ? thing.attributes[field] : thing.fields[field];
  return compare(attribute ? 'ANY' : (thing.kinds[field] ?? 'TEXT'), value ?? null, part, person);
}

function waysIn(part: Condition): string[][] {
  if (part.any) return part.any.flatMap(waysIn);
  if (!part.field) return [];
  const { steps } = split(part.field);
  return steps.length === 0 ? [] : [steps.map((_, index) => steps.slice(0, index + 1).join('.'))];
}

function choices(keys: string[], person: Person, made: Choice): Choice[] {
  const [key, ...rest] = keys;
  if (key === undefined) return [made];
  const parent = key.includes('.') ? made.get(key.slice(0, key.lastIndexOf('.'))) : person;
  const candidates = parent?.related[key.slice(key.lastIndexOf('.') + 1)] ?? [];
  return [undefined, ...candidates].flatMap((each) => choices(rest, person, new Map(made).set(key, each)));
}

function split(field: string) {
  const parts = field.split('.');
  const attribute = parts.at(-2) === 'attributes';
  const steps = parts.slice(0, attribute ? -2 : -1);
  return { steps: steps[0] === 'contact' ? [] : steps, field: parts.at(-1) ?? '', attribute };
}

function compare(declared: string, value: unknown, { operator, value: given }: Condition, { today, zone }: Person): boolean {
  const kind = declared === 'MONEY' ? 'NUMBER' : declared;
  const day = (each: unknown) =>
    kind === 'DATE_TIME' ? new Date(text(each)).toLocaleDateString('sv', { timeZone: zone }) : text(each).slice(0, 10);
  const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
  const one = (wanted: unknown) => equal(kind, value, wanted);
  const hasOne = (wanted: unknown) => (Array.isArray(value) ? value.some((each) => text(each) === text(wanted)) : one(wanted));
  switch (operator) {
    case 'IS_EMPTY':
      return isEmpty;
    case 'IS_NOT_EMPTY':
      return !isEmpty;
    case 'NE':
      return value === null || !one(given);
    case 'NOT_IN':
      return value === null || !(given as unknown[]).some(hasOne);
    case 'EQ':
      return value !== null && one(given);
    case 'IN':
      return value !== null && (given as unknown[]).some(hasOne);
  }
  if (value === null) return false;
  switch (operator) {
    case 'CONTAINS':
      return Array.isArray(value) ? value.some((each) => up(each) === up(given)) : up(value).includes(up(given));
    case 'STARTS_WITH':
      return Array.isArray(value) ? value.some((each) => up(each).startsWith(up(given))) : up(value).startsWith(up(given));
    case 'WITHIN_LAST_DAYS':
      return isDay(value) && day(value) >= shift(today, -Number(given)) && day(value) <= today;
    case 'WITHIN_NEXT_DAYS':
      return isDay(value) && day(value) >= today && day(value) <= shift(today, Number(given));
    case 'BETWEEN': {
      const [low, high] = given as unknown[];
      const all = given as unknown[];
      return order(kind, value, low, all) >= 0 && order(kind, value, high, all) <= 0;
    }
    case 'GT':
      return order(kind, value, given, [given]) > 0;
    case 'GTE':
      return order(kind, value, given, [given]) >= 0;
    case 'LT':
      return order(kind, value, given, [given]) < 0;
    case 'LTE':
      return order(kind, value, given, [given]) <= 0;
    default:
      throw new Error(`No such operator: ${operator}`);
  }
}

const isNumeric = (value: unknown) => /^-?\d+(\.\d+)?$/.test(text(value));
const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const up = (value: unknown) => text(value).toUpperCase();
const isDay = (value: unknown) => /^\d{4}-\d{2}-\d{2}/.test(text(value));

function equal(kind: string, value: unknown, wanted: unknown): boolean {
  if (kind === 'LIST') return Array.isArray(value) && value.includes(wanted);
  if (kind === 'LOCALE') return up(value) === up(wanted);
  if (kind === 'DATE_TIME') return Date.parse(text(value)) === Date.parse(text(wanted));
  if (kind === 'NUMBER' || (kind === 'ANY' && typeof wanted === 'number')) return isNumeric(value) && Number(value) === Number(wanted);
  return text(value) === text(wanted);
}

/** Below, at or above; NaN (which is none of them) where the two cannot be ordered. */
function order(kind: string, value: unknown, wanted: unknown, all: unknown[]): number {
  if (kind === 'NUMBER' || (kind === 'ANY' && all.every(isNumeric))) return isNumeric(value) ? Number(value) - Number(wanted) : Number.NaN;
  if (kind === 'DATE_TIME') return Date.parse(text(value)) - Date.parse(text(wanted));
  const points = (each: unknown) => Buffer.from(kind === 'LOCALE' ? text(each).toLowerCase() : text(each));
  return Buffer.compare(points(value), points(wanted));
}

function shift(today: string, days: number): string {
  return new Date(Date.parse(`${today}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

import { DateTime } from 'luxon';
import type { Problems } from '../../errors.js';
import { americanPhone, email, type Gender, person, pick, slug, type Tongue, wholeNumber } from './made-up.js';
import { type Feed, type FeedObject, fill, onlyColumn, type Transform, type When } from './mapping.js';

/** One row of the file: values by column. CSV has texts, NDJSON any JSON. */
export type Values = Readonly<Record<string, unknown>>;

/** Where a row is turned into records: its values, the day that made-up days are counted from, and what is wrong with it. */
export interface RowContext {
  readonly values: Values;
  readonly today: Date;
  readonly problems: Problems;
}

type Path = (string | number)[];

/** Whether the row meets the condition; without one it does. */
export function holds(row: RowContext, when: When | undefined): boolean {
  if (!when) return true;
  const value = textOf(row.values[when.column]);
  const among = (list: string | string[] | undefined) => (typeof list === 'string' ? [list] : (list ?? [])).includes(value);
  return when.is === undefined ? !among(when.isNot) : among(when.is);
}

/** What feeds the field, for this row; undefined leaves the field out. */
export function fedValue(row: RowContext, feed: Feed, path: Path): unknown {
  if (typeof feed === 'string') return cleared(fromTemplate(row, feed), {});
  if (Array.isArray(feed)) return feed.map((each) => fedValue(row, each, path)).filter((each) => each !== undefined && each !== null);
  if (typeof feed !== 'object' || feed === null) return feed;
  if (!holds(row, feed.when)) return feed.otherwise === undefined ? undefined : fedValue(row, feed.otherwise, path);
  let value = source(row, feed);
  for (const each of feed.transform === undefined ? [] : [feed.transform].flat()) {
    if (value === null || value === undefined || value === '') break;
    const changed = transformed(row, value, each);
    if (changed === undefined) {
      row.problems.add(
        path,
        'CANNOT_READ',
        `${JSON.stringify(value)} cannot be read as ${typeof each === 'string' ? each : JSON.stringify(each)}.`,
      );
      return undefined;
    }
    value = changed;
  }
  const mapped = feed.map && Object.hasOwn(feed.map, textOf(value)) ? feed.map[textOf(value)] : value;
  return cleared(mapped, feed);
}

/** What becomes of an empty value. */
function cleared(value: unknown, feed: FeedObject): unknown {
  if (value !== undefined && value !== null && value !== '') return value;
  if (feed.default !== undefined) return feed.default;
  return feed.skipWhenEmpty ? undefined : null;
}

function source(row: RowContext, feed: FeedObject): unknown {
  if (feed.column !== undefined) return row.values[feed.column];
  if (feed.template !== undefined) return fromTemplate(row, feed.template);
  if (feed.madeUp !== undefined) return invented(row, feed);
  return feed.constant;
}

/** A column alone keeps its JSON type, in other templates it is text. */
function fromTemplate(row: RowContext, template: string): unknown {
  const column = onlyColumn(template);
  return column === undefined ? fill(template, (each) => textOf(row.values[each])) : row.values[column];
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The value after one transform, or undefined where it cannot be read so. */
function transformed(row: RowContext, value: unknown, transform: Transform): unknown {
  const text = textOf(value);
  if (typeof transform === 'object') {
    if ('split' in transform) return text.split(transform.split).map((each) => each.trim());
    const day = DateTime.fromFormat(text.trim(), transform.date, { zone: 'utc', locale: 'en' });
    return day.isValid ? day.toISODate() : undefined;
  }
  switch (transform) {
    case 'trim':
      return text.trim();
    case 'lower':
      return text.toLowerCase();
    case 'upper':
      return text.toUpperCase();
    case 'digits':
      return text.replace(/\D/g, '');
    case 'slug':
      return slug(text);
    case 'number':
      return /^[+-]?\d{1,30}(\.\d{1,12})?$/.test(text.trim()) ? text.trim().replace(/^\+/, '') : undefined;
    case 'date': {
      const day = DateTime.fromISO(text.trim(), { zone: 'utc', setZone: true });
      return day.isValid ? day.toISODate() : undefined;
    }
    case 'boolean':
      return { true: true, yes: true, y: true, '1': true, false: false, no: false, n: false, '0': false }[text.trim().toLowerCase()];
    case 'monthsAgo':
      return /^\d{1,4}$/.test(text.trim()) ? dayFrom(row, { months: -Number(text) }) : undefined;
  }
}

function dayFrom(row: RowContext, distance: { days?: number; months?: number }): string | null {
  return DateTime.fromJSDate(row.today, { zone: 'utc' }).plus(distance).toISODate();
}

function invented(row: RowContext, feed: FeedObject): unknown {
  const read = (template: string | undefined) => fill(template ?? '', (each) => textOf(row.values[each]));
  const seed = read(feed.seed);
  const tongue: Tongue = read(feed.language).toLowerCase().startsWith('el') ? 'el' : 'en';
  const given = read(feed.gender).toLowerCase();
  const gender: Gender | undefined = given === 'female' || given === 'male' ? given : undefined;
  const { from = 0, to = 0 } = feed;
  switch (feed.madeUp) {
    case 'firstName':
      return person(seed, tongue, gender).firstName;
    case 'lastName':
      return person(seed, tongue, gender).lastName;
    case 'email':
      return email(seed, tongue, gender);
    case 'phone':
      return americanPhone(seed);
    case 'day':
      return dayFrom(row, { days: wholeNumber(from, to, seed, 'day') });
    case 'amount':
      return (wholeNumber(Math.round(from * 100), Math.round(to * 100), seed, 'amount') / 100).toFixed(2);
    case 'pick':
      return pick(feed.among ?? [null], seed, 'pick');
    default: {
      const { firstName, lastName } = person(seed, tongue, gender);
      return `${firstName} ${lastName}`;
    }
  }
}

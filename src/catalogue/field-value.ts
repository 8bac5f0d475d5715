import { instantOf, isCalendarDay } from '../graphql/scalars.js';
import { isLanguage, isTimeZone } from '../locales.js';
import type { FieldKind } from './types.js';

/** What a value of a kind looks like, for messages. */
export const allowedValues: Readonly<Record<FieldKind, string>> = {
  TEXT: 'a text',
  NUMBER: 'a number, or a decimal number as a string such as "12.50"',
  MONEY: 'an amount: a number, or a decimal number as a string such as "12.50"',
  DATE: 'a calendar day such as "2027-03-28"',
  DATE_TIME: 'an instant such as "2027-03-28T01:30:00Z"',
  BOOLEAN: 'true or false',
  LIST: 'a list of texts',
  LOCALE: 'a language tag such as "en", "el" or "el-CY"',
  TIME_ZONE: 'a time zone of the IANA database, such as "Europe/Nicosia"',
  ANY: 'a text, a number, true, false or a list of these',
};

const greatestText = 10_000; // characters
const greatestList = 1_000; // elements

/** The value as it is kept (see FieldKind), or undefined where it is none of that kind. */
export function normalised(kind: FieldKind, value: unknown): unknown {
  switch (kind) {
    case 'TEXT':
      return isStorable(value) ? value : undefined;
    case 'NUMBER':
    case 'MONEY':
      return decimalOf(value);
    case 'DATE':
      return typeof value === 'string' && isCalendarDay(value) ? value : undefined;
    case 'DATE_TIME':
      return typeof value === 'string' ? instantOf(value)?.toISOString() : undefined;
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : undefined;
    case 'LIST':
      return Array.isArray(value) && value.length <= greatestList && value.every(isStorable) ? value : undefined;
    case 'LOCALE':
      return typeof value === 'string' && isLanguage(value) ? Intl.getCanonicalLocales(value)[0] : undefined;
    case 'TIME_ZONE':
      return typeof value === 'string' && isTimeZone(value) ? value : undefined;
    case 'ANY':
      return value;
  }
}

/** Plain decimal digits without needless zeros ("12.5"), so that the same number is always the same text; undefined where it is none. */
export function decimalOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const match = /^(-?)(\d{1,30})(?:\.(\d{1,12}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(String(value));
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const left = (point <= 0 ? '' : digits.padEnd(point, '0').slice(0, point)).replace(/^0+/, '');
  const right = (point < 0 ? digits.padStart(digits.length - point, '0') : digits.slice(point)).replace(/0+$/, '');
  if (left === '' && right === '') return '0';
  return `${sign}${left || '0'}${right ? `.${right}` : ''}`;
}

/** PostgreSQL keeps neither NUL nor half a character. */
function isStorable(value: unknown): value is string {
  return typeof value === 'string' && value.length <= greatestText && !value.includes('\u0000') && value.isWellFormed();
}

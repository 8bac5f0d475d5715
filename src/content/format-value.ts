import type { FieldKind } from '../catalogue/types.js';
import { fractionDigits, type LocaleFormat } from './locale-format.js';

/** A value as its reader sees it: a text, or the texts of a list. Empty where there is none. */
export type Formatted = string | readonly string[];

/** Writes one frozen value (see tagValuesSql) in a language. A value of another shape than its kind's is shown as it is. */
export function formatValue(kind: FieldKind, value: unknown, format: LocaleFormat, zoneOffset: number): Formatted {
  if (value === null || value === undefined) return '';
  switch (kind) {
    case 'NUMBER':
      return formatNumber(String(value), format);
    case 'MONEY':
      return formatMoney(value, format);
    case 'DATE':
      return formatDay(String(value), format);
    case 'DATE_TIME':
      return formatInstant(value, format, zoneOffset);
    case 'LIST':
      return Array.isArray(value)
        ? value.map((each) => formatElement(each, format)).filter((each) => each !== '')
        : formatElement(value, format);
    default:
      return plain(value, format);
  }
}

function plain(value: unknown, format: LocaleFormat): Formatted {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? format.yes : format.no;
    case 'number':
      return formatNumber(String(value), format);
    default:
      return Array.isArray(value) ? value.map((each) => String(plain(each, format))).filter((each) => each !== '') : JSON.stringify(value);
  }
}

/** An element is a text, or what a notification tells of an object: its number, and an amount or a day. */
function formatElement(element: unknown, format: LocaleFormat): string {
  if (typeof element !== 'object' || element === null) return String(plain(element, format));
  const { n, a, c, d } = element as { n?: unknown; a?: unknown; c?: unknown; d?: unknown };
  const told = typeof d === 'string' ? formatDay(d, format) : a == null ? '' : formatMoney({ a, c }, format);
  return [n, told].filter((each) => typeof each === 'string' && each !== '').join(': ');
}

const decimalText = /^(-?)(\d+)(?:\.(\d+))?$/;

function formatNumber(text: string, format: LocaleFormat): string {
  const match = decimalText.exec(text);
  if (!match) return text;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  return fill(withSign(match[1] === '-', format.number), '{n}', digits(match[2] ?? '0', fraction, format));
}

function formatMoney(value: unknown, format: LocaleFormat): string {
  const { a, c } = typeof value === 'object' && value !== null ? (value as { a?: unknown; c?: unknown }) : { a: value, c: null };
  const match = decimalText.exec(String(a));
  if (!match) return a == null ? '' : String(a);
  // Objects bring their own currency, which may be any text at all.
  const currency = typeof c === 'string' && c !== '' ? c : undefined;
  const places = fractionDigits.get(currency ?? '') ?? 2;
  const [whole, fraction] = rounded(match[2] ?? '0', match[3] ?? '', places);
  const isNegative = match[1] === '-' && /[1-9]/.test(whole + fraction);
  const amount = digits(whole, fraction, format);
  if (currency === undefined) return fill(withSign(isNegative, format.number), '{n}', amount);
  const symbol = Object.hasOwn(format.symbols, currency) ? format.symbols[currency] : undefined;
  const pattern = withSign(isNegative, symbol === undefined ? format.moneyByCode : format.moneyBySymbol);
  return fill(fill(pattern, '{n}', amount), '{c}', symbol ?? currency);
}

/** Puts a value where its hole is. Not `replace`: that is slower, and takes `$&` in a value for an order. */
function fill(pattern: string, hole: string, value: string): string {
  const at = pattern.indexOf(hole);
  return at < 0 ? pattern : pattern.slice(0, at) + value + pattern.slice(at + hole.length);
}

function withSign(isNegative: boolean, [positive, negative]: readonly [string, string]): string {
  return isNegative ? negative : positive;
}

/** Rounds half away from zero, on the digits themselves: no amount passes through a binary fraction. */
function rounded(whole: string, fraction: string, places: number): [whole: string, fraction: string] {
  const kept = fraction.slice(0, places).padEnd(places, '0');
  if ((fraction[places] ?? '0') < '5') return [whole, kept];
  const all = (BigInt(whole + kept) + 1n).toString().padStart(places + 1, '0');
  return [all.slice(0, all.length - places), all.slice(all.length - places)];
}

function digits(whole: string, fraction: string, format: LocaleFormat): string {
  const trimmed = whole.startsWith('0') ? whole.replace(/^0+(?=\d)/, '') : whole;
  const text = fraction === '' ? grouped(trimmed, format) : `${grouped(trimmed, format)}${format.decimal}${fraction}`;
  return inDigits(text, format);
}

function grouped(whole: string, { group, grouping: [from, last, others] }: LocaleFormat): string {
  if (whole.length < from || group === '') return whole;
  let text = whole.slice(-last);
  for (let end = whole.length - last; end > 0; end -= others) text = whole.slice(Math.max(0, end - others), end) + group + text;
  return text;
}

function inDigits(text: string, format: LocaleFormat): string {
  const own = format.digits;
  return own ? text.replace(/\d/g, (digit) => own[Number(digit)] ?? digit) : text;
}

const dayText = /^(\d{4})-(\d{2})-(\d{2})$/;

function formatDay(text: string, format: LocaleFormat): string {
  const match = dayText.exec(text);
  return match ? fillDay(format.date, match[1] ?? '', Number(match[2]), Number(match[3]), format) : text;
}

function fillDay(pattern: string, year: string, month: number, day: number, format: LocaleFormat): string {
  const dayOfMonth = format.padDay ? String(day).padStart(2, '0') : String(day);
  const named = format.months[month - 1] ?? String(month);
  return inDigits(fill(fill(fill(pattern, '{d}', dayOfMonth), '{m}', named), '{y}', year), format);
}

/** An instant brings the offset of the contact's zone at that time; the one in which we are now has none (`#date.now`). */
function formatInstant(value: unknown, format: LocaleFormat, zoneOffset: number): string {
  const { t, o } = typeof value === 'object' && value !== null ? (value as { t?: unknown; o?: unknown }) : { t: value, o: zoneOffset };
  const text = String(t);
  const at = new Date(Date.parse(text) + (typeof o === 'number' ? o : zoneOffset) * 60_000);
  if (Number.isNaN(at.getTime())) return text;
  const hours = at.getUTCHours();
  const hour = format.halves ? hours % 12 || 12 : hours;
  const timed = fill(format.dateTime, '{h}', format.padHour ? String(hour).padStart(2, '0') : String(hour));
  const pattern = fill(fill(timed, '{i}', String(at.getUTCMinutes()).padStart(2, '0')), '{p}', format.halves?.[hours < 12 ? 0 : 1] ?? '');
  return fillDay(pattern, String(at.getUTCFullYear()), at.getUTCMonth() + 1, at.getUTCDate(), format);
}

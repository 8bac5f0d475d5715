/**
 * How a language writes numbers, money, days and lists, taken from ICU once and kept with the content: a later ICU must not
 * change what a communication has said (design.md, idea 2). Patterns hold {n} {c} {d} {m} {y} {h} {i} {p} where values go.
 */
export interface LocaleFormat {
  /** The ten digits, where they are not 0 to 9. */
  readonly digits?: readonly string[];
  readonly decimal: string;
  readonly group: string;
  /** Whole digits from which on they are grouped, the size of the last group, and of those before it (India: 3, 2). */
  readonly grouping: readonly [from: number, last: number, others: number];
  /** Positive, negative. */
  readonly number: readonly [string, string];
  readonly moneyBySymbol: readonly [string, string];
  readonly moneyByCode: readonly [string, string];
  /** Currencies that this language has a symbol for; all others are shown by their code. */
  readonly symbols: Readonly<Record<string, string>>;
  readonly date: string;
  readonly dateTime: string;
  readonly months: readonly string[];
  readonly padDay: boolean;
  readonly padHour: boolean;
  /** The words for the two halves of the day; none where hours count to 24. */
  readonly halves?: readonly [am: string, pm: string];
  readonly separator: string;
  readonly yes: string;
  readonly no: string;
}

const known = new Map<string, LocaleFormat>();

export function localeFormatOf(language: string): LocaleFormat {
  const format = known.get(language) ?? readFormat(language);
  known.set(language, format);
  return format;
}

/** Digits after the point of the currencies that have not two (ISO 4217). */
export const fractionDigits: ReadonlyMap<string, number> = new Map(
  Intl.supportedValuesOf('currency')
    .map((code): [string, number] => [
      code,
      new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2,
    ])
    .filter(([, digits]) => digits !== 2),
);

function readFormat(language: string): LocaleFormat {
  const parts = new Intl.NumberFormat(language, { minimumFractionDigits: 1 }).formatToParts(123_456_789_012.5);
  const groups = parts.filter((part) => part.type === 'integer').map((part) => part.value.length);
  const find = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const digits = Array.from({ length: 10 }, (_, digit) => new Intl.NumberFormat(language, { useGrouping: false }).format(digit));
  const grouped = (value: number) => new Intl.NumberFormat(language).formatToParts(value).some((part) => part.type === 'group');
  return {
    ...(digits.join('') === '0123456789' ? {} : { digits }),
    decimal: find('decimal') || '.',
    group: find('group'),
    grouping: [grouped(1234) ? 4 : grouped(12_345) ? 5 : 99, groups.at(-1) ?? 3, groups.at(-2) ?? 3],
    number: both((value) => pattern(new Intl.NumberFormat(language).formatToParts(value), numberHoles)),
    ...moneyOf(language),
    ...daysOf(language),
    separator: new Intl.ListFormat(language, { type: 'conjunction', style: 'narrow' }).formatToParts(['a', 'b', 'c'])[1]?.value ?? ', ',
    ...wordsOf(language),
  };
}

interface Part {
  type: string;
  value: string;
}

/** What stands in the place of a value; neighbouring parts of one number are one hole. */
type Holes = Readonly<Record<string, string>>;

const numberHoles: Holes = { integer: '{n}', group: '{n}', decimal: '{n}', fraction: '{n}', currency: '{c}' };

function pattern(parts: readonly Part[], holes: Holes): string {
  let text = '';
  for (const { type, value } of parts) {
    const hole = holes[type];
    if (hole === undefined) text += value;
    else if (!text.endsWith(hole)) text += hole;
  }
  return text;
}

function both(of: (value: number) => string): [string, string] {
  return [of(1234.5), of(-1234.5)];
}

function moneyOf(language: string): Pick<LocaleFormat, 'moneyBySymbol' | 'moneyByCode' | 'symbols'> {
  const parts = (currency: string, value: number) => new Intl.NumberFormat(language, { style: 'currency', currency }).formatToParts(value);
  const symbols: Record<string, string> = {};
  for (const code of Intl.supportedValuesOf('currency')) {
    const symbol = parts(code, 1).find((part) => part.type === 'currency')?.value;
    if (symbol !== undefined && symbol !== code) symbols[code] = symbol;
  }
  // XTS is ISO 4217's code for tests: no language has a symbol for it.
  return {
    symbols,
    moneyBySymbol: both((value) => pattern(parts('EUR', value), numberHoles)),
    moneyByCode: both((value) => pattern(parts('XTS', value), numberHoles)),
  };
}

const dayHoles: Holes = { day: '{d}', month: '{m}', year: '{y}', relatedYear: '{y}', hour: '{h}', minute: '{i}', dayPeriod: '{p}' };

function daysOf(
  language: string,
): Pick<LocaleFormat, 'date' | 'dateTime' | 'months' | 'padDay' | 'padHour'> & { halves?: [string, string] } {
  const shared = { dateStyle: 'medium', timeZone: 'UTC', calendar: 'gregory', numberingSystem: 'latn' } as const;
  const dates = new Intl.DateTimeFormat(language, shared);
  const find = (parts: readonly Part[], type: string) => parts.find((part) => part.type === type)?.value ?? '';
  const at = (month: number, day: number, hour = 0) => new Date(Date.UTC(2027, month, day, hour, 7));
  const half = (hour: number) =>
    find(new Intl.DateTimeFormat(language, { ...shared, timeStyle: 'short' }).formatToParts(at(0, 5, hour)), 'dayPeriod');
  // Some languages name more than two parts of the day; their hours are counted to 24.
  const halves = half(1) !== '' && half(1) === half(9) && half(13) === half(21);
  const times = new Intl.DateTimeFormat(language, { ...shared, timeStyle: 'short', ...(halves ? {} : { hourCycle: 'h23' }) });
  return {
    date: pattern(dates.formatToParts(at(0, 5)), dayHoles),
    dateTime: pattern(times.formatToParts(at(0, 5, 9)), dayHoles),
    months: Array.from({ length: 12 }, (_, month) => find(dates.formatToParts(at(month, 5)), 'month')),
    padDay: find(dates.formatToParts(at(0, 5)), 'day').length > 1,
    padHour: find(times.formatToParts(at(0, 5, 9)), 'hour').length > 1,
    ...(halves ? { halves: [half(9), half(21)] } : {}),
  };
}

/** ICU has no words for true and false. */
const words: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  en: ['Yes', 'No'],
  el: ['Ναι', 'Όχι'],
  de: ['Ja', 'Nein'],
  fr: ['Oui', 'Non'],
  es: ['Sí', 'No'],
  it: ['Sì', 'No'],
  pt: ['Sim', 'Não'],
  nl: ['Ja', 'Nee'],
  ro: ['Da', 'Nu'],
  bg: ['Да', 'Не'],
  ru: ['Да', 'Нет'],
  tr: ['Evet', 'Hayır'],
};

function wordsOf(language: string): { yes: string; no: string } {
  const [yes, no] = words[new Intl.Locale(language).language] ?? ['Yes', 'No'];
  return { yes, no };
}

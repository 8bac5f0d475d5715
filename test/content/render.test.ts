import { describe, expect, test } from 'vitest';
import type { FieldKind } from '../../src/catalogue/types.js';
import { type Content, readyContent, type Segment, type StoredText } from '../../src/content/content.js';
import { type Escape, escapeValue } from '../../src/content/escape.js';
import { formatValue } from '../../src/content/format-value.js';
import { languageFor } from '../../src/content/language.js';
import { characterCount, smsSegments } from '../../src/content/length.js';
import { localeFormatOf } from '../../src/content/locale-format.js';
import { render } from '../../src/content/render.js';

const show = (kind: FieldKind, value: unknown, language: string, zoneOffset = 0) =>
  formatValue(kind, value, localeFormatOf(language), zoneOffset);

describe('a value is written as its language writes it', () => {
  test.each<[FieldKind, unknown, string, string]>([
    ['MONEY', { a: '1234.5', c: 'EUR' }, 'en', '€1,234.50'],
    ['MONEY', { a: '1234.5', c: 'EUR' }, 'el', '1.234,50\u00a0€'],
    ['MONEY', { a: '-0.005', c: 'EUR' }, 'en', '-€0.01'],
    ['MONEY', { a: '-0.004', c: 'EUR' }, 'en', '€0.00'],
    ['MONEY', { a: '9.999', c: 'EUR' }, 'en', '€10.00'],
    ['MONEY', { a: '1999', c: 'JPY' }, 'en', '¥1,999'],
    ['MONEY', { a: '1.2345', c: 'BHD' }, 'en', 'BHD\u00a01.235'],
    ['MONEY', { a: '12', c: null }, 'el', '12,00'],
    ['MONEY', { a: '123456789012345678.99', c: 'EUR' }, 'en', '€123,456,789,012,345,678.99'],
    ['MONEY', { a: '1234567.1', c: 'INR' }, 'en-IN', '₹12,34,567.10'],
    ['NUMBER', '1234.50', 'de', '1.234,5'],
    ['NUMBER', '1234', 'es', '1234'],
    ['NUMBER', '12345', 'es', '12.345'],
    ['DATE', '2027-03-08', 'en', 'Mar 8, 2027'],
    ['DATE', '2027-03-08', 'el', '8 Μαρ 2027'],
    ['DATE', '2027-03-08', 'de', '08.03.2027'],
    ['BOOLEAN', true, 'el', 'Ναι'],
    ['BOOLEAN', false, 'en', 'No'],
    ['ANY', 1234.5, 'el', '1.234,5'],
    ['ANY', { nested: 1 }, 'en', '{"nested":1}'],
    ['DATE', 'soon', 'en', 'soon'],
    ['MONEY', { a: 'much', c: 'EUR' }, 'en', 'much'],
    ['TEXT', null, 'en', ''],
    ['LIST', [], 'en', [] as unknown as string],
  ])('%s %j in %s is %j', (kind, value, language, expected) => {
    expect(show(kind, value, language)).toEqual(expected);
  });

  test('an instant is shown in the zone of its contact', () => {
    expect(show('DATE_TIME', '2027-03-28T22:30:00.000Z', 'el', 180)).toMatch(/^29 Μαρ 2027, 1:30 π\.μ\.$/);
    expect(show('DATE_TIME', '2027-03-28T12:05:00.000Z', 'en', 0)).toMatch(/^Mar 28, 2027, 12:05\sPM$/);
    expect(show('DATE_TIME', '2027-03-28T12:05:00.000Z', 'de', 0)).toBe('28.03.2027, 12:05');
  });

  test('our own formats are those of ICU, in every language that it is asked for', () => {
    for (const language of [
      'en',
      'en-GB',
      'el',
      'el-CY',
      'de',
      'fr',
      'es',
      'it',
      'pt',
      'pl',
      'nl',
      'sv',
      'bg',
      'ru',
      'tr',
      'ro',
      'hi',
      'ja',
      'zh',
      'ar',
      'he',
      'de-CH',
    ]) {
      for (const currency of ['EUR', 'USD', 'JPY', 'CHF']) {
        for (const amount of ['0', '7', '1234.5', '12345.67', '-98765.4']) {
          const expected = new Intl.NumberFormat(language, { style: 'currency', currency }).format(amount as unknown as number);
          expect([language, show('MONEY', { a: amount, c: currency }, language)]).toEqual([language, expected]);
        }
      }
      for (const day of ['2027-01-05', '2027-05-31', '2027-12-12']) {
        const style = { dateStyle: 'medium', timeZone: 'UTC', calendar: 'gregory' } as const;
        expect([language, show('DATE', day, language)]).toEqual([
          language,
          new Intl.DateTimeFormat(language, style).format(new Date(`${day}T00:00:00Z`)),
        ]);
      }
    }
  });
});

describe('a value is nothing but text where it stands', () => {
  test.each<[Escape, string, string]>([
    ['HTML', '<b>&"\'', '&lt;b&gt;&amp;&quot;&#39;'],
    ['HTML', 'one\r\ntwo', 'one<br>two'],
    ['ATTRIBUTE', '" onclick="x', '&quot; onclick=&quot;x'],
    ['URL', 'javascript:alert(1)', 'https://javascript:alert(1)'],
    ['URL', ' JaVaScRiPt:alert(1)', 'https://JaVaScRiPt:alert(1)'],
    ['URL', '//evil.example/x', 'https://evil.example/x'],
    ['URL', 'https://a.example/x?y="z"&b=1', 'https://a.example/x?y=%22z%22&amp;b=1'],
    ['URL', 'a.example/x', 'https://a.example/x'],
    ['URL', '', ''],
    ['URL_PART', "a b&c=d/é'", 'a%20b%26c%3Dd%2F%C3%A9%27'],
    ['URL_PART', '\ud800', '%EF%BF%BD'],
    ['URL_ADDRESS', 'a@b.example?bcc=x', 'a@b.example%3Fbcc%3Dx'],
    ['URL_ADDRESS', '+35722000000', '+35722000000'],
    ['CSS', 'red;background:url(x)', 'redbackgroundurlx'],
    ['CSS', '#ff0000', '#ff0000'],
    ['LINE', 'a\r\nBcc: x', 'a Bcc: x'],
    ['PLAIN', '<b>', '<b>'],
    ['PLAIN_URL', 'javascript:x', 'https://javascript:x'],
  ])('%s: %j becomes %j', (how, value, expected) => {
    expect(escapeValue(how, value, ', ')).toBe(expected);
  });

  test('a list is an HTML list between elements, and a list with commas elsewhere', () => {
    expect(escapeValue('HTML', ['TV', '<Voice>'], ', ')).toBe('<ul><li>TV</li><li>&lt;Voice&gt;</li></ul>');
    expect(escapeValue('PLAIN', ['TV', 'Voice'], ', ')).toBe('TV, Voice');
    expect(escapeValue('HTML', [], ', ')).toBe('');
  });
});

function contentWith(texts: Record<string, Partial<StoredText>>, tags: [string, FieldKind][]): Content {
  return readyContent('c', {
    medium: 'EMAIL',
    objectType: null,
    defaultLanguage: 'en',
    languages: Object.keys(texts),
    tags: tags.map(([name]) => name),
    kinds: tags.map(([, kind]) => kind),
    texts: Object.fromEntries(
      Object.entries(texts).map(([language, text]) => [
        language,
        { format: localeFormatOf(language), isHtml: false, subject: null, body: [], text: null, ...text },
      ]),
    ),
    sources: [],
  });
}

test('values take the place of tags, and a missing one is nothing and is named', () => {
  const body: Segment[] = ['Dear ', [0, 'PLAIN'], ', pay ', [1, 'PLAIN'], '.'];
  const content = contentWith({ en: { subject: ['Hi ', [0, 'LINE']], body }, el: { body: [[1, 'PLAIN']] } }, [
    ['contact.name', 'TEXT'],
    ['bill.amount', 'MONEY'],
  ]);
  expect(render(content, 'en', ['Eleni\n#contact.name', null])).toEqual({
    subject: 'Hi Eleni #contact.name',
    body: 'Dear Eleni\n#contact.name, pay .',
    text: 'Dear Eleni\n#contact.name, pay .',
    unresolvedTags: ['bill.amount'],
  });
  // Only the tags of the language count; a language without a text falls back to the default one.
  expect(render(content, 'el', [null, { a: '5', c: 'EUR' }])).toMatchObject({ body: '5,00\u00a0€', unresolvedTags: [], subject: null });
  expect(render(content, 'fr', ['X', null]).body).toBe('Dear X, pay .');
});

test('L3 the language is the preferred one, else its base, else the default one, else none', () => {
  const content = { languages: ['en', 'el', 'zh-Hant'], defaultLanguage: 'en' };
  const choices: [string | null, string][] = [
    ['el', 'el'],
    ['EL', 'el'],
    ['el-CY', 'el'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['zh', 'en'],
    ['elx', 'en'],
    [null, 'en'],
  ];
  for (const [preferred, expected] of choices) expect([preferred, languageFor(content, preferred)]).toEqual([preferred, expected]);
  expect(languageFor({ languages: ['el'], defaultLanguage: 'en' }, 'fr')).toBeUndefined();
});

test('AMB-19 SMS are counted in septets, or in UCS-2 units where a character needs them', () => {
  const cases: [string, number][] = [
    ['', 0],
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['a'.repeat(306), 2],
    ['a'.repeat(307), 3],
    ['€'.repeat(80), 1],
    ['€'.repeat(81), 2],
    // An escape sequence is not cut in half: 152 letters, then a euro that begins the second part.
    [`${'a'.repeat(152)}€${'a'.repeat(151)}`, 2],
    [`${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
    ['ΔΦΓ'.repeat(50), 1],
    ['α'.repeat(70), 1],
    ['α'.repeat(71), 2],
    ['😀'.repeat(35), 1],
    ['😀'.repeat(36), 2],
    // 33 emoji are 66 units; the 34th does not fit into 67.
    ['😀'.repeat(66), 2],
    ['😀'.repeat(67), 3],
  ];
  for (const [text, expected] of cases) expect([text.length, smsSegments(text)]).toEqual([text.length, expected]);
  expect(characterCount('α😀')).toBe(2);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Segment } from '../../src/content/content.js';
import { LinkList, linkTags, withHtmlLinks, withPlainLinks } from '../../src/content/links/find.js';

const tags = linkTags(['contact.name', 'param.page', 'dynamic_link.opt_out_direct_marketing']);
const piece = fc.oneof(
  fc.constantFrom(
    'https://',
    'http://',
    'example.org/a',
    '?x=1&y=',
    ' ',
    '.',
    ',',
    ')',
    '(',
    '<a href="',
    "<a href='",
    '">',
    "'",
    '</a>',
    '&amp;',
    '&nbsp;',
    '\n',
  ),
  fc.string({ maxLength: 12 }),
  fc.constantFrom('\ue000', '\ue0001\ue001'),
);
const segments = (how: 'PLAIN' | 'HTML') =>
  fc.array(
    fc.oneof(
      piece,
      fc.nat(2).map((tag): Segment => [tag, how]),
    ),
    { maxLength: 20 },
  ) as fc.Arbitrary<Segment[]>;

/** What a text says without short links: the pieces one after the other, tags as marks. */
const flat = (list: readonly Segment[]): string =>
  list.map((each) => (typeof each === 'string' ? each : 'link' in each ? flat(each.written) : `{${each.join(' ')}}`)).join('');

test.each([
  ['PLAIN', withPlainLinks],
  ['HTML', withHtmlLinks],
] as const)('marking links in a text changes nothing of what it says (%s)', (how, mark) => {
  fc.assert(
    fc.property(segments(how), (list) => {
      expect(flat(mark(list, new LinkList(tags)))).toBe(flat(list));
    }),
    { numRuns: 2_000 },
  );
});

test('the same address has one index wherever it stands, and there are 256 at most', () => {
  const list = new LinkList(tags);
  const indexes = (found: readonly Segment[]) => found.flatMap((each) => (typeof each === 'object' && 'link' in each ? [each.link] : []));
  expect(indexes(withHtmlLinks(['<a href="https://a.example/?x=1&amp;y=2">'], list))).toEqual([0]);
  expect(indexes(withPlainLinks(['https://b.example/ https://a.example/?x=1&y=2'], list))).toEqual([1, 0]);
  const many = Array.from({ length: 300 }, (_, index) => `https://example.org/${index} `).join('');
  expect(indexes(withPlainLinks([many], new LinkList(tags)))).toHaveLength(256);
});

test('hostile texts of the greatest size take no time', () => {
  const hostile = [
    `https://${'.'.repeat(190_000)}x`,
    'https://'.repeat(25_000),
    '<a '.repeat(60_000),
    `<a ${' '.repeat(190_000)}`,
    `<a href${' '.repeat(190_000)}`,
    `<a ${'href '.repeat(38_000)}`,
    `<a href="${'x'.repeat(190_000)}`,
    `<a href="${'&#38;'.repeat(38_000)}">`,
    `https://${'('.repeat(95_000)}${')'.repeat(95_000)}`,
  ];
  for (const text of hostile) {
    const start = performance.now();
    withPlainLinks([text], new LinkList(tags));
    withHtmlLinks([text], new LinkList(tags));
    expect(performance.now() - start).toBeLessThan(500);
  }
});

test('a reference of HTML that nobody knows leads nowhere, whatever it is called', () => {
  const found = withHtmlLinks(['<a href="https://example.org/&constructor;">x</a>'], new LinkList(tags));
  expect(found.filter((each) => typeof each === 'object' && 'target' in each)).toEqual([]);
});

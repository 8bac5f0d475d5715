import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeIn } from '../../src/content/compile.js';
import { readyContent, type Segment } from '../../src/content/content.js';
import { lex } from '../../src/content/lex.js';
import { localeFormatOf } from '../../src/content/locale-format.js';
import { render } from '../../src/content/render.js';

/** As compile.ts does, without a database. */
function rendered(html: string, value: string): string {
  const body = lex(html, 'HTML').tokens.flatMap((token): Segment[] =>
    typeof token === 'string' ? [token] : [[0, escapeIn(token)], token.markup],
  );
  const text = { format: localeFormatOf('en'), isHtml: true, subject: null, body, text: null };
  const shared = { medium: 'EMAIL', objectType: null, defaultLanguage: 'en', languages: ['en'], sources: [] } as const;
  return render(readyContent('c', { ...shared, tags: ['param.x'], kinds: ['TEXT'], texts: { en: text } }), 'en', [value]).body;
}

const pieces = [
  '<p>',
  '</p>',
  '<a href="',
  "<a href='",
  '">',
  "'>",
  '<b title="',
  'x',
  ' ',
  '=',
  '<!--',
  '-->',
  '<style>',
  '</style>',
  '<title>',
  '</title>',
  '<',
  '>',
  '"',
  "'",
  'https://a.example/?q=',
  '&amp;',
  '#param.x',
  '#param.x',
  '#param.x',
];
const html = fc.array(fc.constantFrom(...pieces), { maxLength: 25 }).map((each) => each.join(''));

test('a value adds no markup, whatever HTML it stands in', () => {
  fc.assert(
    fc.property(html, (source) => {
      const { problems } = lex(source, 'HTML');
      if (problems.length > 0) return;
      const body = rendered(source, `"'><script>x()</script>-->`);
      expect(body).not.toContain('<script');
      // The characters that HTML is made of are those of the template.
      for (const special of ['<', '>', '"', "'"]) expect(body.split(special).length).toBe(source.split(special).length);
    }),
    { numRuns: 3_000 },
  );
});

test('an address never leads into a script, wherever the tag stands in it', () => {
  for (const before of ['', ' ', '\t\n']) {
    for (const value of [
      'javascript:x',
      ' java\nscript:x',
      '\u0001javascript:x',
      'data:text/html,x',
      'vbscript:x',
      'JAVASCRIPT:x',
      '//evil.example',
    ]) {
      const body = rendered(`<a href="${before}#param.x">`, value);
      expect(body).toMatch(/^<a href="\s*https:\/\//);
    }
  }
});

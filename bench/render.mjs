// Rendering: four tags put into HTML with escaping, against the same text by precompiled Handlebars and by a function written by hand.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readyContent } from '../dist/src/content/content.js';
import { localeFormatOf } from '../dist/src/content/locale-format.js';
import { render } from '../dist/src/content/render.js';
import { median, report } from './lib.mjs';

const peers = join(import.meta.dirname, 'peers');
if (!existsSync(join(peers, 'node_modules'))) throw new Error('The peers are missing: npm ci --prefix bench/peers');
const Handlebars = createRequire(join(peers, 'package.json'))('handlebars');

const parts = ['<p>Dear ', ', your account ', ' of ', ' has the number ', '.</p>'];
const values = ['Eleni "Lena" Georgiou', 'Home & office', 'Nicosia', 'AR000680'];
const tags = ['contact.name', 'account.name', 'contact.last_name', 'account.number'];
const body = parts.flatMap((each, index) => (index < tags.length ? [each, [index, 'HTML']] : [each]));
const text = { format: localeFormatOf('en'), isHtml: true, subject: null, body, text: null };
const content = readyContent('bench', {
  medium: 'EMAIL',
  objectType: null,
  defaultLanguage: 'en',
  languages: ['en'],
  tags,
  kinds: tags.map(() => 'TEXT'),
  texts: { en: text },
  sources: [],
});

const template = Handlebars.compile(parts.map((each, index) => (index < tags.length ? `${each}{{v${index}}}` : each)).join(''));
const named = Object.fromEntries(values.map((each, index) => [`v${index}`, each]));
const special = /[&<>"'`]/;
const references = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
const escaped = (each) => (special.test(each) ? each.replace(/[&<>"'`]/g, (found) => references[found]) : each);
const byHand = () =>
  parts[0] + escaped(values[0]) + parts[1] + escaped(values[1]) + parts[2] + escaped(values[2]) + parts[3] + escaped(values[3]) + parts[4];

const contenders = { product: () => render(content, 'en', values).body, handlebars: () => template(named), byHand };
const decoded = (html) => html.replace(/&#x27;|&#39;/g, "'").replace(/&#x60;|&#96;/g, '`');
for (const each of Object.values(contenders)) {
  if (decoded(each()) !== decoded(byHand())) throw new Error(`Not the same text: ${each()}`);
}

const times = 100_000;
const rounds = 9;
/** Renders a second. Reading the last letter makes V8 put the pieces of a joined text into one. */
function measured(work) {
  let seen = 0;
  const from = performance.now();
  for (let n = 0; n < times; n++) {
    const html = work();
    seen += html.charCodeAt(html.length - 1);
  }
  if (seen !== times * '>'.charCodeAt(0)) throw new Error('A text was not read to its end');
  return times / ((performance.now() - from) / 1000);
}

const rates = { product: [], handlebars: [], byHand: [] };
for (const each of Object.values(contenders)) measured(each);
// A B C, C B A: what slows the machine down slows all of them down.
for (let round = 0; round < rounds; round++) {
  const names = round % 2 === 0 ? Object.keys(contenders) : Object.keys(contenders).toReversed();
  for (const name of names) rates[name].push(measured(contenders[name]));
}
const { product, handlebars, byHand: hand } = Object.fromEntries(Object.entries(rates).map(([name, each]) => [name, median(each)]));
const thousand = (each) => `${Math.round(each / 1000)} k/s`;
const held = report([
  {
    what: 'render, 4 tags: against precompiled Handlebars',
    measured: `${thousand(product)} to ${thousand(handlebars)}: ${(product / handlebars).toFixed(1)} times`,
    goal: '2 times',
    holds: product >= 2 * handlebars,
  },
  {
    what: 'the same against a function written by hand',
    measured: `${thousand(product)} to ${thousand(hand)}: ${(product / hand).toFixed(2)} times`,
    goal: '',
    holds: true,
  },
]);
process.exitCode = held ? 0 : 1;

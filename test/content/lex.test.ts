import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lex, type Token } from '../../src/content/lex.js';

/** The tokens, tags in angle quotes. */
const shown = (tokens: readonly Token[]) =>
  tokens.map((each) => (typeof each === 'string' ? each : `«${each.path.name}»${each.markup}`)).join('');
const text = (source: string) => shown(lex(source, 'TEXT').tokens);
const html = (source: string) => shown(lex(source, 'HTML').tokens);

describe('AMB-4 in a text', () => {
  test.each([
    ['Dear #contact.name,', 'Dear «contact.name»,'],
    ['#CONTACT.First_Name!', '«contact.first_name»!'],
    ['Pay #bill.amount. Thanks', 'Pay «bill.amount». Thanks'],
    ['#bill.amount.Thanks', '«bill.amount».Thanks'],
    ['(#account.balance)', '(«account.balance»)'],
    ['#accounts_receivable_number', '«account.number»'],
    ['#accounts_receivable.wallet.balance', '«account.wallet.balance»'],
    ['#contact_information.name', '«contact.name»'],
    ['#rewards_participant.accounts_receivable.number', '«rewards_participant.account.number»'],
    ['#payment_gateway_request.payment_gateway_card.card_holder_name', '«payment_gateway_request.payment_gateway_card.card_holder_name»'],
    ['#payment_gateway_request.payment_gateway_card.', '«payment_gateway_request.payment_gateway_card».'],
    ['#contact.attributes.Tier-based', '«contact.attributes.Tier»-based'],
    ['#param.promo_code/x', '«param.promo_code»/x'],
    ['#param.κωδικός.', '«param.κωδικός».'],
    ['#date.today #date.now', '«date.today» «date.now»'],
    ['##contact.name', '#contact.name'],
    ['###contact.name', '#«contact.name»'],
    ['We are #1, follow #summer and #contact', 'We are #1, follow #summer and #contact'],
    ['#contact. Name', '#contact. Name'],
    ['#hello.world stays', '#hello.world stays'],
    ['C#bill.number', 'C«bill.number»'],
    ['#contact\u200b.\u00a0name', '«contact.name»'],
    ['<b>#contact.<i>name</i>', '<b>#contact.<i>name</i>'],
  ])('%j reads as %j', (source, expected) => {
    expect(text(source)).toBe(expected);
  });
});

describe('AMB-4 in HTML', () => {
  test.each([
    ['<p>#contact.name&nbsp;and</p>', '<p>«contact.name»&nbsp;and</p>'],
    ['#contact.&nbsp;name', '«contact.name»'],
    ['#<b>contact</b>.name', '«contact.name»<b></b>'],
    ['#contact.<span style="color:red">na</span>me!', '«contact.name»<span style="color:red"></span>!'],
    ['#contact.name</b>', '«contact.name»</b>'],
    ['#con<br>tact.name', '#con<br>tact.name'],
    ['#contact&#46;name', '«contact.name»'],
    ['&#35;contact.name and it&#39;s', '«contact.name» and it&#39;s'],
    ['<a href="https://x.example/?id=#param.id&amp;b=1">', '<a href="https://x.example/?id=«param.id»&amp;b=1">'],
    ['<style>#contact.name { color: #fff }</style>#contact.name', '<style>#contact.name { color: #fff }</style>«contact.name»'],
    ['<script>var a = "#contact.name"</script>', '<script>var a = "#contact.name"</script>'],
    ['<title>#bill.number</title>', '<title>«bill.number»</title>'],
    ['<!--[if mso]>#contact.name<![endif]-->', '<!--[if mso]>«contact.name»<![endif]-->'],
    ['a < b #contact.name', 'a < b «contact.name»'],
  ])('%j reads as %j', (source, expected) => {
    expect(html(source)).toBe(expected);
  });

  test('each tag knows where it stands', () => {
    const { tokens } = lex(
      '<a title="#contact.name" href=" #param.url" style="color:#param.c">#contact.name</a><!-- #bill.number -->',
      'HTML',
    );
    expect(tokens.flatMap((each) => (typeof each === 'string' ? [] : [each.place]))).toEqual(['ATTRIBUTE', 'URL', 'CSS', 'TEXT', 'QUIET']);
  });
});

test('AMB-4 an unknown field of a known type is an error that says where it is and what was probably meant', () => {
  const { problems } = lex('Hello\n #contact.nmae and #subscription.account.blance, #contatc.name', 'TEXT');
  expect(problems.map((each) => each.message)).toEqual([
    '#contact.nmae (line 2, column 2) is no tag. Did you mean #contact.name? (For a literal # write ##.)',
    '#subscription.account.blance (line 2, column 20) is no tag. Did you mean #subscription.account.balance? (For a literal # write ##.)',
    '#contatc.name (line 2, column 50) is no tag. Did you mean #contact.name? (For a literal # write ##.)',
  ]);
  expect(problems[0]).toMatchObject({ from: 7, to: 20, code: 'UNKNOWN_TAG' });
});

test('XU7 a path that leads too far is an error that says so', () => {
  const { problems } = lex('#bill.account.wallet.account.contact.name', 'TEXT');
  expect(problems.map((each) => each.message)).toEqual([
    '#bill.account.wallet.account.contact.name (line 1, column 1) leads too far: at most 4 objects can be passed.',
  ]);
});

test.each(['<!-->', '<!--->', '<!-- x --!>'])(
  '%s is a whole comment, as in a browser: an address behind it is escaped as one',
  (comment) => {
    const { tokens } = lex(`${comment}<a href="#param.url">x</a>-->`, 'HTML');
    expect(tokens.flatMap((each) => (typeof each === 'string' ? [] : [each.place]))).toEqual(['URL']);
  },
);

test('a tag is refused in an event handler and in an attribute without quotes', () => {
  expect(lex('<a onclick="x(\'#contact.name\')" href=#param.url>', 'HTML').problems.map((each) => each.code)).toEqual([
    'TAG_NOT_ALLOWED',
    'TAG_NOT_ALLOWED',
  ]);
});

const pieces = [
  '#',
  '##',
  '.',
  'contact',
  'name',
  'wallet',
  'account',
  '<',
  '>',
  '<b>',
  '</b>',
  '<a href="',
  '"',
  "'",
  '=',
  '&',
  '&#',
  ';',
  '&nbsp;',
  '<!--',
  '-->',
  '<style>',
  '</style>',
  '\u200b',
  '\u00a0',
  ' ',
  '\n',
  'x',
  '1',
  '_',
  '😀',
  '\ud800',
];
const soup = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((each) => each.join('')),
);

test('AMB-4 no input breaks the lexer, and nothing of a text gets lost', () => {
  fc.assert(
    fc.property(soup, fc.constantFrom('TEXT' as const, 'HTML' as const), (source, syntax) => {
      const { tokens, problems } = lex(source, syntax);
      let at = 0;
      for (const token of tokens) {
        if (typeof token === 'string') continue;
        expect(token.from).toBeGreaterThanOrEqual(at);
        expect(token.to).toBeGreaterThan(token.from);
        at = token.to;
      }
      for (const each of problems) expect(each.to).toBeGreaterThan(each.from);
      // Without a # nothing changes at all.
      if (!/[#]|&num/i.test(source)) expect(shown(tokens)).toBe(source);
      // A text of strings alone has lost only the first half of each ##.
      if (tokens.every((each) => typeof each === 'string')) expect(tokens.join('').replaceAll('#', '')).toBe(source.replaceAll('#', ''));
    }),
    { numRuns: 3_000 },
  );
});

test('time grows with the length of the text, whatever it holds', () => {
  const hostile = [
    '#',
    '##',
    '#contact.',
    '#contact.nmae ',
    '#<b>',
    '#<b title="#">',
    '#&nbsp;',
    '<a href="',
    '<',
    '<!--',
    '<style>',
    '&',
    '&#',
    '#a.b',
    '#contact<i></i>',
    '<a #',
    '"',
    '#contact.name',
    '<b>x</b>',
    '#\u200b',
    '<title>',
  ];
  const slow: [string, number][] = [];
  for (const unit of hostile) {
    for (const syntax of ['TEXT', 'HTML'] as const) {
      const source = unit.repeat(Math.ceil(200_000 / unit.length));
      const started = performance.now();
      lex(source, syntax);
      const took = performance.now() - started;
      if (took > 1_500) slow.push([unit, took]);
    }
  }
  expect(slow).toEqual([]);
});

import { aliases, type ObjectType, objectTypes, pseudoTypes, tagAliases } from '../catalogue/object-types.js';
import type { FieldDeclaration } from '../catalogue/types.js';
import { wordsIn } from '../catalogue/words.js';
import { formatValue } from '../content/format-value.js';
import { localeFormatOf } from '../content/locale-format.js';

/** `docs/tags.md`: every built-in tag, from the catalogue itself. */
export function tagsPage(): string {
  return [
    '# Tags',
    '<!-- Written by `npm run docs` from the catalogue (src/cli/tags-page.ts). Edit that, not this. -->',
    intro,
    formats(),
    '## Which object a tag means',
    whichObject,
    '## Old names',
    oldNames(),
    ...objectTypes().map(section),
    ...pseudoTypes().map(section),
    '## Your own',
    yourOwn,
    '',
  ].join('\n\n');
}

const intro = `A tag is \`#type.field\` in a subject or a body: \`Dear #contact.name, bill #bill.number is due on #bill.due_date.\` Its value is frozen when the communication is
made, so a communication says the same for ever, and it is written as its reader's language writes it.

* Case does not matter. A tag ends where the longest path that the catalogue knows ends, so punctuation may follow: \`#bill.number.\`
* Paths nest: \`#payment_gateway_request.payment_gateway_card.card_holder_name\`, \`#bill.account.wallet.balance\`.
* Open attributes are \`#contact.attributes.tier\`, after any type that takes them (all but the last ones of this page). Values that belong to no record are
  \`#param.NAME\`.
* \`##\` is a literal \`#\`; a word behind \`#\` that begins no tag stays text. A field that a known type does not have is an error when the text is saved, with the
  nearest names.
* A value is escaped for where it stands (text, HTML, attribute, address, subject), and a \`#\` in a value is never a tag.
* A list is an HTML list in HTML, and otherwise its elements with commas. A tag without value shows nothing and is named in \`unresolvedTags\`.
* The query \`tags(prefix:, objectType:)\` is auto-complete; \`previewContent\` shows a text with the values of a contact.`;

const samples: readonly [what: string, kind: FieldDeclaration['kind'], value: unknown][] = [
  ['NUMBER', 'NUMBER', '1234567.5'],
  ['MONEY in EUR', 'MONEY', { a: '1234.5', c: 'EUR' }],
  ['MONEY in JPY', 'MONEY', { a: '1234.5', c: 'JPY' }],
  ['DATE', 'DATE', '2027-03-28'],
  ['DATE_TIME, for a contact in Nicosia', 'DATE_TIME', '2027-03-28T10:30:00.000Z'],
  ['BOOLEAN', 'BOOLEAN', true],
];
const languages = ['en', 'el', 'de'] as const;
/** Minutes: Nicosia in summer, which begins on that day. */
const zoneOffset = 180;

function formats(): string {
  const rows = samples.map(([what, kind, value]) => [
    what,
    ...languages.map((language) => String(formatValue(kind, value, localeFormatOf(language), zoneOffset))),
  ]);
  return `Amounts are in the object's own currency, else its account's. Instants are shown in the contact's time zone.\n\n${table(['', ...languages.map((each) => `\`${each}\``)], rows)}`;
}

const whichObject = `A communication may refer to an object, such as a bill; then \`#bill.number\` is that bill's. Otherwise

* \`#account.…\` is the object's account, else the contact's first account;
* \`#wallet.…\` is that account's wallet;
* any other type is the contact's only object of it. Of several none is meant: the tag stays empty.

An object that names no account belongs, in \`#bill.account.number\`, to the account that the communication is about.`;

const yourOwn = `Administrators add types and fields without code: \`declareObjectType\` and \`declareField\`, for contacts and accounts, too (\`#contact.loyalty_tier\`). They are known at once, to tags as to conditions, records and the import; the
query \`objectTypes\` lists all of them.`;

function oldNames(): string {
  const rows = [...Object.entries(aliases), ...Object.entries(tagAliases)].map(([old, name]) => [`\`#${old}\``, `\`#${name}\``]);
  return `They mean the same, and go on working.\n\n${table(['old', 'today'], rows)}`;
}

function section(type: ObjectType): string {
  const heading = `## ${wordsIn(type.label, 'en')} (\`${type.name}\`)`;
  if (type.open) return `${heading}\n\n\`#${type.name}.NAME\`: the value that the caller gives under that name in \`parameters\`.`;
  const relations = type.relations.map(({ name, to }) => (name === to ? `\`${name}\`` : `\`${name}\` (${to})`));
  const leads = relations.length > 0 ? `Leads to ${relations.join(', ')}.\n\n` : '';
  const rows = [...type.fieldByName.values()].map((field) => [
    `\`#${type.name}.${field.name}\``,
    wordsIn(field.label, 'en'),
    wordsIn(field.label, 'el'),
    field.kind,
    example(field, 'en'),
    example(field, 'el'),
  ]);
  return `${heading}\n\n${leads}${table(['tag', 'label', 'in Greek', 'kind', 'example', 'in Greek'], rows)}`;
}

function example({ kind, example: kept }: FieldDeclaration, language: string): string {
  const value = kind === 'MONEY' ? { a: kept, c: 'EUR' } : kind === 'BOOLEAN' ? kept === 'true' : kept;
  return String(formatValue(kind, value, localeFormatOf(language), zoneOffset));
}

/** A table of Markdown; a no-break space of a format is shown as a space. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((each) => each.replace(/[\u00a0\u202f]/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

import type { Medium } from '../catalogue/medium.js';
import { tagReaches } from '../catalogue/tags.js';
import type { FieldKind } from '../catalogue/types.js';
import type { Context } from '../context.js';
import type { Problems } from '../errors.js';
import { isLanguage } from '../locales.js';
import type { DynamicLinks } from '../settings/link-settings.js';
import { readSettings } from '../settings/settings.js';
import { alternativeOf, withoutMarks } from './alternative.js';
import type { ContentSource, Segment, StoredContent, StoredText } from './content.js';
import { type Escape, oneLine } from './escape.js';
import { compileMjml, sanitised, unsafePart } from './html.js';
import { languageFor } from './language.js';
import { type Lexed, lex, type TagToken, type Token } from './lex.js';
import { dynamicLinkProblem, escapesOf } from './links/check.js';
import { LinkList, linkTags, withHtmlLinks, withPlainLinks } from './links/find.js';
import { localeFormatOf } from './locale-format.js';
import { storeContent } from './store.js';

type Path = readonly (string | number)[];

/** A text in one language as ContentInput brings it. */
export interface GivenText {
  language: string;
  subject?: string | null;
  body: string;
  format?: ContentSource['format'] | null;
}

export interface ContentSpec {
  medium: Medium;
  /** Only tags that this type reaches are taken; null: those of any type. */
  objectType?: string | null;
  contents: readonly GivenText[];
  /** Where `contents` stands in the caller's input; an empty one reports problems beside it. */
  path: Path;
  problems: Problems;
  /** A text that somebody else wrote (an incoming communication): nothing in it is a tag. */
  literal?: boolean;
  /** Every content must have the default language; a preview need not. */
  anyLanguage?: boolean;
  /** Somebody else than an administrator wrote it, whoever saves it now. */
  untrusted?: boolean;
  /** A note of a call, or a draft, may say nothing yet. */
  mayBeEmpty?: boolean;
}

/** Checks texts and keeps them as one immutable content version. Answers its id, or undefined where a problem was added. */
export async function compileContent(ctx: Context, spec: ContentSpec): Promise<string | undefined> {
  const compiled = await compileTexts(ctx, spec);
  return compiled && (await storeContent(ctx, compiled));
}

/** As compileContent, but keeps nothing. */
export async function compileTexts(ctx: Context, spec: ContentSpec): Promise<StoredContent | undefined> {
  const { problems, path } = spec;
  const before = problems.list.length;
  const { defaultLanguage } = ctx.config;
  const { supportedLanguages, dynamicLinks } = await readSettings(ctx);
  checkLanguages(spec, defaultLanguage, spec.anyLanguage ? [] : supportedLanguages);
  const tags = new TagList();
  const texts: Record<string, StoredText> = {};
  const sources: ContentSource[] = [];
  for (const [index, given] of spec.contents.entries()) {
    const source = sourceOf(given);
    const text = await compileText(ctx, { ...spec, dynamicLinks }, source, tags, [...path, index]);
    sources.push(withoutScripts(ctx, spec, source));
    if (text) texts[source.language] = text;
  }
  if (problems.list.length > before) return undefined;
  const languages = sources.map((each) => each.language);
  const { medium, objectType = null } = spec;
  return { medium, objectType, defaultLanguage, languages, tags: tags.names, kinds: tags.kinds, texts, sources };
}

/** The tags of all languages of a content, each once. */
class TagList {
  readonly names: string[] = [];
  readonly kinds: FieldKind[] = [];

  indexOf({ path }: TagToken): number {
    const known = this.names.indexOf(path.name);
    if (known >= 0) return known;
    this.names.push(path.name);
    this.kinds.push(path.kind);
    return this.names.length - 1;
  }
}

const greatestBody = 200 * 1_024; // bytes
const greatestSubject = 500; // characters
const mostTags = 200;

/** A text as it is kept: its language in the one spelling, nothing left out. */
export function sourceOf({ language, subject, body, format }: GivenText): ContentSource {
  const canonical = isLanguage(language) ? (Intl.getCanonicalLocales(language)[0] ?? language) : language;
  return { language: canonical, subject: subject ?? null, body, format: format ?? 'TEXT' };
}

/**
 * What people other than administrators write as HTML is kept without what was taken out of it: an administrator who makes a
 * template of it later, whose own HTML is trusted, must not bring it back.
 */
function withoutScripts(ctx: Context, spec: ContentSpec, source: ContentSource): ContentSource {
  if (source.format !== 'HTML' || isTrusted(ctx, spec)) return source;
  return { ...source, body: sanitised(source.body) };
}

/** The HTML of administrators is kept as it is written. */
function isTrusted(ctx: Context, { untrusted }: ContentSpec): boolean {
  return ctx.viewer.role === 'ADMIN' && !untrusted;
}

function checkLanguages(
  { contents, problems, path, anyLanguage }: ContentSpec,
  defaultLanguage: string,
  supported: readonly string[],
): void {
  if (contents.length === 0) {
    problems.add([...path], 'REQUIRED', `Give at least the text in the default language, ${defaultLanguage}.`);
    return;
  }
  const seen = new Set<string>();
  for (const [index, { language }] of contents.entries()) {
    if (!isLanguage(language))
      problems.add([...path, index, 'language'], 'INVALID_LANGUAGE', `${JSON.stringify(language)} is no language tag.`);
    else if (seen.has(language.toLowerCase()))
      problems.add([...path, index, 'language'], 'DUPLICATE', `There are two texts in ${language}.`);
    else if (supported.length > 0 && languageFor({ languages: supported, defaultLanguage: '' }, language) === undefined)
      problems.add(
        [...path, index, 'language'],
        'UNSUPPORTED_LANGUAGE',
        `${language} is not among the supported languages: ${supported.join(', ')}.`,
      );
    seen.add(language.toLowerCase());
  }
  if (!anyLanguage && !seen.has(defaultLanguage.toLowerCase())) {
    problems.add(
      [...path],
      'MISSING_DEFAULT_LANGUAGE',
      `A text in the default language, ${defaultLanguage}, is required; given: ${[...seen].join(', ')}.`,
    );
  }
}

/** A content as it is compiled, with the dynamic links that it may hold. */
interface CheckedSpec extends ContentSpec {
  dynamicLinks: DynamicLinks;
}

async function compileText(
  ctx: Context,
  spec: CheckedSpec,
  source: ContentSource,
  tags: TagList,
  path: Path,
): Promise<StoredText | undefined> {
  const { problems } = spec;
  const before = problems.list.length;
  checkText(source, spec, path);
  if (problems.list.length > before || !isLanguage(source.language)) return undefined;
  const subject = source.subject === null ? null : oneLine(source.subject).trim();
  const subjectLexed = subject === null ? null : lexed(subject, 'TEXT', spec, [...path, 'subject'], source.subject?.indexOf(subject) ?? -1);
  const shared = { format: localeFormatOf(source.language), subject: subjectLexed && segmentsOf(subjectLexed.tokens, tags, () => 'LINE') };
  if (source.format === 'TEXT') {
    const body = lexed(source.body, 'TEXT', spec, [...path, 'body'], 0);
    const segments = segmentsOf(body.tokens, tags, () => 'PLAIN');
    return { ...shared, isHtml: false, body: withPlainLinks(segments, new LinkList(linkTags(tags.names))), text: null };
  }
  const html = await htmlOf(ctx, source, spec, [...path, 'body']);
  if (html === undefined) return undefined;
  const isAsWritten = html === withoutMarks(source.body);
  const body = lexed(
    html,
    'HTML',
    source.format === 'MJML' ? { ...spec, problems: ignored() } : spec,
    [...path, 'body'],
    isAsWritten ? 0 : -1,
  );
  const escapes = escapesOf(body.tokens, escapeIn);
  const escapeOf = (token: TagToken) => escapes.get(token) ?? escapeIn(token);
  const segments = segmentsOf(body.tokens, tags, escapeOf);
  const alternative = alternativeOf(body.tokens, (token) => tags.indexOf(token), escapeOf);
  if (!alternative) {
    problems.add([...path, 'body'], 'TOO_COMPLEX', 'The HTML has thousands of elements within each other; nest fewer.');
    return undefined;
  }
  const links = new LinkList(linkTags(tags.names));
  return { ...shared, isHtml: true, body: withHtmlLinks(segments, links), text: withPlainLinks(alternative, links) };
}

function checkText({ subject, body, format }: ContentSource, { medium, problems, mayBeEmpty }: ContentSpec, path: Path): void {
  if (format !== 'TEXT' && (medium === 'SMS' || medium === 'WHATSAPP')) {
    problems.add([...path, 'format'], 'FORMAT_NOT_ALLOWED', `${medium} carries plain text only; give the format TEXT.`);
  }
  if (body.trim() === '' && !mayBeEmpty) problems.add([...path, 'body'], 'EMPTY', 'The body must not be empty.');
  const size = Buffer.byteLength(body);
  if (size > greatestBody) problems.add([...path, 'body'], 'TOO_LARGE', `The body has ${size} bytes; at most ${greatestBody} are allowed.`);
  if (subject !== null && subject.length > greatestSubject) {
    problems.add(
      [...path, 'subject'],
      'TOO_LARGE',
      `The subject has ${subject.length} characters; at most ${greatestSubject} are allowed.`,
    );
  }
  for (const [name, text] of Object.entries({ subject: subject ?? '', body })) {
    if (text.includes('\u0000') || !text.isWellFormed())
      problems.add([...path, name], 'INVALID_TEXT', 'The text has a NUL character or broken Unicode.');
  }
}

/** Reads the tags, and adds a problem for each that is unknown or out of reach. `start`: where it stands in what was written; -1 where that cannot be said. */
function lexed(source: string, syntax: 'TEXT' | 'HTML', spec: CheckedSpec, path: Path, start: number): Lexed {
  if (spec.literal) return { tokens: [source], problems: [] };
  const result = lex(source, syntax);
  const position = ({ from, to }: { from: number; to: number }) => (start < 0 ? {} : { offset: start + from, length: to - from });
  for (const each of result.problems) spec.problems.add([...path], each.code, each.message, position(each));
  const seen = new Set<string>();
  for (const token of result.tokens) {
    if (typeof token === 'string' || seen.has(token.path.name) || seen.size > mostTags) continue;
    seen.add(token.path.name);
    if (spec.objectType && !tagReaches(token.path, spec.objectType)) {
      const message = `#${token.path.name} is out of reach of a text about a ${spec.objectType}: it has ${[...new Set(['contact', 'account', 'wallet', spec.objectType])].join(', ')} tags.`;
      spec.problems.add([...path], 'UNREACHABLE_TAG', message, position(token));
    }
    const problem = dynamicLinkProblem(token.path.name, spec.dynamicLinks);
    if (problem) spec.problems.add([...path], problem.code, problem.message, position(token));
  }
  if (seen.size > mostTags) spec.problems.add([...path], 'TOO_MANY', `The text has more than ${mostTags} different tags.`);
  return result;
}

/** The HTML that is sent; made here, once, from MJML. What people other than administrators write cannot run. */
async function htmlOf(ctx: Context, source: ContentSource, spec: CheckedSpec, path: Path): Promise<string | undefined> {
  const trusted = isTrusted(ctx, spec);
  if (source.format === 'HTML') return withoutMarks(trusted ? source.body : sanitised(source.body));
  // Problems are found in what was written, where their positions mean something.
  lexed(source.body, 'HTML', spec, path, 0);
  const html = await compileMjml(source.body, source.language, spec.problems, path);
  const unsafe = html === undefined || trusted ? undefined : unsafePart(html);
  if (unsafe !== undefined) spec.problems.add([...path], 'UNSAFE_HTML', `${unsafe} is not allowed here.`);
  return html && withoutMarks(html);
}

/** Where the problems of a text go that has been checked in its other form. */
function ignored(): Problems {
  return { list: [], add: () => undefined, throwIfAny: () => undefined };
}

function segmentsOf(tokens: readonly Token[], tags: TagList, escapeOf: (token: TagToken) => Escape): Segment[] {
  return tokens.flatMap((token): Segment[] => {
    if (typeof token === 'string') return token === '' ? [] : [token];
    const segment: Segment = [tags.indexOf(token), escapeOf(token)];
    return token.markup === '' ? [segment] : [segment, token.markup];
  });
}

/** How a value is written where its tag stands. */
export function escapeIn({ place, before }: TagToken): Escape {
  switch (place) {
    case 'TEXT':
      return 'HTML';
    case 'CSS':
      return 'CSS';
    case 'URL':
      if (before.trim() === '') return 'URL';
      return /^\s*(mailto|tel|sms):[^?]*$/i.test(before) ? 'URL_ADDRESS' : 'URL_PART';
    default:
      return 'ATTRIBUTE';
  }
}

import { typeOf } from '../catalogue/object-types.js';
import { resolvePath } from '../catalogue/path.js';
import type { FieldKind } from '../catalogue/types.js';
import type { Context } from '../context.js';
import { actionOfTag, isOfServiceRequest } from '../settings/dynamic-links.js';
import { readSettings } from '../settings/settings.js';
import { type Content, type ContentSource, textOf } from './content.js';
import { languageFor } from './language.js';
import { characterCount, smsSegments } from './length.js';
import { lex } from './lex.js';
import { isLimited, isTooLong, type Limits, limitsOf, limitWords } from './limits.js';
import { frameOf } from './links/frame.js';
import type { LinkMaker } from './links/link.js';
import { measuringLinks } from './links/maker.js';
import type { LocaleFormat } from './locale-format.js';
import { render } from './render.js';
import { narrowerSystems, type SystemLimits } from './system-limits.js';

/** What may go wrong with a content that can be kept (XU7). */
export interface ContentWarning {
  path: string[];
  code: 'TOO_LONG' | 'MAY_BE_TOO_LONG' | 'TOO_LONG_FOR_SYSTEM' | 'MISSING_LANGUAGE' | 'AMBIGUOUS_TAG' | 'UNRESOLVED_TAG';
  message: string;
  language: string | null;
  /** Where in the text it stands, in UTF-16 units. */
  offset: number | null;
  length: number | null;
}

/** `systemLimit`: the characters that the external system takes which the text goes to, null for any; left out, it may go to any system. */
export async function warningsOf(ctx: Context, content: Content, systemLimit?: number | null): Promise<ContentWarning[]> {
  const settings = await readSettings(ctx);
  const limits = limitsOf(settings, content.medium, systemLimit ?? null);
  const systems = systemLimit === undefined ? await narrowerSystems(ctx, settings, content.medium) : [];
  const links = measuringLinks(await frameOf(ctx, content, content.medium, { origin: 'MANUAL' }));
  return [
    ...missingLanguages(content, settings.supportedLanguages),
    ...content.sources.flatMap((source, index) => [
      ...tooLong(content, source, index, limits, links),
      ...tooLongForSystems(content, source, index, { limits, systems, links }),
      ...ambiguousTags(content, source, index),
    ]),
  ];
}

function missingLanguages(content: Content, supported: readonly string[]): ContentWarning[] {
  const missing = supported.filter((each) => languageFor({ languages: content.languages, defaultLanguage: '' }, each) === undefined);
  return missing.map((language) => ({
    path: ['content'],
    code: 'MISSING_LANGUAGE',
    message: `There is no text in ${language}; who prefers it gets the one in ${content.defaultLanguage}.`,
    language,
    offset: null,
    length: null,
  }));
}

/** Measured as it is sent, with the longest values that are usual (see longestValue). */
function tooLong(
  content: Content,
  { language }: ContentSource,
  index: number,
  limits: Limits,
  links: LinkMaker | undefined,
): ContentWarning[] {
  if (!isLimited(limits)) return [];
  const shortest = render(content, language, [], { links }).text;
  const longest = longestText(content, language, links);
  if (!isTooLong(longest, limits)) return [];
  const always = isTooLong(shortest, limits);
  const size = sizeWords(content, always ? shortest : longest);
  const message = always
    ? `Even with empty tags the text in ${language} has ${size}; ${limitWords(limits)} are allowed, so every one is rejected.`
    : `With long values (a text of ${usualText} characters or as its example, amounts to 99,999.99, a list of three) the text in ${language} has ${size}; ${limitWords(limits)} are allowed, and longer ones are rejected.`;
  const path = ['content', String(index), 'body'];
  return [{ path, code: always ? 'TOO_LONG' : 'MAY_BE_TOO_LONG', message, language, offset: null, length: null }];
}

/** Of the systems that it may be handed to, those that would refuse a long one which the medium itself takes. */
function tooLongForSystems(
  content: Content,
  { language }: ContentSource,
  index: number,
  { limits, systems, links }: { limits: Limits; systems: readonly SystemLimits[]; links: LinkMaker | undefined },
): ContentWarning[] {
  const longest = systems.length > 0 ? longestText(content, language, links) : '';
  if (isTooLong(longest, limits)) return [];
  const refusing = systems.filter((each) => isTooLong(longest, each.limits));
  if (refusing.length === 0) return [];
  const names = refusing.map((each) => `${each.name} (${limitWords(each.limits)})`).join(', ');
  const message = `With long values the text in ${language} has ${sizeWords(content, longest)}; these external systems take less, and get it rejected: ${names}.`;
  const path = ['content', String(index), 'body'];
  return [{ path, code: 'TOO_LONG_FOR_SYSTEM', message, language, offset: null, length: null }];
}

function longestText(content: Content, language: string, links: LinkMaker | undefined): string {
  const { format } = textOf(content, language);
  const values = content.tags.map((tag, place) => longestValue(tag, content.kinds[place] ?? 'TEXT', format));
  return render(content, language, values, { links }).text;
}

function sizeWords({ medium }: Content, text: string): string {
  const characters = `${characterCount(text)} characters`;
  return medium === 'SMS' ? `${characters} (${smsSegments(text)} SMS)` : characters;
}

/** A text may be longer than any bound; names and descriptions seldom are. */
const usualText = 30;

/** The longest value that is usual for a tag: for texts the catalogue's example where that is longer, otherwise a bound for the kind. */
function longestValue(tag: string, kind: FieldKind, format: LocaleFormat): unknown {
  // Measured as the link that it becomes.
  const action = actionOfTag(tag);
  if (action) return isOfServiceRequest(action) ? { o: '' } : {};
  const path = resolvePath(tag)?.path;
  const example = path?.type.fieldByName.get(path.field)?.example ?? '';
  switch (kind) {
    case 'NUMBER':
      return longer(example, '-99999.99');
    case 'MONEY':
      return { a: '-99999.99', c: 'EUR' };
    case 'DATE':
      return `2028-${longestMonth(format)}-28`;
    case 'DATE_TIME':
      return `2028-${longestMonth(format)}-28T22:28:00.000Z`;
    case 'BOOLEAN':
      return format.yes.length > format.no.length;
    case 'LIST':
      return Array.from({ length: 3 }, () => 'x'.repeat(usualText));
    case 'LOCALE':
    case 'TIME_ZONE':
      return example;
    default:
      return longer(example, 'x'.repeat(usualText));
  }
}

function longer(one: string, other: string): string {
  return one.length > other.length ? one : other;
}

function longestMonth({ months }: LocaleFormat): string {
  const lengths = months.map((each) => each.length);
  return String(lengths.indexOf(Math.max(...lengths)) + 1).padStart(2, '0');
}

/** Without an object type a tag means the contact's only object of its type (AMB-23). */
function ambiguousTags(content: Content, source: ContentSource, index: number): ContentWarning[] {
  if (content.objectType !== null) return [];
  const fields = [
    { name: 'subject', text: source.subject ?? '', syntax: 'TEXT' },
    { name: 'body', text: source.body, syntax: source.format === 'TEXT' ? 'TEXT' : 'HTML' },
  ] as const;
  return fields.flatMap(({ name, text, syntax }) => {
    const seen = new Set<string>();
    return lex(text, syntax).tokens.flatMap((token): ContentWarning[] => {
      if (typeof token === 'string' || seen.has(token.path.name)) return [];
      seen.add(token.path.name);
      const action = actionOfTag(token.path.name);
      const head = action && isOfServiceRequest(action) ? 'service_request' : (token.path.steps[0] ?? '');
      if (head === 'wallet' || typeOf(head).storage !== 'business_object') return [];
      return [
        {
          path: ['content', String(index), name],
          code: 'AMBIGUOUS_TAG',
          message: `#${token.path.name} stays empty for a contact with several of ${head}, unless the communication refers to one of them.`,
          language: source.language,
          offset: token.from,
          length: token.to - token.from,
        },
      ];
    });
  });
}

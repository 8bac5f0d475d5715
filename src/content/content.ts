import type { Medium } from '../catalogue/medium.js';
import type { FieldKind } from '../catalogue/types.js';
import { dynamicLinkPrefix } from '../settings/dynamic-links.js';
import type { Escape } from './escape.js';
import type { LocaleFormat } from './locale-format.js';

/** A piece of a text: itself, the place of a tag's value (its index in `tags`), or a link. */
export type Segment = string | readonly [tag: number, escape: Escape] | LinkSegment;

/** A web address in a text, which a short one may replace. */
export interface LinkSegment {
  /** Which link of its text, in this language. */
  readonly link: number;
  readonly as: 'HTML' | 'PLAIN';
  /** As it stands in the text. */
  readonly written: readonly Segment[];
  /** The address itself, where HTML spells it differently. */
  readonly target?: readonly Segment[];
}

/** A text in one language, as it is kept. */
export interface StoredText {
  readonly format: LocaleFormat;
  readonly isHtml: boolean;
  readonly subject: readonly Segment[] | null;
  readonly body: readonly Segment[];
  /** The plain-text alternative of an HTML body; null where the body is plain itself. */
  readonly text: readonly Segment[] | null;
}

/** A text as somebody wrote it, for editing. */
export interface ContentSource {
  readonly language: string;
  readonly subject: string | null;
  readonly body: string;
  readonly format: 'TEXT' | 'HTML' | 'MJML';
}

/** What is kept of a content version. Never changed: a communication shows the same text for ever. */
export interface StoredContent {
  readonly medium: Medium;
  readonly objectType: string | null;
  readonly defaultLanguage: string;
  readonly languages: readonly string[];
  /** The tags of all languages; a communication carries one value for each, in this order. */
  readonly tags: readonly string[];
  /** The kind of each tag's value, as it was when the content was written. */
  readonly kinds: readonly FieldKind[];
  readonly texts: Readonly<Record<string, StoredText>>;
  readonly sources: readonly ContentSource[];
}

/** A text made ready for rendering: what stands between the tags, and the tags between it. */
export interface Pattern {
  readonly between: readonly string[];
  readonly tags: readonly number[];
  readonly escapes: readonly Escape[];
  /** Links, in the places of tags that are below zero: -1 is the first. */
  readonly links: readonly ReadyLink[];
}

export interface ReadyLink {
  readonly index: number;
  readonly as: LinkSegment['as'];
  readonly written: Pattern;
  readonly target: Pattern;
}

export interface ReadyText {
  readonly format: LocaleFormat;
  readonly isHtml: boolean;
  readonly subject: Pattern | null;
  readonly body: Pattern;
  readonly text: Pattern | null;
  /** The tags that occur in this language. */
  readonly used: readonly number[];
}

/** A content version that can be rendered. */
export interface Content extends Omit<StoredContent, 'texts'> {
  readonly id: string;
  readonly texts: ReadonlyMap<string, ReadyText>;
  /** Whether a text of it has links that could be shortened. */
  readonly hasLinks: boolean;
  /** Whether a text of it has a dynamic link. */
  readonly hasDynamicLinks: boolean;
  /** Whether a text of it is HTML. */
  readonly hasHtml: boolean;
}

/** Makes a stored content ready: once, however often it is rendered. */
export function readyContent(id: string, stored: StoredContent): Content {
  const texts = Object.entries(stored.texts);
  return {
    ...stored,
    id,
    texts: new Map(texts.map(([language, text]) => [language, readyText(text)])),
    hasLinks: texts.some(([, { body, text }]) => [...body, ...(text ?? [])].some((each) => typeof each === 'object' && 'link' in each)),
    hasDynamicLinks: stored.tags.some((each) => each.startsWith(dynamicLinkPrefix)),
    hasHtml: texts.some(([, { isHtml }]) => isHtml),
  };
}

function readyText({ format, isHtml, subject, body, text }: StoredText): ReadyText {
  const patterns = [subject, body, text].flatMap((each) => each ?? []);
  return {
    format,
    isHtml,
    subject: subject && patternOf(subject),
    body: patternOf(body),
    text: text && patternOf(text),
    used: [...new Set(patterns.flatMap(tagsIn))].toSorted((a, b) => a - b),
  };
}

function tagsIn(segment: Segment): number[] {
  if (typeof segment === 'string') return [];
  return 'link' in segment ? segment.written.flatMap(tagsIn) : [segment[0]];
}

function patternOf(segments: readonly Segment[]): Pattern {
  const between = [''];
  const tags: number[] = [];
  const escapes: Escape[] = [];
  const links: ReadyLink[] = [];
  for (const segment of segments) {
    if (typeof segment === 'string') {
      between[between.length - 1] += segment;
    } else if ('link' in segment) {
      const { link, as, written, target = written } = segment;
      links.push({ index: link, as, written: patternOf(written), target: patternOf(target) });
      tags.push(-links.length);
      escapes.push('PLAIN');
      between.push('');
    } else {
      tags.push(segment[0]);
      escapes.push(segment[1]);
      between.push('');
    }
  }
  return { between, tags, escapes, links };
}

/** Whether it can be about an object of that type: contact and account are reached from every record, other fields are its own type's alone. */
export function speaksAbout({ objectType }: Pick<StoredContent, 'objectType'>, type: string): boolean {
  return objectType === null || objectType === 'contact' || objectType === 'account' || objectType === type;
}

/** Its text in that language, else in its default language, else in its first. */
export function textOf(content: Content, language: string): ReadyText {
  const text = content.texts.get(language) ?? content.texts.get(content.defaultLanguage) ?? content.texts.values().next().value;
  if (!text) throw new Error(`Content ${content.id} has no text`);
  return text;
}

/** Whether the body in that language is HTML; plain text otherwise. */
export function isHtml(content: Content, language: string): boolean {
  return textOf(content, language).isHtml;
}

import { dynamicLinkPrefix } from '../../settings/dynamic-links.js';
import type { LinkSegment, Segment } from '../content.js';
import { plainEscape } from '../escape.js';
import { mostLinks } from './token.js';

/** What finding links must know of a text's tags, by their index. */
export interface LinkTags {
  isDynamic(tag: number): boolean;
  /** Whether a value may be a whole web address. */
  mayBeAddress(tag: number): boolean;
}

/** The tags of these names: parameters and open attributes may hold anything, declared fields what their name says. */
export function linkTags(names: readonly string[]): LinkTags {
  const name = (tag: number) => names[tag] ?? '';
  return {
    isDynamic: (tag) => name(tag).startsWith(dynamicLinkPrefix),
    mayBeAddress: (tag) => /^param\.|\.attributes\.|(?:^|[._])(?:url|link|website|web_address)s?$/i.test(name(tag)),
  };
}

/** The links of one language's text, body and plain-text alternative together: the same link has one index wherever it stands. */
export class LinkList {
  readonly #indexes = new Map<string, number>();

  constructor(readonly tags: LinkTags) {}

  /** Undefined where there are too many: those stay as they are. */
  indexOf(target: readonly Segment[]): number | undefined {
    const [only] = target;
    const key =
      target.length === 1 && Array.isArray(only) && this.tags.isDynamic(Number(only[0])) ? `dynamic ${only[0]}` : JSON.stringify(target);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    if (this.#indexes.size >= mostLinks) return undefined;
    this.#indexes.set(key, this.#indexes.size);
    return this.#indexes.size - 1;
  }
}

// Private characters of Unicode stand for the tags while links are looked for.
const mark = /\ue000(\d+)\ue001/;
const plainPattern = /https?:\/\/[^\s<>"[\]{}|\\^`]+|\ue000\d+\ue001/giu;

/** Marks the web addresses of a plain text, so that each can be replaced by a short one. */
export function withPlainLinks(segments: readonly Segment[], list: LinkList): Segment[] {
  return replaced(segments, plainPattern, (found, { marked, at }) => {
    const [lone] = isMark(found) ? unmarked(found, segments) : [];
    if (lone !== undefined) {
      if (!isTag(lone) || !isAlone(marked, at, found.length, list.tags.isDynamic(lone[0]))) return undefined;
      if (!list.tags.isDynamic(lone[0]) && !list.tags.mayBeAddress(lone[0])) return undefined;
      return linkOf('PLAIN', unmarked(found, segments), undefined, list);
    }
    // What ends the sentence does not belong to the address.
    const address = withoutEnd(found);
    const link = linkOf('PLAIN', unmarked(address, segments), undefined, list);
    return link && [...link, ...unmarked(found.slice(address.length), segments)];
  });
}

/** Not by a pattern: one that looks for the end tries every run of dots in a hostile text again and again. */
function withoutEnd(address: string): string {
  const ends = address.includes('(') ? ".,;:!?'”’»…" : ".,;:!?')”’»…";
  let length = address.length;
  while (length > 0 && ends.includes(address.charAt(length - 1))) length -= 1;
  return address.slice(0, length);
}

const htmlPattern = /<a(?:rea)?\s(?:[^<>]{0,2000}?\s)?href\s*=\s*(?:"[^"<>]{1,4000}"|'[^'<>]{1,4000}')|\ue000\d+\ue001/giu;

/** Marks where the anchors of an HTML body lead, and the dynamic links that become anchors themselves. */
export function withHtmlLinks(segments: readonly Segment[], list: LinkList): Segment[] {
  return replaced(segments, htmlPattern, (found) => {
    if (isMark(found)) {
      const [lone] = unmarked(found, segments);
      return isTag(lone) && lone[1] === 'HTML' && list.tags.isDynamic(lone[0])
        ? linkOf('HTML', [lone], [[lone[0], 'PLAIN']], list)
        : undefined;
    }
    const quote = found.at(-1) ?? '';
    const from = found.lastIndexOf(quote, found.length - 2) + 1;
    const written = unmarked(found.slice(from, -1), segments);
    const target = targetOf(written, list.tags);
    const link = target && linkOf('HTML', written, target, list);
    return link && [...unmarked(found.slice(0, from), segments), ...link, quote];
  });
}

/** The address as it is, without HTML's spelling; undefined where it is none of the web, or cannot be told. */
function targetOf(written: readonly Segment[], tags: LinkTags): Segment[] | undefined {
  const target: Segment[] = [];
  for (const each of written) {
    if (typeof each === 'string') {
      const decoded = decodedText(each);
      if (decoded === undefined) return undefined;
      target.push(decoded);
    } else if (isTag(each)) target.push([each[0], plainEscape(each[1])]);
    else return undefined;
  }
  const [first] = target;
  if (typeof first === 'string') return /^https?:\/\//i.test(first) ? target : undefined;
  return target.length === 1 && isTag(first) && (tags.isDynamic(first[0]) || tags.mayBeAddress(first[0])) ? target : undefined;
}

const references = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decodedText(html: string): string | undefined {
  let unknown = false;
  const text = html.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]\w*));/gi, (whole, decimal: string, hex: string, name: string) => {
    const known = name === undefined ? codePoint(decimal, hex) : references.get(name);
    if (known === undefined) unknown = true;
    return known ?? whole;
  });
  return unknown ? undefined : text;
}

function codePoint(decimal: string | undefined, hex: string | undefined): string | undefined {
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0x20 && code < 0x7f ? String.fromCodePoint(code) : undefined;
}

function linkOf(
  as: LinkSegment['as'],
  written: readonly Segment[],
  target: readonly Segment[] | undefined,
  list: LinkList,
): LinkSegment[] | undefined {
  const index = list.indexOf(target ?? written);
  return index === undefined ? undefined : [{ link: index, as, written, ...(target && { target }) }];
}

interface Found {
  marked: string;
  at: number;
}

/** The segments, with what `change` answers in place of each match; undefined leaves it. */
function replaced(
  segments: readonly Segment[],
  pattern: RegExp,
  change: (found: string, where: Found) => readonly Segment[] | undefined,
): Segment[] {
  if (segments.some((each) => typeof each === 'string' && /[\ue000\ue001]/.test(each))) return [...segments];
  const marked = segments.map((each, index) => (typeof each === 'string' ? each : `\ue000${index}\ue001`)).join('');
  const result: Segment[] = [];
  let done = 0;
  for (const match of marked.matchAll(pattern)) {
    const inPlace = change(match[0], { marked, at: match.index });
    if (!inPlace) continue;
    result.push(...unmarked(marked.slice(done, match.index), segments), ...inPlace);
    done = match.index + match[0].length;
  }
  return [...result, ...unmarked(marked.slice(done), segments)];
}

function unmarked(marked: string, segments: readonly Segment[]): Segment[] {
  return marked.split(mark).flatMap((part, index): Segment[] => {
    if (index % 2 === 0) return part === '' ? [] : [part];
    const segment = segments[Number(part)];
    return segment === undefined ? [] : [segment];
  });
}

function isMark(text: string): boolean {
  return text.startsWith('\ue000');
}

function isTag(segment: Segment | undefined): segment is Exclude<Segment, string | LinkSegment> {
  return Array.isArray(segment);
}

/** A value between blanks, brackets or the ends of the text is an address of its own; a dynamic link always is. */
function isAlone(marked: string, at: number, length: number, always: boolean): boolean {
  return always || (/^$|[\s(<[]/.test(marked.charAt(at - 1)) && /^$|[\s)>\].,;:!?]/.test(marked.charAt(at + length)));
}

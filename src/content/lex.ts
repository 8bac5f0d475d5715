import { nearest } from '../catalogue/nearest.js';
import { findType, tagHeads } from '../catalogue/object-types.js';
import { type FieldPath, leadsTooFar, namesWithin, resolveParts, tooFar } from '../catalogue/path.js';
import { type HtmlPlace, type HtmlRange, htmlRanges } from './html-places.js';
import { type Candidate, readCandidate } from './tag-candidate.js';

/** A tag where it stands. `markup` is what an editor had put inside it; it follows the value. */
export interface TagToken {
  readonly path: FieldPath;
  readonly from: number;
  readonly to: number;
  readonly place: HtmlPlace | 'PLAIN';
  /** What stands before it in the same attribute: a value at the beginning of a URL is all of it. */
  readonly before: string;
  readonly markup: string;
}

export type Token = string | TagToken;

/** What is wrong, from where to where in the source: an editor can mark it. */
export interface TagProblem {
  readonly from: number;
  readonly to: number;
  readonly code: 'UNKNOWN_TAG' | 'TAG_NOT_ALLOWED';
  readonly message: string;
}

export interface Lexed {
  readonly tokens: Token[];
  readonly problems: TagProblem[];
}

/** More are not worth reading, nor worth the time to find suggestions for. */
const mostProblems = 20;
const mostSuggested = 500;

/**
 * Finds the tags in a text (AMB-4): `#type.field`, in any case, as long as the longest path that the catalogue knows; `##` is
 * a literal #; a #word that begins no tag stays text. Time grows with the length of the text, whatever it holds.
 */
export function lex(source: string, syntax: 'TEXT' | 'HTML'): Lexed {
  const reader = new Reader(source, syntax === 'HTML');
  const ranges: readonly (HtmlRange | { from: number; to: number; place: 'PLAIN' })[] =
    syntax === 'HTML' ? htmlRanges(source) : [{ from: 0, to: source.length, place: 'PLAIN' }];
  for (const { from, to, place } of ranges) {
    if (place !== 'MARKUP' && place !== 'RAW') reader.read(from, to, place);
  }
  return reader.finish();
}

class Reader {
  readonly #tokens: Token[] = [];
  readonly #problems: TagProblem[] = [];
  readonly #suggested = new Map<string, string | undefined>();
  /** Up to where the source has become tokens. */
  #done = 0;
  /** Where the next # or & is. */
  #ahead = -1;

  constructor(
    private readonly source: string,
    private readonly html: boolean,
  ) {}

  read(from: number, to: number, place: HtmlPlace | 'PLAIN'): void {
    let at = Math.max(from, this.#done);
    while (at < to) {
      const start = this.#nextHash(at, to);
      if (!start) return;
      if (start.to === start.from + 1 && this.source[start.to] === '#' && start.to < to) {
        this.#flush(start.to);
        this.#done = start.to + 1;
        at = this.#done;
        continue;
      }
      at = this.#readTag(start, place, from, to) ?? start.to;
    }
  }

  finish(): Lexed {
    this.#flush(this.source.length);
    return { tokens: joined(this.#tokens), problems: this.#problems };
  }

  /** The next # that may begin a tag: written as it is, or as an entity. `&#39;` is a character, not a #. */
  #nextHash(from: number, end: number): { from: number; to: number } | undefined {
    for (let at = from; at < end; ) {
      // Remembered, so that ranges without any do not look for it again and again.
      if (this.#ahead < at) this.#ahead = search(this.html ? /[#&]/g : /#/g, this.source, at);
      if (this.#ahead >= end) return undefined;
      at = this.#ahead;
      const entity = this.html && this.source[at] === '&' ? hashEntity(this.source, at) : '';
      if (entity === undefined) at += this.source[at + 1] === '#' ? 2 : 1;
      else return { from: at, to: at + (entity.length || 1) };
    }
    return undefined;
  }

  /** Where reading goes on behind a tag; undefined where there is none. */
  #readTag(start: { from: number; to: number }, place: HtmlPlace | 'PLAIN', rangeFrom: number, rangeTo: number): number | undefined {
    const throughMarkup = place === 'TEXT';
    const candidate = readCandidate(this.source, start.to, {
      html: this.html,
      throughMarkup,
      end: throughMarkup ? this.source.length : rangeTo,
    });
    const names = candidate.parts.map((part) => part.name);
    const found = resolveParts(names);
    if (!found?.path) {
      if (found && names.length > 1) this.#report(start.from, candidate, found.unknown);
      else if (!found && names.length > 1) this.#reportNear(start.from, candidate);
      return undefined;
    }
    const last = candidate.parts[found.used - 1];
    if (!last) return undefined;
    if (place === 'SCRIPT' || place === 'UNQUOTED') this.#refuse(start.from, last.to, place);
    this.#flush(start.from);
    const markup = candidate.markup.filter((each) => each.from < last.to).map((each) => each.text);
    const before = place === 'URL' ? this.source.slice(rangeFrom, start.from).slice(0, 200) : '';
    this.#tokens.push({ path: found.path, from: start.from, to: last.to, place, before, markup: markup.join('') });
    this.#done = last.to;
    return last.to;
  }

  #report(
    from: number,
    candidate: Candidate,
    unknown: { type: Parameters<typeof namesWithin>[0]; steps: readonly string[]; given: string },
  ): void {
    if (this.#problems.length >= mostProblems) return;
    const part = candidate.parts[Math.min(unknown.steps.length, candidate.parts.length - 1)];
    if (leadsTooFar(unknown)) {
      this.#add(from, candidate.parts.at(-1)?.to ?? from + 1, 'UNKNOWN_TAG', tooFar);
      return;
    }
    const prefix = `#${unknown.steps.join('.')}.`;
    // A relation is worth offering only where something follows it.
    const goesOn = candidate.parts.length > unknown.steps.length + 1;
    const names = goesOn ? namesWithin(unknown.type) : [...unknown.type.fieldByName.keys()];
    const near = nearest(unknown.given, names).map((name) => `${prefix}${name}`);
    const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `${prefix.slice(0, -1)} has ${names.join(', ')}.`;
    this.#add(from, part?.to ?? from + 1, 'UNKNOWN_TAG', `is no tag. ${hint} (For a literal # write ##.)`);
  }

  /** `#contatc.name`: not a tag's beginning, but so near to one that it must be a slip. */
  #reportNear(from: number, candidate: Candidate): void {
    if (this.#problems.length >= mostProblems) return;
    const [head = '', ...rest] = candidate.parts.map((part) => part.name);
    const key = head.toLowerCase();
    if (!this.#suggested.has(key)) {
      if (this.#suggested.size >= mostSuggested) return;
      this.#suggested.set(key, key.length < 4 ? undefined : nearest(key, tagHeads(), 1)[0]);
    }
    const near = this.#suggested.get(key);
    if (near === undefined || findType(near)?.open) return;
    const found = resolveParts([near, ...rest]);
    if (found?.path)
      this.#add(
        from,
        candidate.parts[1]?.to ?? from + 1,
        'UNKNOWN_TAG',
        `is no tag. Did you mean #${found.path.name}? (For a literal # write ##.)`,
      );
  }

  #refuse(from: number, to: number, place: 'SCRIPT' | 'UNQUOTED'): void {
    const why =
      place === 'SCRIPT' ? 'cannot stand in an event handler.' : 'stands in an attribute without quotes; put quotes around the value.';
    if (this.#problems.length < mostProblems) this.#add(from, to, 'TAG_NOT_ALLOWED', why);
  }

  #add(from: number, to: number, code: TagProblem['code'], words: string): void {
    const line = this.source.slice(0, from).split('\n').length;
    const column = from - this.source.lastIndexOf('\n', from - 1);
    this.#problems.push({
      from,
      to,
      code,
      message: `${this.source.slice(from, to).slice(0, 100)} (line ${line}, column ${column}) ${words}`,
    });
  }

  #flush(to: number): void {
    if (to > this.#done) this.#tokens.push(this.source.slice(this.#done, to));
    this.#done = Math.max(this.#done, to);
  }
}

function hashEntity(source: string, at: number): string | undefined {
  const pattern = /&(?:num|#0{0,5}35|#x0{0,5}23);/iy;
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

function search(pattern: RegExp, source: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(source)?.index ?? source.length;
}

function joined(tokens: readonly Token[]): Token[] {
  const result: Token[] = [];
  for (const token of tokens) {
    const last = result.at(-1);
    if (typeof token === 'string' && typeof last === 'string') result[result.length - 1] = last + token;
    else result.push(token);
  }
  return result;
}

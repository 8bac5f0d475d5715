/** What may be a tag's path: the words between the dots, each with the source's end of it, and what an editor put inside. */
export interface Candidate {
  readonly parts: readonly { readonly name: string; readonly to: number }[];
  readonly markup: readonly { readonly from: number; readonly text: string }[];
}

export interface CandidateOptions {
  readonly html: boolean;
  /** Inline elements between the letters are passed over. */
  readonly throughMarkup: boolean;
  readonly end: number;
}

/** Bounds, so that reading each # of a hostile text takes constant time. */
const mostSource = 1_000;
const mostParts = 8;
const longestPart = 100;

/** Reads on from behind a #. Invisible characters count for nothing; a no-break space only beside a dot. */
export function readCandidate(source: string, from: number, options: CandidateOptions): Candidate {
  const end = Math.min(options.end, from + mostSource);
  const parts: { name: string; to: number }[] = [];
  const markup: { from: number; text: string }[] = [];
  let name = '';
  let to = from;
  let afterSpace = false;
  for (let at = from; at < end; ) {
    const step = readStep(source, at, end, options);
    if (!step) break;
    at += step.length;
    if (step.markup) {
      markup.push({ from: at - step.length, text: source.slice(at - step.length, at) });
    } else if (step.character === ' ') {
      afterSpace = name !== '';
    } else if (step.character === '.') {
      if (name === '' || parts.length + 1 >= mostParts) break;
      parts.push({ name, to });
      name = '';
      afterSpace = false;
    } else if (step.character !== '') {
      if (afterSpace || name.length >= longestPart) break;
      name += step.character;
      to = at;
    }
  }
  if (name !== '') parts.push({ name, to });
  return { parts, markup };
}

interface Step {
  length: number;
  /** A letter, '.', ' ' for a no-break space, '' for what is invisible. */
  character: string;
  markup?: boolean;
}

function readStep(source: string, at: number, end: number, { html, throughMarkup }: CandidateOptions): Step | undefined {
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (character === '<' && throughMarkup) {
    inlineMarkup.lastIndex = at;
    const found = inlineMarkup.exec(source)?.[0];
    return found && at + found.length <= end ? { length: found.length, character: '', markup: true } : undefined;
  }
  if (character === '&' && html) {
    entity.lastIndex = at;
    const found = entity.exec(source);
    const decoded = found ? decode(found[1] ?? '') : undefined;
    const meant = decoded === undefined ? undefined : meaning(decoded);
    return meant === undefined ? undefined : { length: found?.[0].length ?? 1, character: meant };
  }
  const meant = meaning(character);
  return meant === undefined ? undefined : { length: character.length, character: meant };
}

const inlineMarkup =
  /<!--[^>]{0,200}-->|<\/?(?:a|abbr|acronym|b|big|cite|code|del|em|font|i|ins|kbd|mark|o:p|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var|wbr)(?:\s[^<>]{0,500})?\/?>/iy;
const entity = /&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,10});/iy;
const named: ReadonlyMap<string, string> = new Map([
  ['nbsp', '\u00a0'],
  ['shy', '\u00ad'],
  ['zwnj', '\u200c'],
  ['zwj', '\u200d'],
  ['period', '.'],
  ['lowbar', '_'],
]);

function decode(reference: string): string | undefined {
  if (!reference.startsWith('#')) return named.get(reference);
  const code = /^#x/i.test(reference) ? Number.parseInt(reference.slice(2), 16) : Number(reference.slice(1));
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** What a character means inside a tag; undefined ends it. */
function meaning(character: string): string | undefined {
  if (/[\p{L}\p{N}_.]/u.test(character)) return character;
  if (character === '\u00a0') return ' ';
  return /[\u00ad\u200b-\u200d\u2060\ufeff]/.test(character) ? '' : undefined;
}

/**
 * Where a piece of HTML stands, which decides how a value there must be escaped. MARKUP: names of elements and attributes.
 * RAW: scripts and style sheets. Neither takes tags; SCRIPT (event handlers) refuses them.
 */
export type HtmlPlace = 'TEXT' | 'QUIET' | 'ATTRIBUTE' | 'UNQUOTED' | 'URL' | 'CSS' | 'SCRIPT' | 'MARKUP' | 'RAW';

export interface HtmlRange {
  readonly from: number;
  readonly to: number;
  readonly place: HtmlPlace;
}

/**
 * Cuts HTML into ranges without gaps. Reads as a browser's tokenizer does, forgives everything, and looks at each character
 * once. QUIET is text that takes no markup: titles, comments (Outlook reads some of them).
 */
export function htmlRanges(source: string): HtmlRange[] {
  const ranges: HtmlRange[] = [];
  let at = 0;
  const add = (to: number, place: HtmlPlace) => {
    if (to > at) ranges.push({ from: at, to, place });
    at = Math.max(at, to);
  };
  while (at < source.length) {
    const open = source.indexOf('<', at);
    add(open < 0 ? source.length : open, 'TEXT');
    if (open < 0) break;
    if (source.startsWith('<!--', at)) {
      // As browsers do: `<!-->` and `<!--->` are whole comments, and `--!>` ends one, too.
      const end = match(/<!---?>/y, source, at) ?? match(/--!?>/g, source, at + 4);
      add(end ? end.index + end[0].length : source.length, 'QUIET');
      continue;
    }
    const name = match(/<\/?([a-z][^\s/>]*)/iy, source, at);
    if (!name) {
      // `<!doctype`, `<?xml` up to their end; a lonely `<` is text.
      if (source[at + 1] === '!' || source[at + 1] === '?') add(endOf(source, '>', at), 'MARKUP');
      else add(at + 1, 'TEXT');
      continue;
    }
    add(at + name[0].length, 'MARKUP');
    readAttributes(source, () => at, add);
    const element = (name[1] ?? '').toLowerCase();
    if (name[0][1] !== '/' && rawElements.has(element)) {
      const close = search(new RegExp(`</${element}`, 'gi'), source, at);
      add(close, element === 'title' || element === 'textarea' ? 'QUIET' : 'RAW');
    }
  }
  return ranges;
}

const rawElements = new Set(['script', 'style', 'mj-style', 'title', 'mj-title', 'mj-preview', 'textarea', 'xmp', 'noembed', 'noframes']);
const urlAttributes = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'background',
  'background-url',
  'poster',
  'cite',
  'data',
  'srcset',
  'xlink:href',
  'ping',
  'longdesc',
]);

/** From behind an element's name to behind its `>`. */
function readAttributes(source: string, at: () => number, add: (to: number, place: HtmlPlace) => void): void {
  while (at() < source.length) {
    add(at() + (match(/[\s/]*/y, source, at())?.[0].length ?? 0), 'MARKUP');
    if (source[at()] === '>') {
      add(at() + 1, 'MARKUP');
      return;
    }
    const name = match(/[^\s/>=][^\s/>=]*|=/y, source, at());
    if (!name) return;
    add(at() + name[0].length, 'MARKUP');
    const equals = match(/\s*=\s*/y, source, at());
    if (!equals) continue;
    add(at() + equals[0].length, 'MARKUP');
    const place = placeOf(name[0].toLowerCase());
    const quote = source[at()];
    if (quote === '"' || quote === "'") {
      add(at() + 1, 'MARKUP');
      const end = source.indexOf(quote, at());
      add(end < 0 ? source.length : end, place);
      add(at() + 1, 'MARKUP');
    } else {
      add(at() + (match(/[^\s>]*/y, source, at())?.[0].length ?? 0), place === 'SCRIPT' ? place : 'UNQUOTED');
    }
  }
}

function placeOf(attribute: string): HtmlPlace {
  if (attribute.startsWith('on') || attribute === 'srcdoc') return 'SCRIPT';
  if (attribute === 'style') return 'CSS';
  return urlAttributes.has(attribute) ? 'URL' : 'ATTRIBUTE';
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function search(pattern: RegExp, source: string, at: number): number {
  return match(pattern, source, at)?.index ?? source.length;
}

function endOf(source: string, what: string, from: number): number {
  const at = source.indexOf(what, from);
  return at < 0 ? source.length : at + what.length;
}

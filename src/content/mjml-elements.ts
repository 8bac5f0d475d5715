import { htmlRanges } from './html-places.js';

/** An element of MJML whose beginning or end is missing, and where what is there of it stands. */
export interface LoneElement {
  readonly name: string;
  readonly missing: 'END' | 'BEGINNING';
  readonly from: number;
  readonly to: number;
}

/** More say nothing new: one end that is missing often leaves others without theirs. */
const most = 20;

/**
 * The elements of MJML that are not closed, or closed without having been opened. MJML's own validator lets them pass, and leaves
 * out their texts: every message would come without them.
 */
export function loneElements(source: string): LoneElement[] {
  const open: Marker[] = [];
  const lone: LoneElement[] = [];
  const add = ({ name, from, to }: Marker, missing: LoneElement['missing']) => {
    if (lone.length < most) lone.push({ name, missing, from, to });
  };
  for (const marker of markers(source)) {
    if (!marker.closes) {
      open.push(marker);
      continue;
    }
    // Looked for within what can be nested, so that a hostile text costs no more than it is long.
    const place = open.slice(-deepest).findLastIndex((each) => each.name === marker.name);
    if (place < 0) {
      add(marker, 'BEGINNING');
      continue;
    }
    const at = Math.max(0, open.length - deepest) + place;
    for (const each of open.splice(at).slice(1)) add(each, 'END');
  }
  for (const each of open) add(each, 'END');
  return lone.toSorted((a, b) => a.from - b.from);
}

const deepest = 50;

interface Marker {
  readonly name: string;
  readonly closes: boolean;
  readonly from: number;
  readonly to: number;
}

/** Where elements of MJML begin and end; those that do both at once (`<mj-divider />`) are left out. */
function markers(source: string): Marker[] {
  const found: Marker[] = [];
  let current: Marker | undefined;
  for (const { from, to, place } of htmlRanges(source)) {
    if (place !== 'MARKUP') continue;
    const text = source.slice(from, to);
    const name = /^<(\/?)([a-z][^\s/>]*)$/i.exec(text);
    if (name) {
      const [, slash = '', element = ''] = name;
      const isOurs = /^mj(ml$|-)/i.test(element);
      current = isOurs ? { name: element.toLowerCase(), closes: slash !== '', from, to } : undefined;
      if (current) found.push(current);
    } else if (text === '>') {
      if (current && !current.closes && source[from - 1] === '/') found.pop();
      current = undefined;
    }
  }
  return found;
}

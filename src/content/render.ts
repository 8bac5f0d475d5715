import { dynamicLinkPrefix } from '../settings/dynamic-links.js';
import { isWebAddress } from '../settings/web-address.js';
import { type Content, type Pattern, type ReadyLink, type ReadyText, textOf } from './content.js';
import { escapeValue, oneLine, type Writable } from './escape.js';
import { formatValue } from './format-value.js';
import type { LinkMaker } from './links/link.js';

/** A communication as its recipient sees it. */
export interface Rendered {
  subject: string | null;
  body: string;
  /** Without markup: the body itself, or the plain-text alternative of an HTML body. */
  text: string;
  /** Tags of this language that had no value and rendered as nothing. */
  unresolvedTags: string[];
}

export interface RenderOptions {
  /** Minutes east of UTC, frozen with the values: how instants are shown. */
  zoneOffset?: number;
  /** Makes its dynamic and short links; without one there are none. */
  links?: LinkMaker | undefined;
}

/**
 * Puts frozen values into a content, in one of its languages. Pure: the same content, language, values, offset and links give the
 * same bytes for ever, in a preview, a mail, an inbox and a reprint.
 */
export function render(content: Content, language: string, values: readonly unknown[], options: RenderOptions = {}): Rendered {
  const text = textOf(content, language);
  const formatted = formattedValues(content, language, values, options);
  const filling: Filling = { values: formatted, separator: text.format.separator, links: options.links };
  const filled = fill(text.body, filling);
  const body = text.isHtml ? withPixel(filled, options.links?.pixel()) : filled;
  return {
    subject: text.subject && oneLine(fill(text.subject, filling)),
    body,
    text: text.text ? fill(text.text, filling) : body,
    unresolvedTags: text.used.filter((tag) => isEmpty(formatted[tag])).map((tag) => content.tags[tag] ?? ''),
  };
}

/** Where the link of that index leads, as it stands in the communication; undefined where there is none that a reader may be sent to. */
export function linkTarget(
  content: Content,
  language: string,
  values: readonly unknown[],
  index: number,
  options: RenderOptions,
): string | undefined {
  const text = textOf(content, language);
  const link = linksIn(text).find((each) => each.index === index);
  if (!link) return undefined;
  const formatted = formattedValues(content, language, values, options);
  const target = fill(link.target, { values: formatted, separator: text.format.separator, links: undefined });
  return isWebAddress(target) ? target : undefined;
}

/** At the end, so that nothing of the message waits for it. */
function withPixel(html: string, address: string | undefined): string {
  if (address === undefined) return html;
  const end = html.lastIndexOf('</body>');
  const at = end < 0 ? html.length : end;
  return `${html.slice(0, at)}<img src="${escapeValue('ATTRIBUTE', address, '')}" width="1" height="1" alt="">${html.slice(at)}`;
}

interface Filling {
  readonly values: readonly Writable[];
  readonly separator: string;
  readonly links: LinkMaker | undefined;
}

function formattedValues(
  content: Content,
  language: string,
  values: readonly unknown[],
  { zoneOffset = 0, links }: RenderOptions,
): Writable[] {
  const { used, format } = textOf(content, language);
  const formatted: Writable[] = [];
  for (const tag of used) {
    const name = content.tags[tag] ?? '';
    formatted[tag] = name.startsWith(dynamicLinkPrefix)
      ? (links?.dynamic(name, values[tag], language) ?? '')
      : formatValue(content.kinds[tag] ?? 'TEXT', values[tag], format, zoneOffset);
  }
  return formatted;
}

function isEmpty(value: Writable | undefined): boolean {
  return value === undefined || (typeof value === 'object' && 'url' in value ? false : value.length === 0);
}

function linksIn({ body, text }: ReadyText): readonly ReadyLink[] {
  return [...body.links, ...(text?.links ?? [])];
}

function fill({ between, tags, escapes, links }: Pattern, filling: Filling): string {
  let result = between[0] ?? '';
  for (let index = 0; index < tags.length; index++) {
    const tag = tags[index] ?? 0;
    const link = tag < 0 ? links[-tag - 1] : undefined;
    result += link ? fillLink(link, filling) : escapeValue(escapes[index] ?? 'PLAIN', filling.values[tag] ?? '', filling.separator);
    result += between[index + 1] ?? '';
  }
  return result;
}

/** A link is replaced where that makes it shorter, or where clicks are tracked, and only by what leads to where a reader may be sent (H2). */
function fillLink({ index, as, written, target }: ReadyLink, filling: Filling): string {
  const short = filling.links?.short(index);
  if (short === undefined) return fill(written, filling);
  const address = fill(target, filling);
  const replace = filling.links?.everyLink || address.length > short.length;
  if (!replace || !isWebAddress(address)) return fill(written, filling);
  if (as === 'PLAIN') return short;
  // A tag that stands alone in the text becomes an anchor; an address within an attribute stays one.
  const value = written.escapes[0] === 'HTML' ? filling.values[written.tags[0] ?? 0] : undefined;
  if (typeof value === 'object' && 'url' in value) return escapeValue('HTML', { ...value, url: short }, '');
  return escapeValue('ATTRIBUTE', short, '');
}

import { type Content, type Pattern, textOf } from './content.js';
import { escapeValue, oneLine } from './escape.js';
import { type Formatted, formatValue } from './format-value.js';

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
}

/**
 * Puts frozen values into a content, in one of its languages. Pure: the same content, language, values and offset give the
 * same bytes for ever, in a preview, a mail, an inbox and a reprint.
 */
export function render(content: Content, language: string, values: readonly unknown[], { zoneOffset = 0 }: RenderOptions = {}): Rendered {
  const text = textOf(content, language);
  const formatted: Formatted[] = [];
  const unresolvedTags: string[] = [];
  for (const tag of text.used) {
    const value = formatValue(content.kinds[tag] ?? 'TEXT', values[tag], text.format, zoneOffset);
    formatted[tag] = value;
    if (value.length === 0) unresolvedTags.push(content.tags[tag] ?? '');
  }
  const { separator } = text.format;
  const body = fill(text.body, formatted, separator);
  return {
    subject: text.subject && oneLine(fill(text.subject, formatted, separator)),
    body,
    text: text.text ? fill(text.text, formatted, separator) : body,
    unresolvedTags,
  };
}

function fill({ between, tags, escapes }: Pattern, values: readonly Formatted[], separator: string): string {
  let result = between[0] ?? '';
  for (let index = 0; index < tags.length; index++) {
    const value = values[tags[index] ?? 0] ?? '';
    result += escapeValue(escapes[index] ?? 'PLAIN', value, separator) + (between[index + 1] ?? '');
  }
  return result;
}

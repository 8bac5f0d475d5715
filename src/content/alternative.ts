import type { Segment } from './content.js';
import { type Escape, plainEscape } from './escape.js';
import { textAlternative } from './html.js';
import type { TagToken, Token } from './lex.js';

// Private characters of Unicode stand for the tags while the HTML becomes text.
const open = '\ue000';
const close = '\ue001';

/** A text in which none of those characters stands. */
export function withoutMarks(html: string): string {
  return html.replace(/[\ue000\ue001]/g, ' ');
}

/** The plain-text alternative of an HTML body, with the same tags; undefined where the HTML is nested too deeply. */
export function alternativeOf(
  tokens: readonly Token[],
  indexOf: (token: TagToken) => number,
  escapeOf: (token: TagToken) => Escape,
): Segment[] | undefined {
  const html = tokens.map((token, index) => (typeof token === 'string' ? token : `${open}${index}${close}${token.markup}`)).join('');
  const parts = textAlternative(html)?.split(/\ue000(\d+)\ue001/);
  return parts?.flatMap((part, index): Segment[] => {
    if (index % 2 === 0) return part === '' ? [] : [part];
    const token = tokens[Number(part)];
    return typeof token === 'object' ? [[indexOf(token), plainEscape(escapeOf(token))]] : [];
  });
}

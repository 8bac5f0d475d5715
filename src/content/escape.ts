import type { Formatted } from './format-value.js';
import type { DynamicLink } from './links/link.js';

/** What can be written into a text. */
export type Writable = Formatted | DynamicLink;

/**
 * How a value is written where its tag stands, so that it can be nothing but text there. HTML: text between elements, where a
 * list becomes an HTML list. ATTRIBUTE: a quoted attribute, a title, a comment. URL: a whole address; URL_PART: a piece of
 * one; URL_ADDRESS: an e-mail address or phone number behind mailto: or tel:. CSS: a style. LINE: a subject. PLAIN: a text.
 * PLAIN_*: the same in the plain-text alternative of an HTML body. WORDS: within an anchor, which cannot hold another one.
 */
export type Escape =
  | 'HTML'
  | 'ATTRIBUTE'
  | 'URL'
  | 'URL_PART'
  | 'URL_ADDRESS'
  | 'CSS'
  | 'LINE'
  | 'PLAIN'
  | 'PLAIN_URL'
  | 'PLAIN_URL_PART'
  | 'PLAIN_URL_ADDRESS'
  | 'WORDS'
  | 'PLAIN_WORDS';

export function escapeValue(how: Escape, value: Writable, separator: string): string {
  if (typeof value === 'object' && 'url' in value) return escapeLink(how, value);
  if (how === 'HTML') {
    if (typeof value === 'string') return withBreaks(escapeHtml(value));
    return value.length === 0 ? '' : `<ul>${value.map((each) => `<li>${withBreaks(escapeHtml(each))}</li>`).join('')}</ul>`;
  }
  const text = typeof value === 'string' ? value : value.join(separator);
  switch (how) {
    case 'ATTRIBUTE':
      return escapeHtml(text);
    case 'URL':
      return escapeHtml(wholeUrl(text));
    case 'URL_PART':
      return escapeHtml(urlPart(text));
    case 'URL_ADDRESS':
      return escapeHtml(urlAddress(text));
    case 'CSS':
      // Letters, digits and what colours, sizes and fonts need: no way out of the declaration.
      return text.replace(/[^\p{L}\p{N}#%., _-]/gu, '');
    case 'LINE':
      return oneLine(text);
    case 'PLAIN_URL':
      return wholeUrl(text);
    case 'PLAIN_URL_PART':
      return urlPart(text);
    case 'PLAIN_URL_ADDRESS':
      return urlAddress(text);
    default:
      return text;
  }
}

/** An anchor where one can stand, its words inside another one, its address everywhere else. */
function escapeLink(how: Escape, { url, words }: DynamicLink): string {
  switch (how) {
    case 'HTML':
      return `<a href="${escapeHtml(url)}">${escapeHtml(words)}</a>`;
    case 'WORDS':
      return escapeHtml(words);
    case 'PLAIN_WORDS':
      return words;
    default:
      return escapeValue(how, url, '');
  }
}

/** The same value in the plain-text alternative. */
export function plainEscape(how: Escape): Escape {
  switch (how) {
    case 'URL':
      return 'PLAIN_URL';
    case 'URL_PART':
      return 'PLAIN_URL_PART';
    case 'URL_ADDRESS':
      return 'PLAIN_URL_ADDRESS';
    case 'WORDS':
      return 'PLAIN_WORDS';
    default:
      return 'PLAIN';
  }
}

/** A line break in a header would begin another one. */
export function oneLine(text: string): string {
  return controls.test(text) ? text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ') : text;
}

const controls = /[\p{Cc}\u2028\u2029]/u;
const special = /[&<>"'`]/;
const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

function escapeHtml(text: string): string {
  return special.test(text) ? text.replace(/[&<>"'`]/g, (each) => references[each] ?? each) : text;
}

function withBreaks(html: string): string {
  return html.includes('\n') || html.includes('\r') ? html.replace(/\r\n?|\n/g, '<br>') : html;
}

/** A value that is a whole address may lead to the web, a mailbox or a phone; never into a script. */
function wholeUrl(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const address = trimmed.replace(/[\s\p{Cc}<>"'`\\^{|}]/gu, (each) => encodeURIComponent(each));
  return /^(https?:\/\/|mailto:|tel:|sms:|\/(?!\/))/i.test(address) ? address : `https://${address.replace(/^\/+/, '')}`;
}

function urlPart(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("'", '%27');
}

function urlAddress(text: string): string {
  return urlPart(text).replaceAll('%40', '@').replaceAll('%2B', '+');
}

import type { StoredContent, StoredText } from './content.js';

/**
 * What people find a content by: the words of its subjects and texts in all languages, without tags and markup, folded. Folded
 * here and not by PostgreSQL: its `simple` dictionary knows the small letters of ASCII alone where the database's locale is C.
 */
export function searchedText({ texts }: Pick<StoredContent, 'texts'>): string {
  return wordsIn(Object.values(texts).map(plainText).join('\n').slice(0, mostCharacters)).join(' ');
}

/** A tsvector holds 1 MB; the beginning of a text is enough to find it by. */
const mostCharacters = 200_000;

function plainText({ subject, body, text }: StoredText): string {
  const parts = [...(subject ?? []), '\n', ...(text ?? body)];
  return parts.map((each) => (typeof each === 'string' ? each : ' ')).join('');
}

/** Small letters without accents: whoever types `ελενη` finds Ελένη. What stands between words means nothing. */
function wordsIn(text: string): string[] {
  const folded = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ς', 'σ');
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

const mostWords = 20;

/** What was typed as a tsquery: all of its words, each as the beginning of one. Null where there is no word in it. */
export function searchQuery(typed: string): string | null {
  const words = wordsIn(typed).slice(0, mostWords);
  return words.length === 0 ? null : words.map((each) => `${each}:*`).join(' & ');
}

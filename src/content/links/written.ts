import type { Content, Pattern } from '../content.js';
import { textOf } from '../content.js';

/** A link as its text has it for everybody. */
export interface WrittenLink {
  index: number;
  /** With its tags, such as `https://example.org/?for=#contact.number`. */
  url: string;
}

/** The links of a text in that language, each once, in the order in which they stand there. */
export function writtenLinks(content: Content, language: string): WrittenLink[] {
  const { body, text } = textOf(content, language);
  const byIndex = new Map([...body.links, ...(text?.links ?? [])].map(({ index, target }) => [index, written(content, target)]));
  return [...byIndex].map(([index, url]) => ({ index, url })).toSorted((one, other) => one.index - other.index);
}

function written({ tags: names }: Content, { between, tags }: Pattern): string {
  return between.map((part, place) => (place === 0 ? part : `#${names[tags[place - 1] ?? -1] ?? ''}${part}`)).join('');
}

import type { Words } from './types.js';

/** The words in a language, else in its base language, else in English. */
export function wordsIn(words: Words, language: string): string {
  const wanted = language.toLowerCase();
  const spelled = (name: string) => Object.keys(words).find((each) => each.toLowerCase() === name);
  const found = spelled(wanted) ?? spelled(wanted.split('-')[0] ?? '');
  return (found === undefined ? undefined : words[found]) ?? words.en;
}

/** `Bill: Due date`, in every language that either of them speaks. */
export function labelOf(of: Words, what: Words): Words {
  const join = (language: string) => `${wordsIn(of, language)}: ${wordsIn(what, language)}`;
  const languages = new Set([...Object.keys(of), ...Object.keys(what)]);
  return { ...Object.fromEntries([...languages].map((each) => [each, join(each)])), en: join('en') };
}

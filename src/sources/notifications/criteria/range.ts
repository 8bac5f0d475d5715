import type { Push } from '../../../catalogue/field-sql.js';
import type { Problems } from '../../../errors.js';

/** `moreThan` is inclusive, `lessThan` exclusive (N29). Amounts are decimal texts, days whole numbers. */
export interface Range {
  moreThan?: string | number | null;
  lessThan?: string | number | null;
}

/** True where the value lies in the range; null where there is no value. */
export function rangeSql(value: string, { moreThan, lessThan }: Range, push: Push): string {
  const parts = [
    ...(moreThan == null ? [] : [`${value} >= ${push(String(moreThan))}::numeric`]),
    ...(lessThan == null ? [] : [`${value} < ${push(String(lessThan))}::numeric`]),
  ];
  return parts.length === 0 ? 'true' : parts.join(' and ');
}

/** Adds a problem for a range that says nothing or that nothing can lie in. */
export function checkRange(range: Range | null | undefined, problems: Problems, path: readonly (string | number)[]): void {
  if (range == null) return;
  const { moreThan, lessThan } = range;
  if (moreThan == null && lessThan == null) problems.add([...path], 'EMPTY', 'Give `moreThan`, `lessThan` or both.');
  if (moreThan != null && lessThan != null && Number(moreThan) >= Number(lessThan))
    problems.add([...path], 'EMPTY_RANGE', `Nothing is at least ${moreThan} and less than ${lessThan}.`);
}

export function rangeWords({ moreThan, lessThan }: Range): string {
  const words = [moreThan == null ? '' : `at least ${moreThan}`, lessThan == null ? '' : `less than ${lessThan}`];
  return words.filter((each) => each !== '').join(' and ');
}

/** Texts to choose from, of which at least one must be given. */
export function checkTexts(texts: readonly string[] | null | undefined, problems: Problems, path: readonly (string | number)[]): void {
  if (texts == null) return;
  if (texts.length === 0) problems.add([...path], 'EMPTY', 'Give at least one, or leave it out.');
  if (texts.length > mostTexts) problems.add([...path], 'TOO_MANY', `At most ${mostTexts} are allowed.`);
  for (const [index, each] of texts.entries()) {
    if (each.trim() === '') problems.add([...path, index], 'EMPTY', 'An empty text matches nothing.');
  }
}

const mostTexts = 1_000;

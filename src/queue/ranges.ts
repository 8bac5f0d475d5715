import { Problems } from '../errors.js';

/** Refuses numbers outside of 1 to `most`, all of them at once. */
export function checkRanges(ranges: readonly [name: string, value: number, most: number][]): void {
  const problems = new Problems();
  for (const [name, value, most] of ranges) {
    if (value < 1 || value > most) problems.add([name], 'OUT_OF_RANGE', `${value} is out of range: 1 to ${most}.`);
  }
  problems.throwIfAny();
}

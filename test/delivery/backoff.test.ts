import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/delivery/backoff.js';
import { standardPace } from '../../src/delivery/pace.js';

const options = { baseMs: standardPace.backoffBaseMs, capMs: standardPace.backoffCapMs };

test('the longest wait doubles with each try until a quarter of an hour', () => {
  const longest = Array.from({ length: 10 }, (_, tried) => backoffMs(tried + 1, options, () => 1));
  expect(longest).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 900_000, 900_000]);
});

test('any wait between nothing and the longest may be drawn', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, drawn) => {
      const wait = backoffMs(attempt, options, () => drawn);
      return wait >= 0 && wait <= options.capMs;
    }),
  );
});

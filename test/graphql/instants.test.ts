import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DateTimeScalar } from '../../src/graphql/scalars.js';

test('an instant is written as toISOString writes it, one after the other and in any order', () => {
  const instant = fc.oneof(
    fc.date({ noInvalidDate: true }),
    // Many within the same few seconds, before and after 1970.
    fc.integer({ min: -3_000, max: 3_000 }).map((ms) => new Date(ms)),
    fc.integer({ min: 0, max: 5_000 }).map((ms) => new Date(1_800_000_000_000 + ms)),
  );
  fc.assert(
    fc.property(fc.array(instant, { maxLength: 20 }), (all) => {
      expect(all.map((each) => DateTimeScalar.serialize(each))).toEqual(all.map((each) => each.toISOString()));
    }),
    { numRuns: 500 },
  );
  expect(DateTimeScalar.serialize('2027-01-02T03:04:05+02:00')).toBe('2027-01-02T01:04:05.000Z');
  expect(() => DateTimeScalar.serialize('no instant')).toThrow();
});

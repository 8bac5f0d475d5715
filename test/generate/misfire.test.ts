import { describe, expect, test } from 'vitest';
import { decide, type Misfire } from '../../src/generate/misfire.js';
import type { Duration, Rule } from '../../src/generate/recurrence.js';

const start = new Date('2027-01-01T00:00:00Z');
const rule = (every: Duration, times: number | null = null): Rule => ({ start, every, cron: null, until: null, times, timeZone: 'UTC' });
const periods: [Duration, number][] = [
  [{ amount: 1, unit: 'MINUTE' }, 60_000],
  [{ amount: 30, unit: 'MINUTE' }, 1_800_000],
  [{ amount: 1, unit: 'HOUR' }, 3_600_000],
  [{ amount: 1, unit: 'DAY' }, 86_400_000],
  [{ amount: 1, unit: 'WEEK' }, 7 * 86_400_000],
];

describe('PR17 down for 3.5 periods', () => {
  const expected: Record<Misfire, { run: number[]; missed: number[]; next: number }> = {
    FIRE_ONCE: { run: [1], missed: [2, 3], next: 4 },
    SKIP: { run: [], missed: [1, 2, 3], next: 4 },
    FIRE_ALL: { run: [1, 2, 3], missed: [], next: 4 },
  };
  test.each(Object.keys(expected) as Misfire[])('%s, for five periods', (misfire) => {
    for (const [every, ms] of periods) {
      const at = (n: number) => new Date(start.getTime() + n * ms);
      const { run, missed, next } = expected[misfire];
      // It ran at the start, then everything was down.
      expect(decide(rule(every), misfire, { due: at(1), now: at(3.5), fired: 1 })).toEqual({
        run: run.map(at),
        missed: missed.map(at),
        next: at(next),
      });
    }
  });
});

const hour = (n: number) => new Date(start.getTime() + n * 3_600_000);
const hourly = (times: number | null = null) => rule({ amount: 1, unit: 'HOUR' }, times);

test.each<Misfire>(['FIRE_ONCE', 'SKIP', 'FIRE_ALL'])('%s runs what is due now', (misfire) => {
  expect(decide(hourly(), misfire, { due: hour(1), now: new Date(hour(1).getTime() + 2_000), fired: 1 })).toEqual({
    run: [hour(1)],
    missed: [],
    next: hour(2),
  });
});

test('SKIP still runs the instant that is due now, behind those that it lets go of', () => {
  const now = new Date(hour(3).getTime() + 1_000);
  expect(decide(hourly(), 'SKIP', { due: hour(1), now, fired: 1 })).toEqual({ run: [hour(3)], missed: [hour(1), hour(2)], next: hour(4) });
});

test('SKIP runs the instant that is due now although thousands have passed before it', () => {
  const minutely = rule({ amount: 1, unit: 'MINUTE' });
  const minute = (n: number) => new Date(start.getTime() + n * 60_000);
  const now = new Date(minute(5_000).getTime() + 3_000);
  const { run, missed, next } = decide(minutely, 'SKIP', { due: minute(1), now, fired: 1 });
  expect([run, missed.length, next]).toEqual([[minute(5_000)], 1_000, minute(5_001)]);
  const late = new Date(minute(5_000).getTime() + 20_000);
  expect(decide(minutely, 'SKIP', { due: minute(1), now: late, fired: 1 }).run).toEqual([]);
});

test('only runs count against `times`, and what comes after the last run was not missed', () => {
  expect(decide(hourly(3), 'FIRE_ALL', { due: hour(1), now: hour(9), fired: 1 })).toEqual({
    run: [hour(1), hour(2)],
    missed: [],
    next: null,
  });
  expect(decide(hourly(3), 'SKIP', { due: hour(1), now: hour(3.5), fired: 2 }).next).toEqual(hour(4));
  expect(decide(hourly(2), 'FIRE_ONCE', { due: hour(1), now: hour(3.5), fired: 1 })).toEqual({ run: [hour(1)], missed: [], next: null });
});

test('FIRE_ALL takes 100 at a time and goes on with the next, which has passed, too', () => {
  const { run, next } = decide(hourly(), 'FIRE_ALL', { due: hour(1), now: hour(500), fired: 1 });
  expect(run).toHaveLength(100);
  expect(next).toEqual(hour(101));
});

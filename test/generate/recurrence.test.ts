import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { firstInstant, nextInstants, type Rule } from '../../src/generate/recurrence.js';

function rule(overrides: Partial<Omit<Rule, 'start'>> & { start: string }): Rule {
  return { every: null, cron: null, until: null, times: null, timeZone: 'UTC', ...overrides, start: new Date(overrides.start) };
}

function instants(of: Rule, count: number, after?: string, fired = 0): string[] {
  const from = after === undefined ? new Date(of.start.getTime() - 1) : new Date(after);
  return nextInstants(of, from, count, fired).map((each) => each.toISOString().replace(/:00\.000Z$/, 'Z'));
}

/** The schedule table of promises.md: each row as `every` and as cron, where both can say it. */
describe('the schedule table (PR16)', () => {
  const daily = { amount: 1, unit: 'DAY' } as const;

  test('03:30 daily is pushed an hour where the clocks go forward, once, and comes back', () => {
    const expected = ['2027-03-27T01:30Z', '2027-03-28T01:30Z', '2027-03-29T00:30Z'];
    expect(instants(rule({ start: '2027-03-27T01:30:00Z', every: daily, timeZone: 'Europe/Nicosia' }), 3)).toEqual(expected);
    expect(instants(rule({ start: '2027-03-27T00:00:00Z', cron: '30 3 * * *', timeZone: 'Europe/Nicosia' }), 3)).toEqual(expected);
  });

  test('03:00 daily, the very instant of the change', () => {
    const expected = ['2027-03-28T01:00Z', '2027-03-29T00:00Z'];
    expect(instants(rule({ start: '2027-03-26T01:00:00Z', every: daily, timeZone: 'Europe/Nicosia' }), 2, '2027-03-27T12:00:00Z')).toEqual(
      expected,
    );
    expect(instants(rule({ start: '2027-03-27T12:00:00Z', cron: '0 3 * * *', timeZone: 'Europe/Nicosia' }), 2)).toEqual(expected);
  });

  test.each(['2027-10-30T00:30:00Z', '2027-01-15T01:30:00Z'])('03:30 daily from %s runs once in the hour that comes twice', (start) => {
    const expected = ['2027-10-31T00:30Z', '2027-11-01T01:30Z'];
    expect(instants(rule({ start, every: daily, timeZone: 'Europe/Nicosia' }), 2, '2027-10-30T12:00:00Z')).toEqual(expected);
    expect(instants(rule({ start, cron: '30 3 * * *', timeZone: 'Europe/Nicosia' }), 2, '2027-10-30T12:00:00Z')).toEqual(expected);
  });

  test('a run that comes late, between the two 03:30, does not run again at the second', () => {
    const late = '2027-10-31T01:00:00Z';
    expect(instants(rule({ start: '2027-10-01T00:30:00Z', every: daily, timeZone: 'Europe/Nicosia' }), 1, late)).toEqual([
      '2027-11-01T01:30Z',
    ]);
    expect(instants(rule({ start: '2027-10-01T00:30:00Z', cron: '30 3 * * *', timeZone: 'Europe/Nicosia' }), 1, late)).toEqual([
      '2027-11-01T01:30Z',
    ]);
  });

  test('every 30 minutes are real minutes across both changes, none doubled or missing', () => {
    for (const start of ['2027-10-30T22:00:00Z', '2027-03-27T22:00:00Z']) {
      const expected = Array.from({ length: 12 }, (_, n) => new Date(Date.parse(start) + n * 1_800_000).toISOString().slice(0, 16));
      const read = (of: Rule) => instants(of, 12).map((each) => each.slice(0, 16));
      expect(read(rule({ start, every: { amount: 30, unit: 'MINUTE' }, timeZone: 'Europe/Nicosia' }))).toEqual(expected);
      expect(read(rule({ start, cron: '*/30 * * * *', timeZone: 'Europe/Nicosia' }))).toEqual(expected);
    }
  });

  test('02:30 daily in New York runs once, at 07:30Z, where the clocks go forward', () => {
    const expected = ['2027-03-14T07:30Z', '2027-03-15T06:30Z'];
    expect(
      instants(rule({ start: '2027-03-01T07:30:00Z', every: daily, timeZone: 'America/New_York' }), 2, '2027-03-13T12:00:00Z'),
    ).toEqual(expected);
    expect(instants(rule({ start: '2027-03-13T12:00:00Z', cron: '30 2 * * *', timeZone: 'America/New_York' }), 2)).toEqual(expected);
  });

  test('Z4 Z5 monthly from the 31st runs on the last day of shorter months and comes back to the 31st', () => {
    const monthly = rule({ start: '2027-01-31T09:00:00Z', every: { amount: 1, unit: 'MONTH' } });
    expect(instants(monthly, 5)).toEqual([
      '2027-01-31T09:00Z',
      '2027-02-28T09:00Z',
      '2027-03-31T09:00Z',
      '2027-04-30T09:00Z',
      '2027-05-31T09:00Z',
    ]);
  });

  test('a cron of the 31st skips the months without one, and L is the last day of each', () => {
    expect(instants(rule({ start: '2027-01-01T00:00:00Z', cron: '0 9 31 * *' }), 3)).toEqual([
      '2027-01-31T09:00Z',
      '2027-03-31T09:00Z',
      '2027-05-31T09:00Z',
    ]);
    expect(instants(rule({ start: '2027-02-01T00:00:00Z', cron: '0 9 L * *' }), 2)).toEqual(['2027-02-28T09:00Z', '2027-03-31T09:00Z']);
  });

  test('Z7 monthly on the 1st at midnight in Apia is 11:00Z of the day before', () => {
    const expected = ['2027-01-31T11:00Z', '2027-02-28T11:00Z'];
    const start = '2027-01-31T11:00:00Z';
    expect(instants(rule({ start, every: { amount: 1, unit: 'MONTH' }, timeZone: 'Pacific/Apia' }), 2)).toEqual(expected);
    expect(instants(rule({ start, cron: '0 0 1 * *', timeZone: 'Pacific/Apia' }), 2)).toEqual(expected);
  });

  test('every 2 weeks does not drift over 100 fires, however late each of them is', () => {
    const fortnightly = rule({ start: '2027-01-04T07:00:00Z', every: { amount: 2, unit: 'WEEK' }, timeZone: 'Europe/Nicosia' });
    let at = fortnightly.start;
    for (let fired = 1; fired < 100; fired++) {
      const late = new Date(at.getTime() + (fired % 13) * 86_400_000);
      const [next] = nextInstants(fortnightly, late, 1, fired);
      expect(next && next.getTime() > late.getTime()).toBe(true);
      at = next as Date;
    }
    expect(at.getTime()).toBe((nextInstants(fortnightly, new Date(0), 100).at(-1) as Date).getTime());
    const shownInNicosia = at.toLocaleTimeString('en-GB', { timeZone: 'Europe/Nicosia' });
    expect(shownInNicosia).toBe('09:00:00');
  });

  test('yearly from 29 February runs on the 28th in common years; a cron of the 29th waits for leap years', () => {
    expect(instants(rule({ start: '2028-02-29T08:00:00Z', every: { amount: 1, unit: 'YEAR' } }), 5)).toEqual([
      '2028-02-29T08:00Z',
      '2029-02-28T08:00Z',
      '2030-02-28T08:00Z',
      '2031-02-28T08:00Z',
      '2032-02-29T08:00Z',
    ]);
    expect(instants(rule({ start: '2027-01-01T00:00:00Z', cron: '0 8 29 2 *' }), 2)).toEqual(['2028-02-29T08:00Z', '2032-02-29T08:00Z']);
  });
});

describe("the server's own zone", () => {
  const own = process.env['TZ'];
  afterEach(() => {
    if (own === undefined) delete process.env['TZ'];
    else process.env['TZ'] = own;
  });

  test.each(['Pacific/Apia', 'America/St_Johns', 'Australia/Lord_Howe'])('moves no instant when it is %s', (zone) => {
    process.env['TZ'] = zone;
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone);
    const daily = rule({ start: '2027-03-27T01:30:00Z', every: { amount: 1, unit: 'DAY' }, timeZone: 'Europe/Nicosia' });
    expect(instants(daily, 3)).toEqual(['2027-03-27T01:30Z', '2027-03-28T01:30Z', '2027-03-29T00:30Z']);
    const cron = rule({ start: '2027-10-30T12:00:00Z', cron: '30 3 * * *', timeZone: 'Europe/Nicosia' });
    expect(instants(cron, 2)).toEqual(['2027-10-31T00:30Z', '2027-11-01T01:30Z']);
  });
});

describe('the ends of a rule', () => {
  const hourly = { amount: 1, unit: 'HOUR' } as const;

  test('without a repeat it runs once', () => {
    const once = rule({ start: '2027-05-01T10:00:00Z' });
    expect(instants(once, 5)).toEqual(['2027-05-01T10:00Z']);
    expect(instants(once, 5, '2027-05-01T10:00:00Z')).toEqual([]);
  });

  test('`until` is included', () => {
    const limited = rule({ start: '2027-05-01T10:00:00Z', every: hourly, until: new Date('2027-05-01T12:00:00Z') });
    expect(instants(limited, 5)).toEqual(['2027-05-01T10:00Z', '2027-05-01T11:00Z', '2027-05-01T12:00Z']);
  });

  test('`times` counts the runs that were made', () => {
    const thrice = rule({ start: '2027-05-01T10:00:00Z', every: hourly, times: 3 });
    expect(instants(thrice, 5)).toHaveLength(3);
    expect(instants(thrice, 5, '2027-05-01T20:30:00Z', 2)).toEqual(['2027-05-01T21:00Z']);
    expect(instants(thrice, 5, '2027-05-01T20:30:00Z', 3)).toEqual([]);
  });

  test('a start in the second of two equal hours is kept as it is', () => {
    const daily = rule({ start: '2027-10-31T01:30:00Z', every: { amount: 1, unit: 'DAY' }, timeZone: 'Europe/Nicosia' });
    expect(instants(daily, 2)).toEqual(['2027-10-31T01:30Z', '2027-11-01T01:30Z']);
  });

  test('a cron never begins before the start', () => {
    const cron = rule({ start: '2027-05-01T10:30:00Z', cron: '0 * * * *' });
    expect(firstInstant(cron)?.toISOString()).toBe('2027-05-01T11:00:00.000Z');
    expect(firstInstant(rule({ start: '2027-05-01T11:00:00Z', cron: '0 * * * *' }))?.toISOString()).toBe('2027-05-01T11:00:00.000Z');
  });

  test('a cron whose day never comes has no instants', () => {
    expect(instants(rule({ start: '2027-05-01T10:30:00Z', cron: '0 0 29 2 *', until: new Date('2027-12-31T00:00:00Z') }), 3)).toEqual([]);
  });
});

describe('wherever one looks from', () => {
  const zones = ['Europe/Nicosia', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'America/Havana', 'Asia/Kathmandu'];
  const crons = ['30 3 * * *', '*/30 * * * *', '15,45 1-3 * * *', '0 0 * * *', '0 */2 * * *', '20 2 * * 0'];
  const repeats: Partial<Rule>[] = [
    ...crons.map((cron) => ({ cron })),
    ...(['MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'] as const).map((unit) => ({
      every: { amount: unit === 'MINUTE' ? 25 : 1, unit },
    })),
  ];

  test('the next instant is the first of the whole list that is later', () => {
    const start = Date.UTC(2027, 0, 31, 0, 30);
    const year = 366 * 86_400_000;
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...repeats),
        fc.integer({ min: 0, max: year / 60_000 }),
        (timeZone, repeat, minutes) => {
          const of = rule({ start: new Date(start).toISOString(), timeZone, ...repeat } as Parameters<typeof rule>[0]);
          const after = new Date(start + minutes * 60_000);
          const [next, following] = nextInstants(of, after, 2);
          const earlier = nextInstants(of, new Date(after.getTime() - 2 * 86_400_000), 200);
          const within = earlier.filter((each) => each > after);
          if (within.length > 0) expect(next).toEqual(within[0]);
          expect(next && following && next > after && following > next).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

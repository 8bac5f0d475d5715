import { type CronExpression, CronExpressionParser } from 'cron-parser';
import { DateTime, IANAZone } from 'luxon';

export type TimeUnit = 'MINUTE' | 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'YEAR';

export interface Duration {
  amount: number;
  unit: TimeUnit;
}

/** When a schedule runs: at `start` alone, or again and again from there by `every` or `cron`. */
export interface Rule {
  /** The first instant of `every`; of `cron` the earliest. */
  readonly start: Date;
  readonly every: Duration | null;
  readonly cron: string | null;
  /** The last instant at which it may run. */
  readonly until: Date | null;
  /** How many runs it makes at most. */
  readonly times: number | null;
  readonly timeZone: string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The longest that a unit takes on the calendar: an estimate by it never overshoots. */
const longestMs: Record<TimeUnit, number> = {
  MINUTE: minuteMs,
  HOUR: hourMs,
  DAY: dayMs,
  WEEK: 7 * dayMs,
  MONTH: 31 * dayMs,
  YEAR: 366 * dayMs,
};

const calendarUnit = { DAY: 'days', WEEK: 'weeks', MONTH: 'months', YEAR: 'years' } as const;

/** Clocks are put forward or back by less than this. */
const greatestShiftMs = 3 * hourMs;

/** PostgreSQL's text and ISO 8601 agree on four digits of a year. */
const endOfTime = Date.UTC(9999, 11, 31);

/**
 * The next `count` instants strictly after `after`, fewer where the rule ends, of a schedule that has made `fired` runs. The
 * one function behind the preview and the execution.
 */
export function nextInstants(rule: Rule, after: Date, count: number, fired = 0): Date[] {
  const left = Math.min(count, rule.times === null ? count : rule.times - fired);
  const found: Date[] = [];
  if (left <= 0) return found;
  for (const instant of instantsAfter(rule, after.getTime())) {
    if (instant > (rule.until?.getTime() ?? endOfTime)) break;
    found.push(new Date(instant));
    if (found.length === left) break;
  }
  return found;
}

/** The first instant of all, which may be the start itself; undefined where the rule gives none. */
export function firstInstant(rule: Rule): Date | undefined {
  return nextInstants(rule, new Date(rule.start.getTime() - 1), 1)[0];
}

/** `amount` units later: minutes and hours in real time, the others by the clock on the wall of the zone. */
export function plus(from: Date, { amount, unit }: Duration, timeZone: string): Date {
  if (unit === 'MINUTE' || unit === 'HOUR') return new Date(from.getTime() + amount * longestMs[unit]);
  return new Date(instantOf(wallOf(from.getTime(), timeZone).plus({ [calendarUnit[unit]]: amount }), timeZone));
}

/** Reads a cron expression; throws with the parser's words. Five fields: minute, hour, day of the month, month, day of the week. */
export function parseCron(text: string): CronExpression {
  if (text.trim().split(/\s+/).length !== 5) {
    throw new Error('it must have five fields: minute, hour, day of the month, month, day of the week');
  }
  // The parser's H is drawn anew on each reading, so that its instants would move.
  if (/\bH\b/i.test(text)) throw new Error('H is not supported');
  return CronExpressionParser.parse(text, { tz: 'UTC' });
}

function instantsAfter(rule: Rule, after: number): Iterable<number> {
  const start = rule.start.getTime();
  if (rule.cron !== null) return cronInstants(rule.cron, rule.timeZone, Math.max(after, start - 1));
  if (rule.every !== null) return everyInstants(rule.start, rule.every, rule.timeZone, after);
  return start > after ? [start] : [];
}

/**
 * Always counted from the start: a monthly repeat from the 31st runs on the last day of shorter months and comes back to the
 * 31st, and nothing drifts with late runs.
 */
function* everyInstants(start: Date, every: Duration, timeZone: string, after: number): Generator<number> {
  const estimate = Math.floor((after - start.getTime()) / (every.amount * longestMs[every.unit]));
  // Two steps back: a day may be longer than 24 hours where the clocks change.
  for (let n = Math.max(0, estimate - 2); ; n++) {
    const instant = n === 0 ? start.getTime() : plus(start, { amount: n * every.amount, unit: every.unit }, timeZone).getTime();
    // Said this way round it ends for a broken date, too, which is neither earlier nor later than any other.
    if (!(instant <= endOfTime)) return;
    if (instant > after) yield instant;
  }
}

/**
 * The parser walks in UTC, where no clock changes, and each reading of the clock is then placed in the zone: its own steps
 * through a change of half an hour (Lord Howe) fail or never end, and begun within an hour that comes twice it counts the
 * second one, too. A cron of every hour runs in real time, through the hour that comes twice; any other runs there once.
 */
function* cronInstants(cron: string, timeZone: string, after: number): Generator<number> {
  const everyHour = parseCron(cron).fields.hour.values.length === 24;
  const walls = CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: walkFrom(wallOf(after, timeZone), timeZone) });
  // Readings skipped by a change are pushed behind later ones, so the order settles only once the walk is past the change.
  let waiting: number[] = [];
  for (let last = after; ; ) {
    const wall = nextWall(walls);
    const earliest = wall === undefined ? Number.POSITIVE_INFINITY : instantOf(wall, timeZone);
    const isSettled = wall === undefined || !isNearChange(wall, timeZone);
    const [settled, rest] = parted(waiting, isSettled ? earliest : earliest - greatestShiftMs);
    for (const instant of settled) {
      if (instant <= last) continue;
      last = instant;
      yield instant;
    }
    if (wall === undefined) return;
    waiting = [...rest, ...(everyHour ? occurrences(wall, timeZone) : [earliest])];
  }
}

/** Near a change the walk begins before it, to know what it has counted already. */
function walkFrom(wall: DateTime, timeZone: string): Date {
  return new Date(wall.toMillis() - (isNearChange(wall, timeZone) ? greatestShiftMs : 0));
}

function nextWall(walls: CronExpression): DateTime | undefined {
  try {
    const wall = walls.next().getTime();
    return wall > endOfTime ? undefined : DateTime.fromMillis(wall, { zone: 'utc' });
  } catch {
    // The parser gives up where no day within its horizon fits, such as a 29 February that must be some rare weekday.
    return undefined;
  }
}

function parted(waiting: number[], limit: number): [settled: number[], rest: number[]] {
  const settled = waiting.filter((instant) => instant < limit).toSorted((a, b) => a - b);
  return [settled, waiting.filter((instant) => instant >= limit)];
}

/** What the clock on the wall shows at the instant, as if it were UTC: arithmetic on it meets no change of the clocks. */
function wallOf(instant: number, timeZone: string): DateTime {
  return DateTime.fromMillis(instant, { zone: timeZone }).setZone('utc', { keepLocalTime: true });
}

/** When the clock on the wall shows that: the first time where it does so twice; pushed on by the gap where it never does. */
function instantOf(wall: DateTime, timeZone: string): number {
  return occurrences(wall, timeZone)[0] ?? wall.toMillis() - offsetsAround(wall, timeZone)[0];
}

function occurrences(wall: DateTime, timeZone: string): number[] {
  const shown = wall.toMillis();
  const [before, after] = offsetsAround(wall, timeZone);
  if (before === after) return [shown - before];
  const candidates = [shown - before, shown - after].toSorted((a, b) => a - b);
  return candidates.filter((instant) => instant + offsetMs(timeZone, instant) === shown);
}

function isNearChange(wall: DateTime, timeZone: string): boolean {
  const [before, after] = offsetsAround(wall, timeZone);
  return before !== after;
}

/** A day before and a day after: between them lies one change of the clocks at most. */
function offsetsAround(wall: DateTime, timeZone: string): [before: number, after: number] {
  const shown = wall.toMillis();
  return [offsetMs(timeZone, shown - dayMs), offsetMs(timeZone, shown + dayMs)];
}

function offsetMs(timeZone: string, instant: number): number {
  return IANAZone.create(timeZone).offset(instant) * minuteMs;
}

import { Invalid, type Problem, Problems } from '../errors.js';
import { scalarProblem } from '../graphql/scalars.js';
import type { Misfire } from './misfire.js';
import { type Duration, firstInstant, parseCron, plus, type Rule, type TimeUnit } from './recurrence.js';

/** A schedule as a caller asks for it: see ScheduleInput of the schema. */
export interface ScheduleWish {
  at?: string | null;
  after?: Duration | null;
  repeat?: { every?: Duration | null; cron?: string | null; until?: string | null; times?: number | null } | null;
  timeZone?: string | null;
  misfire?: Misfire | null;
}

/** What checking needs beside the wish itself. */
export interface CheckOptions {
  /** By the database's clock. */
  now: Date;
  defaultTimeZone: string;
  /** Where the wish stands in the input: what every problem's path begins with. */
  path: Problem['path'];
}

/** A caller's clock may be this far behind ours before "now" is the past. */
const toleranceMs = 10_000;
const greatestYears = 10;
const greatestAmount: Record<TimeUnit, number> = {
  MINUTE: greatestYears * 525_600,
  HOUR: greatestYears * 8_760,
  DAY: greatestYears * 365,
  WEEK: greatestYears * 52,
  MONTH: greatestYears * 12,
  YEAR: greatestYears,
};
const farthestMs = 100 * 366 * 86_400_000;
const longestCron = 200;

/**
 * The rule that a wish makes, with its start made absolute. With neither `at` nor `after` a single run and the first of
 * `every` are now, and the first of `cron` is its next instant. Throws Invalid with every problem at once.
 */
export function ruleOf(wish: ScheduleWish, options: CheckOptions): Rule {
  const problems = new Problems();
  const timeZone = checkTimeZone(wish, options, problems);
  const start = checkStart(wish, timeZone, options, problems);
  const repeat = checkRepeat(wish, start, options, problems);
  const rule: Rule = { start, timeZone, every: null, cron: null, until: null, times: null, ...repeat };
  if (problems.list.length === 0 && !firstInstant(rule)) {
    problems.add([...options.path, 'repeat'], 'NEVER_RUNS', 'It never runs: no instant lies between its start and its end.');
  }
  problems.throwIfAny();
  return rule;
}

function checkTimeZone({ timeZone }: ScheduleWish, { defaultTimeZone, path }: CheckOptions, problems: Problems): string {
  if (timeZone == null) return defaultTimeZone;
  const problem = scalarProblem('TimeZone', timeZone);
  if (!problem) return timeZone;
  problems.add([...path, 'timeZone'], problem.code, problem.message);
  return defaultTimeZone;
}

function checkStart({ at, after }: ScheduleWish, timeZone: string, { now, path }: CheckOptions, problems: Problems): Date {
  if (at != null && after != null) problems.add([...path, 'after'], 'CONTRADICTION', 'Give `at` or `after`, not both.');
  const start = at == null ? undefined : readInstant(at, [...path, 'at'], problems);
  if (start && start.getTime() < now.getTime() - toleranceMs) {
    const text = `${start.toISOString()} has passed: it is ${now.toISOString()}. Give an instant in the future, or leave it out to begin now.`;
    problems.add([...path, 'at'], 'IN_THE_PAST', text);
  }
  if (start && start.getTime() > now.getTime() + farthestMs) {
    problems.add([...path, 'at'], 'OUT_OF_RANGE', `${start.toISOString()} is more than 100 years away.`);
  }
  const isLength = after == null || checkDuration(after, [...path, 'after'], problems);
  if (start) return start;
  return after != null && isLength ? plus(now, after, timeZone) : now;
}

function checkRepeat({ repeat }: ScheduleWish, start: Date, options: CheckOptions, problems: Problems): Partial<Rule> {
  if (repeat == null) return {};
  const path = [...options.path, 'repeat'];
  const every = repeat.every ?? null;
  const cron = repeat.cron ?? null;
  if (every === null && cron === null) problems.add(path, 'EXACTLY_ONE', 'Give exactly one of `every` and `cron`: neither is there.');
  if (every !== null && cron !== null) problems.add(path, 'EXACTLY_ONE', 'Give exactly one of `every` and `cron`: both are there.');
  if (every !== null) checkDuration(every, [...path, 'every'], problems);
  if (cron !== null) checkCron(cron, [...path, 'cron'], problems);
  const until = repeat.until == null ? null : (readInstant(repeat.until, [...path, 'until'], problems) ?? null);
  if (until && until <= start) {
    const text = `${until.toISOString()} is not after the start, ${start.toISOString()}.`;
    problems.add([...path, 'until'], 'BEFORE_START', text);
  }
  const times = repeat.times ?? null;
  if (times !== null && times < 1) problems.add([...path, 'times'], 'OUT_OF_RANGE', `${times} is too few: give 1 or more.`);
  return { every, cron, until, times };
}

function checkDuration({ amount, unit }: Duration, path: Problem['path'], problems: Problems): boolean {
  const greatest = greatestAmount[unit];
  if (Number.isInteger(amount) && amount >= 1 && amount <= greatest) return true;
  problems.add(
    [...path, 'amount'],
    'OUT_OF_RANGE',
    `${amount} is out of range: give 1 to ${greatest} ${unit}, which is ${greatestYears} years.`,
  );
  return false;
}

function checkCron(cron: string, path: Problem['path'], problems: Problems): void {
  const given = JSON.stringify(cron.slice(0, 80));
  if (cron.length > longestCron) {
    problems.add(path, 'TOO_LONG', `${given}... has ${cron.length} characters; at most ${longestCron} are read.`);
    return;
  }
  try {
    parseCron(cron);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    problems.add(path, 'INVALID_CRON', `${given} is no cron expression (${words}); give one such as "30 9 * * 1-5".`);
  }
}

function readInstant(text: string, path: Problem['path'], problems: Problems): Date | undefined {
  const problem = scalarProblem('DateTime', text);
  if (!problem) return new Date(text);
  problems.add(path, problem.code, problem.message);
  return undefined;
}

const longestName = 200;

/** A schedule's name as given: undefined stays as it is; blank is none. */
export function nameOf(name: string | null | undefined): string | null | undefined {
  if (name == null) return name;
  if (name.trim().length > longestName) {
    throw new Invalid([{ path: ['name'], code: 'TOO_LONG', message: `A name has ${longestName} characters at most.` }]);
  }
  return name.trim() || null;
}

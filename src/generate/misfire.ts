import { nextInstants, type Rule } from './recurrence.js';

/** What becomes of instants that passed while nothing ran (PR17). */
export type Misfire = 'FIRE_ONCE' | 'SKIP' | 'FIRE_ALL';

/** A run that begins later than this after its instant is late: an alarm and the sweep take two seconds at most. */
export const lateSeconds = 15;

/** Instants decided in one transaction. */
const most = 1_000;
const mostRuns = 100;

/** What to do about a schedule that is due. */
export interface Decision {
  /** Instants that get a run of their own. */
  run: Date[];
  /** Instants that get none. */
  missed: Date[];
  /** What it waits for next, which under FIRE_ALL may have passed, too; null where it has come to its end. */
  next: Date | null;
}

/**
 * Decides about every instant from `due` to `now`. FIRE_ONCE makes up for all of them by one run, as of the first; SKIP lets
 * go of what is late; FIRE_ALL gives each a run. `fired` runs have been made before; only runs count against `times`.
 */
export function decide(rule: Rule, misfire: Misfire, { due, now, fired }: { due: Date; now: Date; fired: number }): Decision {
  const endless = { ...rule, times: null };
  const passed = [due, ...nextInstants(endless, due, most - 1)].filter((each) => each <= now || each === due);
  const left = rule.times === null ? mostRuns : Math.min(mostRuns, rule.times - fired);
  if (misfire === 'FIRE_ALL') {
    const run = passed.slice(0, left);
    return { run, missed: [], next: nextInstants(rule, run.at(-1) ?? due, 1, fired + run.length)[0] ?? null };
  }
  const run = misfire === 'SKIP' ? punctual(endless, due, now).slice(0, left) : [due];
  const next = nextInstants(rule, now > due ? now : due, 1, fired + run.length)[0] ?? null;
  // With its last run made it has ended: what its rule would have given after that was not missed.
  const ended = rule.times !== null && fired + run.length >= rule.times;
  const last = run.at(-1);
  const made = new Set(run.map((each) => each.getTime()));
  return { run, missed: passed.filter((each) => !made.has(each.getTime()) && !(ended && last && each > last)), next };
}

/** Of the instants from `due` on those that are hardly late: looked for from now, because thousands may have passed before them. */
function punctual(rule: Rule, due: Date, now: Date): Date[] {
  const from = now.getTime() - lateSeconds * 1_000;
  const late = due.getTime() >= from ? [due] : [];
  // No two instants of a rule are less than a minute apart.
  const later = nextInstants(rule, new Date(Math.max(due.getTime(), from - 1)), 2);
  return [...late, ...later.filter((each) => each <= now)];
}

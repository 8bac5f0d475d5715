import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { transact } from '../graphql/request.js';
import { decide } from './misfire.js';
import { nextInstants } from './recurrence.js';
import { startRun, unbegunRuns } from './run.js';
import { armed, type Schedule, type ScheduleRow, scheduleColumns, scheduleOf } from './schedule.js';
import { type Fire, logFires } from './schedule-log.js';

/** Schedules taken in one round; more ask for another round at once. */
const batch = 100;

/** A schedule that waits, and for when. */
export interface Alarm {
  scheduleId: string;
  at: Date;
}

/**
 * Starts the run of a schedule if it is due by the database's clock, and moves it on: what passed meanwhile is dealt with by
 * its misfire policy. Whoever rings twice, late, early or in another process at the same time does no harm. Answers whether
 * an instant was due.
 */
export async function fireSchedule(ctx: Context, scheduleId: string): Promise<boolean> {
  return await transact(ctx, async (inside) => {
    // now() is when the transaction began, and unlike clock_timestamp() can be looked up in an index.
    const row = await first<ScheduleRow & { now: Date }>(
      inside,
      `select ${scheduleColumns}, now() as now from schedule s
       where s.id = $1 and s.active and s.next_run_at <= now() for update skip locked`,
      [scheduleId],
    );
    if (!row) return false;
    await fire(inside, scheduleOf(row), row.now);
    return true;
  });
}

/** The sweep: starts everything that is due, whether its alarm rang or was lost. Answers whether there may be more. */
export async function fireOverdue(ctx: Context): Promise<boolean> {
  const due = await rows<{ id: string }>(
    ctx,
    `select s.id from schedule s where s.active and s.next_run_at <= now() order by s.next_run_at limit ${batch}`,
  );
  let failure: { error: unknown } | undefined;
  for (const { id } of due) {
    try {
      await fireSchedule(ctx.open(ctx.viewer), id);
    } catch (error) {
      // One schedule that cannot run must not stop those behind it.
      ctx.log.debug({ err: error, scheduleId: id }, 'schedule not fired');
      failure ??= { error };
    }
  }
  if (failure) throw new Error('A schedule that is due could not be fired', { cause: failure.error });
  return due.length === batch;
}

/** Every alarm that should be set. */
export async function alarms(ctx: Context): Promise<Alarm[]> {
  return await rows<Alarm>(ctx, `select id as "scheduleId", next_run_at as at from schedule where active and next_run_at is not null`);
}

async function fire(ctx: Context, schedule: Schedule, now: Date): Promise<void> {
  const { id, planId, notificationTypeId, rule, misfire, fired, nextRunAt: due } = schedule;
  if (due === null) throw new Error(`Schedule ${id} waits for nothing`);
  const { run, missed, next: following } = decide(rule, misfire, { due, now, fired });
  // Runs of one schedule do not overlap: what is due while one still waits to begin is merged into that one.
  const [waiting] = misfire === 'FIRE_ALL' ? [] : await unbegunRuns(ctx, id);
  // What is merged makes no run, and so uses up none of the rule's times.
  const next = waiting ? (nextInstants(rule, now, 1, fired)[0] ?? null) : following;
  const fires: Fire[] = missed.map((dueAt) => ({ dueAt, outcome: 'MISSED', runId: null }));
  for (const dueAt of run) {
    if (waiting) {
      fires.push({ dueAt, outcome: 'MERGED', runId: waiting });
      continue;
    }
    const runId = await startRun(ctx, { planId, notificationTypeId, scheduleId: id, scheduledFor: dueAt });
    if (runId) fires.push({ dueAt, outcome: 'FIRED', runId });
  }
  const started = waiting ? 0 : run.length;
  const without = fires.filter((each) => each.outcome !== 'FIRED').length;
  if (without > 0)
    ctx.log.warn({ scheduleId: id, due, misfire, withoutRun: without, started }, 'instants of a schedule got no run of their own');
  await logFires(ctx, id, fires);
  await rows(
    ctx,
    `update schedule set fired = fired + $2, missed = missed + $3, last_run_at = case when $2 > 0 then now() else last_run_at end,
       next_run_at = $4, active = $5 where id = $1`,
    [id, started, without, next, next !== null],
  );
  armed(ctx, { ...schedule, nextRunAt: next });
}

import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { transact } from '../graphql/request.js';
import { nextInstants } from './recurrence.js';
import { startRun } from './run.js';
import { armed, type Schedule, type ScheduleRow, scheduleColumns, scheduleOf } from './schedule.js';

/** Schedules taken in one round; more ask for another round at once. */
const batch = 100;
const missedCounted = 1_000;

/** A schedule that waits, and for when. */
export interface Alarm {
  scheduleId: string;
  at: Date;
}

/**
 * Starts the run of a schedule if it is due by the database's clock, and moves it on: to its next instant that is still to
 * come, so that several missed ones make one run (misfire policy FIRE_ONCE). Whoever rings twice, late, early or in another
 * process at the same time does no harm. Answers whether a run was due.
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
  const { id, planId, notificationTypeId, nextRunAt: due } = schedule;
  if (due === null) throw new Error(`Schedule ${id} waits for nothing`);
  await startRun(ctx, { planId, notificationTypeId, scheduleId: id, scheduledFor: due });
  logMissed(ctx, schedule, due, now);
  const [next] = nextInstants(schedule.rule, due > now ? due : now, 1, schedule.fired + 1);
  const moved = { ...schedule, fired: schedule.fired + 1, nextRunAt: next ?? null };
  await rows(ctx, 'update schedule set fired = fired + 1, last_run_at = now(), next_run_at = $2, active = $3 where id = $1', [
    id,
    moved.nextRunAt,
    next !== undefined,
  ]);
  armed(ctx, moved);
}

function logMissed({ log }: Context, { id, rule, fired }: Schedule, due: Date, now: Date): void {
  const [following] = nextInstants(rule, due, 1, fired + 1);
  if (!following || following > now) return;
  const missed = nextInstants(rule, due, missedCounted, fired + 1).filter((instant) => instant <= now).length;
  log.warn({ scheduleId: id, due, missed }, 'missed runs of a schedule are made up for by one');
}

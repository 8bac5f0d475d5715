import type { Context } from '../context.js';
import { databaseNow } from '../database/clock.js';
import { first, rows } from '../database/sql.js';
import { Conflict, NotFound, type Problem } from '../errors.js';
import { cancelUnbegun } from './control.js';
import { lateSeconds, type Misfire } from './misfire.js';
import { firstInstant, nextInstants, type Rule } from './recurrence.js';
import { type Cause, causeColumns, unbegunRuns } from './run.js';
import { ruleOf, type ScheduleWish } from './schedule-input.js';
import { checkWords, type ScheduleWords } from './schedule-words.js';

/** When a plan or a notification type runs by itself. The row is the truth; Agenda only rings (design.md, idea 6). */
export interface Schedule extends Cause {
  id: string;
  name: string | null;
  code: string | null;
  description: string | null;
  rule: Rule;
  timeZone: string;
  /** Neither paused nor at its end. */
  active: boolean;
  /** Until it is resumed; not so where it has come to its end. */
  paused: boolean;
  /** How many runs it has made. */
  fired: number;
  misfire: Misfire;
  /** Instants that passed without a run of their own. */
  missed: number;
  /** Due, and not yet started although there was time enough: no worker fires schedules. */
  isLate: boolean;
  /** When it was read, by the database's clock. */
  readAt: Date;
  lastRunAt: Date | null;
  /** Null when it is not active. */
  nextRunAt: Date | null;
}

/** The instants of the rule as jsonb keeps them. */
export type ScheduleRow = Omit<Schedule, 'rule'> & { rule: StoredRule };

interface StoredRule extends Omit<Rule, 'start' | 'until' | 'timeZone'> {
  start: string;
  until: string | null;
}

export const scheduleColumns = `s.id, s.name, s.code, s.description, ${causeColumns('s')}, s.rule, s.time_zone as "timeZone", s.active, s.paused, s.fired,
  s.misfire, s.missed, coalesce(s.active and s.next_run_at < clock_timestamp() - interval '${lateSeconds} seconds', false) as "isLate",
  clock_timestamp() as "readAt", s.last_run_at as "lastRunAt", s.next_run_at as "nextRunAt"`;

export function scheduleOf(row: ScheduleRow): Schedule {
  const { start, until, every, cron, times } = row.rule;
  const rule = { start: new Date(start), until: until === null ? null : new Date(until), every, cron, times, timeZone: row.timeZone };
  return { ...row, rule };
}

export async function loadSchedule(ctx: Context, id: string): Promise<Schedule | null> {
  const row = await first<ScheduleRow>(ctx, `select ${scheduleColumns} from schedule s where s.id = $1`, [id]);
  return row ? scheduleOf(row) : null;
}

/** The schedules of a plan or of a notification type, in the order in which they were made; those of one request in one statement. */
export async function schedulesOf(ctx: Context, cause: Partial<Cause>): Promise<Schedule[]> {
  const loader = ctx.loader<string, Schedule[]>('schedulesOf', readSchedules);
  const id = causeId(cause);
  return id === null ? [] : await loader.load(id);
}

async function readSchedules(ctx: Context, causes: readonly string[]): Promise<Schedule[][]> {
  const found = await rows<ScheduleRow>(
    ctx,
    `select ${scheduleColumns} from schedule s where s.plan_id = any($1::uuid[]) or s.notification_type_id = any($1::uuid[]) order by s.id`,
    [causes],
  );
  const grouped = Map.groupBy(found.map(scheduleOf), causeId);
  return causes.map((each) => grouped.get(each) ?? []);
}

function causeId({ planId = null, notificationTypeId = null }: Partial<Cause>): string | null {
  return planId ?? notificationTypeId;
}

export interface NewSchedule extends Partial<Cause>, ScheduleWords {
  name?: string | null;
  input: ScheduleWish;
  /** Where the input stands, for the paths of its problems. */
  path: Problem['path'];
}

/** Checks the input, records the schedule, and sets its alarm once that is committed. */
export async function createSchedule(
  ctx: Context,
  { planId = null, notificationTypeId = null, name = null, code, description, input, path }: NewSchedule,
): Promise<Schedule> {
  const words = await checkWords(ctx, { code, description });
  const rule = ruleOf(input, { now: await databaseNow(ctx), defaultTimeZone: ctx.config.defaultTimeZone, path });
  const { timeZone, ...stored } = rule;
  const made = await first<ScheduleRow>(
    ctx,
    `insert into schedule as s (name, plan_id, notification_type_id, rule, time_zone, next_run_at, misfire, code, description)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${scheduleColumns}`,
    [
      name,
      planId,
      notificationTypeId,
      JSON.stringify(stored),
      timeZone,
      firstInstant(rule),
      input.misfire ?? 'FIRE_ONCE',
      words.code,
      words.description,
    ],
  );
  if (!made) throw new Error('An insert answers its row');
  return armed(ctx, scheduleOf(made));
}

export interface ScheduleChange extends ScheduleWords {
  name?: string | null | undefined;
  /** Another rule in place of the old one. */
  input?: ScheduleWish | null | undefined;
  path: Problem['path'];
}

/**
 * Gives a schedule another name or rule (Z9). Its runs and what became of its instants stay; `times` counts anew. A paused
 * one stays paused, one that had come to its end waits again.
 */
export async function updateSchedule(
  ctx: Context,
  id: string,
  { name, code, description, input, path }: ScheduleChange,
): Promise<Schedule> {
  const schedule = await hold(ctx, id);
  const now = await databaseNow(ctx);
  const words = await checkWords(ctx, { code, description, except: id });
  if (code !== undefined) await rows(ctx, 'update schedule set code = $2 where id = $1', [id, words.code]);
  if (description !== undefined) await rows(ctx, 'update schedule set description = $2 where id = $1', [id, words.description]);
  if (name !== undefined) await rows(ctx, 'update schedule set name = $2 where id = $1', [id, name]);
  if (input != null) {
    const rule = ruleOf(input, { now, defaultTimeZone: schedule.timeZone, path });
    const { timeZone, ...stored } = rule;
    // Before there was a mark, a paused one was known by what its rule would still give.
    const paused = schedule.paused || (!schedule.active && nextInstants(schedule.rule, now, 1, schedule.fired).length > 0);
    await rows(
      ctx,
      `update schedule set rule = $2, time_zone = $3, fired = 0, active = not $4::boolean, paused = $4, next_run_at = case when $4 then null else $5::timestamptz end,
         misfire = coalesce($6, misfire) where id = $1`,
      [id, JSON.stringify(stored), timeZone, paused, firstInstant(rule), input.misfire ?? null],
    );
  }
  return armed(ctx, await hold(ctx, id));
}

/**
 * No run begins until it is resumed, also none that was due before and waits behind another (runner.ts). What it misses
 * meanwhile is not made up for. One that has come to its end stays as it is.
 */
export async function pauseSchedule(ctx: Context, id: string): Promise<Schedule> {
  const schedule = await hold(ctx, id);
  const waits = schedule.active || (await unbegunRuns(ctx, id)).length > 0;
  if (schedule.paused || !waits) return schedule;
  await rows(ctx, 'update schedule set active = false, paused = true, next_run_at = null where id = $1', [id]);
  return armed(ctx, { ...schedule, active: false, paused: true, nextRunAt: null, isLate: false });
}

/** Goes on with the next instant of its rule that is still to come. */
export async function resumeSchedule(ctx: Context, id: string): Promise<Schedule> {
  const schedule = await hold(ctx, id);
  if (schedule.active) return schedule;
  const [next = null] = nextInstants(schedule.rule, await databaseNow(ctx), 1, schedule.fired);
  const held = schedule.paused && (await unbegunRuns(ctx, id)).length > 0;
  if (next === null && !held) throw new Conflict('The schedule has come to its end: no run is left to wait for. Make a new one.');
  const active = next !== null;
  await rows(ctx, 'update schedule set active = $3, paused = false, next_run_at = $2 where id = $1', [id, next, active]);
  ctx.afterCommit(() => ctx.bells.work('run'));
  return armed(ctx, { ...schedule, active, paused: false, nextRunAt: next });
}

/** The schedules of a plan or of a notification type end with it: those that there are now, whatever the request has read before. */
export async function deleteSchedulesOf(ctx: Context, cause: Partial<Cause>): Promise<void> {
  const id = causeId(cause);
  const [own = []] = id === null ? [] : await readSchedules(ctx, [id]);
  for (const each of own) await deleteSchedule(ctx, each.id);
}

/** Its runs and their communications stay; those that have not begun are cancelled: nothing would keep them from overlapping. */
export async function deleteSchedule(ctx: Context, id: string): Promise<void> {
  const schedule = await hold(ctx, id);
  await cancelUnbegun(ctx, await unbegunRuns(ctx, id));
  await rows(ctx, 'delete from schedule where id = $1', [id]);
  armed(ctx, { ...schedule, nextRunAt: null });
}

/** The next runs as things stand: the one that is due or waited for, and what the rule gives after it. */
export function previewRuns({ nextRunAt, rule, fired, readAt }: Schedule, count: number): Date[] {
  if (nextRunAt === null || count <= 0) return [];
  const from = nextRunAt > readAt ? nextRunAt : readAt;
  return [nextRunAt, ...nextInstants(rule, from, count - 1, fired + 1)];
}

/** The schedule, with its alarm set once the transaction is committed. */
export function armed(ctx: Context, schedule: Schedule): Schedule {
  ctx.afterCommit(() => void ctx.clocks.arm(schedule.id, schedule.nextRunAt));
  return schedule;
}

async function hold(ctx: Context, id: string): Promise<Schedule> {
  const row = await first<ScheduleRow>(ctx, `select ${scheduleColumns} from schedule s where s.id = $1 for update`, [id]);
  if (!row) throw new NotFound('schedule');
  return scheduleOf(row);
}

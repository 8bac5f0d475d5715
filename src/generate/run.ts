import type { Medium } from '../catalogue/medium.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';

export type RunState = 'SCHEDULED' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** What a run sends through one medium, frozen when the run starts, so that editing a template changes no run under way. */
export interface RunMessage {
  medium: Medium;
  contentId: string;
  languages: readonly string[];
  defaultLanguage: string;
  externalSystemId: string | null;
  /** What it is about for the business; absent in runs that began before there were categories. */
  categoryId?: string | null;
  /** The type of address that the contact must have; null takes the primary one. */
  addressType: string | null;
  /** E-mail and phone media need one, unless the entry goes to an inbox. */
  needsAddress: boolean;
  /** Characters at most; longer ones are created REJECTED. */
  characterLimit: number | null;
  /** When its communications expire (C16); absent in runs that began before it was frozen. */
  expiresAt?: Date | string | null;
  /** SMS that one text may take; absent in runs that began before there was such a limit. */
  segmentLimit?: number | null;
}

/** What a run's communications share, frozen when the run starts. */
export interface RunSettings {
  origin: string;
  /** Smaller goes first. */
  priority: number;
  /** The type of the objects that the recipients are met for; null where they are met for themselves. */
  objectType: string | null;
  /** Whom these exclude is skipped by the run, and refused once more right before sending (A6, N30, N31). */
  applyDirectMarketing: boolean;
  applyAffiliateMarketing: boolean;
}

/** A run that has started: editing its cause changes it no more. */
export interface FrozenRun {
  id: string;
  messages: readonly RunMessage[];
  settings: RunSettings;
  /** It is about to be taken back, and must not use what people count by. */
  rehearsed?: boolean;
}

/** What runs: exactly one of them. */
export interface Cause {
  planId: string | null;
  notificationTypeId: string | null;
}

/** The columns of a cause, of a row called as the alias says. */
export function causeColumns(alias: string): string {
  return `${alias}.plan_id as "planId", ${alias}.notification_type_id as "notificationTypeId"`;
}

/** A run with its figures, read in one snapshot: they add up at every instant (XU6). */
export interface Run extends Cause {
  id: string;
  seq: number;
  scheduleId: string | null;
  state: RunState;
  matched: number;
  remaining: number;
  generated: number;
  skipped: { reason: string; count: number }[];
  pending: number;
  completed: number;
  rejected: number;
  removed: number;
  scheduledFor: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  error: string | null;
  retractRequestedAt: Date | null;
  retractFinishedAt: Date | null;
  retracted: number;
}

/** Settles append deltas (see settle.ts); a read adds them up. */
export const runColumns = `r.id, r.seq, ${causeColumns('r')}, r.schedule_id as "scheduleId", r.state, r.matched, (r.last_ordinal - r.done_to)::int as remaining,
  r.generated, (select coalesce(jsonb_agg(jsonb_build_object('reason', key, 'count', value) order by key), '[]') from jsonb_each(r.skipped)) as skipped,
  t.pending, t.completed, t.rejected, t.removed,
  r.scheduled_for as "scheduledFor", r.started_at as "startedAt", r.finished_at as "finishedAt", r.error,
  r.retract_requested_at as "retractRequestedAt", r.retract_finished_at as "retractFinishedAt", r.retracted`;

export const runTables = `run r cross join lateral (
    select coalesce(sum(pending), 0)::int as pending, coalesce(sum(completed), 0)::int as completed, coalesce(sum(rejected), 0)::int as rejected,
      coalesce(sum(removed), 0)::int as removed
    from run_tally where run_id = r.id
  ) t`;

export async function loadRun(ctx: Context, id: string): Promise<Run | null> {
  return (await first<Run>(ctx, `select ${runColumns} from ${runTables} where r.id = $1`, [id])) ?? null;
}

/** For a loader. */
export async function runsById(ctx: Context, ids: readonly string[]): Promise<(Run | null)[]> {
  const found = await rows<Run>(ctx, `select ${runColumns} from ${runTables} where r.id = any($1::uuid[])`, [ids]);
  const byId = new Map(found.map((each) => [each.id, each]));
  return ids.map((id) => byId.get(id) ?? null);
}

/**
 * SQL of a place in the order of creation for what is taken back anyway: none that something real will ever have, and no two the
 * same, so that no index makes a real row wait.
 */
export const rehearsedSeqSql = '-(1 + floor(random() * 9e15))::bigint';

export interface NewRun extends Partial<Cause> {
  scheduleId?: string | null;
  /** Default: now, by the database's clock. */
  scheduledFor?: Date | null;
}

/**
 * Records a run and wakes a worker. One for each schedule and due time, by constraint: a clock that rings twice does no harm.
 * Answers null where that run is there already.
 */
export async function startRun(
  ctx: Context,
  { planId = null, notificationTypeId = null, scheduleId = null, scheduledFor = null }: NewRun,
): Promise<string | null> {
  const made = await first<{ id: string }>(
    ctx,
    `insert into run (plan_id, notification_type_id, schedule_id, scheduled_for) values ($1, $2, $3, coalesce($4::timestamptz, clock_timestamp()))
     on conflict (schedule_id, scheduled_for) do nothing returning id`,
    [planId, notificationTypeId, scheduleId, scheduledFor],
  );
  if (made) ctx.afterCommit(() => ctx.bells.work('run'));
  return made?.id ?? null;
}

/** The runs of a schedule that have met nobody yet, the first one first. */
export async function unbegunRuns(ctx: Context, scheduleId: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    ctx,
    `select id from run where schedule_id = $1 and state in ('SCHEDULED', 'PAUSED') and messages is null order by seq`,
    [scheduleId],
  );
  return found.map((each) => each.id);
}

/** Adds the deltas of ended runs up into one row each; reads see the same sums before and after. */
export async function compactTallies(ctx: Context): Promise<void> {
  await rows(
    ctx,
    `with crowded as (
       select run_id from run_tally group by run_id having count(*) > 200 limit 10
     ), taken as (
       delete from run_tally t using crowded c where t.run_id = c.run_id returning t.*
     )
     insert into run_tally (run_id, pending, completed, rejected, removed)
     select run_id, sum(pending), sum(completed), sum(rejected), sum(removed) from taken group by run_id`,
  );
}

import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';

/** What became of an instant of a schedule. */
export type FireOutcome = 'FIRED' | 'MISSED' | 'MERGED';

export interface Fire {
  dueAt: Date;
  outcome: FireOutcome;
  runId: string | null;
}

/** A fire as it was written down. */
export interface FireRow extends Fire {
  id: number;
  decidedAt: Date;
}

/** Longer than any period at which a person looks back. */
const keptDays = 400;

export async function logFires(ctx: Context, scheduleId: string, fires: readonly Fire[]): Promise<void> {
  if (fires.length === 0) return;
  await rows(
    ctx,
    `insert into schedule_fire (schedule_id, due_at, outcome, run_id)
     select $1, f.due_at, f.outcome, f.run_id from unnest($2::timestamptz[], $3::text[], $4::uuid[]) as f (due_at, outcome, run_id)
     order by f.due_at`,
    [scheduleId, fires.map((each) => each.dueAt), fires.map((each) => each.outcome), fires.map((each) => each.runId)],
  );
}

/** What became of the instants of a schedule, newest first. */
export async function listFires(ctx: Context, scheduleId: string, args: PageArgs): Promise<Connection<FireRow>> {
  const page = pageOf(args);
  const parameters: unknown[] = [scheduleId];
  const { where, orderBy } = keyset(page, 'f.id', 'bigint', true, parameters);
  const found = await rows<FireRow>(
    ctx,
    `select f.id, f.due_at as "dueAt", f.outcome, f.run_id as "runId", f.decided_at as "decidedAt"
     from schedule_fire f where f.schedule_id = $1 and ${where} ${orderBy}`,
    parameters,
  );
  return connectionOf(
    page,
    found,
    (each) => [each.id],
    async () =>
      (await first<{ count: number }>(ctx, 'select count(*)::int as count from schedule_fire where schedule_id = $1', [scheduleId]))
        ?.count ?? 0,
  );
}

/** Forgets what is old. */
export async function pruneFires(ctx: Context): Promise<void> {
  await rows(
    ctx,
    `delete from schedule_fire where id in (
       select id from schedule_fire where decided_at < now() - make_interval(days => ${keptDays}) order by decided_at limit 10000
     )`,
  );
}

import { affected, type HasEntityManager, rows } from '../database/sql.js';

/** How long a client may stay away and still be told everything since. */
export const keptDays = 30;
const most = 5_000;

/**
 * Forgets the oldest changes after their time; the log remembers up to where, so that old cursors get RESYNC, never silence.
 * Looks at the oldest few and no further: a log in which nothing is old costs no more than a small one.
 */
export async function pruneChanges(ctx: HasEntityManager): Promise<boolean> {
  const pruned = await affected(
    ctx,
    `with oldest as (
       select position, at < clock_timestamp() - make_interval(days => ${keptDays}) as is_old from change
       where position > (select pruned_to from change_log) order by position limit ${most}
     ), old as (
       -- Up to the first that is kept, so that nothing is left behind it.
       delete from change where position in (
         select position from oldest where is_old and position < coalesce((select min(position) from oldest where not is_old), position + 1)
       ) returning position
     )
     update change_log set pruned_to = o.position from (select max(position) as position from old) o where o.position is not null`,
  );
  return pruned > 0;
}

/** Idempotency keys are known for 24 hours. */
export async function forgetKeys(ctx: HasEntityManager): Promise<void> {
  await rows(ctx, `delete from idempotency where created_at < clock_timestamp() - interval '24 hours'`);
}

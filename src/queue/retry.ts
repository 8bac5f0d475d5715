import type { Context } from '../context.js';
import { rows } from '../database/sql.js';

/** An entry that goes back to the queue. */
export interface Postponed {
  id: string;
  leaseToken: string;
  /** Milliseconds until it is due again. */
  afterMs: number;
  /** What went wrong, kept beside the entry. */
  error: string | null;
  /** The try does not count: it was not the message's fault (a shutdown, a provider that is away). */
  uncounted?: boolean;
}

/** Gives leases back before they end; entries whose lease is no longer ours are left alone. */
export async function postpone(ctx: Context, entries: readonly Postponed[]): Promise<void> {
  if (entries.length === 0) return;
  await rows(
    ctx,
    `update queue_entry q set lease_token = null, leased_by = null, due_at = clock_timestamp() + make_interval(secs => e.after_ms / 1000.0),
       last_error = coalesce(e.error, q.last_error), attempts = q.attempts - case when e.uncounted then 1 else 0 end
     from unnest($1::uuid[], $2::uuid[], $3::float8[], $4::text[], $5::boolean[]) as e (id, token, after_ms, error, uncounted)
     where q.id = e.id and q.lease_token = e.token`,
    [
      entries.map((each) => each.id),
      entries.map((each) => each.leaseToken),
      entries.map((each) => each.afterMs),
      entries.map((each) => each.error),
      entries.map((each) => each.uncounted ?? false),
    ],
  );
}

import { randomUUID } from 'node:crypto';
import type { Context } from '../context.js';
import { prepared } from '../database/prepared.js';
import { first } from '../database/sql.js';
import type { Settleable } from './lock.js';

/** One communication's move. */
export interface Move {
  id: string;
  to: 'COMPLETED' | 'REJECTED' | 'COMPLETED_AND_REMOVED';
  leaseToken?: string | null | undefined;
  /** For REJECTED: why. */
  rejection?: { code: string; message: string };
  /** The provider's own id of the message. */
  providerId?: string | undefined;
}

/** A move that is allowed, with its entry as it was found and locked. */
export interface Accepted {
  move: Move;
  before: Settleable;
}

/**
 * CTEs that make the moves of a CTE `moved (id, state, token, code, message, provider_id, was, gone)`, all of them locked: the
 * rows, the counts of the runs (one delta for each), and the changes, as `entryChange` (settle.ts) makes them.
 */
export const moveAll = `updated as (
     update communication c set
       state = m.state,
       settled_token = coalesce(m.token, c.settled_token),
       completed_at = case when c.state = 'PENDING' and m.state <> 'REJECTED' then clock_timestamp() else c.completed_at end,
       rejected_at = case when m.code = 'EXPIRED' then c.expires_at when m.state = 'REJECTED' then clock_timestamp() else c.rejected_at end,
       rejection_code = coalesce(m.code, c.rejection_code),
       rejection_message = coalesce(m.message, c.rejection_message),
       provider_id = coalesce(m.provider_id, c.provider_id)
     from moved m where c.id = m.id
     returning c.id, c.contact_id, c.external_system_id, c.run_id, m.was, m.state, m.gone, c.viewed_at
   ), unannounced as (
     delete from entry_expiry where communication_id in (select id from moved where state in ('REJECTED', 'COMPLETED_AND_REMOVED'))
   ), taken as (
     delete from queue_entry where id in (select id from moved)
   ), counted as (
     insert into run_tally (run_id, pending, completed, rejected, removed)
     select run_id, ${['PENDING', 'COMPLETED', 'REJECTED', 'COMPLETED_AND_REMOVED'].map((each) => `count(*) filter (where state = '${each}') - count(*) filter (where was = '${each}')`).join(', ')}
     from updated where run_id is not null group by run_id
     returning run_id
   ), entries_told as (
     insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
     select 'entry.changed', u.contact_id, u.external_system_id, u.id,
       jsonb_build_object('state', u.state, 'viewedAt', s.at, 'was',
         jsonb_build_object('state', u.was, 'viewedAt', s.at) || case when u.gone then '{"gone": true}' else '{}' end::jsonb)
     from updated u cross join lateral (select to_char(u.viewed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at) s
     where u.external_system_id is not null
   ), runs_told as (
     insert into change_outbox (kind, run_id) select 'run.changed', run_id from counted
   )`;

/** Whether there is anything to tell of what `moveAll` moved. */
export const isTold = 'exists (select from updated where coalesce(external_system_id, run_id) is not null) as told';

const acceptedSql = prepared(
  `with moved as (
     select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[])
       as m (id, state, token, code, message, provider_id, was, gone)
   ), ${moveAll}
   select ${isTold}`,
);

/** Makes moves that have been decided one by one. */
export async function makeMoves(ctx: Context, accepted: readonly Accepted[]): Promise<void> {
  const made = await first<{ told: boolean }>(ctx, acceptedSql, [
    accepted.map(({ move }) => move.id),
    accepted.map(({ move }) => move.to),
    accepted.map(({ move }) => move.leaseToken ?? randomUUID()),
    accepted.map(({ move }) => move.rejection?.code ?? null),
    accepted.map(({ move }) => move.rejection?.message ?? null),
    accepted.map(({ move }) => move.providerId ?? null),
    accepted.map(({ before }) => before.state),
    accepted.map(({ before }) => before.gone),
  ]);
  if (made?.told) ctx.afterCommit(() => ctx.bells.changes());
}

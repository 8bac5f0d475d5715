import { randomUUID } from 'node:crypto';
import { engine, type Viewer } from '../access/viewer.js';
import type { NewChange } from '../changes/append.js';
import { type LifeCycleState, mayMove, movesFrom } from '../communications/lifeCycle.js';
import type { Context, Part } from '../context.js';
import { prepared } from '../database/prepared.js';
import { rows } from '../database/sql.js';
import type { ErrorCode } from '../errors.js';
import { lockParts, type Settleable } from './lock.js';

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

/** What became of one move: `error` where it was refused; the others are never stopped by it. */
export interface SettleOutcome {
  id: string;
  changed: boolean;
  error?: { code: ErrorCode; message: string };
}

/**
 * The one way in which a communication leaves PENDING or COMPLETED, for the engine and for external systems (design.md, idea
 * 4). Runs in the caller's transaction; many moves cost as many statements as one. Idempotent: a move to the state that the
 * entry is in succeeds and changes nothing.
 */
export async function settle(ctx: Context, moves: readonly Move[]): Promise<readonly SettleOutcome[]> {
  return await ctx.together('settle', moves, settleParts);
}

/** The moves of one caller, or of several that are committed together: each caller's as if they had come one after the other. */
async function settleParts(ctx: Context, parts: readonly Part<Move>[]): Promise<(SettleOutcome[] | undefined)[]> {
  const { entries, ready } = await lockParts(ctx, parts, ({ items }) => (items as readonly Move[]).map((each) => each.id));
  const accepted: Accepted[] = [];
  const outcomes = parts.map(({ viewer, items }, index) =>
    ready[index] ? items.map((move) => decide(move, settlerOf(viewer), entries.get(move.id), accepted)) : undefined,
  );
  if (accepted.length > 0) await write(ctx, accepted);
  return outcomes;
}

interface Accepted {
  move: Move;
  before: Settleable;
}

function settlerOf(viewer: Viewer): Settler {
  return viewer === engine ? 'ENGINE' : viewer.role === 'CONTACT' ? 'CONTACT' : 'SYSTEM';
}

/** What becomes of a move; a second one of the same entry meets what the first one made of it. */
function decide(move: Move, by: Settler, entry: Settleable | undefined, accepted: Accepted[]): SettleOutcome {
  const error = refusal(move, entry, by);
  const changed = !error && entry !== undefined && entry.state !== move.to;
  if (changed) {
    accepted.push({ move, before: { ...entry } });
    Object.assign(entry, { state: move.to, settledToken: move.leaseToken ?? null, leased: false, leaseToken: null });
  }
  return { id: move.id, changed, ...(error && { error }) };
}

/** Who settles: the engine's own jobs, a contact's device, or whoever works an external system's queue. */
export type Settler = 'ENGINE' | 'CONTACT' | 'SYSTEM';

/** Why a move is refused, or undefined. Pure: the life-cycle table and the rules of leases meet here. */
export function refusal(move: Move, entry: Settleable | undefined, by: Settler): SettleOutcome['error'] {
  if (!entry) return { code: 'NOT_FOUND', message: 'There is no such queue entry.' };
  const token = move.leaseToken ?? null;
  if (entry.state === move.to) {
    if (token === null || token === entry.settledToken) return undefined;
    return { code: 'CONFLICT', message: `It is ${entry.state} already, by another lease than this one.` };
  }
  // The engine started sending before the instant, or is the sweep that announces it; for everybody else it is over.
  if (entry.state === 'PENDING' && entry.expired && by !== 'ENGINE') {
    return { code: 'INVALID_STATE_TRANSITION', message: 'It has expired: it was REJECTED with code EXPIRED and stays so.' };
  }
  if (!mayMove(entry.state, move.to)) {
    const allowed = movesFrom(entry.state);
    const words = allowed.length > 0 ? `only ${allowed.join(', ')} may follow` : 'which is final';
    return { code: 'INVALID_STATE_TRANSITION', message: `It cannot become ${move.to}: it is ${entry.state}, ${words}.` };
  }
  if (by === 'CONTACT') return undefined;
  // The engine's lease still counts when it has ended and nobody has taken the entry: the message has left, and must not leave again.
  // Who completed it under a lease may go on to remove it with the same token.
  const holds =
    (token === entry.leaseToken && (entry.leased || by === 'ENGINE')) || (entry.state === 'COMPLETED' && token === entry.settledToken);
  if (token !== null && !holds) return { code: 'CONFLICT', message: 'The lease with this token has ended; lease the entry again.' };
  // The sweep announces what has expired although somebody holds it: its lease is worth nothing any more.
  if (token === null && entry.leased && !(by === 'ENGINE' && entry.expired))
    return { code: 'CONFLICT', message: 'It is leased: show the token of the lease.' };
  return undefined;
}

/** One statement for all of it: the rows, the counts of the runs (one delta for each), and the changes, as `entryChange` makes them. */
const moveSql = prepared(
  `with moved as (
     select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[])
       as m (id, state, token, code, message, provider_id, was, gone)
   ), updated as (
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
   ), told as (
     insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
     select 'entry.changed', u.contact_id, u.external_system_id, u.id,
       jsonb_build_object('state', u.state, 'viewedAt', s.at, 'was',
         jsonb_build_object('state', u.was, 'viewedAt', s.at) || case when u.gone then '{"gone": true}' else '{}' end::jsonb)
     from updated u cross join lateral (select to_char(u.viewed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at) s
     where u.external_system_id is not null
   )
   insert into change_outbox (kind, run_id) select 'run.changed', run_id from counted`,
);

async function write(ctx: Context, accepted: readonly Accepted[]): Promise<void> {
  await rows(ctx, moveSql, [
    accepted.map(({ move }) => move.id),
    accepted.map(({ move }) => move.to),
    accepted.map(({ move }) => move.leaseToken ?? randomUUID()),
    accepted.map(({ move }) => move.rejection?.code ?? null),
    accepted.map(({ move }) => move.rejection?.message ?? null),
    accepted.map(({ move }) => move.providerId ?? null),
    accepted.map(({ before }) => before.state),
    accepted.map(({ before }) => before.gone),
  ]);
  if (accepted.some(({ before }) => before.externalSystemId ?? before.runId)) ctx.afterCommit(() => ctx.bells.changes());
}

/** What an inbox needs to show the entry as it was after this change, and as it was before. */
export function entryChange(before: Settleable, after: { state: LifeCycleState; viewedAt: Date | null }): NewChange {
  return {
    kind: 'entry.changed',
    contactId: before.contactId,
    externalSystemId: before.externalSystemId,
    communicationId: before.id,
    data: {
      state: after.state,
      viewedAt: after.viewedAt,
      was: { state: before.state, viewedAt: before.viewedAt, ...(before.gone && { gone: true }) },
    },
  };
}

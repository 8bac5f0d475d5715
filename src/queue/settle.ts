import { randomUUID } from 'node:crypto';
import { engine } from '../access/viewer.js';
import { appendChanges, type NewChange } from '../changes/append.js';
import { type LifeCycleState, mayMove, movesFrom } from '../communications/lifeCycle.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import type { ErrorCode } from '../errors.js';
import { visibleEntries } from './visible.js';

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

/** What settling must know of an entry; rows are locked while they are looked at. */
export interface Settleable {
  id: string;
  state: LifeCycleState;
  expired: boolean;
  /** A COMPLETED entry whose expiry has been announced: it has left the inboxes already. */
  gone: boolean;
  leaseToken: string | null;
  leased: boolean;
  settledToken: string | null;
  contactId: string;
  externalSystemId: string | null;
  runId: string | null;
  viewedAt: Date | null;
}

/**
 * The one way in which a communication leaves PENDING or COMPLETED, for the engine and for external systems (design.md, idea
 * 4). Runs in the caller's transaction; many moves cost as many statements as one. Idempotent: a move to the state that the
 * entry is in succeeds and changes nothing.
 */
export async function settle(ctx: Context, moves: readonly Move[]): Promise<SettleOutcome[]> {
  const by = ctx.viewer === engine ? 'ENGINE' : ctx.viewer.role === 'CONTACT' ? 'CONTACT' : 'SYSTEM';
  const entries = await lockEntries(ctx, [...new Set(moves.map((each) => each.id))]);
  const outcomes: SettleOutcome[] = [];
  const accepted: { move: Move; before: Settleable }[] = [];
  for (const move of moves) {
    const entry = entries.get(move.id);
    const error = refusal(move, entry, by);
    const changed = !error && entry !== undefined && entry.state !== move.to;
    outcomes.push({ id: move.id, changed, ...(error && { error }) });
    if (!changed || !entry) continue;
    accepted.push({ move, before: { ...entry } });
    // A second move of the same entry in this call meets what the first one made of it.
    Object.assign(entry, { state: move.to, settledToken: move.leaseToken ?? null, leased: false, leaseToken: null });
  }
  if (accepted.length > 0) await write(ctx, accepted);
  return outcomes;
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
  if (token === null && entry.leased) return { code: 'CONFLICT', message: 'It is leased: show the token of the lease.' };
  return undefined;
}

/** Locks the entries, the queue's row before the communication's: everybody takes them in that order, and by id. */
export async function lockEntries(ctx: Context, ids: readonly string[]): Promise<Map<string, Settleable>> {
  if (ids.length === 0) return new Map();
  const waiting = await rows<{ id: string; leaseToken: string | null; leased: boolean }>(
    ctx,
    `select id, lease_token as "leaseToken", lease_token is not null and due_at > clock_timestamp() as leased
     from queue_entry where id = any($1::uuid[]) order by id for update`,
    [ids],
  );
  const parameters: unknown[] = [ids];
  const found = await rows<Settleable>(
    ctx,
    `select c.id, c.state, coalesce(c.expires_at <= clock_timestamp(), false) as expired,
       c.expires_at is not null and not exists (select from entry_expiry e where e.communication_id = c.id) as gone,
       c.settled_token as "settledToken", c.contact_id as "contactId", c.external_system_id as "externalSystemId", c.run_id as "runId",
       c.viewed_at as "viewedAt"
     from communication c
     where c.id = any($1::uuid[]) and c.direction = 'OUTGOING' and c.state <> 'DRAFT' and c.medium in ('EMAIL', 'SMS', 'DEVICE', 'WHATSAPP') and ${visibleEntries(ctx.viewer, parameters)}
     order by c.id for no key update of c`,
    parameters,
  );
  const leases = new Map(waiting.map((each) => [each.id, each]));
  return new Map(
    found.map((each) => [
      each.id,
      { ...each, leaseToken: leases.get(each.id)?.leaseToken ?? null, leased: leases.get(each.id)?.leased ?? false },
    ]),
  );
}

async function write(ctx: Context, accepted: readonly { move: Move; before: Settleable }[]): Promise<void> {
  await rows(
    ctx,
    `with moved as (
       select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[])
         as m (id, state, token, code, message, provider_id)
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
     ), unannounced as (
       delete from entry_expiry where communication_id in (select id from moved where state in ('REJECTED', 'COMPLETED_AND_REMOVED'))
     )
     delete from queue_entry where id in (select id from moved)`,
    [
      accepted.map(({ move }) => move.id),
      accepted.map(({ move }) => move.to),
      accepted.map(({ move }) => move.leaseToken ?? randomUUID()),
      accepted.map(({ move }) => move.rejection?.code ?? null),
      accepted.map(({ move }) => move.rejection?.message ?? null),
      accepted.map(({ move }) => move.providerId ?? null),
    ],
  );
  await tally(ctx, accepted);
  await appendChanges(ctx, changesOf(accepted));
}

const columnOf = {
  COMPLETED: 'completed',
  REJECTED: 'rejected',
  COMPLETED_AND_REMOVED: 'removed',
  PENDING: 'pending',
  DRAFT: 'pending',
} as const;

/** Moves the counts of the runs, as one delta for each. */
async function tally(ctx: Context, accepted: readonly { move: Move; before: Settleable }[]): Promise<void> {
  const deltas = new Map<string, { pending: number; completed: number; rejected: number; removed: number }>();
  for (const { move, before } of accepted) {
    if (!before.runId) continue;
    const delta = deltas.get(before.runId) ?? { pending: 0, completed: 0, rejected: 0, removed: 0 };
    delta[columnOf[before.state]] -= 1;
    delta[columnOf[move.to]] += 1;
    deltas.set(before.runId, delta);
  }
  if (deltas.size === 0) return;
  const list = [...deltas];
  await rows(
    ctx,
    `insert into run_tally (run_id, pending, completed, rejected, removed)
     select * from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[])`,
    [
      list.map(([id]) => id),
      ...(['pending', 'completed', 'rejected', 'removed'] as const).map((name) => list.map(([, delta]) => delta[name])),
    ],
  );
}

function changesOf(accepted: readonly { move: Move; before: Settleable }[]): NewChange[] {
  const changes: NewChange[] = [];
  for (const { move, before } of accepted) {
    if (!before.externalSystemId) continue;
    changes.push(entryChange(before, { state: move.to, viewedAt: before.viewedAt }));
  }
  const runs = new Set(accepted.flatMap(({ before }) => before.runId ?? []));
  return [...changes, ...[...runs].map((runId): NewChange => ({ kind: 'run.changed', runId }))];
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

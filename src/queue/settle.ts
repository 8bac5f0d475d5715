import type { NewChange } from '../changes/append.js';
import { type LifeCycleState, mayMove, movesFrom } from '../communications/lifeCycle.js';
import type { Context, Part } from '../context.js';
import type { ErrorCode } from '../errors.js';
import { lockParts, type Settleable } from './lock.js';
import { type Accepted, type Move, makeMoves } from './move.js';
import { settleOrdinary } from './ordinary.js';
import { type Settler, settlerOf } from './settler.js';

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

/**
 * The moves of one caller, or of several that are committed together: each caller's as if they had come one after the other. Most are
 * ordinary, and done at once; the others are locked, looked at and decided one by one.
 */
async function settleParts(ctx: Context, parts: readonly Part<Move>[]): Promise<(SettleOutcome[] | undefined)[]> {
  const settled = await settleOrdinary(ctx, parts);
  const others = await settleOneByOne(ctx, parts, settled);
  return parts.map(({ items }, index) => (settled.has(index) ? items.map(({ id }) => ({ id, changed: true })) : others.get(index)));
}

async function settleOneByOne(
  ctx: Context,
  parts: readonly Part<Move>[],
  settled: ReadonlySet<number>,
): Promise<Map<number, SettleOutcome[] | undefined>> {
  const left = [...parts.entries()].filter(([index]) => !settled.has(index));
  if (left.length === 0) return new Map();
  const { entries, ready } = await lockParts(
    ctx,
    left.map(([, each]) => each),
    ({ items }) => (items as readonly Move[]).map((each) => each.id),
    parts.length > 1,
  );
  const accepted: Accepted[] = [];
  const outcomes = left.map(([index, { viewer, items }], place) => {
    const decided = ready[place] ? items.map((move) => decide(move, settlerOf(viewer), entries.get(move.id), accepted)) : undefined;
    return [index, decided] as const;
  });
  if (accepted.length > 0) await makeMoves(ctx, accepted);
  return new Map(outcomes);
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

import { appendChanges } from '../changes/append.js';
import { addNote } from '../communications/note.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { CallerError, Conflict, InvalidStateTransition, NotFound } from '../errors.js';
import { lockEntries, type Settleable } from './lock.js';
import { settle } from './settle.js';
import { loadExternalSystems } from './systems.js';

/**
 * Calls back one communication (E5x). What waits becomes REJECTED with the code CANCELLED, leased by an external system or not;
 * what the engine is sending at this moment is a CONFLICT. What was handed to an inbox leaves it on every device and keeps its
 * state, as if its time had passed now. Doing it twice changes nothing.
 */
export async function cancelCommunication(ctx: Context, id: string, reason: string | null): Promise<void> {
  const entry = (await lockEntries(ctx, [id])).get(id);
  if (!entry) throw await unqueued(ctx, id);
  if (entry.state === 'PENDING') await cancelWaiting(ctx, entry, reason);
  else if (entry.state === 'COMPLETED') await retract(ctx, entry, reason);
  else if (!(await wasCancelled(ctx, id))) throw new InvalidStateTransition(`It cannot be called back: it is ${entry.state}.`);
}

async function cancelWaiting(ctx: Context, { id, leased, leaseToken, externalSystemId }: Settleable, reason: string | null): Promise<void> {
  if (leased && externalSystemId === null) throw new Conflict('It is being sent at this moment; see in a minute what came of it.');
  const message = `Cancelled by ${ctx.viewer.subject}${reason ? `: ${reason}` : '.'}`;
  const [outcome] = await settle(ctx, [
    // Whoever holds the lease learns with its own settlement that there is nothing to do any more.
    { id, to: 'REJECTED', leaseToken: leased ? leaseToken : null, rejection: { code: 'CANCELLED', message } },
  ]);
  if (outcome?.error) throw new CallerError(outcome.error.code, outcome.error.message);
}

/** An inbox shows what has not expired: from now on it has, for whoever looks and, by the change, for every device. */
async function retract(ctx: Context, entry: Settleable, reason: string | null): Promise<void> {
  const { id, contactId, externalSystemId, viewedAt } = entry;
  if (entry.expired) return;
  const system = externalSystemId === null ? undefined : (await loadExternalSystems(ctx, [externalSystemId])).get(externalSystemId);
  if (!system?.contactInbox)
    throw new InvalidStateTransition('It cannot be called back: it has left, and only an inbox gives things back.');
  await rows(
    ctx,
    `with announced as (delete from entry_expiry where communication_id = $1)
     update communication set expires_at = clock_timestamp(), left_at = clock_timestamp() where id = $1`,
    [id],
  );
  await appendChanges(ctx, [
    { kind: 'entry.expired', contactId, externalSystemId, communicationId: id, data: { was: { state: 'COMPLETED', viewedAt } } },
  ]);
  await addNote(ctx, id, `Taken out of the inbox${reason ? `: ${reason}` : '.'}`);
}

async function wasCancelled(ctx: Context, id: string): Promise<boolean> {
  return (await rows(ctx, `select from communication where id = $1 and rejection_code = 'CANCELLED'`, [id])).length > 0;
}

/** Drafts, and what was only recorded, never were in a queue. */
async function unqueued(ctx: Context, id: string): Promise<CallerError> {
  const [found] = await rows<{ state: string }>(ctx, 'select state from communication where id = $1', [id]);
  if (!found) return new NotFound('communication');
  return new InvalidStateTransition(`Only what was queued can be called back; this one is ${found.state} and never was.`);
}

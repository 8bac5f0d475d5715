import { appendChanges } from '../changes/append.js';
import { expiredMessage } from '../communications/row.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { settle } from './settle.js';

const most = 1_000;

/**
 * Announces what has expired (AMB-2): a PENDING entry is REJECTED with code EXPIRED, a COMPLETED one leaves the inboxes and
 * keeps its state. Expiry itself needs no sweep: every read and lease looks at the clock. What the engine is sending right
 * now is left until its lease ends. Answers whether there may be more.
 */
export async function announceExpired(ctx: Context): Promise<boolean> {
  const due = await rows<{ id: string; state: string }>(
    ctx,
    `select e.communication_id as id, c.state from entry_expiry e
     join communication c on c.id = e.communication_id
     left join queue_entry q on q.id = e.communication_id
     where e.expires_at <= clock_timestamp()
       and not (q.lease_token is not null and q.external_system_id is null and q.due_at > clock_timestamp())
     order by e.expires_at limit $1`,
    [most],
  );
  const pending = due.filter((each) => each.state === 'PENDING').toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rejection = { code: 'EXPIRED', message: expiredMessage() };
  await settle(
    ctx,
    pending.map(({ id }) => ({ id, to: 'REJECTED', rejection }) as const),
  );
  await announceGone(
    ctx,
    due.map((each) => each.id),
  );
  return due.length === most;
}

/**
 * COMPLETED entries leave the inboxes; whatever else was due needs no announcement any more. What somebody is settling right now
 * is left for the next round: who holds what was REJECTED above must wait for nobody.
 */
async function announceGone(ctx: Context, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const gone = await rows<{ id: string; contactId: string; externalSystemId: string; viewedAt: Date | null }>(
    ctx,
    `with locked as (
       select id from communication where id = any($1::uuid[]) and state <> 'PENDING' order by id for no key update skip locked
     ), announced as (
       -- Of several sweeps at once only one takes the row away, and tells.
       delete from entry_expiry e using locked l where e.communication_id = l.id returning e.communication_id
     )
     -- Who waits for the row finds there that it has been told: it has nothing to add to that.
     update communication c set left_at = clock_timestamp() from announced a
     where c.id = a.communication_id and c.state = 'COMPLETED' and c.external_system_id is not null
     returning c.id, c.contact_id as "contactId", c.external_system_id as "externalSystemId", c.viewed_at as "viewedAt"`,
    [ids],
  );
  await appendChanges(
    ctx,
    gone.map(({ id, viewedAt, ...of }) => ({
      kind: 'entry.expired',
      ...of,
      communicationId: id,
      data: { was: { state: 'COMPLETED', viewedAt } },
    })),
  );
}

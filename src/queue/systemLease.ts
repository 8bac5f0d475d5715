import { randomUUID } from 'node:crypto';
import type { Viewer } from '../access/viewer.js';
import type { CommunicationRow } from '../communications/row.js';
import { communicationColumns } from '../communications/row.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { transact } from '../graphql/request.js';
import type { LeaseType } from './entry.type.js';
import { lockEntries, type SettleOutcome } from './settle.js';

/** An entry with the lease that its holder has. */
export type LeasedEntry = CommunicationRow & { lease: LeaseType };

/** Who holds a lease, as the queue keeps it; a subscription adds a name of its own. */
export function holderOf({ role, subject }: Viewer): string {
  return `${role} ${subject}`;
}

/** The leases that the caller holds on these entries, taken by a call or by a subscription; null elsewhere. */
export async function ownLeases(ctx: Context, ids: readonly string[]): Promise<(LeaseType | null)[]> {
  const found = await rows<LeaseType & { id: string }>(
    ctx,
    `select id, lease_token as token, due_at as "expiresAt", attempts as attempt from queue_entry
     where id = any($1::uuid[]) and lease_token is not null and due_at > clock_timestamp()
       and $2 in (leased_by, left(leased_by, ${-randomUUID().length - 1}))`,
    [ids, holderOf(ctx.viewer)],
  );
  const byId = new Map(found.map(({ id, ...lease }) => [id, lease]));
  return ids.map((id) => byId.get(id) ?? null);
}

export interface SystemLeaseOptions {
  systemId: string;
  limit: number;
  leaseSeconds: number;
  /** Who takes them: a subscription gives back by this name what it holds. */
  holder: string;
}

/** Leases what waits for an external system: by priority, then oldest first; expired entries are left to the sweep. */
export async function leaseSystemEntries(
  ctx: Context,
  { systemId, limit, leaseSeconds, holder }: SystemLeaseOptions,
): Promise<LeasedEntry[]> {
  const found = await rows<CommunicationRow & { token: string; until: Date; attempt: number }>(
    ctx,
    `with due as (
       select id from queue_entry
       where external_system_id = $1 and due_at <= clock_timestamp() and (expires_at is null or expires_at > clock_timestamp())
       order by priority, seq limit $2 for update skip locked
     ), leased as (
       update queue_entry q set lease_token = gen_random_uuid(), leased_by = $4, attempts = q.attempts + 1,
         due_at = clock_timestamp() + make_interval(secs => $3)
       from due where q.id = due.id returning q.id, q.priority, q.lease_token, q.due_at, q.attempts
     )
     select ${communicationColumns}, l.lease_token as token, l.due_at as until, l.attempts as attempt
     from leased l join communication c on c.id = l.id order by l.priority, c.seq`,
    [systemId, limit, leaseSeconds, holder],
  );
  return found.map(({ token, until, attempt, ...row }) => ({ ...row, lease: { token, expiresAt: until, attempt } }));
}

export interface Extension {
  id: string;
  leaseToken: string;
}

/** Moves the end of leases that are still held, each answered on its own. A lease that has ended stays ended (promises.md PR9). */
export async function extendSystemLeases(ctx: Context, extensions: readonly Extension[], leaseSeconds: number): Promise<SettleOutcome[]> {
  const entries = await lockEntries(ctx, [...new Set(extensions.map((each) => each.id))]);
  const outcomes = extensions.map(({ id, leaseToken }): SettleOutcome => {
    const entry = entries.get(id);
    if (!entry) return { id, changed: false, error: { code: 'NOT_FOUND', message: 'There is no such queue entry.' } };
    if (entry.leased && entry.leaseToken === leaseToken) return { id, changed: true };
    return { id, changed: false, error: { code: 'CONFLICT', message: 'The lease with this token has ended; lease the entry again.' } };
  });
  await rows(ctx, 'update queue_entry set due_at = clock_timestamp() + make_interval(secs => $2) where id = any($1::uuid[])', [
    outcomes.filter((each) => each.changed).map((each) => each.id),
    leaseSeconds,
  ]);
  return outcomes;
}

export interface LeasedStreamOptions {
  ctx: Context;
  systemId: string;
  leaseSeconds: number;
  maxInFlight: number;
}

/** Finds entries whose lease has ended, or that were due later, when nothing rings for them. */
const pollMs = 1_000;
const batch = 50;

/**
 * Work for one subscriber of an external system: each entry that waits goes to one of the system's subscribers. What it holds
 * unsettled goes back to the queue when its lease ends or the subscription does.
 */
export function leasedStream({ ctx, systemId, leaseSeconds, maxInFlight }: LeasedStreamOptions): AsyncIterableIterator<LeasedEntry> {
  const holder = `${holderOf(ctx.viewer)} ${randomUUID()}`;
  const ready: LeasedEntry[] = [];
  let over = false;
  let wake: (() => void) | undefined;
  const stopListening = ctx.tail.listen((changes) => {
    if (changes.some((each) => each.externalSystemId === systemId)) wake?.();
  });
  const open = () => ctx.open(ctx.viewer);

  async function more(): Promise<void> {
    const held = await first<{ count: number }>(
      open(),
      'select count(*)::int as count from queue_entry where external_system_id = $1 and leased_by = $2 and lease_token is not null and due_at > clock_timestamp()',
      [systemId, holder],
    );
    const room = Math.min(batch, maxInFlight - (held?.count ?? 0));
    if (room > 0)
      ready.push(...(await transact(open(), (inside) => leaseSystemEntries(inside, { systemId, limit: room, leaseSeconds, holder }))));
  }

  async function giveBack(): Promise<void> {
    const text =
      'update queue_entry set lease_token = null, leased_by = null, due_at = clock_timestamp() where external_system_id = $1 and leased_by = $2';
    await rows(open(), text, [systemId, holder]);
    // Others may wait for what was given back.
    ctx.bells.changes();
  }

  async function end(): Promise<IteratorResult<LeasedEntry>> {
    if (!over) {
      over = true;
      stopListening();
      wake?.();
      await giveBack();
    }
    return { done: true, value: undefined };
  }

  return {
    async next() {
      while (!over) {
        const entry = ready.shift();
        if (entry) return { done: false, value: entry };
        const rung = new Promise<void>((done) => {
          const timer = setTimeout(done, pollMs);
          wake = () => {
            clearTimeout(timer);
            done();
          };
        });
        await more();
        // The subscription ended while these were being leased: nobody takes them any more.
        if (over) await giveBack();
        else if (ready.length === 0) await rung;
      }
      return { done: true, value: undefined };
    },
    return: end,
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

import { randomUUID } from 'node:crypto';
import { engine, type Viewer } from '../access/viewer.js';
import { appendChanges } from '../changes/append.js';
import { type CommunicationRow, communicationColumns } from '../communications/row.js';
import type { Context } from '../context.js';
import { committing } from '../database/begin.js';
import { prepared } from '../database/prepared.js';
import { rows } from '../database/sql.js';
import { asViewer } from '../graphql/request.js';
import type { LeaseType } from './entry.type.js';
import { floorsOf, forgetFloors, type Range, raiseFloors, rangesFrom, wholeQueue } from './floors.js';
import { lockEntries } from './lock.js';
import { type SettleOutcome, settle } from './settle.js';
import { campaignsFrom, countClaim, isCampaignTurn } from './turns.js';

/** What the queue itself knows of an entry, with the lease that its holder has. */
export type LeasedId = Pick<CommunicationRow, 'id' | 'seq'> & { priority: number; lease: LeaseType };

/** All of an entry, with its lease. */
export type LeasedEntry = CommunicationRow & LeasedId;

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
  /** The code that the system must still have; null: it is known to be that system. */
  code?: string | null;
  limit: number;
  /** Null: as long as the system's leases last. */
  leaseSeconds: number | null;
  /** Who takes them. */
  holder: string;
  /** Leaves what this holder had, and did not settle in time, to others for a moment. */
  avoidOwn?: boolean;
}

/** How long an entry whose lease has ended is left to other subscribers. */
const leftToOthersMs = 700;

/**
 * Leases what waits for an external system: by priority, then oldest first, now and then campaigns first; expired entries are left to
 * the sweep, and those whose leases have ended too often are REJECTED instead. A system that is disabled, or not there any more, has nothing to lease.
 */
export async function leaseSystemEntries(ctx: Context, options: SystemLeaseOptions): Promise<LeasedEntry[]> {
  return await leaseRows<LeasedEntry>(ctx, options, claimEntriesSql);
}

/** As leaseSystemEntries, for whoever has the contents already, or reads them elsewhere. */
export async function leaseSystemIds(ctx: Context, options: SystemLeaseOptions): Promise<LeasedId[]> {
  return await leaseRows<LeasedId>(ctx, options, claimIdsSql);
}

async function leaseRows<Row extends LeasedId>(ctx: Context, options: SystemLeaseOptions, sql: string): Promise<Row[]> {
  const leased: Row[] = [];
  const ranges = floorsOf(ctx.tail, options.systemId);
  try {
    await lookForAll();
  } catch (error) {
    // Each look is committed by itself: whoever asked must hear of what it has been given.
    if (!ctx.isLast || leased.length === 0) throw error;
    ctx.log.warn({ err: error, entries: leased.length }, 'a lease brought less than it might have');
  }
  if (leased.length < options.limit) ctx.afterCommit(() => forgetFloors(ctx.tail, options.systemId));
  else if (!ranges) remember(true);
  ctx.afterCommit(() => countClaim(ctx.tail, options.systemId, leased, options.limit));
  return leased.toSorted((a, b) => a.priority - b.priority || a.seq - b.seq);

  async function lookForAll(): Promise<void> {
    if (isCampaignTurn(ctx.tail, options.systemId)) await look(rangesFrom(ranges ?? wholeQueue(), campaignsFrom));
    const parked = leased.length < options.limit ? await look(ranges ?? wholeQueue()) : 0;
    if (ranges) remember(false);
    // Above the floors there was too little, or what was found is not for anybody any more: now all of the queue.
    for (let again = ranges !== undefined || parked > 0; again && leased.length < options.limit; ) {
      again = (await look(wholeQueue())) > 0;
    }
  }

  /** Adds what it leased, and answers how many entries it REJECTED instead. */
  async function look(within: readonly Range[]): Promise<number> {
    const claimed = await claim(ctx, sql, { ...options, limit: options.limit - leased.length }, within);
    for (const { exhausted, token, until, attempt, ...row } of claimed) {
      // What the statement answers beside the lease is a Row.
      if (!exhausted) leased.push({ ...row, lease: { token, expiresAt: until, attempt } } as unknown as Row);
    }
    const exhausted = claimed.filter((each) => each.exhausted).map((each) => each.id);
    await park(ctx, exhausted);
    return exhausted.length;
  }

  function remember(whole: boolean): void {
    const taken = new Map<number, number>();
    for (const { priority, seq } of leased) taken.set(priority, Math.max(seq + 1, taken.get(priority) ?? 0));
    ctx.afterCommit(() => raiseFloors(ctx.tail, options.systemId, taken, whole));
  }
}

type Claimed = Omit<LeasedId, 'lease'> & { exhausted: boolean; token: string; until: Date; attempt: number };

const claimIdsSql = claimSql('l.id, l.seq', '');
const claimEntriesSql = claimSql(communicationColumns, 'join communication c on c.id = l.id');

/** One look at the queue. */
function claimSql(columns: string, join: string): string {
  return `with due as (
       select q.id, q.attempts >= s.most as exhausted, s.seconds
       from (
         select coalesce(max_attempts, 2147483647) as most, coalesce($3, lease_seconds) as seconds from external_system
         where id = $1 and enabled and ($9::text is null or code = $9)
       ) s
       cross join unnest($5::smallint[], $6::bigint[], $7::smallint[]) as f (lo, floor, hi)
       cross join lateral (
         select id, attempts from queue_entry
         where external_system_id = $1 and (priority, seq) >= (f.lo, f.floor) and priority <= f.hi
           and due_at <= clock_timestamp() and (expires_at is null or expires_at > clock_timestamp())
           and (not $8 or leased_by is distinct from $4 or due_at <= clock_timestamp() - interval '${leftToOthersMs} ms')
         order by priority, seq limit $2 for update skip locked
       ) q
       limit $2
     ), leased as (
       -- What is exhausted is written as it was, and comes along: to join it again would cost the square of the limit.
       update queue_entry q set
         lease_token = case when due.exhausted then q.lease_token else gen_random_uuid() end,
         leased_by = case when due.exhausted then q.leased_by else $4 end,
         attempts = q.attempts + case when due.exhausted then 0 else 1 end,
         due_at = case when due.exhausted then q.due_at else clock_timestamp() + make_interval(secs => due.seconds) end
       from due where q.id = due.id
       returning q.id, q.seq, q.priority, q.lease_token, q.due_at, q.attempts, due.exhausted
     )
     select ${columns}, l.exhausted, l.priority, l.lease_token as token, l.due_at as until, l.attempts as attempt
     from leased l ${join}`;
}

async function claim(
  ctx: Context,
  sql: string,
  { systemId, code = null, limit, leaseSeconds, holder, avoidOwn = false }: SystemLeaseOptions,
  ranges: readonly Range[],
): Promise<Claimed[]> {
  const [lo, floor, hi] = [ranges.map((each) => each.lo), ranges.map((each) => each.floor), ranges.map((each) => each.hi)];
  return await rows<Claimed>(ctx, prepared(ctx.isLast ? committing(sql) : sql), [
    systemId,
    limit,
    leaseSeconds,
    holder,
    lo,
    floor,
    hi,
    avoidOwn,
    code,
  ]);
}

/** Entries whose leases have ended as often as their system allows, wherever nobody asks for them any more. Answers whether there may be more. */
export async function parkExhausted(ctx: Context): Promise<boolean> {
  const most = 500;
  const found = await rows<{ id: string }>(
    ctx,
    `select q.id from external_system s join queue_entry q on q.external_system_id = s.id
     where s.enabled and s.max_attempts is not null and q.attempts >= s.max_attempts and q.due_at <= clock_timestamp() and (q.expires_at is null or q.expires_at > clock_timestamp())
     limit $1 for update of q skip locked`,
    [most],
  );
  await park(
    ctx,
    found.map((each) => each.id),
  );
  return found.length === most;
}

async function park(ctx: Context, ids: readonly string[]): Promise<void> {
  const rejection = {
    code: 'LEASE_ATTEMPTS',
    message: 'Its lease has ended as often as its external system allows, and nobody said what became of it.',
  };
  await settle(
    asViewer(ctx, engine),
    ids.toSorted().map((id) => ({ id, to: 'REJECTED', rejection }) as const),
  );
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
    if (entry.state === 'PENDING' && entry.expired)
      return { id, changed: false, error: { code: 'INVALID_STATE_TRANSITION', message: 'It has expired: no lease brings it back.' } };
    if (entry.leased && entry.leaseToken === leaseToken) return { id, changed: true };
    return { id, changed: false, error: { code: 'CONFLICT', message: 'The lease with this token has ended; lease the entry again.' } };
  });
  await rows(ctx, 'update queue_entry set due_at = clock_timestamp() + make_interval(secs => $2) where id = any($1::uuid[])', [
    outcomes.filter((each) => each.changed).map((each) => each.id),
    leaseSeconds,
  ]);
  return outcomes;
}

/** A lease as its holder remembers it. */
export interface Held {
  id: string;
  token: string;
}

/** How long these leases still last, in milliseconds by the database's clock; not those that were settled or have become another's. */
export async function leftOf(ctx: Context, held: readonly Held[]): Promise<Map<string, number>> {
  if (held.length === 0) return new Map();
  const found = await rows<{ id: string; leftMs: number }>(
    ctx,
    `select q.id, (extract(epoch from q.due_at - clock_timestamp()) * 1000)::float8 as "leftMs"
     from unnest($1::uuid[], $2::uuid[]) as h (id, token) join queue_entry q on q.id = h.id and q.lease_token = h.token`,
    [held.map((each) => each.id), held.map((each) => each.token)],
  );
  return new Map(found.map((each) => [each.id, each.leftMs]));
}

/** Gives leases back before they end. `unseen`: nobody had them in hand yet, so the try does not count. */
export async function giveBack(ctx: Context, systemId: string, held: readonly (Held & { unseen: boolean })[]): Promise<void> {
  if (held.length === 0) return;
  await rows(
    ctx,
    `with mine as (
       select q.id, h.unseen from unnest($1::uuid[], $2::uuid[], $3::boolean[]) as h (id, token, unseen)
       join queue_entry q on q.id = h.id and q.lease_token = h.token order by q.id for update of q
     )
     update queue_entry q set lease_token = null, leased_by = null, due_at = clock_timestamp(),
       attempts = q.attempts - case when m.unseen then 1 else 0 end
     from mine m where q.id = m.id`,
    [held.map((each) => each.id), held.map((each) => each.token), held.map((each) => each.unseen)],
  );
  await announceWork(ctx, systemId);
}

/** Tells the subscribers of a system, in every process, that something came back to its queue. */
export async function announceWork(ctx: Context, systemId: string): Promise<void> {
  await appendChanges(ctx, [{ kind: 'queue.filled', externalSystemId: systemId }]);
  ctx.afterCommit(() => forgetFloors(ctx.tail, systemId));
}

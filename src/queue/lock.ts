import type { Viewer } from '../access/viewer.js';
import type { LifeCycleState } from '../communications/lifeCycle.js';
import type { Context, Part } from '../context.js';
import { prepared } from '../database/prepared.js';
import { rows } from '../database/sql.js';
import { maySettleTogether, type Owned, visibleEntries } from './visible.js';

/** What settling must know of an entry; rows are locked while they are looked at. */
export interface Settleable {
  id: string;
  state: LifeCycleState;
  expired: boolean;
  /** A COMPLETED entry whose time was announced to be over: it has left the inboxes already. */
  gone: boolean;
  leaseToken: string | null;
  leased: boolean;
  settledToken: string | null;
  contactId: string;
  externalSystemId: string | null;
  runId: string | null;
  viewedAt: Date | null;
}

const columns = `c.id, c.state, c.left_at is not null as gone,
  c.settled_token as "settledToken", c.contact_id as "contactId", c.external_system_id as "externalSystemId", c.run_id as "runId",
  c.viewed_at as "viewedAt"`;

const queued = `c.direction = 'OUTGOING' and c.state <> 'DRAFT' and c.medium in ('EMAIL', 'SMS', 'DEVICE', 'WHATSAPP')`;

interface LeaseRow {
  id: string;
  leaseToken: string | null;
  leased: boolean;
}

/** Locks the entries, the queue's row before the communication's: everybody takes them in that order, and by id. */
export async function lockEntries(ctx: Context, ids: readonly string[], viewer: Viewer = ctx.viewer): Promise<Map<string, Settleable>> {
  if (ids.length === 0) return new Map();
  const waiting = await rows<LeaseRow>(
    ctx,
    // The clock is looked at once the rows are locked: the wait for them may have been long.
    prepared(`with locked as (
       select id, lease_token, due_at from queue_entry where id = any($1::uuid[]) order by id for update
     )
     select id, lease_token as "leaseToken", lease_token is not null and due_at > clock_timestamp() as leased from locked`),
    [ids],
  );
  const parameters: unknown[] = [ids];
  const found = await rows<Settleable>(
    ctx,
    prepared(`with locked as (
       select ${columns}, c.expires_at from communication c
       where c.id = any($1::uuid[]) and ${queued} and ${visibleEntries(viewer, parameters)}
       order by c.id for no key update of c
     )
     select l.*, coalesce(l.expires_at <= clock_timestamp(), false) as expired from locked l`),
    parameters,
  );
  return withLeases(found, waiting);
}

/** What several callers ask for, locked as far as nobody else holds it. `ready[n]`: the part has all of its entries, and no other has any of them. */
export interface LockedParts {
  entries: Map<string, Settleable>;
  ready: boolean[];
}

/**
 * Locks the entries of one part that is alone, waiting for whoever holds them; or of parts that are `together` with others, waiting
 * for nobody. Of those, only parts are ready whose entries are all there, seen by their caller and asked by no part before: for the
 * others the usual way knows what to say.
 */
export async function lockParts(
  ctx: Context,
  parts: readonly Part<unknown>[],
  idsOf: (part: Part<unknown>) => readonly string[],
  together: boolean,
): Promise<LockedParts> {
  const [only] = parts;
  if (!only) return { entries: new Map(), ready: [] };
  if (!together) return { entries: await lockEntries(ctx, [...new Set(idsOf(only))], only.viewer), ready: [true] };
  const asked = parts.map((each) => [...new Set(idsOf(each))]);
  const ids = [...new Set(asked.flat())];
  const waiting = await rows<LeaseRow & { locked: boolean }>(
    ctx,
    prepared(`with locked as (
       select id, lease_token, due_at from queue_entry where id = any($1::uuid[]) order by id for update skip locked
     )
     select q.id, l.id is not null as locked, l.lease_token as "leaseToken", l.lease_token is not null and l.due_at > clock_timestamp() as leased
     from queue_entry q left join locked l on l.id = q.id where q.id = any($1::uuid[])`),
    [ids],
  );
  const found = await rows<Settleable & Owned>(
    ctx,
    prepared(`select ${columns}, coalesce(c.expires_at <= clock_timestamp(), false) as expired, k.external_id as "contactExternalId", s.code as "systemCode", coalesce(s.contact_inbox, false) as "contactInbox"
     from communication c join contact k on k.id = c.contact_id left join external_system s on s.id = c.external_system_id
     where c.id = any($1::uuid[]) and ${queued} order by c.id for no key update of c skip locked`),
    [ids],
  );
  const held = new Set(waiting.filter((each) => !each.locked).map((each) => each.id));
  const owned = new Map(found.map((each) => [each.id, each]));
  const taken = new Set<string>();
  const ready = parts.map(({ viewer }, index) => {
    const mine = asked[index] ?? [];
    const all = mine.every((id) => {
      const row = owned.get(id);
      return row !== undefined && !held.has(id) && !taken.has(id) && maySettleTogether(viewer, row);
    });
    if (all) for (const id of mine) taken.add(id);
    return all;
  });
  return { entries: withLeases(found, waiting), ready };
}

function withLeases(found: readonly Settleable[], waiting: readonly LeaseRow[]): Map<string, Settleable> {
  const leases = new Map(waiting.map((each) => [each.id, each]));
  return new Map(
    found.map((each) => {
      const lease = leases.get(each.id);
      return [each.id, { ...each, leaseToken: lease?.leaseToken ?? null, leased: lease?.leased ?? false }];
    }),
  );
}

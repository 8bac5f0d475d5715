import { type Change, changeColumns } from '../../changes/log.js';
import { communicationColumns } from '../../communications/row.js';
import { first, type HasEntityManager, listOf, rows } from '../../database/sql.js';
import { markOf } from './cursor.js';
import { entryBefore, type InboxEntry } from './event.js';
import { asksWhoFeeds, fedAt, type InboxScope, inScope } from './scope.js';

const columns = `${communicationColumns}, s.contact_inbox as "contactInbox", s.inbox_since as "inboxSince"`;

/** An entry, and when it expires by the clock of the database, on the monotonic clock of this process: it may wait here for a slow reader. */
export type CurrentEntry = InboxEntry & { endsAt: number };

const leftMs = `(extract(epoch from c.expires_at - clock_timestamp()) * 1000)::float8 as "leftMs"`;

/** `askedAt` is of before the question: rather some milliseconds too early than too late. */
function endsAt(askedAt: number, left: number | null): number {
  return left === null ? Number.POSITIVE_INFINITY : askedAt + left;
}

export interface ListedPage {
  /** In the inbox at the position, oldest first, as they were then. Some may have expired since: their REMOVED is still to come. */
  entries: CurrentEntry[];
  /** The seq up to which was looked, or undefined at the end. */
  next: number | undefined;
}

/**
 * A page of the inbox as it was at `position`. Whatever changed later, sequenced or not, is taken back by what the change says
 * of before: so a listing can be resumed at any time, and the changes that follow it neither repeat nor miss anything.
 */
export async function listInbox(
  ctx: HasEntityManager,
  scope: InboxScope,
  position: number,
  after: number,
  limit: number,
): Promise<ListedPage> {
  const parameters: unknown[] = [position, after, limit];
  const where = inScope(scope, parameters, fedAt('$1'));
  const askedAt = performance.now();
  const found = await rows<InboxEntry & { laterKind: Change['kind'] | null; laterData: Change['data']; leftMs: number | null }>(
    ctx,
    `with later as (
       select distinct on (communication_id) communication_id, kind, data from (
         select communication_id, kind, data, position as place, 0 as unplaced from change
         where contact_id = $4 and position > $1 and kind like 'entry.%'
         union all
         select communication_id, kind, data, id, 1 from change_outbox where contact_id = $4 and kind like 'entry.%'
       ) each order by communication_id, unplaced, place
     )
     select ${columns}, later.kind as "laterKind", later.data as "laterData", ${leftMs}
     from communication c join external_system s on s.id = c.external_system_id left join later on later.communication_id = c.id
     where ${where} and c.seq > $2 and c.direction = 'OUTGOING'
       and (later.communication_id is not null or (c.state in ('PENDING', 'COMPLETED') and c.left_at is null))
     order by c.seq limit $3`,
    parameters,
  );
  const page: ListedPage = { entries: [], next: found.length === limit ? found.at(-1)?.seq : undefined };
  for (const { laterKind, laterData, leftMs: left, ...entry } of found) {
    const then = laterKind ? entryBefore(entry, { kind: laterKind, data: laterData }) : entry;
    if (then) page.entries.push({ ...then, endsAt: endsAt(askedAt, left) });
  }
  return page;
}

/** The last of the contact's changes, up to `upTo` where given, that is committed and has no position yet; null where none waits. */
export async function lastUnplaced(ctx: HasEntityManager, contactId: string, upTo?: number): Promise<number | null> {
  const found = await rows<{ id: string | null }>(
    ctx,
    "select max(id) as id from change_outbox where contact_id = $1 and kind like 'entry.%' and id <= coalesce($2, id)",
    [contactId, upTo ?? null],
  );
  const id = found[0]?.id ?? null;
  return id === null ? null : Number(id);
}

/** What stands at a position of the log. */
export async function markAt(ctx: HasEntityManager, position: number): Promise<string> {
  return markOf((await first<{ at: Date }>(ctx, 'select at from change where position = $1', [position]))?.at);
}

export interface ReplayedPage {
  changes: Change[];
  /** All of the contact's changes up to here have been read. */
  readTo: number;
  atEnd: boolean;
  /** A system that has entries of the contact has begun or ceased to feed inboxes since: what the changes say is not all. */
  switched: boolean;
}

/** The contact's changes after a position, and how far the log reached in the same snapshot. */
export async function replayInbox(ctx: HasEntityManager, scope: InboxScope, position: number, limit: number): Promise<ReplayedPage> {
  const found = await rows<Partial<Change> & { logPosition: number; switched: boolean }>(
    ctx,
    `select l.position as "logPosition", w.switched, f.* from change_log l cross join lateral (
       select $4 and exists (select from external_system s where s.inbox_since > $2 and s.inbox_since <= l.position
         and ($5::uuid[] is null or s.id = any($5)) and exists (select from communication c where c.contact_id = $1 and c.external_system_id = s.id)) as switched
     ) w left join lateral (
       select ${changeColumns} from change where contact_id = $1 and change.position > $2 and kind like 'entry.%' order by change.position limit $3
     ) f on true`,
    [scope.contactId, position, limit, asksWhoFeeds(scope), scope.systemIds ?? null],
  );
  const changes = found.filter((each): each is (typeof found)[number] & Change => each.position !== null && each.position !== undefined);
  const atEnd = changes.length < limit;
  const logPosition = found[0]?.logPosition ?? position;
  const switched = found[0]?.switched ?? false;
  return { changes, atEnd, switched, readTo: atEnd ? Math.max(logPosition, position) : (changes.at(-1)?.position ?? position) };
}

/** Of these contacts, those that have entries of one of these systems. */
export async function contactsOf(ctx: HasEntityManager, systemIds: readonly string[], contactIds: readonly string[]): Promise<string[]> {
  const most = 1_000;
  const found: string[] = [];
  for (let from = 0; from < contactIds.length; from += most) {
    const page = await rows<{ id: string }>(
      ctx,
      `select k.id from unnest($1::uuid[]) as k (id)
       where exists (select from communication c where c.contact_id = k.id and c.external_system_id = any($2::uuid[]))`,
      [contactIds.slice(from, from + most), systemIds],
    );
    found.push(...page.map((each) => each.id));
  }
  return found;
}

/** The entries with these ids as they are now, each in the place of its id: no look-up by id for each delivered entry. */
export async function entriesOf(ctx: HasEntityManager, ids: readonly (string | null)[]): Promise<(CurrentEntry | undefined)[]> {
  const entries: (CurrentEntry | undefined)[] = ids.map(() => undefined);
  if (ids.length === 0) return entries;
  const askedAt = performance.now();
  const found = await rows<InboxEntry & { leftMs: number | null; place: number }>(
    ctx,
    `select ${columns}, ${leftMs}, w.place::int
     from unnest($1::uuid[]) with ordinality as w (id, place) join communication c on c.id = w.id
     join external_system s on s.id = c.external_system_id`,
    [listOf(ids)],
  );
  for (const each of found) entries[each.place - 1] = Object.assign(each, { endsAt: endsAt(askedAt, each.leftMs) });
  return entries;
}

import { type Change, changeColumns } from '../../changes/log.js';
import { communicationColumns } from '../../communications/row.js';
import { first, type HasEntityManager, rows } from '../../database/sql.js';
import { markOf } from './cursor.js';
import { entryBefore, type InboxEntry } from './event.js';
import { asksWhoFeeds, fedAt, type InboxScope, inScope } from './scope.js';

const columns = `${communicationColumns}, s.contact_inbox as "contactInbox", s.inbox_since as "inboxSince"`;

export interface ListedPage {
  /** In the inbox at the position, oldest first, as they were then. */
  entries: InboxEntry[];
  /** The seq of those that were in it too and have expired since: their REMOVED, still to come, means nothing to who never got them. */
  hidden: number[];
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
  const found = await rows<InboxEntry & { laterKind: Change['kind'] | null; laterData: Change['data']; overdue: boolean }>(
    ctx,
    `with later as (
       select distinct on (communication_id) communication_id, kind, data from (
         select communication_id, kind, data, position as place, 0 as unplaced from change
         where contact_id = $4 and position > $1 and kind like 'entry.%'
         union all
         select communication_id, kind, data, id, 1 from change_outbox where contact_id = $4 and kind like 'entry.%'
       ) each order by communication_id, unplaced, place
     )
     select ${columns}, later.kind as "laterKind", later.data as "laterData",
       coalesce(c.expires_at <= clock_timestamp(), false) as overdue
     from communication c join external_system s on s.id = c.external_system_id left join later on later.communication_id = c.id
     where ${where} and c.seq > $2 and c.direction = 'OUTGOING'
       and (later.communication_id is not null or (c.state in ('PENDING', 'COMPLETED') and c.left_at is null))
     order by c.seq limit $3`,
    parameters,
  );
  const page: ListedPage = { entries: [], hidden: [], next: found.length === limit ? found.at(-1)?.seq : undefined };
  for (const { laterKind, laterData, overdue, ...entry } of found) {
    const then = laterKind ? entryBefore(entry, { kind: laterKind, data: laterData }) : entry;
    if (then && overdue) page.hidden.push(entry.seq);
    else if (then) page.entries.push(then);
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

/** An entry as it is now, and whether its time has passed. */
export type CurrentEntry = InboxEntry & { overdue: boolean };

/** The entries with these ids as they are now, each in the place of its id: no look-up by id for each delivered entry. */
export async function entriesOf(ctx: HasEntityManager, ids: readonly (string | null)[]): Promise<(CurrentEntry | undefined)[]> {
  const entries: (CurrentEntry | undefined)[] = ids.map(() => undefined);
  if (ids.length === 0) return entries;
  const found = await rows<CurrentEntry & { place: number }>(
    ctx,
    `select ${columns}, coalesce(c.expires_at <= clock_timestamp(), false) as overdue, w.place::int
     from unnest($1::uuid[]) with ordinality as w (id, place) join communication c on c.id = w.id
     join external_system s on s.id = c.external_system_id`,
    [ids],
  );
  for (const each of found) entries[each.place - 1] = each;
  return entries;
}

import { type HasEntityManager, listOf, rows } from '../../database/sql.js';
import { asksWhoFeeds, type InboxScope } from './scope.js';

export interface InboxCounts {
  pendingCount: number;
  unviewedCount: number;
}

/** What a system has in the inbox of a contact: apart, so that subscribers with different systems share one query. */
export interface SystemCounts {
  systemId: string;
  contactInbox: boolean;
  pending: number;
  unviewed: number;
}

/** What is now in the inboxes of these contacts, by the database's clock; in the order of the contacts. */
export async function countInboxes(ctx: HasEntityManager, contactIds: readonly string[]): Promise<SystemCounts[][]> {
  const found = await rows<SystemCounts & { place: number }>(
    ctx,
    `select k.place::int, c.external_system_id as "systemId", s.contact_inbox as "contactInbox",
       count(*) filter (where c.state = 'PENDING')::int as pending, count(*) filter (where c.viewed_at is null)::int as unviewed
     from unnest($1::uuid[]) with ordinality as k (id, place) join communication c on c.contact_id = k.id
     join external_system s on s.id = c.external_system_id
     where c.state in ('PENDING', 'COMPLETED') and (c.expires_at is null or c.expires_at > clock_timestamp())
     group by 1, 2, 3`,
    [listOf(contactIds)],
  );
  const counts = contactIds.map((): SystemCounts[] => []);
  for (const each of found) counts[each.place - 1]?.push(each);
  return counts;
}

/** The counts of one contact, for who sees these systems. */
export function countsOf(all: readonly SystemCounts[] | undefined, scope: InboxScope): InboxCounts {
  const counts = { pendingCount: 0, unviewedCount: 0 };
  for (const { systemId, contactInbox, pending, unviewed } of all ?? []) {
    if ((asksWhoFeeds(scope) && !contactInbox) || scope.systemIds?.includes(systemId) === false) continue;
    counts.pendingCount += pending;
    counts.unviewedCount += unviewed;
  }
  return counts;
}

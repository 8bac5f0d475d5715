import { prepared } from '../../database/prepared.js';
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
    prepared('select place, system_id as "systemId", contact_inbox as "contactInbox", pending, unviewed from inbox_counts($1)'),
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

import type { HasEntityManager } from '../../database/sql.js';
import { rows } from '../../database/sql.js';
import { asksWhoFeeds, type InboxScope } from './scope.js';

export interface InboxCounts {
  pendingCount: number;
  unviewedCount: number;
}

/** Counts by contact and system, so that subscribers with different systems share one query. */
export type CountsBySystem = Map<string, { systemId: string; contactInbox: boolean; pending: number; unviewed: number }[]>;

/** What is now in the inboxes of these contacts, by the database's clock. */
export async function countInboxes(ctx: HasEntityManager, contactIds: readonly string[]): Promise<CountsBySystem> {
  const found = await rows<{ contactId: string; systemId: string; contactInbox: boolean; pending: number; unviewed: number }>(
    ctx,
    `select c.contact_id as "contactId", c.external_system_id as "systemId", s.contact_inbox as "contactInbox",
       count(*) filter (where c.state = 'PENDING')::int as pending, count(*) filter (where c.viewed_at is null)::int as unviewed
     from communication c join external_system s on s.id = c.external_system_id
     where c.contact_id = any($1::uuid[]) and c.state in ('PENDING', 'COMPLETED') and (c.expires_at is null or c.expires_at > clock_timestamp())
     group by 1, 2, 3`,
    [contactIds],
  );
  return Map.groupBy(found, (each) => each.contactId);
}

export function countsOf(all: CountsBySystem, scope: InboxScope): InboxCounts {
  const counts = { pendingCount: 0, unviewedCount: 0 };
  for (const { systemId, contactInbox, pending, unviewed } of all.get(scope.contactId) ?? []) {
    if ((asksWhoFeeds(scope) && !contactInbox) || scope.systemIds?.includes(systemId) === false) continue;
    counts.pendingCount += pending;
    counts.unviewedCount += unviewed;
  }
  return counts;
}

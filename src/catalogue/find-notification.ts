import { first, type HasEntityManager } from '../database/sql.js';
import type { Problems } from '../errors.js';
import type { FoundObject } from './object-ref.js';

/** A notification that a preview speaks of, and what its communication refers to. */
export interface FoundNotification {
  readonly id: string;
  readonly contactId: string;
  readonly object: FoundObject | undefined;
}

/** The notification with that number, `NT000042`, or a problem that says that there is none. */
export async function findNotification(
  ctx: HasEntityManager,
  number: string,
  problems: Problems,
  path: readonly (string | number)[],
): Promise<FoundNotification | undefined> {
  const seq = /^NT0*(\d{1,15})$/i.exec(number.trim())?.[1];
  const found = await first<{ id: string; contactId: string; accountId: string | null; type: string; objectId: string | null }>(
    ctx,
    `select n.id, n.contact_id as "contactId", n.account_id as "accountId",
       case t.classification when 'CUSTOMER_CARE' then t.about when 'REWARD' then 'rewards_participant' else 'account' end as type,
       case t.classification when 'CUSTOMER_CARE' then i.object_id when 'REWARD' then n.participant_id else n.account_id end as "objectId"
     from notification n join notification_type t on t.id = n.notification_type_id
     left join notified_item i on i.notification_id = n.id and i.place = 1
     where n.seq = $1::bigint`,
    [seq ?? null],
  );
  if (!found) {
    problems.add([...path, 'externalId'], 'NOT_FOUND', `There is no notification ${JSON.stringify(number.slice(0, 80))}.`);
    return undefined;
  }
  const { id, contactId, accountId, type, objectId } = found;
  return { id, contactId, object: objectId === null ? undefined : { type, id: objectId, contactId, accountId } };
}

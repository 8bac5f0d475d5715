import { notificationNumberSql } from '../../catalogue/notification-row.js';
import type { LifeCycleState } from '../../communications/lifeCycle.js';
import { effectiveState } from '../../communications/row.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../../graphql/connection.js';
import { localId } from '../../graphql/node.js';

/** A notification as reads want it. Its communication has the same id. */
export interface NotificationRow {
  id: string;
  seq: number;
  number: string;
  typeId: string;
  runId: string;
  contactId: string;
  accountId: string | null;
  accountNumber: string | null;
  accountName: string | null;
  currency: string | null;
  totalNotifiedAmount: string | null;
  createdAt: Date;
}

export interface NotifiedItemRow {
  notificationId: string;
  objectType: string;
  externalId: string;
  number: string | null;
  currency: string | null;
  amount: string | null;
  outstandingAmount: string | null;
  unsettledAmount: string | null;
  estimatedConsumptionDate: string | null;
  estimatedConsumptionDays: number | null;
}

const columns = `n.id, n.seq, ${notificationNumberSql('n')} as number, n.notification_type_id as "typeId", n.run_id as "runId", n.contact_id as "contactId",
  n.account_id as "accountId", a.number as "accountNumber", a.name as "accountName", n.currency, trim_scale(n.total)::text as "totalNotifiedAmount",
  n.created_at as "createdAt"`;
const tables = 'notification n left join account a on a.id = n.account_id';

/** The notification with that id, which is also its communication's; those of one request in one statement. */
export async function loadNotification(ctx: Context, id: string): Promise<NotificationRow | null> {
  const loader = ctx.loader<string, NotificationRow | null>('notification', async (of, ids) => {
    const found = await rows<NotificationRow>(of, `select ${columns} from ${tables} where n.id = any($1::uuid[])`, [ids]);
    const byId = new Map(found.map((each) => [each.id, each]));
    return ids.map((each) => byId.get(each) ?? null);
  });
  return await loader.load(id);
}

/** What a notification is about, in its order. */
export async function itemsOf(ctx: Context, notificationId: string): Promise<NotifiedItemRow[]> {
  const loader = ctx.loader<string, NotifiedItemRow[]>('notifiedItems', async (of, ids) => {
    const found = await rows<NotifiedItemRow>(
      of,
      `select i.notification_id as "notificationId", i.object_type as "objectType", i.external_id as "externalId", i.number, i.currency, trim_scale(i.amount)::text as amount,
         trim_scale(i.outstanding_amount)::text as "outstandingAmount", trim_scale(i.unsettled_amount)::text as "unsettledAmount",
         i.estimated_consumption_date::text as "estimatedConsumptionDate", i.estimated_consumption_days as "estimatedConsumptionDays"
       from notified_item i where i.notification_id = any($1::uuid[]) order by i.notification_id, i.place`,
      [ids],
    );
    const grouped = Map.groupBy(found, (each) => each.notificationId);
    return ids.map((each) => grouped.get(each) ?? []);
  });
  return await loader.load(notificationId);
}

export interface NotificationFilter {
  notificationTypeId?: string | null;
  runId?: string | null;
  states?: readonly LifeCycleState[] | null;
  contactExternalId?: string | null;
  accountExternalId?: string | null;
  createdAfter?: string | null;
  createdBefore?: string | null;
}

/** Newest first. `contactId` narrows to one contact. */
export async function listNotifications(
  ctx: Context,
  args: PageArgs,
  filter: NotificationFilter,
  contactId?: string,
): Promise<Connection<NotificationRow>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const { where, joins } = filterSql(filter, contactId, parameters);
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'n.seq', 'bigint', true, parameters);
  const found = await rows<NotificationRow>(
    ctx,
    `select ${columns} from ${tables} ${joins} where ${where} and ${beyond} ${orderBy}`,
    parameters,
  );
  const count = `select count(*)::int as count from notification n ${joins} where ${where}`;
  return connectionOf(
    page,
    found,
    (each) => [each.seq],
    async () => (await first<{ count: number }>(ctx, count, counting))?.count ?? 0,
  );
}

function filterSql(filter: NotificationFilter, contactId: string | undefined, parameters: unknown[]): { where: string; joins: string } {
  const conditions: string[] = ['true'];
  const add = (sql: (place: string) => string, value: unknown) => {
    parameters.push(value);
    conditions.push(sql(`$${parameters.length}`));
  };
  if (contactId !== undefined) add((at) => `n.contact_id = ${at}::uuid`, contactId);
  if (filter.notificationTypeId != null)
    add((at) => `n.notification_type_id = ${at}::uuid`, localId('NotificationType', filter.notificationTypeId) ?? null);
  if (filter.runId != null) add((at) => `n.run_id = ${at}::uuid`, localId('Run', filter.runId) ?? null);
  if (filter.contactExternalId != null)
    add((at) => `n.contact_id = (select k.id from contact k where k.external_id = ${at})`, filter.contactExternalId);
  if (filter.accountExternalId != null)
    add((at) => `n.account_id = (select k.id from account k where k.external_id = ${at})`, filter.accountExternalId);
  if (filter.createdAfter != null) add((at) => `n.created_at >= ${at}::timestamptz`, filter.createdAfter);
  if (filter.createdBefore != null) add((at) => `n.created_at < ${at}::timestamptz`, filter.createdBefore);
  if (filter.states != null) add((at) => `${effectiveState} = any(${at}::text[])`, filter.states);
  return { where: conditions.join(' and '), joins: filter.states == null ? '' : 'join communication c on c.id = n.id' };
}

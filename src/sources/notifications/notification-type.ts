import type { NotificationClassification } from '../../catalogue/notifiable.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../../graphql/connection.js';
import type { NotificationCriteriaInput } from './criteria/criteria.input.js';

/** Whom to notify about what, with which words. */
export interface NotificationType {
  id: string;
  name: string;
  classification: NotificationClassification;
  /** The type of the objects notified about. */
  about: string;
  templateId: string;
  externalSystemId: string | null;
  addressType: string | null;
  criteria: NotificationCriteriaInput;
  /** Those that the criteria name. */
  segmentIds: string[];
  historyTypeIds: string[];
  applyDirectMarketingPreference: boolean;
  applyAffiliateMarketingPreference: boolean;
  /** It can run. */
  active: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export const notificationTypeColumns = `t.id, t.name, t.classification, t.about, t.template_id as "templateId", t.external_system_id as "externalSystemId",
  t.address_type as "addressType", t.criteria, t.segment_ids as "segmentIds", t.history_type_ids as "historyTypeIds",
  t.apply_direct_marketing as "applyDirectMarketingPreference", t.apply_affiliate_marketing as "applyAffiliateMarketingPreference",
  t.active, t.created_at as "createdAt", t.updated_at as "updatedAt"`;

/** The type with that id; those of one request in one statement. */
export async function loadNotificationType(ctx: Context, id: string): Promise<NotificationType | null> {
  const loader = ctx.loader<string, NotificationType | null>('notificationType', async (of, ids) => {
    const found = await rows<NotificationType>(
      of,
      `select ${notificationTypeColumns} from notification_type t where t.id = any($1::uuid[])`,
      [ids],
    );
    const byId = new Map(found.map((each) => [each.id, each]));
    return ids.map((each) => byId.get(each) ?? null);
  });
  return await loader.load(id);
}

export interface NotificationTypeFilter {
  search?: string | null;
  classification?: NotificationClassification | null;
  active?: boolean | null;
}

/** Newest first. */
export async function listNotificationTypes(
  ctx: Context,
  args: PageArgs,
  { search, classification, active }: NotificationTypeFilter,
): Promise<Connection<NotificationType>> {
  const page = pageOf(args);
  const words = search?.trim();
  const parameters: unknown[] = [words ? `%${words.replace(/[\\%_]/g, '\\$&')}%` : null, classification ?? null, active ?? null];
  const where = `($1::text is null or t.name ilike $1 or t.about ilike $1) and t.classification = coalesce($2::text, t.classification)
    and t.active = coalesce($3::boolean, t.active)`;
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 't.id', 'uuid', true, parameters);
  const found = await rows<NotificationType>(
    ctx,
    `select ${notificationTypeColumns} from notification_type t where ${where} and ${beyond} ${orderBy}`,
    parameters,
  );
  return connectionOf(
    page,
    found,
    (each) => [each.id],
    async () =>
      (await first<{ count: number }>(ctx, `select count(*)::int as count from notification_type t where ${where}`, counting))?.count ?? 0,
  );
}

import type { Medium } from '../../catalogue/medium.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../../graphql/connection.js';

/** A recipient as the run wrote it down. */
export interface RunRecipient {
  ordinal: string;
  contactId: string;
  medium: Medium;
  objectType: string | null;
  externalId: string | null;
  language: string | null;
  address: string | null;
  reason: string | null;
}

export interface RecipientFilter {
  /** Null: both. */
  skipped: boolean | null;
  reasons: readonly string[] | null;
}

/** In the order in which they are generated; those that were skipped come last. */
export async function recipientsOfRun(
  ctx: Context,
  runId: string,
  args: PageArgs,
  filter: RecipientFilter,
): Promise<Connection<RunRecipient>> {
  const page = pageOf(args);
  const parameters: unknown[] = [runId, filter.skipped, filter.reasons];
  const where = `rr.run_id = $1 and ($2::boolean is null or (rr.skip_reason is not null) = $2) and ($3::text[] is null or rr.skip_reason = any($3))`;
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'rr.ordinal', 'bigint', false, parameters);
  const found = await rows<RunRecipient>(
    ctx,
    `select rr.ordinal::text as ordinal, rr.contact_id as "contactId", r.messages -> rr.message::int ->> 'medium' as medium,
       o.type as "objectType", o.external_id as "externalId", rr.language, rr.address, rr.skip_reason as reason
     from run_recipient rr join run r on r.id = rr.run_id left join business_object o on o.id = rr.object_id
     where ${where} and ${beyond} ${orderBy}`,
    parameters,
  );
  return connectionOf(
    page,
    found,
    (each) => [each.ordinal],
    async () =>
      (await first<{ count: number }>(ctx, `select count(*)::int as count from run_recipient rr where ${where}`, counting))?.count ?? 0,
  );
}

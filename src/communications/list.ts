import { withDescendantsSql } from '../content/category.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import { localId } from '../graphql/node.js';
import type { CommunicationFilter } from './communication.type.js';
import { type CommunicationRow, communicationColumns, effectiveState } from './row.js';

/** Communications, newest first. `where` narrows further, as SQL over `communication c`. */
export async function listCommunications(
  ctx: Context,
  args: PageArgs,
  filter: CommunicationFilter | null | undefined,
  narrow: (parameters: unknown[]) => string = () => 'true',
): Promise<Connection<CommunicationRow>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const where = `${narrow(parameters)} and ${filterSql(filter ?? {}, parameters)}`;
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'c.seq', 'bigint', true, parameters);
  const found = await rows<CommunicationRow>(
    ctx,
    `select ${communicationColumns} from communication c where ${where} and ${beyond} ${orderBy}`,
    parameters,
  );
  return connectionOf(
    page,
    found,
    (each) => [each.seq],
    async () =>
      (await first<{ count: number }>(ctx, `select count(*)::int as count from communication c where ${where}`, counting))?.count ?? 0,
  );
}

function filterSql(filter: CommunicationFilter, parameters: unknown[]): string {
  const conditions: string[] = ['true'];
  const add = (sql: (place: string) => string, value: unknown) => {
    parameters.push(value);
    conditions.push(sql(`$${parameters.length}`));
  };
  if (filter.states) add((at) => `${effectiveState} = any(${at}::text[])`, filter.states);
  if (filter.media) add((at) => `c.medium = any(${at}::text[])`, filter.media);
  if (filter.runId != null) add((at) => `c.run_id = ${at}::uuid`, localId('Run', filter.runId) ?? null);
  if (filter.categoryId != null) add((at) => `c.category_id in ${withDescendantsSql(at)}`, localId('Category', filter.categoryId) ?? null);
  if (filter.contactExternalId != null)
    add((at) => `c.contact_id = (select k.id from contact k where k.external_id = ${at})`, filter.contactExternalId);
  if (filter.createdAfter != null) add((at) => `c.created_at >= ${at}::timestamptz`, filter.createdAfter);
  if (filter.createdBefore != null) add((at) => `c.created_at < ${at}::timestamptz`, filter.createdBefore);
  if (filter.text != null && filter.text.trim() !== '') conditions.push(textSql(filter.text.trim(), filter, parameters));
  return conditions.join(' and ');
}

/** Values are searched within one contact or run only: there they are few. */
function textSql(text: string, filter: CommunicationFilter, parameters: unknown[]): string {
  const number = /^CM0*(\d{1,15})$/i.exec(text)?.[1];
  parameters.push(number ?? null, `%${text.replace(/[\\%_]/g, '\\$&')}%`);
  const [seq, like] = [`$${parameters.length - 1}`, `$${parameters.length}`];
  const values = filter.contactExternalId != null || filter.runId != null ? ` or c.tag_values::text ilike ${like}` : '';
  return `(c.seq = ${seq}::bigint or c.address ilike ${like}${values}
    or c.content_id in (select t.id from content t where t.texts::text ilike ${like}))`;
}

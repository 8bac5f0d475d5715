import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import type { CommunicationFilter } from './communication.type.js';
import { type FilterSql, filterSql } from './filter.js';
import { type CommunicationRow, communicationColumns } from './row.js';

export interface ListOptions {
  /** Narrows further, as SQL over `communication c`. */
  narrow?(parameters: unknown[]): string;
  oldestFirst?: boolean;
}

/** Communications, newest first unless asked otherwise. */
export async function listCommunications(
  ctx: Context,
  args: PageArgs,
  filter: CommunicationFilter | null | undefined,
  { narrow = () => 'true', oldestFirst = false }: ListOptions = {},
): Promise<Connection<CommunicationRow>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const narrowed = narrow(parameters);
  const filtered = filterSql(filter ?? {}, parameters);
  const all = { ...filtered, where: `${narrowed} and ${filtered.where}` };
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'c.seq', 'bigint', !oldestFirst, parameters);
  const found = await rows<CommunicationRow>(
    ctx,
    `select ${communicationColumns} from communication c where ${matching({ ...all, where: `${all.where} and ${beyond}` }, orderBy)} ${orderBy}`,
    parameters,
  );
  return connectionOf(
    page,
    found,
    (each) => [each.seq],
    async () =>
      (await first<{ count: number }>(ctx, `select count(*)::int as count from communication c where ${matching(all, '')}`, counting))
        ?.count ?? 0,
  );
}

/**
 * Each of several places in which a text is looked for gives its own first page, by its own index; one condition with "or"
 * would make PostgreSQL read all communications where few match.
 */
function matching({ where, anyOf }: FilterSql, orderBy: string): string {
  if (!anyOf) return where;
  const places = anyOf.map(({ from, where: here }) =>
    from
      ? `(select h.seq from ${from.table} cross join lateral (select c.seq from communication c where ${here} and ${where} ${orderBy}) h
           where ${from.where} ${orderBy.replace('c.seq', 'h.seq')})`
      : `(select c.seq from communication c where ${here} and ${where} ${orderBy})`,
  );
  return `c.seq in (${places.join(' union ')})`;
}

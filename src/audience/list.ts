import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import { type ContactRow, contactColumns } from './load.js';

/** Contacts whose name contains the text, or whose externalId or primary address begins with it; all without one. */
export async function listContacts(ctx: Context, args: PageArgs, search: string | null | undefined): Promise<Connection<ContactRow>> {
  const text = search?.replaceAll('\0', '').trim() ?? '';
  if (text === '') return await pageOfContacts(ctx, args, 'true', []);
  // The text itself, not a pattern of LIKE.
  const escaped = text.replace(/[\\%_]/g, '\\$&');
  return await pageOfContacts(
    ctx,
    args,
    '(c.name ilike $1 or c.external_id ilike $2 or lower(c.email) like lower($2) or c.phone like $2)',
    [`%${escaped}%`, `${escaped}%`],
  );
}

/** A page of the contacts `c` for which the condition holds, by id. The condition's parameters come first. */
export async function pageOfContacts(
  ctx: Context,
  args: PageArgs,
  condition: string,
  parameters: readonly unknown[],
): Promise<Connection<ContactRow>> {
  const page = pageOf(args);
  const all = [...parameters];
  const { where, orderBy } = keyset(page, 'c.id', 'uuid', false, all);
  const found = await rows<ContactRow>(
    ctx,
    `select ${contactColumns('c')} from contact c where (${condition}) and ${where} ${orderBy}`,
    all,
  );
  return connectionOf(
    page,
    found,
    (row) => [row.id],
    async () => await countContacts(ctx, condition, parameters),
  );
}

/** How many contacts `c` the condition holds for. */
export async function countContacts(ctx: Context, condition: string, parameters: readonly unknown[]): Promise<number> {
  const counted = await first<{ count: number }>(ctx, `select count(*)::integer as count from contact c where ${condition}`, parameters);
  return counted?.count ?? 0;
}

import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import { type ContactRow, contactColumns } from './load.js';

/** Contacts whose name contains the text, or whose externalId or primary address begins with it; all without one. */
export async function listContacts(ctx: Context, args: PageArgs, search: string | null | undefined): Promise<Connection<ContactRow>> {
  const text = search?.replaceAll('\0', '').trim() ?? '';
  if (text === '') return await pageOfContacts(ctx, args, 'true', []);
  // Any case in any language: ICU's upper case is that of JavaScript, whatever the database's own collation knows.
  const upper = (column: string) => `upper(c.${column} collate "und-x-icu")`;
  return await pageOfContacts(
    ctx,
    args,
    `strpos(${upper('name')}, $1) > 0 or ${['external_id', 'email', 'phone'].map((each) => `starts_with(${upper(each)}, $1)`).join(' or ')}`,
    [text.toUpperCase()],
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

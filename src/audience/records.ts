import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import type { AccountType, BusinessObjectType } from './records.type.js';

interface Owned {
  id: string;
  contactId: string;
}

/** The accounts of a contact, oldest first. */
export async function accountsOf(ctx: Context, contactId: string, args: PageArgs): Promise<Connection<AccountType & Owned>> {
  return await ownedPage(ctx, contactId, args, {
    name: 'account',
    columns: `o.number, o.name, o.classification, o.currency, o.balance::text as balance,
              o.outstanding_amount::text as "outstandingAmount", o.attributes, o.fields`,
    joins: '',
    only: 'true',
    parameters: [],
  });
}

/** The business objects of a contact, oldest first; of one type, where it is given. */
export async function objectsOf(
  ctx: Context,
  contactId: string,
  type: string | null | undefined,
  args: PageArgs,
): Promise<Connection<BusinessObjectType & Owned>> {
  return await ownedPage(ctx, contactId, args, {
    name: 'business_object',
    columns: `o.type, o.number, a.external_id as account,
              case when o.attributes = '{}' then o.fields else o.fields || jsonb_build_object('attributes', o.attributes) end as fields`,
    joins: 'left join account a on a.id = o.account_id',
    only: type == null ? 'true' : 'o.type = $2',
    parameters: type == null ? [] : [type],
  });
}

interface OwnedTable {
  name: string;
  columns: string;
  joins: string;
  /** Which of them; its parameters follow the contact, as $2. */
  only: string;
  parameters: readonly string[];
}

/** The same page of each contact of a list, in one statement. */
async function ownedPage<Row extends Owned>(ctx: Context, contactId: string, args: PageArgs, table: OwnedTable): Promise<Connection<Row>> {
  const page = pageOf(args);
  const loader = ctx.loader<string, Row[]>(`${table.name} ${JSON.stringify([args, table.parameters])}`, async (of, contactIds) => {
    const parameters: unknown[] = [contactIds, ...table.parameters];
    const { where, orderBy } = keyset(page, 'o.id', 'uuid', false, parameters);
    const found = await rows<Row>(
      of,
      `select o.* from unnest($1::uuid[]) as owner (id) cross join lateral (
         select o.id, o.contact_id as "contactId", o.external_id as "externalId", ${table.columns}
         from ${table.name} o ${table.joins} where o.contact_id = owner.id and ${table.only} and ${where} ${orderBy}
       ) o`,
      parameters,
    );
    return contactIds.map((id) => found.filter((each) => each.contactId === id));
  });
  return connectionOf(
    page,
    await loader.load(contactId),
    (row) => [row.id],
    async () => {
      const counted = await first<{ count: number }>(
        ctx,
        `select count(*)::integer as count from ${table.name} o where o.contact_id = $1 and ${table.only}`,
        [contactId, ...table.parameters],
      );
      return counted?.count ?? 0;
    },
  );
}

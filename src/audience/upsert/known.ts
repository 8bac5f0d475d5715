import { type HasEntityManager, rows } from '../../database/sql.js';
import type { Row } from './merge.js';

/** What the database knows of the records of a call and of those that they refer to. */
export interface Known {
  contacts: ReadonlySet<string>;
  /** External ids of accounts, each with that of its owner. */
  accounts: ReadonlyMap<string, string>;
  /** `type externalId`. */
  objects: ReadonlySet<string>;
}

/** Asks for everything that the records name, in one statement. */
export async function readKnown(
  ctx: HasEntityManager,
  contacts: readonly Row[],
  accounts: readonly Row[],
  objects: readonly Row[],
): Promise<Known> {
  const named = (list: readonly Row[], column: string) => list.map((row) => row[column]).filter(isAskable);
  const askable = objects.filter((row) => isAskable(row['type']) && isAskable(row.external_id));
  const found = await rows<{ kind: string; external_id: string; detail: string }>(
    ctx,
    `select 'contact' as kind, external_id, '' as detail from contact where external_id = any($1)
     union all
     select 'account', a.external_id, c.external_id from account a join contact c on c.id = a.contact_id where a.external_id = any($2)
     union all
     select 'object', o.external_id, o.type from business_object o
       join unnest($3::text[], $4::text[]) as given (type, external_id) on given.type = o.type and given.external_id = o.external_id`,
    [
      [...named(contacts, 'external_id'), ...named(accounts, 'contact'), ...named(objects, 'contact')],
      [...named(accounts, 'external_id'), ...named(accounts, 'parent'), ...named(objects, 'account')],
      askable.map((row) => row['type']),
      askable.map((row) => row.external_id),
    ],
  );
  const of = (kind: string) => found.filter((each) => each.kind === kind);
  return {
    contacts: new Set(of('contact').map((each) => each.external_id)),
    accounts: new Map(of('account').map((each) => [each.external_id, each.detail])),
    objects: new Set(of('object').map((each) => `${each.detail} ${each.external_id}`)),
  };
}

/** What was refused already is not asked for: PostgreSQL takes no NUL. */
function isAskable(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { type CommunicationRow, communicationColumns } from './row.js';

/** The record that a communication is about. */
export interface ReferredObject {
  type: string;
  externalId: string;
  number: string | null;
}

/** What a communication refers to (C17): an object, an account, the contact itself, or else the communication that it follows. */
export async function referredObject(ctx: Context, row: CommunicationRow): Promise<ReferredObject | null> {
  return await ctx.loader<string, ReferredObject | null>('referred object', loadReferred).load(row.id);
}

async function loadReferred(ctx: Context, ids: readonly string[]): Promise<(ReferredObject | null)[]> {
  const found = await rows<ReferredObject & { id: string }>(
    ctx,
    `select c.id, case when c.object_type is null then 'communication' else c.object_type end as type,
       coalesce(o.external_id, a.external_id, k.external_id, f.number) as "externalId",
       coalesce(o.number, a.number, f.number) as number
     from communication c
     left join business_object o on o.id = c.object_id
     left join account a on a.id = c.account_id and c.object_type = 'account'
     left join contact k on k.id = c.contact_id and c.object_type = 'contact'
     left join lateral (
       select 'CM' || lpad(f.seq::text, greatest(6, length(f.seq::text)), '0') as number
       from communication f where f.id = c.follow_up_of and c.object_type is null
     ) f on true
     where c.id = any($1::uuid[]) and coalesce(o.id::text, a.id::text, k.id::text, f.number) is not null`,
    [ids],
  );
  const byId = new Map(found.map(({ id, ...object }) => [id, object]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** SQL of the ids of the whole chain that a communication belongs to (F4): up to the first one, and down to everything that follows. */
export function chainSql(place: string): string {
  return `(with recursive above (id, of) as (
       select c.id, c.follow_up_of from communication c where c.id = ${place}::uuid
       union select c.id, c.follow_up_of from above a join communication c on c.id = a.of
     ), below (id) as (
       select a.id from above a where a.of is null or not exists (select from communication c where c.id = a.of)
       union select c.id from below b join communication c on c.follow_up_of = b.id
     ) select id from below)`;
}

/** What was made of rejected communications that somebody tried again, in their order. */
export async function loadRetries(ctx: Context, ids: readonly string[]): Promise<(CommunicationRow | null)[]> {
  const found = await rows<CommunicationRow>(
    ctx,
    `select ${communicationColumns} from communication c where c.retry_of = any($1::uuid[])`,
    [ids],
  );
  const byId = new Map(found.map((each) => [each.retryOfId, each]));
  return ids.map((id) => byId.get(id) ?? null);
}

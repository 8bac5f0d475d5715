import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../../graphql/connection.js';

/** Something that happened to an object of a contact. */
export interface EventRow {
  id: string;
  /** In the order of being recorded. */
  seq: number;
  contactId: string;
  objectType: string;
  event: string;
  objectExternalId: string;
  payload: Record<string, unknown>;
  occurredAt: Date;
  recordedAt: Date;
}

export const eventColumns = `e.id, e.seq, e.contact_id as "contactId", e.object_type as "objectType", e.name as event, e.payload,
  case e.object_type when 'contact' then (select k.external_id from contact k where k.id = e.contact_id)
    when 'account' then (select a.external_id from account a where a.id = e.account_id)
    else (select o.external_id from business_object o where o.id = e.object_id) end as "objectExternalId",
  e.occurred_at as "occurredAt", e.recorded_at as "recordedAt"`;

export async function loadEvent(ctx: Context, id: string): Promise<EventRow | null> {
  return (await first<EventRow>(ctx, `select ${eventColumns} from event e where e.id = $1`, [id])) ?? null;
}

/** Those with these positions, in that order, batched with others of the request. */
export async function eventBySeq(ctx: Context, seq: number): Promise<EventRow | null> {
  const load = async (inside: Context, seqs: readonly number[]) => {
    const found = await rows<EventRow>(inside, `select ${eventColumns} from event e where e.seq = any($1::bigint[])`, [seqs]);
    const bySeq = new Map(found.map((each) => [each.seq, each]));
    return seqs.map((each) => bySeq.get(each) ?? null);
  };
  return await ctx.loader<number, EventRow | null>('event', load).load(seq);
}

export interface EventFilter {
  objectType?: string | null;
  event?: string | null;
  contactExternalId?: string | null;
}

/** Newest first. */
export async function listEvents(ctx: Context, args: PageArgs, filter: EventFilter): Promise<Connection<EventRow>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const conditions: string[] = ['true'];
  const add = (sql: (place: string) => string, value: unknown) => conditions.push(sql(`$${parameters.push(value)}`));
  if (filter.objectType != null) add((at) => `e.object_type = ${at}`, filter.objectType);
  if (filter.event != null) add((at) => `e.name = ${at}`, filter.event);
  if (filter.contactExternalId != null)
    add((at) => `e.contact_id = (select k.id from contact k where k.external_id = ${at})`, filter.contactExternalId);
  const where = conditions.join(' and ');
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'e.seq', 'bigint', true, parameters);
  const found = await rows<EventRow>(ctx, `select ${eventColumns} from event e where ${where} and ${beyond} ${orderBy}`, parameters);
  return connectionOf(
    page,
    found,
    (each) => [each.seq],
    async () => (await first<{ count: number }>(ctx, `select count(*)::int as count from event e where ${where}`, counting))?.count ?? 0,
  );
}

import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../../graphql/connection.js';
import { localId } from '../../graphql/node.js';
import type { PlanFilter } from './plan.input.js';
import { type Plan, planColumns } from './plan.js';

/** Plans, newest first (P18). */
export async function listPlans(ctx: Context, args: PageArgs, filter: PlanFilter): Promise<Connection<Plan>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const where = filterSql(filter, parameters);
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'p.id', 'uuid', true, parameters);
  const found = await rows<Plan>(ctx, `select ${planColumns} from plan p where ${where} and ${beyond} ${orderBy}`, parameters);
  return connectionOf(
    page,
    found,
    (each) => [each.id],
    async () => (await first<{ count: number }>(ctx, `select count(*)::int as count from plan p where ${where}`, counting))?.count ?? 0,
  );
}

function filterSql(filter: PlanFilter, parameters: unknown[]): string {
  const conditions: string[] = ['true'];
  const add = (sql: (place: string) => string, value: unknown) => conditions.push(sql(`$${parameters.push(value)}`));
  const like = (text: string) => `%${text.trim().replace(/[\\%_]/g, '\\$&')}%`;
  const { search, name, code, media, states, segmentId, ownedByUnit, createdAfter, createdBefore } = filter;
  if (search?.trim()) add((at) => `(p.name ilike ${at} or p.code ilike ${at} or p.description ilike ${at})`, like(search));
  if (name?.trim()) add((at) => `p.name ilike ${at}`, like(name));
  if (code?.trim()) add((at) => `p.code ilike ${at}`, like(code));
  if (media) add((at) => `exists (select from plan_message m where m.plan_id = p.id and m.medium = any(${at}::text[]))`, media);
  if (states) add((at) => `p.state = any(${at}::text[])`, states);
  if (ownedByUnit != null) add((at) => `p.owned_by_unit = ${at}`, ownedByUnit.trim());
  if (segmentId != null) {
    add((at) => `${at}::uuid = any(p.include_segment_ids || p.exclude_segment_ids)`, localId('Segment', segmentId) ?? null);
  }
  if (createdAfter != null) add((at) => `p.created_at >= ${at}::timestamptz`, createdAfter);
  if (createdBefore != null) add((at) => `p.created_at < ${at}::timestamptz`, createdBefore);
  return conditions.join(' and ');
}

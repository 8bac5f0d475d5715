import type { Direction, Medium } from '../catalogue/medium.js';
import type { Context } from '../context.js';
import { first, type HasEntityManager, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import { localId } from '../graphql/node.js';
import { withDescendantsSql } from './category.js';
import type { Content } from './content.js';
import { loadContents } from './load.js';
import type { TemplateFilter, TemplateState } from './template.type.js';

/** A template as it is kept; its text is the content version that `contentId` names. */
export interface Template {
  id: string;
  name: string;
  code: string;
  description: string | null;
  medium: Medium;
  /** Who speaks in what is written with it. */
  direction: Direction;
  objectType: string | null;
  version: number;
  state: TemplateState;
  /** EFFECTIVE: it can be chosen. */
  effective: boolean;
  categoryId: string | null;
  /** Codes of business units; null: every unit. */
  usableByUnits: string[] | null;
  contentId: string;
  createdAt: Date;
  updatedAt: Date;
}

export const templateColumns = `t.id, t.name, t.code, t.description, t.medium, t.direction, t.object_type as "objectType", t.version, t.state,
  t.state = 'EFFECTIVE' as effective, t.category_id as "categoryId", t.usable_by_units as "usableByUnits",
  t.content_id as "contentId", t.created_at as "createdAt", t.updated_at as "updatedAt"`;

export async function loadTemplates(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, Template>> {
  const found = await rows<Template>(ctx, `select ${templateColumns} from template t where t.id = any($1::uuid[])`, [ids]);
  return new Map(found.map((each) => [each.id, each]));
}

/** Its text as it is now; those of one request in one statement. */
export async function contentOfTemplate(ctx: Context, template: Pick<Template, 'contentId'>): Promise<Content> {
  const contents = ctx.loader('content', async (inside, ids: readonly string[]) => {
    const found = await loadContents(inside, ids);
    return ids.map((id) => found.get(id) ?? new Error(`Content ${id} is missing`));
  });
  return await contents.load(template.contentId);
}

/** Newest first. */
export async function listTemplates(ctx: HasEntityManager, args: PageArgs, filter?: TemplateFilter | null): Promise<Connection<Template>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const where = filterSql(filter ?? {}, parameters);
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 't.id', 'uuid', true, parameters);
  const found = await rows<Template>(ctx, `select ${templateColumns} from template t where ${where} and ${beyond} ${orderBy}`, parameters);
  const count = async () =>
    (await first<{ count: number }>(ctx, `select count(*)::int as count from template t where ${where}`, counting))?.count ?? 0;
  return connectionOf(page, found, (each) => [each.id], count);
}

function filterSql(filter: TemplateFilter, parameters: unknown[]): string {
  const conditions: string[] = ['true'];
  const add = (sql: (place: string) => string, value: unknown) => {
    parameters.push(value);
    conditions.push(sql(`$${parameters.length}`));
  };
  if (filter.media) add((at) => `t.medium = any(${at}::text[])`, filter.media);
  if (filter.direction != null) add((at) => `t.direction = ${at}`, filter.direction);
  if (filter.states) add((at) => `t.state = any(${at}::text[])`, filter.states);
  if (filter.objectType != null) add((at) => `t.object_type = ${at}`, filter.objectType);
  if (filter.categoryId != null) add((at) => `t.category_id in ${withDescendantsSql(at)}`, localId('Category', filter.categoryId) ?? null);
  if (filter.language != null)
    add(
      (at) => `exists (select from content n, unnest(n.languages) as l where n.id = t.content_id and lower(l) = lower(${at}))`,
      filter.language,
    );
  if (filter.usableByUnit != null) add((at) => `(t.usable_by_units is null or ${at} = any(t.usable_by_units))`, filter.usableByUnit);
  const search = filter.search?.trim();
  if (search)
    add((at) => `(t.name ilike ${at} or t.code ilike ${at} or t.description ilike ${at})`, `%${search.replace(/[\\%_]/g, '\\$&')}%`);
  return conditions.join(' and ');
}

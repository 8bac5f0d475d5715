import type { Context } from '../context.js';
import { takeTurns } from '../database/lock.js';
import { affected, first, type HasEntityManager, rows } from '../database/sql.js';
import { usersOf } from '../database/users-of.js';
import { Conflict, NotFound, Problems } from '../errors.js';
import { codeFrom } from '../graphql/code.js';
import { localId } from '../graphql/node.js';
import type { CreateCategoryInput, UpdateCategoryInput } from './category.type.js';
import { oneLine } from './escape.js';
import { checkNames } from './names.js';

/** What a communication is about for the business (K5): a node of a tree. */
export interface Category {
  id: string;
  name: string;
  code: string;
  description: string | null;
  parentId: string | null;
}

const columns = 'k.id, k.name, k.code, k.description, k.parent_id as "parentId"';
/** Deep enough for any business, and a bound for those who draw the tree. */
const deepest = 10;

export async function createCategory(ctx: Context, input: CreateCategoryInput): Promise<Category> {
  // Two that move at the same time could make a circle together.
  if (input.parentId != null) await takeTurns(ctx, 'category.tree');
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  await checkNames(ctx, problems, { table: 'category', name, code });
  const parentId = await keepCategory(ctx, input.parentId, problems, ['parentId']);
  if (parentId !== null) await checkPlace(ctx, problems, { parentId });
  problems.throwIfAny();
  const made = await first<Category>(
    ctx,
    `insert into category as k (name, code, description, parent_id) values ($1, $2, $3, $4) returning ${columns}`,
    [name, code, descriptionOf(input.description), parentId],
  );
  if (!made) throw new Error('An insert answers its row');
  return made;
}

/** A field left out keeps its value; `parentId: null` makes it a root. */
export async function updateCategory(ctx: Context, input: UpdateCategoryInput): Promise<Category> {
  // Two that move at the same time could make a circle together.
  if (input.parentId != null) await takeTurns(ctx, 'category.tree');
  const before = await lockCategory(ctx, input.categoryId, 'no key update');
  const problems = new Problems();
  const name = input.name == null ? before.name : input.name.trim();
  const code = input.code == null ? before.code : input.code.trim();
  await checkNames(ctx, problems, { table: 'category', name, code, except: before.id });
  const parentId = input.parentId === undefined ? before.parentId : await keepCategory(ctx, input.parentId, problems, ['parentId']);
  if (parentId !== null && parentId !== before.parentId) await checkPlace(ctx, problems, { parentId, id: before.id });
  problems.throwIfAny();
  const changed = await first<Category>(
    ctx,
    `update category k set name = $2, code = $3, description = $4, parent_id = $5, updated_at = clock_timestamp()
     where k.id = $1 returning ${columns}`,
    [before.id, name, code, input.description === undefined ? before.description : descriptionOf(input.description), parentId],
  );
  if (!changed) throw new NotFound('category');
  return changed;
}

/** Refused while anything names it. */
export async function deleteCategory(ctx: Context, publicId: string): Promise<Category> {
  const category = await lockCategory(ctx, publicId, 'update');
  const users = await usersOf(ctx, 'category', category.id);
  if (users !== '') throw new Conflict(`The category ${JSON.stringify(category.name)} is used by ${users}.`);
  await affected(ctx, 'delete from category where id = $1', [category.id]);
  return category;
}

function descriptionOf(given: string | null | undefined): string | null {
  return oneLine(given ?? '').trim() || null;
}

/** Those who name the category need not wait for one that edits it, only for one that deletes it. */
async function lockCategory(ctx: Context, publicId: string, lock: 'no key update' | 'update'): Promise<Category> {
  const id = localId('Category', publicId);
  const found = id && (await first<Category>(ctx, `select ${columns} from category k where k.id = $1 for ${lock}`, [id]));
  if (!found) throw new NotFound('category');
  return found;
}

/** No category lies below itself, and none too deep. One that moves brings what is below it. */
async function checkPlace(ctx: Context, problems: Problems, { parentId, id }: { parentId: string; id?: string }): Promise<void> {
  const found = await first<{ circle: boolean; depth: number }>(
    ctx,
    `with recursive above (id, depth) as (
       select $1::uuid, 1 union all select k.parent_id, a.depth + 1 from above a join category k on k.id = a.id where k.parent_id is not null and a.depth < 100
     ), below (id, depth) as (
       select $2::uuid, 1 union all select k.id, b.depth + 1 from below b join category k on k.parent_id = b.id where b.depth < 100
     )
     select exists (select from above where id = $2::uuid) as circle, ((select max(depth) from above) + (select max(depth) from below))::int as depth`,
    [parentId, id ?? null],
  );
  if (found?.circle) problems.add(['parentId'], 'CIRCLE', 'A category cannot lie below itself.');
  else if ((found?.depth ?? 0) > deepest) problems.add(['parentId'], 'TOO_DEEP', `Categories are at most ${deepest} levels deep.`);
}

/** The category that an input names, kept from being deleted until the transaction ends; null where none is named. */
export async function keepCategory(
  ctx: HasEntityManager,
  publicId: string | null | undefined,
  problems: Problems,
  path: (string | number)[],
): Promise<string | null> {
  if (publicId == null) return null;
  const id = localId('Category', publicId);
  const found = id && (await first(ctx, 'select 1 from category where id = $1 for key share', [id]));
  if (found) return id;
  problems.add(path, 'NOT_FOUND', 'There is no such category.');
  return null;
}

export async function loadCategories(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, Category>> {
  const found = await rows<Category>(ctx, `select ${columns} from category k where k.id = any($1::uuid[])`, [ids]);
  return new Map(found.map((each) => [each.id, each]));
}

/** The category with that id, batched with others of the request. */
export async function categoryById(ctx: Context, id: string | null): Promise<Category | null> {
  if (id === null) return null;
  const load = async (inside: Context, ids: readonly string[]) => {
    const found = await loadCategories(inside, ids);
    return ids.map((each) => found.get(each) ?? null);
  };
  return await ctx.loader<string, Category | null>('category', load).load(id);
}

/** The children of that category, or the roots, by name. */
export async function childrenOf(ctx: Context, parentId: string | null): Promise<Category[]> {
  const load = async (inside: Context, ids: readonly string[]) => {
    const found = await rows<Category>(
      inside,
      `select ${columns} from category k where coalesce(k.parent_id::text, '') = any($1::text[]) order by k.name`,
      [ids],
    );
    return ids.map((each) => found.filter((child) => (child.parentId ?? '') === each));
  };
  return await ctx.loader<string, Category[]>('categoryChildren', load).load(parentId ?? '');
}

/** SQL of the ids of a category and all below it. `place` holds the id. */
export function withDescendantsSql(place: string): string {
  return `(with recursive below (id) as (select ${place}::uuid union select k.id from category k join below b on k.parent_id = b.id) select id from below)`;
}

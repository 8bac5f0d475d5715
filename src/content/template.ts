import type { Medium } from '../catalogue/medium.js';
import { didYouMean } from '../catalogue/nearest.js';
import { isObjectType, objectTypeNames } from '../catalogue/object-types.js';
import type { Context } from '../context.js';
import { first, type HasEntityManager, rows } from '../database/sql.js';
import { Invalid, Problems } from '../errors.js';
import { codeFrom } from '../graphql/code.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import { compileContent, type GivenText } from './compile.js';
import { oneLine } from './escape.js';

/** A template as it is kept; its text is the content version that `contentId` names. */
export interface Template {
  id: string;
  name: string;
  code: string;
  description: string | null;
  medium: Medium;
  objectType: string | null;
  version: number;
  effective: boolean;
  contentId: string;
  createdAt: Date;
}

const columns = `t.id, t.name, t.code, t.description, t.medium, t.object_type as "objectType", t.version, t.effective,
  t.content_id as "contentId", t.created_at as "createdAt"`;

export interface NewTemplate {
  name: string;
  code?: string | null;
  description?: string | null;
  medium: Medium;
  objectType?: string | null;
  content: readonly GivenText[];
  effective?: boolean | null;
}

export async function createTemplate(ctx: Context, input: NewTemplate): Promise<Template> {
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  await checkNames(ctx, problems, name, code);
  const objectType = checkObjectType(problems, input.objectType ?? null);
  const contentId = await compileContent(ctx, { medium: input.medium, objectType, contents: input.content, path: ['content'], problems });
  problems.throwIfAny();
  const made = await first<Template>(
    ctx,
    `insert into template as t (name, code, description, medium, object_type, effective, content_id)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning ${columns}`,
    [name, code, oneLine(input.description ?? '').trim() || null, input.medium, objectType, input.effective ?? true, contentId],
  );
  if (made) return made;
  // Somebody else has written one of that name in the meantime.
  await checkNames(ctx, problems, name, code);
  throw new Invalid(problems.list);
}

async function checkNames(ctx: Context, problems: Problems, name: string, code: string): Promise<void> {
  if (name === '' || name.length > 200 || /\p{Cc}/u.test(name))
    problems.add(['name'], 'INVALID', 'A name has 1 to 200 characters, in one line.');
  if (!/^[\w.-]{1,100}$/.test(code)) problems.add(['code'], 'INVALID', 'A code has 1 to 100 letters, digits, dots, dashes or underscores.');
  if (problems.list.length > 0) return;
  const taken = await rows<{ name: boolean; code: boolean }>(
    ctx,
    'select name = $1 as name, code = $2 as code from template where name = $1 or code = $2',
    [name, code],
  );
  if (taken.some((each) => each.name)) problems.add(['name'], 'TAKEN', `There is a template ${JSON.stringify(name)} already.`);
  if (taken.some((each) => each.code))
    problems.add(['code'], 'TAKEN', `There is a template with the code ${JSON.stringify(code)} already.`);
}

function checkObjectType(problems: Problems, given: string | null): string | null {
  if (given === null || isObjectType(given)) return given;
  const hint = didYouMean(given, objectTypeNames()) || ` There are ${objectTypeNames().join(', ')}.`;
  problems.add(['objectType'], 'UNKNOWN_TYPE', `${JSON.stringify(given.slice(0, 80))} is no object type.${hint}`);
  return null;
}

export async function loadTemplates(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, Template>> {
  const found = await rows<Template>(ctx, `select ${columns} from template t where t.id = any($1::uuid[])`, [ids]);
  return new Map(found.map((each) => [each.id, each]));
}

/** Newest first. */
export async function listTemplates(ctx: HasEntityManager, args: PageArgs): Promise<Connection<Template>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const { where, orderBy } = keyset(page, 't.id', 'uuid', true, parameters);
  const found = await rows<Template>(ctx, `select ${columns} from template t where ${where} ${orderBy}`, parameters);
  const count = async () => (await first<{ count: number }>(ctx, 'select count(*) from template'))?.count ?? 0;
  return connectionOf(page, found, (each) => [each.id], count);
}

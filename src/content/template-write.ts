import { isDeepStrictEqual } from 'node:util';
import { didYouMean } from '../catalogue/nearest.js';
import { isSubject, subjectNames } from '../catalogue/object-types.js';
import type { Context } from '../context.js';
import { affected, first, rows } from '../database/sql.js';
import { usersOf } from '../database/users-of.js';
import { Conflict, InvalidStateTransition, NotFound, Problems } from '../errors.js';
import { codeFrom } from '../graphql/code.js';
import { localId } from '../graphql/node.js';
import { keepCategory } from './category.js';
import { compileContent, type GivenText, sourceOf } from './compile.js';
import type { ContentSource } from './content.js';
import { oneLine } from './escape.js';
import { loadContents } from './load.js';
import { checkNames } from './names.js';
import { copyContent } from './store.js';
import { type Template, templateColumns } from './template.js';
import type { CopyTemplateInput, CreateTemplateInput, TemplateState, UpdateTemplateInput } from './template.type.js';

/** What createTemplate needs; the command line's demo writes templates, too. */
export type NewTemplate = Omit<CreateTemplateInput, 'content' | 'idempotencyKey'> & { content: readonly GivenText[] };

/** Everything of a template that a statement writes. */
type Written = Omit<Template, 'id' | 'version' | 'effective' | 'createdAt' | 'updatedAt'>;

export async function createTemplate(ctx: Context, input: NewTemplate): Promise<Template> {
  const problems = new Problems();
  const { name, code } = await namesOf(ctx, problems, input);
  const objectType = checkObjectType(problems, input.objectType ?? null);
  const categoryId = await keepCategory(ctx, input.categoryId, problems, ['categoryId']);
  const usableByUnits = checkUnits(problems, input.usableByUnits);
  const contentId = await compileContent(ctx, { medium: input.medium, objectType, contents: input.content, path: ['content'], problems });
  problems.throwIfAny();
  const state: TemplateState = input.state ?? ((input.effective ?? true) ? 'EFFECTIVE' : 'NOT_EFFECTIVE');
  const description = descriptionOf(input.description);
  const { medium } = input;
  return await insertTemplate(ctx, {
    name,
    code,
    description,
    medium,
    direction: input.direction ?? 'OUTGOING',
    objectType,
    state,
    categoryId,
    usableByUnits,
    contentId: contentId ?? '',
  });
}

/**
 * A field left out keeps its value. Texts that differ become a new content version; what was written with the old one keeps it,
 * and a run under way goes on with what it froze.
 */
export async function updateTemplate(ctx: Context, input: UpdateTemplateInput): Promise<Template> {
  const before = await lockTemplate(ctx, input.templateId, 'no key update');
  if (input.expectedVersion != null && input.expectedVersion !== before.version)
    throw new Conflict(
      `The template has version ${before.version} by now, not ${input.expectedVersion}: read it again and repeat the edit.`,
    );
  const problems = new Problems();
  const name = input.name == null ? before.name : input.name.trim();
  const code = input.code == null ? before.code : input.code.trim();
  await checkNames(ctx, problems, { table: 'template', name, code, except: before.id });
  const objectType = input.objectType === undefined ? before.objectType : checkObjectType(problems, input.objectType);
  const categoryId =
    input.categoryId === undefined ? before.categoryId : await keepCategory(ctx, input.categoryId, problems, ['categoryId']);
  const usableByUnits = input.usableByUnits === undefined ? before.usableByUnits : checkUnits(problems, input.usableByUnits);
  const state = stateAfter(before, input);
  const contentId = await contentAfter(ctx, before, objectType, input.content, problems);
  problems.throwIfAny();
  const changed = await first<Template>(
    ctx,
    `update template t set name = $2, code = $3, description = $4, object_type = $5, state = $6, category_id = $7, usable_by_units = $8,
       content_id = $9, direction = $10, version = case when t.content_id = $9 then t.version else t.version + 1 end,
       updated_at = clock_timestamp()
     where t.id = $1 returning ${templateColumns}`,
    [
      before.id,
      name,
      code,
      input.description === undefined ? before.description : descriptionOf(input.description),
      objectType,
      state,
      categoryId,
      usableByUnits,
      contentId,
      input.direction ?? before.direction,
    ],
  );
  if (!changed) throw new NotFound('template');
  if (changed.contentId !== before.contentId) await keepVersion(ctx, changed);
  return changed;
}

/** The copy begins with the same texts, as a content version of its own; editing either leaves the other alone. */
export async function copyTemplate(ctx: Context, input: CopyTemplateInput): Promise<Template> {
  const source = await lockTemplate(ctx, input.templateId, 'no key update');
  const problems = new Problems();
  const { name, code } = await namesOf(ctx, problems, input);
  problems.throwIfAny();
  const contentId = await copyContent(ctx, source.contentId);
  return await insertTemplate(ctx, { ...source, contentId, name, code, state: input.state ?? 'DRAFT' });
}

/** The texts of a content that is in use become a template (T10), with a version of their own: each content is written with one template. */
export async function templateFromContent(
  ctx: Context,
  input: { contentId: string; categoryId: string | null; name: string; code?: string | null; state: TemplateState },
): Promise<Template> {
  const { contentId, categoryId, state } = input;
  const content = (await loadContents(ctx, [contentId])).get(contentId);
  if (!content) throw new Error(`Content ${contentId} is missing`);
  const problems = new Problems();
  const { name, code } = await namesOf(ctx, problems, input);
  problems.throwIfAny();
  const { medium, objectType } = content;
  return await insertTemplate(ctx, {
    name,
    code,
    description: null,
    medium,
    direction: 'OUTGOING',
    objectType,
    state,
    categoryId,
    usableByUnits: null,
    contentId: await copyContent(ctx, contentId),
  });
}

/** Refused while a plan or a draft names it. */
export async function deleteTemplate(ctx: Context, publicId: string): Promise<void> {
  const template = await lockTemplate(ctx, publicId, 'update');
  const users = await usersOf(ctx, 'template', template.id);
  if (users !== '') throw new Conflict(`The template ${JSON.stringify(template.name)} is used by ${users}.`);
  await affected(ctx, 'delete from template where id = $1', [template.id]);
}

/** The names of a new template. */
async function namesOf(
  ctx: Context,
  problems: Problems,
  given: { name: string; code?: string | null },
): Promise<{ name: string; code: string }> {
  const name = given.name.trim();
  const code = given.code?.trim() || codeFrom(name);
  await checkNames(ctx, problems, { table: 'template', name, code });
  return { name, code };
}

async function insertTemplate(ctx: Context, written: Written): Promise<Template> {
  const { name, code, description, medium, direction, objectType, state, categoryId, usableByUnits, contentId } = written;
  const made = await first<Template>(
    ctx,
    `insert into template as t (name, code, description, medium, direction, object_type, state, category_id, usable_by_units, content_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${templateColumns}`,
    [name, code, description, medium, direction, objectType, state, categoryId, usableByUnits, contentId],
  );
  if (!made) throw new Error('An insert answers its row');
  await keepVersion(ctx, made);
  return made;
}

/** What is written with a template is found by its contents: so each of them belongs to one template. */
async function keepVersion(ctx: Context, { id, contentId, version }: Template): Promise<void> {
  await rows(ctx, 'insert into template_version (content_id, template_id, version) values ($1, $2, $3)', [contentId, id, version]);
}

/** Those who name the template need not wait for one that edits it, only for one that deletes it. */
async function lockTemplate(ctx: Context, publicId: string, lock: 'no key update' | 'update'): Promise<Template> {
  const id = localId('Template', publicId);
  const found = id && (await first<Template>(ctx, `select ${templateColumns} from template t where t.id = $1 for ${lock}`, [id]));
  if (!found) throw new NotFound('template');
  return found;
}

/** The content version that it has from now on: the one before, where nothing of it differs. */
async function contentAfter(
  ctx: Context,
  before: Template,
  objectType: string | null,
  given: readonly GivenText[] | null | undefined,
  problems: Problems,
): Promise<string | undefined> {
  const sources = (await loadContents(ctx, [before.contentId])).get(before.contentId)?.sources ?? [];
  const contents: readonly ContentSource[] = given?.map(sourceOf) ?? sources;
  if (objectType === before.objectType && isDeepStrictEqual(contents, sources)) return before.contentId;
  return await compileContent(ctx, { medium: before.medium, objectType, contents, path: ['content'], problems });
}

/** DRAFT is where a template begins; once it has been effective it only leaves and enters effect (AMB-24). */
function stateAfter(before: Template, { state, effective }: UpdateTemplateInput): TemplateState {
  const wanted = state ?? (effective == null || effective === before.effective ? before.state : effective ? 'EFFECTIVE' : 'NOT_EFFECTIVE');
  if (wanted === 'DRAFT' && before.state !== 'DRAFT')
    throw new InvalidStateTransition(`A template that is ${before.state} does not become a DRAFT again; copy it instead.`);
  return wanted;
}

function descriptionOf(given: string | null | undefined): string | null {
  return oneLine(given ?? '').trim() || null;
}

function checkUnits(problems: Problems, given: readonly string[] | null | undefined): string[] | null {
  if (given == null) return null;
  const units = [...new Set(given.map((each) => each.trim()))];
  for (const [index, each] of given.entries()) {
    if (!/^[\w.-]{1,100}$/.test(each.trim()))
      problems.add(['usableByUnits', index], 'INVALID', 'The code of a unit has 1 to 100 letters, digits, dots, dashes or underscores.');
  }
  return units;
}

function checkObjectType(problems: Problems, given: string | null): string | null {
  if (given === null || isSubject(given)) return given;
  const hint = didYouMean(given, subjectNames()) || ` There are ${subjectNames().join(', ')}.`;
  problems.add(['objectType'], 'UNKNOWN_TYPE', `${JSON.stringify(given.slice(0, 80))} is no object type.${hint}`);
  return null;
}

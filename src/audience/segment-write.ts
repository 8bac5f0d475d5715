import { checkCondition } from '../catalogue/check-condition.js';
import type { Condition } from '../catalogue/condition.js';
import type { Context } from '../context.js';
import { takeTurns } from '../database/lock.js';
import { affected, first, rows } from '../database/sql.js';
import { usersOf } from '../database/users-of.js';
import { Conflict, Invalid, NotFound, type Problem, Problems } from '../errors.js';
import { localId } from '../graphql/node.js';
import type { CreateSegmentInput, UpdateSegmentInput } from './segment.input.js';
import { findSegment, type SegmentRow, segmentColumns } from './segment.js';
import { checkName, checkText } from './upsert/values.js';

const greatestName = 200;
const greatestDescription = 2_000;
const greatestList = 100_000;

/** What a segment is made of, as the API or the command line gives it. */
type NewSegment = Omit<CreateSegmentInput, 'idempotencyKey' | 'condition'> & { condition?: Condition | null };

/** Makes a segment, once all of its input is found right. Runs in the caller's transaction. */
export async function createSegment(ctx: Context, input: NewSegment): Promise<SegmentRow> {
  const problems = new Problems();
  const { name, description, condition } = input;
  const listed = [...new Set(input.contactExternalIds ?? [])];
  await checkUnique(ctx, problems, name);
  checkDescription(problems, description);
  if (condition == null && listed.length === 0) problems.list.push(withoutMembers);
  if (condition != null) checkCondition(condition, problems, ['condition']);
  await checkListed(ctx, problems, 'contactExternalIds', input.contactExternalIds ?? []);
  problems.throwIfAny();
  const made = await first<{ id: string }>(ctx, 'insert into segment (name, description, condition) values ($1, $2, $3) returning id', [
    name,
    description ?? null,
    condition == null ? null : JSON.stringify(condition),
  ]);
  if (!made) throw new Error('An insert answers its row');
  await list(ctx, made.id, listed);
  return { id: made.id, name, description: description ?? null, condition: condition ?? null, listed: listed.length > 0 };
}

/** A field left out keeps its value. Whoever uses the segment meets its new members from now on. */
export async function updateSegment(ctx: Context, input: UpdateSegmentInput): Promise<SegmentRow> {
  const before = await lockSegment(ctx, input.segmentId);
  const problems = new Problems();
  const { name = before.name, description = before.description, condition = before.condition } = input;
  const { contactExternalIds: all, addContactExternalIds: add, removeContactExternalIds: remove } = input;
  if (name !== before.name) await checkUnique(ctx, problems, name);
  checkDescription(problems, description);
  if (condition != null && condition !== before.condition) checkCondition(condition, problems, ['condition']);
  if (all !== undefined && (add != null || remove != null))
    problems.add(['contactExternalIds'], 'CONTRADICTION', 'Give the whole list, or what to add and remove, not both.');
  await checkListed(ctx, problems, 'contactExternalIds', all ?? []);
  await checkListed(ctx, problems, 'addContactExternalIds', add ?? []);
  problems.throwIfAny();
  if (all !== undefined) await affected(ctx, 'delete from segment_contact where segment_id = $1', [before.id]);
  await unlist(ctx, before.id, remove ?? []);
  await list(ctx, before.id, [...(all ?? []), ...(add ?? [])]);
  await affected(ctx, 'update segment set name = $2, description = $3, condition = $4, updated_at = clock_timestamp() where id = $1', [
    before.id,
    name,
    description,
    condition == null ? null : JSON.stringify(condition),
  ]);
  const after = await first<SegmentRow>(ctx, `select ${segmentColumns} from segment s where s.id = $1`, [before.id]);
  if (!after) throw new NotFound('segment');
  if (after.condition === null && !after.listed) throw new Invalid([withoutMembers]);
  return after;
}

/** Refused while a plan names it. */
export async function deleteSegment(ctx: Context, publicId: string): Promise<void> {
  const { id, name } = await lockSegment(ctx, publicId);
  const users = await usersOf(ctx, 'segment', id);
  if (users !== '') throw new Conflict(`The segment ${JSON.stringify(name)} is used by ${users}.`);
  await affected(ctx, 'delete from segment where id = $1', [id]);
}

async function lockSegment(ctx: Context, publicId: string): Promise<SegmentRow> {
  const id = localId('Segment', publicId);
  const found = id && (await first<SegmentRow>(ctx, `select ${segmentColumns} from segment s where s.id = $1 for update`, [id]));
  if (!found) throw new NotFound('segment');
  return found;
}

async function list(ctx: Context, id: string, externalIds: readonly string[]): Promise<void> {
  await affected(
    ctx,
    'insert into segment_contact (segment_id, contact_id) select $1, id from contact where external_id = any($2) on conflict do nothing',
    [id, externalIds],
  );
}

async function unlist(ctx: Context, id: string, externalIds: readonly string[]): Promise<void> {
  await affected(
    ctx,
    'delete from segment_contact m using contact c where m.segment_id = $1 and c.id = m.contact_id and c.external_id = any($2)',
    [id, externalIds],
  );
}

const withoutMembers: Problem = {
  path: [],
  code: 'REQUIRED',
  message: 'A segment needs a `condition`, `contactExternalIds` or both; otherwise it would have no members for ever.',
};

/** A name that is free stays so until the transaction ends. */
async function checkUnique(ctx: Context, problems: Problems, name: unknown): Promise<void> {
  if (!checkName(problems, ['name'], name, greatestName)) return;
  await takeTurns(ctx, 'segment.names');
  if (await findSegment(ctx, name))
    problems.add(['name'], 'TAKEN', `There is a segment named ${JSON.stringify(name)} already; names are unique.`);
}

/** A description may have several lines. */
function checkDescription(problems: Problems, description: string | null | undefined): void {
  if (description != null) checkText(problems, ['description'], description.replace(/[\r\n\t]/g, ' '), greatestDescription);
}

async function checkListed(ctx: Context, problems: Problems, path: string, externalIds: readonly string[]): Promise<void> {
  if (externalIds.length > greatestList) {
    problems.add(
      [path],
      'TOO_MANY',
      `${externalIds.length} contacts are listed; at most ${greatestList} can be. Say by a condition what they have in common.`,
    );
    return;
  }
  const asked = externalIds.filter((each) => !each.includes('\0'));
  const found = await rows<{ external_id: string }>(ctx, 'select external_id from contact where external_id = any($1)', [asked]);
  const known = new Set(found.map((each) => each.external_id));
  for (const [index, each] of externalIds.entries()) {
    if (!known.has(each)) problems.add([path, index], 'UNKNOWN_CONTACT', `There is no contact ${JSON.stringify(each.slice(0, 80))}.`);
  }
}

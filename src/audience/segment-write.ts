import { checkCondition } from '../catalogue/check-condition.js';
import type { Condition } from '../catalogue/condition.js';
import type { Context } from '../context.js';
import { takeTurns } from '../database/lock.js';
import { affected, first } from '../database/sql.js';
import { usersOf } from '../database/users-of.js';
import { Conflict, Invalid, NotFound, Problems } from '../errors.js';
import type { CreateSegmentInput, UpdateSegmentInput } from './segment.input.js';
import { findSegment, type SegmentRow, segmentColumns } from './segment.js';
import { checkListed, listContacts, lockSegment, unlistContacts, withoutMembers } from './segment-members.js';
import { checkName, checkText } from './upsert/values.js';

const greatestName = 200;
const greatestDescription = 2_000;
export const greatestList = 100_000;

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
  await checkListed(ctx, problems, 'contactExternalIds', input.contactExternalIds ?? [], greatestList);
  problems.throwIfAny();
  const made = await first<{ id: string }>(ctx, 'insert into segment (name, description, condition) values ($1, $2, $3) returning id', [
    name,
    description ?? null,
    condition == null ? null : JSON.stringify(condition),
  ]);
  if (!made) throw new Error('An insert answers its row');
  await listContacts(ctx, made.id, listed);
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
  await checkListed(ctx, problems, 'contactExternalIds', all ?? [], greatestList);
  await checkListed(ctx, problems, 'addContactExternalIds', add ?? [], greatestList);
  problems.throwIfAny();
  if (all !== undefined) await affected(ctx, 'delete from segment_contact where segment_id = $1', [before.id]);
  await unlistContacts(ctx, before.id, remove ?? []);
  await listContacts(ctx, before.id, [...(all ?? []), ...(add ?? [])]);
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

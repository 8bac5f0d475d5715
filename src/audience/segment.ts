import { checkCondition } from '../catalogue/check-condition.js';
import type { Condition } from '../catalogue/condition.js';
import { conditionSql } from '../catalogue/condition-sql.js';
import type { Context } from '../context.js';
import { affected, first, rows } from '../database/sql.js';
import { Invalid, type Problem, Problems } from '../errors.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import type { CreateSegmentInput } from './segment.input.js';
import { checkName, checkText } from './upsert/values.js';

/** A segment. Its members are those listed in segment_contact and those that meet the condition. */
export interface SegmentRow {
  id: string;
  name: string;
  description: string | null;
  condition: Condition | null;
  /** Whether contacts are listed. */
  listed: boolean;
}

const columns = `s.id, s.name, s.description, s.condition,
  exists (select from segment_contact m where m.segment_id = s.id) as listed`;
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
  if (checkName(problems, ['name'], name, greatestName) && (await findSegment(ctx, name))) problems.list.push(taken(name));
  // A description may have several lines.
  if (description != null) checkText(problems, ['description'], description.replace(/[\r\n\t]/g, ' '), greatestDescription);
  if (condition == null && listed.length === 0) {
    problems.add(
      [],
      'REQUIRED',
      'A segment needs a `condition`, `contactExternalIds` or both; otherwise it would have no members for ever.',
    );
  }
  if (condition != null) checkCondition(condition, problems, ['condition']);
  await checkListed(ctx, problems, input.contactExternalIds ?? []);
  problems.throwIfAny();
  const made = await first<{ id: string }>(
    ctx,
    'insert into segment (name, description, condition) values ($1, $2, $3) on conflict (name) do nothing returning id',
    [name, description ?? null, condition == null ? null : JSON.stringify(condition)],
  );
  // Another caller took the name since it was checked.
  if (!made) throw new Invalid([taken(name)]);
  const { id } = made;
  await affected(ctx, 'insert into segment_contact (segment_id, contact_id) select $1, id from contact where external_id = any($2)', [
    id,
    listed,
  ]);
  return { id, name, description: description ?? null, condition: condition ?? null, listed: listed.length > 0 };
}

function taken(name: string): Problem {
  return { path: ['name'], code: 'TAKEN', message: `There is a segment named ${JSON.stringify(name)} already; names are unique.` };
}

async function checkListed(ctx: Context, problems: Problems, list: readonly string[]): Promise<void> {
  const path = 'contactExternalIds';
  if (list.length > greatestList) {
    problems.add(
      [path],
      'TOO_MANY',
      `${list.length} contacts are listed; at most ${greatestList} can be. Say by a condition what they have in common.`,
    );
    return;
  }
  const asked = list.filter((each) => !each.includes('\0'));
  const found = await rows<{ external_id: string }>(ctx, 'select external_id from contact where external_id = any($1)', [asked]);
  const known = new Set(found.map((each) => each.external_id));
  for (const [index, each] of list.entries()) {
    if (!known.has(each)) problems.add([path, index], 'UNKNOWN_CONTACT', `There is no contact ${JSON.stringify(each.slice(0, 80))}.`);
  }
}

/** The segments with these ids that are there, in no order. */
export async function loadSegments(ctx: Context, ids: readonly string[]): Promise<SegmentRow[]> {
  return await rows<SegmentRow>(ctx, `select ${columns} from segment s where s.id = any($1::uuid[])`, [ids]);
}

/** The segment of that name, if there is one. */
export async function findSegment(ctx: Context, name: string): Promise<SegmentRow | undefined> {
  return await first<SegmentRow>(ctx, `select ${columns} from segment s where s.name = $1`, [name]);
}

/** All segments, oldest first. */
export async function listSegments(ctx: Context, args: PageArgs): Promise<Connection<SegmentRow>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const { where, orderBy } = keyset(page, 's.id', 'uuid', false, parameters);
  const found = await rows<SegmentRow>(ctx, `select ${columns} from segment s where ${where} ${orderBy}`, parameters);
  return connectionOf(
    page,
    found,
    (row) => [row.id],
    async () => {
      const counted = await first<{ count: number }>(ctx, 'select count(*)::integer as count from segment');
      return counted?.count ?? 0;
    },
  );
}

/**
 * The SQL of "the contact under this alias is in one of these segments", as they are now: true or false, never null. Its
 * parameters are appended. Without segments it is false. `timeZone` is that of contacts that name none.
 */
export function segmentMembersSql(
  segments: readonly Pick<SegmentRow, 'id' | 'condition' | 'listed'>[],
  parameters: unknown[],
  contactAlias: string,
  timeZone: string,
): string {
  const parts: string[] = [];
  const listed = segments.filter((each) => each.listed).map((each) => each.id);
  if (listed.length > 0) {
    parameters.push(listed);
    parts.push(`${contactAlias}.id in (select contact_id from segment_contact where segment_id = any($${parameters.length}::uuid[]))`);
  }
  for (const { condition } of segments) {
    if (condition) parts.push(`(${conditionSql(condition, parameters, { contact: contactAlias, timeZone })})`);
  }
  return parts.length > 0 ? `(${parts.join(' or ')})` : 'false';
}

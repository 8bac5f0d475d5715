import type { Condition } from '../catalogue/condition.js';
import { conditionSql } from '../catalogue/condition-sql.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';

/** A segment. Its members are those listed in segment_contact and those that meet the condition. */
export interface SegmentRow {
  id: string;
  name: string;
  description: string | null;
  condition: Condition | null;
  /** Whether contacts are listed. */
  listed: boolean;
}

export const segmentColumns = `s.id, s.name, s.description, s.condition,
  exists (select from segment_contact m where m.segment_id = s.id) as listed`;
/** The segments with these ids that are there, in no order. */
export async function loadSegments(ctx: Context, ids: readonly string[]): Promise<SegmentRow[]> {
  return await rows<SegmentRow>(ctx, `select ${segmentColumns} from segment s where s.id = any($1::uuid[])`, [ids]);
}

/** Keeps these segments from being deleted until the transaction ends: it is about to name them. */
export async function keepSegments(ctx: Context, ids: readonly string[]): Promise<void> {
  await rows(ctx, 'select 1 from segment where id = any($1::uuid[]) order by id for key share', [ids]);
}

/** The segment of that name, if there is one. */
export async function findSegment(ctx: Context, name: string): Promise<SegmentRow | undefined> {
  return await first<SegmentRow>(ctx, `select ${segmentColumns} from segment s where s.name = $1`, [name]);
}

/** All segments, oldest first. */
export async function listSegments(ctx: Context, args: PageArgs): Promise<Connection<SegmentRow>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const { where, orderBy } = keyset(page, 's.id', 'uuid', false, parameters);
  const found = await rows<SegmentRow>(ctx, `select ${segmentColumns} from segment s where ${where} ${orderBy}`, parameters);
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

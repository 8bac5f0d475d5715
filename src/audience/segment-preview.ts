import { checkCondition } from '../catalogue/check-condition.js';
import type { Condition } from '../catalogue/condition.js';
import { conditionSql } from '../catalogue/condition-sql.js';
import type { Context } from '../context.js';
import { Problems } from '../errors.js';
import { checkListed, withoutMembers } from './segment-members.js';
import { greatestList } from './segment-write.js';

/** What a segment would be, before it is one. */
export interface SegmentDraft {
  condition: Condition | null;
  contactExternalIds: readonly string[];
}

/** Checked as createSegment checks it. */
export async function previewSegment(
  ctx: Context,
  input: { condition?: Condition | null; contactExternalIds?: readonly string[] | null },
): Promise<SegmentDraft> {
  const problems = new Problems();
  const { condition = null, contactExternalIds } = input;
  const listed = contactExternalIds ?? [];
  if (condition === null && listed.length === 0) problems.list.push(withoutMembers);
  if (condition !== null) checkCondition(condition, problems, ['condition']);
  await checkListed(ctx, problems, 'contactExternalIds', listed, greatestList);
  problems.throwIfAny();
  return { condition, contactExternalIds: listed };
}

/** As segmentMembersSql, of contacts `c`. */
export function draftMembersSql(ctx: Context, { condition, contactExternalIds }: SegmentDraft, parameters: unknown[]): string {
  const parts: string[] = [];
  if (contactExternalIds.length > 0) parts.push(`c.external_id = any($${parameters.push([...contactExternalIds])}::text[])`);
  // Alone it is a condition that PostgreSQL can turn into joins.
  if (condition !== null) parts.push(conditionSql(condition, parameters, { contact: 'c', timeZone: ctx.config.defaultTimeZone }));
  return `(${parts.join(' or ')})`;
}

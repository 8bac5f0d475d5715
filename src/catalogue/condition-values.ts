import type { Condition } from './condition.js';
import { resolvePath } from './path.js';
import { type TagNames, tagValuesSql } from './values.js';

/** The fields that a condition asks about, each once, as the catalogue spells them. */
export function fieldsOf(condition: Condition): string[] {
  return [...new Set(namesIn(condition))];
}

/**
 * SQL of what a condition looks at, as one jsonb object by field: `{"bill.state": "OPEN"}`, in the form of tags' values. A field of
 * which the contact has several objects is null there, as in a tag (AMB-23), and so is what an event carries. A scalar sub-select over the rows of `names`.
 */
export function conditionValuesSql(condition: Condition, names: TagNames): string {
  const fields = fieldsOf(condition).filter((each) => !each.startsWith('event.') && resolvePath(each)?.path !== undefined);
  if (fields.length === 0) return 'null::jsonb';
  const { joins, expression } = tagValuesSql(fields, names);
  const pairs = fields.map((field, place) => `${names.parameters(field)}::text, v.seen -> ${place}`);
  return `(select jsonb_build_object(${pairs.join(', ')}) from (select ${expression} as seen from (values (1)) one (x) ${joins}) v)`;
}

function namesIn(condition: Condition): string[] {
  if (condition.field != null) return [resolvePath(condition.field)?.path?.name ?? condition.field];
  const parts = [...(condition.all ?? []), ...(condition.any ?? []), ...(condition.not == null ? [] : [condition.not])];
  return parts.flatMap(namesIn);
}

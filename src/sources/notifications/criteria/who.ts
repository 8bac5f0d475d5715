import { keepSegments, loadSegments, type SegmentRow, segmentMembersSql } from '../../../audience/segment.js';
import { checkCondition } from '../../../catalogue/check-condition.js';
import { conditionSql } from '../../../catalogue/condition-sql.js';
import { conditionValuesSql, fieldsOf } from '../../../catalogue/condition-values.js';
import type { Push } from '../../../catalogue/field-sql.js';
import type { Context } from '../../../context.js';
import type { Problems } from '../../../errors.js';
import { localId } from '../../../graphql/node.js';
import type { NotificationCriteriaInput } from './criteria.input.js';
import { type Step, type StepScene, shownSql } from './step.js';

/** Segments of the contact (N7), and a condition over everything (AMB-11). */
export function whoSteps(
  { condition }: NotificationCriteriaInput,
  segments: readonly SegmentRow[],
  asked: boolean,
  scene: StepScene,
): Step[] {
  const steps: Step[] = [];
  if (asked) {
    steps.push({
      kind: 'SEGMENTS',
      path: ['segmentIds'],
      label: `The contact is in ${segments.map((each) => each.name).join(' or ')}`,
      level: 'OBJECT',
      predicate: (push) => appended(push, (parameters) => segmentMembersSql(segments, parameters, 'c', scene.timeZone)),
      value: (push) => {
        const names = segments.map((each) => {
          const isIn = appended(push, (parameters) => segmentMembersSql([each], parameters, 'c', scene.timeZone));
          return `case when ${isIn} then ${push(each.name)}::text end`;
        });
        return names.length === 0 ? 'null::jsonb' : shownSql(`array_remove(array[${names.join(', ')}], null)`);
      },
    });
  }
  if (condition != null) {
    const names = { contact: 'c', account: 'a', object: { type: scene.about, alias: 'o' }, timeZone: scene.timeZone };
    steps.push({
      kind: 'CONDITION',
      path: ['condition'],
      label: `The condition on ${fieldsOf(condition).join(', ')} holds`,
      level: 'OBJECT',
      predicate: (push) => appended(push, (parameters) => conditionSql(condition, parameters, names)),
      value: (push) => conditionValuesSql(condition, { ...names, parameters: push }),
    });
  }
  return steps;
}

/** Answers the segments named, and keeps them from being deleted before they are. */
export async function checkWho(ctx: Context, { segmentIds, condition }: NotificationCriteriaInput, problems: Problems): Promise<string[]> {
  const ids = (segmentIds ?? []).map((each) => localId('Segment', each));
  if (segmentIds?.length === 0) problems.add(['criteria', 'segmentIds'], 'EMPTY', 'Give at least one segment, or leave it out.');
  const asked = [...new Set(ids.filter((each) => each !== undefined))];
  await keepSegments(ctx, asked);
  const found = new Set((await loadSegments(ctx, asked)).map((each) => each.id));
  for (const [index, id] of ids.entries()) {
    if (id === undefined || !found.has(id)) problems.add(['criteria', 'segmentIds', index], 'NOT_FOUND', 'There is no such segment.');
  }
  if (condition != null) checkCondition(condition, problems, ['criteria', 'condition']);
  return [...found];
}

/** For SQL builders that append to a list of their own: their placeholders count from where the statement's parameters stand. */
function appended(push: Push, build: (parameters: unknown[]) => string): string {
  const own: unknown[] = [];
  const sql = build(own);
  const places = own.map((each) => push(each));
  return sql.replace(/\$(\d+)/g, (_, number: string) => places[Number(number) - 1] ?? '');
}

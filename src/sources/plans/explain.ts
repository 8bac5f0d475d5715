import { loadSegments, type SegmentRow, segmentMembersSql } from '../../audience/segment.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { Invalid } from '../../errors.js';
import { type Candidate, type ExplainedStep, type FunnelCount, notMatched, type Who } from '../../generate/why/step.js';
import type { Plan } from './plan.js';

/** What a plan asks of a contact: to be in one of its segments, and in none that it excludes. */
export async function explainPlan(ctx: Context, plan: Plan, { contactIds: [contactId], object }: Who): Promise<Candidate[]> {
  if (object !== null && object.type !== 'contact') {
    const message = `A plan is about contacts: leave the ${object.type} out.`;
    throw new Invalid([{ path: ['object'], code: 'NOT_ABOUT', message }]);
  }
  const segments = await loadSegments(ctx, [...plan.includeSegmentIds, ...plan.excludeSegmentIds]);
  const pick = (ids: readonly string[]) => segments.filter((each) => ids.includes(each.id));
  const [include, exclude] = [pick(plan.includeSegmentIds), pick(plan.excludeSegmentIds)];
  const isIn = await membershipsOf(ctx, contactId, segments);
  const names = (of: readonly SegmentRow[]) => of.filter((each) => isIn.has(each.id)).map((each) => each.name);
  const steps: ExplainedStep[] = [
    {
      type: 'SEGMENT',
      excludes: false,
      label: `The contact is in ${include.map((each) => each.name).join(' or ') || 'a segment that the plan includes'}`,
      passed: names(include).length > 0,
      saw: names(include),
    },
  ];
  if (exclude.length > 0) {
    const label = `The contact is not in ${exclude.map((each) => each.name).join(' or ')}`;
    steps.push({ type: 'SEGMENT', excludes: true, label, passed: names(exclude).length === 0, saw: names(exclude) });
  }
  const reason = names(include).length === 0 ? notMatched : names(exclude).length > 0 ? 'EXCLUDED_SEGMENT' : null;
  return [{ contactId, accountId: null, objectId: null, object: null, steps, reason }];
}

/** All contacts, as often as `matched` counts each: once for each medium. */
export async function planFunnel(ctx: Context, media: number): Promise<FunnelCount[]> {
  const counted = await first<{ count: number }>(ctx, 'select count(*)::int as count from contact');
  return [{ kind: 'CANDIDATES', path: [], label: 'All contacts', left: (counted?.count ?? 0) * media }];
}

async function membershipsOf(ctx: Context, contactId: string, segments: readonly SegmentRow[]): Promise<Set<string>> {
  if (segments.length === 0) return new Set();
  const parameters: unknown[] = [contactId];
  const members = segments.map((each) => {
    const isIn = segmentMembersSql([each], parameters, 'c', ctx.config.defaultTimeZone);
    return `case when ${isIn} then $${parameters.push(each.id)}::uuid end`;
  });
  const found = await first<{ ids: string[] }>(
    ctx,
    `select array_remove(array[${members.join(', ')}], null) as ids from contact c where c.id = $1`,
    parameters,
  );
  return new Set(found?.ids ?? []);
}

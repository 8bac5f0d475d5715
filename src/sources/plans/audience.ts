import { loadSegments, segmentMembersSql } from '../../audience/segment.js';
import { checkCondition } from '../../catalogue/check-condition.js';
import type { Condition } from '../../catalogue/condition.js';
import { conditionSql } from '../../catalogue/condition-sql.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { Problems } from '../../errors.js';
import type { AudienceCountInput, AudienceCountType } from './audience.type.js';
import { segmentIds } from './check.js';

/** How many contacts a plan would have to do with, as it stands in an editor: one count, fast enough for every keystroke (XU8). */
export async function countAudience(ctx: Context, input: AudienceCountInput): Promise<AudienceCountType> {
  const problems = new Problems();
  const include = await segmentIds(ctx, input.includeSegmentIds ?? [], 'includeSegmentIds', problems);
  const exclude = await segmentIds(ctx, input.excludeSegmentIds ?? [], 'excludeSegmentIds', problems);
  if (input.condition != null) checkCondition(input.condition, problems, ['condition']);
  problems.throwIfAny();
  const parameters: unknown[] = [];
  const timeZone = ctx.config.defaultTimeZone;
  const met = async (ids: readonly string[], condition: Condition | null) => {
    const members = segmentMembersSql(await loadSegments(ctx, ids), parameters, 'c', timeZone);
    return condition === null ? members : `(${members} or (${conditionSql(condition, parameters, { contact: 'c', timeZone })}))`;
  };
  const included = await met(include, input.condition ?? null);
  const excluded = exclude.length === 0 ? 'false' : await met(exclude, null);
  const direct = input.applyDirectMarketingPreference ? 'not direct_marketing' : 'false';
  const affiliate = input.applyAffiliateMarketingPreference ? 'not affiliate_marketing' : 'false';
  const counted = await first<AudienceCountType>(
    ctx,
    `select count(*)::int as included, count(*) filter (where excluded)::int as excluded,
       count(*) filter (where not excluded and (${direct} or ${affiliate}))::int as "optedOut",
       count(*) filter (where not excluded and not (${direct} or ${affiliate}))::int as reached
     from (select c.direct_marketing, c.affiliate_marketing, ${excluded} as excluded from contact c where ${included}) m`,
    parameters,
  );
  if (!counted) throw new Error('A count answers a row');
  return counted;
}

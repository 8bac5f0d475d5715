import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type Cause, causeColumns, type RunMessage, type RunSettings } from '../run.js';
import { recordedDecision } from './decision.js';
import { type Explanation, explainCause, type Outcome } from './explain.js';
import { type ExplainedStep, type FunnelCount, notMatched, type Who } from './step.js';

interface RunRecord extends Cause {
  id: string;
  startedAt: Date | null;
  messages: RunMessage[] | null;
  settings: RunSettings | null;
  funnel: FunnelCount[] | null;
}

interface Met {
  contactId: string;
  message: number;
  language: string | null;
  address: string | null;
  reason: string | null;
  type: string | null;
  externalId: string | null;
  number: string | null;
  communicationId: string | null;
}

/**
 * What a run made of somebody: what it wrote down, where it met them. Whom it did not meet is computed with the facts of now,
 * as of the instant of the run, for of those it keeps nothing; one that has not started yet is computed as well.
 */
export async function explainRun(ctx: Context, runId: string, who: Who): Promise<Explanation | null> {
  const run = await first<RunRecord>(
    ctx,
    `select r.id, ${causeColumns('r')}, r.started_at as "startedAt", r.messages, r.settings, r.funnel from run r where r.id = $1`,
    [runId],
  );
  if (!run) return null;
  const { startedAt, messages, settings } = run;
  if (!startedAt || !messages || !settings) return await explainCause(ctx, run, who, startedAt);
  const met = await recipientsOf(ctx, runId, who);
  if (met.length > 0) {
    const outcomes = met.flatMap((each) => outcomeOf(each, messages, settings, run.funnel ?? []));
    return { at: startedAt, basis: 'RECORDED', outcomes };
  }
  const computed = await explainCause(ctx, run, who, startedAt);
  const outcomes = computed.outcomes.map((each) => ({ ...each, included: false, reason: each.reason ?? notMatched }));
  return { ...computed, outcomes };
}

async function recipientsOf(ctx: Context, runId: string, { contactIds, object }: Who): Promise<Met[]> {
  return await rows<Met>(
    ctx,
    `select rr.contact_id as "contactId", rr.message, rr.language, rr.address, rr.skip_reason as reason, o.type, o.external_id as "externalId", o.number,
       k.id as "communicationId"
     from run_recipient rr
     left join business_object o on o.id = rr.object_id
     left join lateral (
       select c.id from communication c join run r on r.id = rr.run_id
       where c.run_id = rr.run_id and c.contact_id = rr.contact_id and c.medium = r.messages -> rr.message::int ->> 'medium'
         and c.account_id is not distinct from rr.account_id
         and c.object_id is not distinct from rr.object_id and rr.skip_reason is null limit 1
     ) k on true
     where rr.run_id = $1 and rr.contact_id = any($2::uuid[])
       and ($3::uuid is null or rr.object_id = $3 or rr.account_id = $3 or rr.contact_id = $3 or $3 = any(rr.item_ids))
     order by rr.message, rr.ordinal limit 200`,
    [runId, contactIds, object?.id ?? null],
  );
}

function outcomeOf(
  { contactId, message: place, language, address, reason, type, externalId, number, communicationId }: Met,
  messages: readonly RunMessage[],
  settings: RunSettings,
  funnel: readonly FunnelCount[],
): Outcome[] {
  const message = messages[place];
  if (!message) return [];
  const criteria = funnel
    .slice(1)
    .map(({ kind, path, label }): ExplainedStep => ({ type: 'CRITERION', kind, path, label, passed: true, saw: null }));
  const excluded: ExplainedStep[] =
    reason === 'EXCLUDED_SEGMENT'
      ? [{ type: 'SEGMENT', excludes: true, label: 'The contact is in no excluded segment', passed: false, saw: null }]
      : [];
  return [
    {
      contactId,
      object: type === null || externalId === null ? null : { type, externalId, number },
      medium: message.medium,
      steps: [...criteria, ...excluded, ...recordedDecision(message, settings, { language, address, reason })],
      included: reason === null,
      reason,
      communicationId,
    },
  ];
}

import { recordEvents } from '../../audience/events/record.js';
import { loadContact } from '../../audience/load.js';
import { renderedOf } from '../../communications/rendered.js';
import { loadCommunications } from '../../communications/row.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { Invalid, NotFound } from '../../errors.js';
import { requireLocalId } from '../../graphql/node.js';
import { inTransaction } from '../../graphql/request.js';
import { evaluate } from './evaluate.js';
import { type OutcomeRow, outcomesOfEvent } from './outcome.js';
import type { PreviewRuleInput, RulePreviewMessageType, RulePreviewType } from './outcome.type.js';
import { type Due, release } from './release.js';
import { loadRule, type Rule, ruleMessages } from './rule.js';

/** Carries the rule out on an event that never was: everything for real, in a transaction that is taken back. */
export async function previewRule(ctx: Context, input: PreviewRuleInput): Promise<RulePreviewType> {
  const rule = await loadRule(ctx, requireLocalId('Rule', input.ruleId, 'rule'));
  if (!rule) throw new NotFound('rule');
  const event = input.event ?? rule.events[0] ?? '';
  check(rule, input, event);
  let preview: RulePreviewType | undefined;
  await inTransaction(ctx.open(ctx.viewer), async (inside) => {
    preview = await tryOut(inside, rule, event, input);
    return false;
  });
  if (!preview) throw new Error('A preview that was made is there');
  return preview;
}

function check(rule: Rule, { object }: PreviewRuleInput, event: string): void {
  const problems = [
    ...(object.type === rule.objectType
      ? []
      : [{ path: ['object', 'type'], code: 'WRONG_TYPE', message: `The rule is about a ${rule.objectType}, not about a ${object.type}.` }]),
    ...(rule.events.includes(event)
      ? []
      : [{ path: ['event'], code: 'NOT_LISTENED', message: `The rule does not listen to ${event}; it has ${rule.events.join(', ')}.` }]),
  ];
  if (problems.length > 0) throw new Invalid(problems);
}

async function tryOut(ctx: Context, rule: Rule, event: string, { object, payload }: PreviewRuleInput): Promise<RulePreviewType> {
  const { eventIds } = await recordEvents(ctx, [
    { objectType: object.type, externalId: object.externalId, event, payload: payload ?? {} },
  ]).catch((error: unknown) => {
    throw withoutPlace(error);
  });
  // Nobody may be listening: the rows are kept as if somebody were.
  const recorded = await first<{ seq: number }>(
    ctx,
    `update event e set object_row = s.object_row, account_row = s.account_row, contact_row = s.contact_row
     from event_subject($2, $3) s where e.id = $1 returning e.seq`,
    [eventIds[0], object.type, object.externalId],
  );
  const seq = recorded?.seq ?? 0;
  const messages = (await ruleMessages(ctx, [rule.id])).get(rule.id) ?? [];
  const always = { ...rule, enabledAt: new Date(0) };
  await evaluate(ctx, always, messages, [seq]);
  // What waits is made at once, to see what it says; it keeps the time at which it would be.
  for (const each of await heldOf(ctx, rule, seq)) await release(ctx, always, each);
  const found = await outcomesOfEvent(ctx, seq);
  const conditions = found[0]?.conditions ?? [];
  const shown: RulePreviewMessageType[] = [];
  for (const each of found.filter(({ medium }) => medium !== null)) shown.push(await show(ctx, each));
  return { met: conditions.length === 0 || conditions.includes(true), conditions, messages: shown };
}

async function heldOf(ctx: Context, rule: Rule, eventSeq: number): Promise<Due[]> {
  return await rows<Due>(
    ctx,
    `select rule_id as "ruleId", message::int, held, array_agg(seq order by seq) as outcomes from rule_outcome
     where event_seq = $1 and rule_id = $2 and state = 'HELD' group by rule_id, message, held order by message`,
    [eventSeq, rule.id],
  );
}

async function show(ctx: Context, outcome: OutcomeRow): Promise<RulePreviewMessageType> {
  const { medium, toParent, reason, communicationId } = outcome;
  if (medium === null) throw new Error('A message has a medium');
  const [row = null] = communicationId === null ? [] : await loadCommunications(ctx, [communicationId]);
  const rendered = row && (await renderedOf(ctx, row));
  return {
    medium,
    toParent,
    contact: await loadContact(ctx, outcome.contactId),
    skipReason: reason,
    to: row?.address ?? null,
    language: row?.language ?? null,
    subject: rendered?.subject ?? null,
    body: rendered?.body ?? null,
    rejection: row?.rejectionCode ?? null,
    dueAt: outcome.dueAt,
  };
}

/** The one event that was recorded is the input itself. */
function withoutPlace(error: unknown): unknown {
  if (!(error instanceof Invalid)) return error;
  return new Invalid(error.problems.map((each) => ({ ...each, path: each.path.slice(2) })));
}

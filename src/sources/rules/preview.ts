import { recordEvents } from '../../audience/events/record.js';
import { loadContact } from '../../audience/load.js';
import { isTooLong } from '../../content/limits.js';
import { frameOf } from '../../content/links/frame.js';
import { previewLinks } from '../../content/links/maker.js';
import { loadContents } from '../../content/load.js';
import { render } from '../../content/render.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { Invalid, NotFound } from '../../errors.js';
import { requireLocalId } from '../../graphql/node.js';
import { inTransaction } from '../../graphql/request.js';
import { loadExternalSystems } from '../../queue/systems.js';
import { evaluate, type HeldMessage } from './evaluate.js';
import { outcomesOfEvent } from './outcome.js';
import type { PreviewRuleInput, RulePreviewMessageType, RulePreviewType } from './outcome.type.js';
import { loadRule, type Rule, ruleMessages } from './rule.js';

/**
 * Carries the rule out on an event that never was: everything for real up to what is frozen, in a transaction that is taken back.
 * No communication is made, so none has used a number, and links do nothing.
 */
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
  const isTimed = rule.timeOfDay !== null || rule.after !== null;
  // What waits is frozen and goes no further: so it does at once, where the rule has no time.
  const waiting: Rule = { ...rule, enabledAt: new Date(0), ...(!isTimed && { after: { amount: 0, unit: 'MINUTE' } }) };
  await evaluate(ctx, waiting, messages, [seq]);
  const found = await outcomesOfEvent(ctx, seq);
  const frozen = await frozenOf(ctx, seq);
  const conditions = found[0]?.conditions ?? [];
  const shown: RulePreviewMessageType[] = [];
  for (const each of found) {
    const { medium, toParent, reason, dueAt, contactId } = each;
    if (medium === null) continue;
    const contact = await loadContact(ctx, contactId);
    const words = await said(ctx, contactId, frozen.get(each.seq));
    shown.push({ medium, toParent, contact, skipReason: reason, ...words, dueAt: isTimed ? dueAt : null });
  }
  return { met: conditions.length === 0 || conditions.includes(true), conditions, messages: shown };
}

interface Frozen {
  seq: number;
  held: HeldMessage;
  language: string;
  address: string | null;
  tagValues: unknown[];
  zoneOffset: number;
}

async function frozenOf(ctx: Context, eventSeq: number): Promise<Map<number, Frozen>> {
  const found = await rows<Frozen>(
    ctx,
    `select seq, held, language, address, tag_values as "tagValues", zone_offset as "zoneOffset" from rule_outcome
     where event_seq = $1 and state = 'HELD'`,
    [eventSeq],
  );
  return new Map(found.map((each) => [each.seq, each]));
}

type Said = Pick<RulePreviewMessageType, 'to' | 'language' | 'subject' | 'body' | 'rejection'>;

/** What was frozen, as its contact would read it, and whether the queue would take it. */
async function said(ctx: Context, contactId: string, frozen: Frozen | undefined): Promise<Said> {
  if (!frozen) return { to: null, language: null, subject: null, body: null, rejection: null };
  const { held, language, address, tagValues, zoneOffset } = frozen;
  const content = (await loadContents(ctx, [held.contentId])).get(held.contentId);
  if (!content) throw new Error(`Content ${held.contentId} is missing`);
  const frame = await frameOf(ctx, content, held.medium, { origin: 'RULE', direction: 'OUTGOING' });
  const links = previewLinks(frame, contactId, ctx.secrets.link);
  const { subject, body, text } = render(content, language, tagValues, {
    zoneOffset,
    links: links && { ...links, pixel: () => undefined },
  });
  const system = (
    await loadExternalSystems(
      ctx,
      [held.externalSystemId ?? ''].filter((each) => each !== ''),
    )
  ).get(held.externalSystemId ?? '');
  const isTaken = !system || system.media.includes(held.medium);
  const tooLong = isTooLong(text, { characters: held.characterLimit, segments: held.segmentLimit ?? null });
  return { to: address, language, subject, body, rejection: isTaken ? (tooLong ? 'TOO_LONG' : null) : 'UNSUPPORTED_MEDIUM' };
}

/** The one event that was recorded is the input itself. */
function withoutPlace(error: unknown): unknown {
  if (!(error instanceof Invalid)) return error;
  return new Invalid(error.problems.map((each) => ({ ...each, path: each.path.slice(2) })));
}

import type { Condition } from '../../catalogue/condition.js';
import { oneLine } from '../../content/escape.js';
import { loadContents } from '../../content/load.js';
import { checkNames } from '../../content/names.js';
import { loadTemplates } from '../../content/template.js';
import { type ContentWarning, warningsOf } from '../../content/warnings.js';
import type { Context } from '../../context.js';
import { affected, first } from '../../database/sql.js';
import { NotFound, Problems } from '../../errors.js';
import { checkMessages } from '../../generate/check-message.js';
import { type KeptMessage, writeMessages } from '../../generate/message.js';
import { codeFrom } from '../../graphql/code.js';
import { requireLocalId } from '../../graphql/node.js';
import { checkConditions, checkDuration, checkEvents, checkObjectType, checkTiming } from './check.js';
import type { CopyRuleInput, CreateRuleInput, UpdateRuleInput } from './rule.input.js';
import { type Rule, ruleColumns, ruleMessages } from './rule.js';

/** Before what people write (3) and campaigns (7): the contact has just done something, and waits (E8x). */
const rulePriority = 2;

/** What of a rule a statement writes. */
type Written = Omit<Rule, 'id' | 'enabled' | 'enabledAt' | 'lastError' | 'lastErrorAt' | 'createdAt' | 'updatedAt'>;

export interface Saved {
  rule: Rule;
  warnings: ContentWarning[];
}

/** Makes a rule; all problems of the input at once, and nothing is kept where there is one. */
export async function createRule(ctx: Context, input: CreateRuleInput): Promise<Saved> {
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  await checkNames(ctx, problems, { table: 'rule', name, code });
  const known = checkObjectType(input.objectType, problems);
  const events = known ? checkEvents(input.objectType, input.events, problems) : [];
  const written = checkRest({ ...emptyRule, name, code, objectType: input.objectType, events }, input, problems);
  const messages = await checkMessages(ctx, { noun: 'rule', objectType: known ? input.objectType : null }, input.messages, problems);
  problems.throwIfAny();
  const rule = await insertRule(ctx, written, input.enabled ?? true);
  await writeMessages(ctx, 'rule_message', rule.id, messages);
  return { rule, warnings: await messageWarnings(ctx, messages) };
}

const emptyRule: Omit<Written, 'name' | 'code' | 'objectType' | 'events'> = {
  description: null,
  conditions: [],
  timeOfDay: null,
  after: null,
  expiresAfter: null,
  notifyParentAccount: false,
  applyDirectMarketingPreference: false,
  applyAffiliateMarketingPreference: false,
  priority: rulePriority,
};

/** A field left out keeps its value. What waits for its time goes on with what it was made of. */
export async function updateRule(ctx: Context, input: UpdateRuleInput): Promise<Saved> {
  const before = await lockRule(ctx, input.ruleId);
  const problems = new Problems();
  const name = input.name == null ? before.name : input.name.trim();
  const code = input.code == null ? before.code : input.code.trim();
  await checkNames(ctx, problems, { table: 'rule', name, code, except: before.id });
  const events = input.events == null ? before.events : checkEvents(before.objectType, input.events, problems);
  const written = checkRest({ ...before, name, code, events }, input, problems);
  const messages =
    input.messages == null
      ? undefined
      : await checkMessages(ctx, { noun: 'rule', objectType: before.objectType }, input.messages, problems);
  problems.throwIfAny();
  const rule = await first<Rule>(
    ctx,
    `update rule r set (${writtenColumns.join(', ')}) = (${writtenColumns.map((_, index) => `$${index + 2}`).join(', ')}), updated_at = clock_timestamp()
     where r.id = $1 returning ${ruleColumns}`,
    [before.id, ...writtenValues(written)],
  );
  if (!rule) throw new NotFound('rule');
  if (messages) await writeMessages(ctx, 'rule_message', rule.id, messages);
  const current = messages ?? (await ruleMessages(ctx, [rule.id])).get(rule.id) ?? [];
  return { rule, warnings: await messageWarnings(ctx, current) };
}

/** E3: everything of another rule under a new name; off, until somebody has looked at it. */
export async function copyRule(ctx: Context, input: CopyRuleInput): Promise<Rule> {
  const source = await lockRule(ctx, input.ruleId);
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  await checkNames(ctx, problems, { table: 'rule', name, code });
  problems.throwIfAny();
  const rule = await insertRule(ctx, { ...source, name, code }, false);
  // Contents never change, so both have them.
  await writeMessages(ctx, 'rule_message', rule.id, (await ruleMessages(ctx, [source.id])).get(source.id) ?? []);
  return rule;
}

/** On, it listens to what happens from now on; what happened before is none of its business. */
export async function switchRule(ctx: Context, publicId: string, enabled: boolean): Promise<Rule> {
  const before = await lockRule(ctx, publicId);
  if (before.enabled === enabled) return before;
  const rule = await first<Rule>(
    ctx,
    `update rule r set enabled = $2, enabled_at = case when $2 then clock_timestamp() else r.enabled_at end, updated_at = clock_timestamp()
     where r.id = $1 returning ${ruleColumns}`,
    [before.id, enabled],
  );
  if (!rule) throw new NotFound('rule');
  return rule;
}

/** What waits for its time goes with it. Its log cannot be reached any more, and is forgotten in time. */
export async function deleteRule(ctx: Context, publicId: string): Promise<void> {
  const { id } = await lockRule(ctx, publicId);
  await affected(ctx, `delete from rule_outcome where rule_id = $1 and state = 'HELD'`, [id]);
  await affected(ctx, 'delete from rule where id = $1', [id]);
}

async function lockRule(ctx: Context, publicId: string): Promise<Rule> {
  const id = requireLocalId('Rule', publicId, 'rule');
  const found = await first<Rule>(ctx, `select ${ruleColumns} from rule r where r.id = $1 for update`, [id]);
  if (!found) throw new NotFound('rule');
  return found;
}

type Given = Pick<CreateRuleInput, 'description' | 'conditions' | 'timing' | 'expiresAfter' | 'notifyParentAccount' | 'priority'> &
  Pick<CreateRuleInput, 'applyDirectMarketingPreference' | 'applyAffiliateMarketingPreference'>;

/** What creating and updating share, over what was there before. */
function checkRest(before: Written, input: Given, problems: Problems): Written {
  const written = { ...before };
  if (input.description !== undefined) written.description = oneLine(input.description ?? '').trim() || null;
  if (input.conditions !== undefined) {
    // What a class of the API holds beside what was given is no part of the condition.
    written.conditions = JSON.parse(JSON.stringify(input.conditions ?? [])) as Condition[];
    checkConditions(written.conditions, problems);
  }
  if (input.timing !== undefined) Object.assign(written, checkTiming(input.timing, problems));
  if (input.expiresAfter !== undefined) {
    written.expiresAfter = input.expiresAfter;
    if (input.expiresAfter) checkDuration(input.expiresAfter, ['expiresAfter'], problems);
  }
  for (const name of ['notifyParentAccount', 'applyDirectMarketingPreference', 'applyAffiliateMarketingPreference'] as const) {
    if (input[name] !== undefined) written[name] = input[name] ?? false;
  }
  if (written.notifyParentAccount && written.objectType === 'contact')
    problems.add(['notifyParentAccount'], 'NOT_ALLOWED', 'An event of a contact concerns no account; leave it out.');
  if (input.priority !== undefined) written.priority = input.priority ?? rulePriority;
  if (written.priority < 1 || written.priority > 9) problems.add(['priority'], 'OUT_OF_RANGE', 'A priority is 1 to 9; smaller goes first.');
  return written;
}

const writtenColumns = [
  ...['name', 'code', 'description', 'object_type', 'events', 'conditions', 'send_at', 'send_after', 'expires_after', 'notify_parent'],
  ...['apply_direct_marketing', 'apply_affiliate_marketing', 'priority'],
];

function writtenValues(rule: Written): unknown[] {
  return [
    rule.name,
    rule.code,
    rule.description,
    rule.objectType,
    rule.events,
    JSON.stringify(rule.conditions),
    rule.timeOfDay,
    rule.after && JSON.stringify(rule.after),
    rule.expiresAfter && JSON.stringify(rule.expiresAfter),
    rule.notifyParentAccount,
    rule.applyDirectMarketingPreference,
    rule.applyAffiliateMarketingPreference,
    rule.priority,
  ];
}

async function insertRule(ctx: Context, written: Written, enabled: boolean): Promise<Rule> {
  const made = await first<Rule>(
    ctx,
    `insert into rule as r (enabled, ${writtenColumns.join(', ')}) values ($1, ${writtenColumns.map((_, index) => `$${index + 2}`).join(', ')})
     returning ${ruleColumns}`,
    [enabled, ...writtenValues(written)],
  );
  if (!made) throw new Error('An insert answers its row');
  return made;
}

/** XU7, by the place of each message in the input. */
async function messageWarnings(ctx: Context, messages: readonly KeptMessage[]): Promise<ContentWarning[]> {
  const templates = await loadTemplates(
    ctx,
    messages.flatMap((each) => each.templateId ?? []),
  );
  const idOf = ({ contentId, templateId }: KeptMessage) => contentId ?? templates.get(templateId ?? '')?.contentId ?? '';
  const contents = await loadContents(ctx, [...new Set(messages.map(idOf))]);
  const warnings: ContentWarning[] = [];
  for (const [index, message] of messages.entries()) {
    const content = contents.get(idOf(message));
    for (const each of content ? await warningsOf(ctx, content) : [])
      warnings.push({ ...each, path: ['messages', String(index), ...(message.templateId === null ? each.path : ['templateId'])] });
  }
  return warnings;
}

import { conditionSql } from '../../catalogue/condition-sql.js';
import { conditionValuesSql, fieldsOf } from '../../catalogue/condition-values.js';
import { type Push, pushTo } from '../../catalogue/field-sql.js';
import { typeOf } from '../../catalogue/object-types.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { Invalid } from '../../errors.js';
import { freezeMessages } from '../../generate/message.js';
import type { Explainable } from '../../generate/why/explain.js';
import { type Candidate, type ExplainedStep, mostCandidates, notMatched, type Who } from '../../generate/why/step.js';
import { loadRule, type Rule, ruleMessages } from './rule.js';

/** What a rule would make of its first event, if it happened to somebody's object now. What the event itself carries is empty. */
export function explainedRule(ruleId: string): Explainable {
  return {
    async prepare(ctx) {
      const rule = await ruleOf(ctx, ruleId);
      if (!rule.enabled) throw refused('The rule is off.');
      const enabled = ((await ruleMessages(ctx, [ruleId])).get(ruleId) ?? []).filter((each) => each.enabled);
      if (enabled.length === 0) throw refused('All messages of the rule are switched off.');
      const messages = await freezeMessages(ctx, enabled, { expiresAt: null, path: ['ruleId'] });
      const settings = {
        origin: 'RULE',
        priority: rule.priority,
        objectType: rule.objectType,
        applyDirectMarketing: rule.applyDirectMarketingPreference,
        applyAffiliateMarketing: rule.applyAffiliateMarketingPreference,
      };
      return { messages, settings };
    },
    explain: async (ctx, _run, who) => await candidatesOf(ctx, await ruleOf(ctx, ruleId), who),
  };
}

interface Row {
  contactId: string;
  accountId: string | null;
  objectId: string | null;
  externalId: string;
  number: string | null;
  passed: boolean[];
  saw: unknown[];
}

async function candidatesOf(ctx: Context, rule: Rule, who: Who): Promise<Candidate[]> {
  const parameters: unknown[] = [];
  const push = pushTo(parameters);
  const { from, subject } = sceneOf(rule, push);
  const isObject = subject === 'o';
  const shared = {
    contact: 'c',
    ...(subject !== 'c' && { account: 'a' }),
    ...(isObject && { object: { type: rule.objectType, alias: 'o' } }),
  };
  const names = { ...shared, timeZone: ctx.config.defaultTimeZone };
  const passed = rule.conditions.map((each) => `coalesce((${conditionSql(each, parameters, { ...names, event: 'ev' })}), false)`);
  const saw = rule.conditions.map((each) => conditionValuesSql(each, { ...names, parameters: push }));
  const found = await rows<Row>(
    ctx,
    `select x.* from (
       select c.id as "contactId", ${subject === 'c' ? 'null::uuid' : 'a.id'} as "accountId", ${isObject ? 'o.id' : 'null::uuid'} as "objectId",
         ${subject}.id as "subjectId", ${subject}.external_id as "externalId", ${subject === 'c' ? 'null::text' : `${subject}.number`} as number,
         array[${passed.join(', ')}]::boolean[] as passed, jsonb_build_array(${saw.join(', ')}) as saw
       from ${from} where c.id = any(${push(who.contactIds)}::uuid[]) and (${push(chosen(rule, who))}::uuid is null or ${subject}.id = $${parameters.length})
     ) x
     order by (cardinality(passed) = 0 or true = any(passed)) desc, "subjectId" limit ${mostCandidates}`,
    parameters,
  );
  return found.length === 0 ? [nothing(rule, who)] : found.map((each) => candidateOf(rule, each));
}

/** The object asked about; null: every one of the contact. */
function chosen(rule: Rule, { object }: Who): string | null {
  if (object === null) return null;
  if (object.type === rule.objectType) return object.id;
  if (object.type === 'contact') return null;
  const message = `${JSON.stringify(rule.name)} listens to events of a ${rule.objectType}: a ${object.type} does not decide.`;
  throw new Invalid([{ path: ['object'], code: 'NOT_ABOUT', message }]);
}

/** The rows of the rule's type with their contact and account, and the event that never was. */
function sceneOf({ objectType, events }: Rule, push: Push): { from: string; subject: 'c' | 'a' | 'o' } {
  const event = `cross join lateral (select null::uuid as id, '{}'::jsonb as attributes, jsonb_build_object('name', ${push(events[0] ?? '')}::text) as fields) ev`;
  const { storage } = typeOf(objectType);
  if (storage === 'contact') return { from: `contact c ${event}`, subject: 'c' };
  if (storage === 'account') return { from: `account a join contact c on c.id = a.contact_id ${event}`, subject: 'a' };
  const objects = `(select * from business_object where type = ${push(objectType)}::text) o`;
  return { from: `${objects} join contact c on c.id = o.contact_id left join account a on a.id = o.account_id ${event}`, subject: 'o' };
}

/** At least one condition must be met (E7). */
function candidateOf(rule: Rule, { contactId, accountId, objectId, externalId, number, passed, saw }: Row): Candidate {
  const steps = rule.conditions.map((condition, place): ExplainedStep => {
    const label = `The condition on ${fieldsOf(condition).join(', ')} holds${rule.conditions.length > 1 ? ' (one of them must)' : ''}`;
    return {
      type: 'CRITERION',
      kind: 'CONDITION',
      path: ['conditions', `${place}`],
      label,
      passed: passed[place] ?? false,
      saw: saw[place] ?? null,
    };
  });
  const met = steps.length === 0 || steps.some((each) => each.passed);
  return { contactId, accountId, objectId, object: { type: rule.objectType, externalId, number }, steps, reason: met ? null : notMatched };
}

function nothing({ objectType }: Rule, { contactIds: [contactId] }: Who): Candidate {
  const label = `There is a ${objectType}`;
  const step: ExplainedStep = { type: 'CRITERION', kind: 'CANDIDATES', path: [], label, passed: false, saw: null };
  return { contactId, accountId: null, objectId: null, object: null, steps: [step], reason: notMatched };
}

async function ruleOf(ctx: Context, id: string): Promise<Rule> {
  const rule = await loadRule(ctx, id);
  if (!rule) throw refused('The rule is not there any more.');
  return rule;
}

function refused(message: string): Invalid {
  return new Invalid([{ path: ['ruleId'], code: 'CANNOT_RUN', message }]);
}

import { pushTo } from '../../catalogue/field-sql.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { Invalid } from '../../errors.js';
import { type Candidate, type ExplainedStep, type FunnelCount, mostCandidates, notMatched, type Who } from '../../generate/why/step.js';
import type { Step } from './criteria/step.js';
import type { NotificationType } from './notification-type.js';
import { candidatesOf } from './recipients.js';

interface Row {
  contactId: string;
  accountId: string | null;
  objectId: string;
  /** What one notification is for. */
  together: string;
  type: string;
  externalId: string;
  number: string | null;
  passed: boolean[];
  saw: unknown[];
}

/**
 * Each object of somebody that a type may be about, with what every criterion saw of it. The total is that of the notification in
 * which it would stand: of the objects that pass everything before. Where there are too many to show all, those that pass come
 * first, one of each notification before the others: the final word must not depend on how many are shown.
 */
export async function explainType(ctx: Context, type: NotificationType, steps: readonly Step[], who: Who): Promise<Candidate[]> {
  const each = steps.filter((step) => step.level === 'OBJECT');
  const parameters: unknown[] = [];
  const push = pushTo(parameters);
  const { tables, where } = candidatesOf(type);
  const passed = each.map((step) => `coalesce((${step.predicate(push)}), false)`);
  const saw = each.map((step) => step.value(push));
  const found = await rows<Row>(
    ctx,
    `select x.* from (
       select c.id as "contactId", a.id as "accountId", o.id as "objectId", ${groupKey(type)} as together, o.type, o.external_id as "externalId", o.number,
         array[${passed.join(', ')}]::boolean[] as passed, jsonb_build_array(${saw.join(', ')}) as saw
       from ${tables} where ${where} and ${whoSql(type, who, push)}
     ) x
     order by true = all(passed) desc, row_number() over (partition by together, true = all(passed) order by number, "objectId"), number, "objectId"
     limit ${mostCandidates}`,
    parameters,
  );
  if (found.length === 0) return [nothing(type, who)];
  const totals = await totalsOf(ctx, type, steps, [...new Set(found.map((row) => row.together))]);
  return found.map((row) => candidateOf(row, each, totals.get(row.together) ?? []));
}

/** How many notifications there would be after each criterion. One pass over the candidates, whatever the number of criteria. */
export async function typeFunnel(ctx: Context, type: NotificationType, steps: readonly Step[]): Promise<FunnelCount[]> {
  const each = steps.filter((step) => step.level === 'OBJECT');
  const parameters: unknown[] = [];
  const push = pushTo(parameters);
  const { tables, where } = candidatesOf(type);
  const joins = each.flatMap((step) => step.joined?.join(push) ?? []);
  const branches = each.map((step, place) => `when (${(step.joined ?? step).predicate(push)}) is not true then ${place}`);
  const reached = branches.length === 0 ? '0' : `case ${branches.join(' ')} else ${each.length} end`;
  // Sub-selects that the planner cannot turn into joins are hashed as long as they fit; a run of millions must not probe lists.
  await rows(ctx, `select set_config('work_mem', '256MB', true)`);
  const counted = await rows<{ reached: number; count: number }>(
    ctx,
    `select reached, count(*)::int as count from (
       select max(reached) as reached from (select ${groupKey(type)} as together, ${reached} as reached from ${tables} ${joins.join(' ')} where ${where}) x
       group by together
     ) g group by 1`,
    parameters,
  );
  await rows(ctx, `select set_config('work_mem', reset_val, true) from pg_settings where name = 'work_mem'`);
  const left = (place: number) => counted.reduce((sum, row) => sum + (row.reached >= place ? row.count : 0), 0);
  const candidates = { kind: 'CANDIDATES', path: [], label: candidateWords[type.classification](type.about), left: left(0) };
  const totals = steps.filter((step) => step.level === 'TOTAL');
  return [
    candidates,
    ...each.map(({ kind, path, label }, place) => ({ kind, path, label, left: left(place + 1) })),
    ...totals.map(({ kind, path, label }) => ({ kind, path, label, left: null })),
  ];
}

const candidateWords: Record<NotificationType['classification'], (about: string) => string> = {
  CUSTOMER_CARE: (about) => `Every ${about}`,
  FINANCIAL: (about) => `Accounts with a ${about}`,
  REWARD: (about) => `Rewards participants with a ${about}`,
};

const groupKeys: Record<NotificationType['classification'], string> = { CUSTOMER_CARE: 'o.id', FINANCIAL: 'a.id', REWARD: 'p.id' };

function groupKey({ classification }: NotificationType): string {
  return groupKeys[classification];
}

function whoSql(type: NotificationType, { contactIds, object }: Who, push: (value: unknown) => string): string {
  const own = `c.id = any(${push(contactIds)}::uuid[])`;
  if (object === null || object.type === 'contact') return own;
  if (object.type === 'account') return `${own} and a.id = ${push(object.id)}::uuid`;
  if (object.type === type.about) return `${own} and o.id = ${push(object.id)}::uuid`;
  if (object.type === 'rewards_participant' && type.classification === 'REWARD') return `${own} and p.id = ${push(object.id)}::uuid`;
  const message = `${JSON.stringify(type.name)} is about ${type.about}: a ${object.type} does not decide. Name a contact, an account or a ${type.about}.`;
  throw new Invalid([{ path: ['object'], code: 'NOT_ABOUT', message }]);
}

function candidateOf(row: Row, each: readonly Step[], total: readonly ExplainedStep[]): Candidate {
  const { contactId, accountId, objectId, type, externalId, number, passed, saw } = row;
  const own = each.map(({ kind, path, label }, place): ExplainedStep => {
    return { type: 'CRITERION', kind, path, label, passed: passed[place] ?? false, saw: saw[place] ?? null };
  });
  const steps = [...own, ...total];
  const met = steps.every((step) => step.passed === true);
  return { contactId, accountId, objectId, object: { type, externalId, number }, steps, reason: met ? null : notMatched };
}

/** The aggregates of each notification, over the objects that pass what is asked of them one by one. */
async function totalsOf(
  ctx: Context,
  type: NotificationType,
  steps: readonly Step[],
  keys: readonly string[],
): Promise<Map<string, ExplainedStep[]>> {
  const totals = steps.filter((step) => step.level === 'TOTAL');
  if (totals.length === 0) return new Map();
  const parameters: unknown[] = [];
  const push = pushTo(parameters);
  const { tables, where } = candidatesOf(type);
  const conditions = steps.filter((step) => step.level === 'OBJECT').map((step) => ` and (${step.predicate(push)})`);
  const passed = totals.map((step) => `coalesce((${step.predicate(push)}), false)`);
  const saw = totals.map((step) => step.value(push));
  const found = await rows<{ together: string; passed: boolean[]; saw: unknown[] }>(
    ctx,
    `select ${groupKey(type)} as together, array[${passed.join(', ')}]::boolean[] as passed, jsonb_build_array(${saw.join(', ')}) as saw
     from ${tables} where ${where}${conditions.join('')} and ${groupKey(type)} = any(${push(keys)}::uuid[]) group by 1`,
    parameters,
  );
  const byKey = new Map(found.map((row) => [row.together, row]));
  return new Map(
    keys.map((key) => [
      key,
      totals.map(({ kind, path, label }, place): ExplainedStep => {
        const row = byKey.get(key);
        return { type: 'CRITERION', kind, path, label, passed: row?.passed[place] ?? false, saw: row?.saw[place] ?? null };
      }),
    ]),
  );
}

function nothing({ about }: NotificationType, { contactIds: [contactId] }: Who): Candidate {
  const label = `There is a ${about}`;
  const step: ExplainedStep = { type: 'CRITERION', kind: 'CANDIDATES', path: [], label, passed: false, saw: null };
  return { contactId, accountId: null, objectId: null, object: null, steps: [step], reason: notMatched };
}

import { conditionSql } from '../../catalogue/condition-sql.js';
import { pushTo } from '../../catalogue/field-sql.js';
import { typeOf } from '../../catalogue/object-types.js';
import { loadContents } from '../../content/load.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type Batch, insertCommunications, valuesSql } from '../../generate/insert.js';
import { type Consent, decidedSql } from '../../generate/match.js';
import { freezeMessages, type KeptMessage } from '../../generate/message.js';
import type { RunMessage } from '../../generate/run.js';
import { dueSql } from './due.js';
import { endAfter, lifetimeSql } from './expiry.js';
import { consentOf, type Rule } from './rule.js';

/** Communications in a row that may lead from one to the next by events; more go round in circles. */
const mostDepth = 5;

/**
 * What events come to by one rule: one statement says which of them meet its conditions (AMB-11: one event is a set of one),
 * decides for each message and recipient, and writes it down; then communications are made of it by the one pipeline. What has
 * an outcome already is left alone. Runs in the caller's transaction.
 */
export async function evaluate(ctx: Context, rule: Rule, given: readonly KeptMessage[], seqs: readonly number[]): Promise<void> {
  const expiresAt = rule.expiresAfter === null ? null : await endAfter(ctx, rule.expiresAfter);
  const switchedOn = given.filter((each) => each.enabled);
  if (switchedOn.length === 0) return;
  const messages = await freezeMessages(ctx, switchedOn, { expiresAt, path: ['ruleId'] });
  for (const { state, reason, message, events } of await decide(ctx, rule, messages, seqs)) {
    if (reason === 'LOOP') await reportLoop(ctx, rule);
    const said = messages[message];
    if (!said) continue;
    if (state === 'CREATED') await insertCommunications(ctx, await batchOf(ctx, rule, said, message, events));
    if (state === 'HELD') await hold(ctx, await batchOf(ctx, rule, said, message, events), { rule, said, message, events });
  }
}

interface Decided {
  state: 'CREATED' | 'HELD' | 'SKIPPED' | 'NOT_MET';
  reason: string | null;
  message: number;
  events: number[];
}

async function decide(ctx: Context, rule: Rule, messages: readonly RunMessage[], seqs: readonly number[]): Promise<Decided[]> {
  const parameters: unknown[] = [seqs, rule.id, rule.objectType, rule.events, rule.enabledAt, messages.map((each) => each.medium)];
  const push = pushTo(parameters);
  const due = dueSql(rule, ctx.config.defaultTimeZone, push);
  const consent = consentOf(rule);
  const columns = 'm.seq, m.account_id, m.object_id, m.conditions';
  const parents = `union all
      select ${columns}, p.contact_id, true, ${due}, ${loopSql} from met m join account child on child.id = m.account_id
        join account p on p.id = child.parent_id and p.contact_id <> m.contact_id join contact k on k.id = p.contact_id`;
  const decided = messages.map(
    (message, place) =>
      `select ${place}::smallint as message, d.* from (${decidedSql('select * from recipient', message, consent, parameters)}) d`,
  );
  return await rows<Decided>(
    ctx,
    `with subject as materialized (${subjectSql(ctx, rule, parameters)}),
     met as (select * from subject where conditions is null or true = any(conditions)),
     recipient as (
       select ${columns}, m.contact_id, false as to_parent, ${due} as due_at, ${loopSql} as skip_reason from met m join contact k on k.id = m.contact_id
       ${rule.notifyParentAccount ? parents : ''}
     ), decided as (${decided.join(' union all ')}),
     written as (
       insert into rule_outcome (event_seq, rule_id, message, to_parent, state, reason, conditions, medium, contact_id, account_id, object_id, language,
         address, due_at, communication_id)
       select seq, $2::uuid, message, to_parent, case when reason is not null then 'SKIPPED' when due_at is not null then 'HELD' else 'CREATED' end,
         reason, conditions, ($6::text[])[message + 1], contact_id, account_id, object_id, language, address, due_at,
         case when reason is null and due_at is null then new_id() end
       from decided
       union all
       select seq, $2::uuid, -1, false, 'NOT_MET', null, conditions, null, contact_id, account_id, object_id, null, null, null, null
       from subject where not (conditions is null or true = any(conditions))
       on conflict do nothing
       returning event_seq, message, state, reason
     )
     select state, reason, message::int, array_agg(event_seq order by event_seq) as events from written group by state, reason, message`,
    parameters,
  );
}

const loopSql = `case when m.depth > ${mostDepth} then 'LOOP' end`;

/** The events with what their conditions say; object and account as they were then. */
function subjectSql(ctx: Context, rule: Rule, parameters: unknown[]): string {
  const chosen = `e.seq = any($1::bigint[]) and e.object_type = $3 and e.name = any($4::text[]) and e.recorded_at >= $5`;
  const columns = 'e.seq, e.contact_id, e.account_id, e.object_id, e.depth, e.occurred_at, e.recorded_at';
  if (rule.conditions.length === 0) return `select ${columns}, null::boolean[] as conditions from event e where ${chosen}`;
  const { storage } = typeOf(rule.objectType);
  const isObject = storage === 'business_object';
  const names = {
    contact: 'c',
    ...(isObject && { object: { type: rule.objectType, alias: 'o' } }),
    ...(storage !== 'contact' && { account: 'a' }),
    event: 'ev',
    timeZone: ctx.config.defaultTimeZone,
  };
  const conditions = rule.conditions.map((each) => conditionSql(each, parameters, names));
  const joins = [
    storage === 'contact'
      ? 'join contact live on live.id = e.contact_id cross join lateral jsonb_populate_record(live, e.contact_row) c'
      : 'join contact c on c.id = e.contact_id left join lateral jsonb_populate_record(null::account, e.account_row) a on true',
    isObject ? 'left join lateral jsonb_populate_record(null::business_object, e.object_row) o on true' : '',
    `cross join lateral (${eventRow(rule)}) ev`,
  ];
  return `select ${columns}, array[${conditions.join(', ')}] as conditions from event e ${joins.join(' ')} where ${chosen}`;
}

/** The event as conditions read it (see catalogue/event-type.ts). */
function eventRow({ conditions }: Rule): string {
  const compared = /"event\.(old|new)\./i.test(JSON.stringify(conditions));
  const values = (word: string) => `(select coalesce(jsonb_object_agg('${word}.' || key, value), '{}')
    from jsonb_each(case when jsonb_typeof(e.payload -> '${word}') = 'object' then e.payload -> '${word}' else '{}' end))`;
  return `select e.id, e.payload${compared ? ` || ${values('old')} || ${values('new')}` : ''} as attributes,
    jsonb_build_object('name', e.name, 'from', e.payload -> 'from', 'to', e.payload -> 'to', 'changed', e.payload -> 'changed') as fields`;
}

async function batchOf(ctx: Context, rule: Rule, said: RunMessage, message: number, events: readonly number[]): Promise<Batch> {
  const content = (await loadContents(ctx, [said.contentId])).get(said.contentId);
  if (!content) throw new Error(`Content ${said.contentId} is missing`);
  return {
    picked: (parameters) => {
      const at = parameters.length;
      parameters.push(rule.id, message, events);
      return `select o.event_seq * 2 + o.to_parent::int as ordinal, o.contact_id, o.account_id, o.object_id, o.language, o.address,
          o.communication_id as id, o.event_seq, o.to_parent, o.due_at, e.object_row, e.account_row, e.contact_row, e.payload as params
        from rule_outcome o join event e on e.seq = o.event_seq
        where o.rule_id = $${at + 1} and o.message = $${at + 2} and o.event_seq = any($${at + 3}::bigint[]) and o.state in ('CREATED', 'HELD')`;
    },
    carries: { id: true, rows: true, params: true, event: true },
    medium: said.medium,
    content,
    origin: 'RULE',
    externalSystemId: said.externalSystemId,
    categoryId: said.categoryId ?? null,
    runId: null,
    ruleId: rule.id,
    asks: consentOf(rule),
    objectType: rule.objectType,
    expiresAt: said.expiresAt ?? null,
    priority: rule.priority,
    limits: { characters: said.characterLimit, segments: said.segmentLimit ?? null },
  };
}

/** What is kept until its time, beside the values. */
export interface HeldMessage extends RunMessage {
  /** As its rule had them when the event happened; absent in what was held before there was any. */
  asks?: Consent;
}

interface Held {
  rule: Rule;
  said: RunMessage;
  message: number;
  events: readonly number[];
}

/**
 * Freezes what is said, when that will expire, and the preferences that are asked for, and keeps it until its time (AMB-3): see
 * release.ts. What is late already is made at once, and lives from then on.
 */
async function hold(ctx: Context, batch: Batch, { rule, said, message, events }: Held): Promise<void> {
  const held: HeldMessage = { ...said, asks: consentOf(rule) };
  const parameters: unknown[] = [rule.id, message, events, JSON.stringify(held)];
  const lifetime = await lifetimeSql(ctx, rule, said.medium, pushTo(parameters));
  const picked = `(select q.*, greatest(q.due_at, statement_timestamp()) + ${lifetime} as expires_at from (${batch.picked(parameters)}) q)`;
  const expiring = { ...batch, carries: { ...batch.carries, expiry: true } };
  const { from, values, zone } = await valuesSql(ctx, expiring, picked, parameters);
  await rows(
    ctx,
    `update rule_outcome o set held = $4::jsonb, tag_values = f.tag_values, zone_offset = f.zone_offset, expires_at = f.expires_at
     from (select p.event_seq, p.to_parent, p.expires_at, ${values} as tag_values, ${zone} as zone_offset from ${from}) f
     where o.rule_id = $1 and o.message = $2 and o.event_seq = any($3::bigint[]) and o.event_seq = f.event_seq and o.to_parent = f.to_parent`,
    parameters,
  );
}

async function reportLoop(ctx: Context, rule: Rule): Promise<void> {
  const words = `Stopped: more than ${mostDepth} communications in a row led from one to the next.`;
  await first(ctx, 'update rule set last_error = $2, last_error_at = clock_timestamp() where id = $1 returning 1 as told', [
    rule.id,
    words,
  ]);
}

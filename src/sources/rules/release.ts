import { loadContents } from '../../content/load.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { insertCommunications } from '../../generate/insert.js';
import { decidedSql } from '../../generate/match.js';
import type { HeldMessage } from './evaluate.js';
import { guarded } from './guarded.js';
import { consentOf, loadRules, type Rule } from './rule.js';

/** What is due of one rule and message. */
interface Due {
  ruleId: string;
  message: number;
  held: HeldMessage;
  /** Its outcomes, locked. */
  outcomes: number[];
}

const most = 500;

/**
 * Makes what was held until now, with the values and the expiry frozen at its event. Whether the contact consents and has an
 * address is decided now, and what has expired while nobody was there to send it stays unsent; what a rule holds that was turned off meanwhile is not sent, although it may be on again. Nothing of it was in any queue or inbox before:
 * those show what exists. Answers whether there may be more.
 */
export async function releaseHeld(ctx: Context): Promise<boolean> {
  const due = await rows<Due>(
    ctx,
    `with due as (
       select seq, rule_id, message, held from rule_outcome
       where state = 'HELD' and due_at <= clock_timestamp() order by due_at limit ${most} for update skip locked
     )
     select rule_id as "ruleId", message::int, held, array_agg(seq order by seq) as outcomes from due group by rule_id, message, held order by rule_id, message`,
  );
  const rules = await loadRules(
    ctx,
    due.map((each) => each.ruleId),
  );
  for (const each of due) {
    const rule = rules.get(each.ruleId);
    if (rule?.enabled) await guarded(ctx, rule, each.outcomes, 'HELD', async (outcomes) => await release(ctx, rule, { ...each, outcomes }));
    else await drop(ctx, each);
  }
  return due.reduce((sum, each) => sum + each.outcomes.length, 0) >= most;
}

/** Makes what is due; what may not be sent any more is SKIPPED, with the reason. */
async function release(ctx: Context, rule: Rule, { held, outcomes }: Due): Promise<void> {
  const content = (await loadContents(ctx, [held.contentId])).get(held.contentId);
  if (!content) throw new Error(`Content ${held.contentId} is missing`);
  const now = consentOf(rule);
  const asks = {
    applyDirectMarketing: now.applyDirectMarketing || held.asks?.applyDirectMarketing === true,
    applyAffiliateMarketing: now.applyAffiliateMarketing || held.asks?.applyAffiliateMarketing === true,
  };
  const parameters: unknown[] = [outcomes, rule.id, rule.enabledAt];
  const made = await rows<{ seq: number }>(
    ctx,
    `with asked as (
       select o.seq, o.contact_id,
         case when e.recorded_at < $3 then 'RULE_OFF' when o.expires_at <= clock_timestamp() then 'EXPIRED' end as skip_reason
       from rule_outcome o join event e on e.seq = o.event_seq where o.seq = any($1::bigint[]) and o.rule_id = $2 and o.state = 'HELD'
     ), decided as (${decidedSql('select * from asked', held, asks, parameters)}), written as (
       update rule_outcome o set state = case when d.reason is null then 'CREATED' else 'SKIPPED' end, reason = d.reason, language = d.language,
         address = d.address, communication_id = case when d.reason is null then new_id() end
       from decided d where o.seq = d.seq and o.rule_id = $2 and o.state = 'HELD'
       returning o.seq, o.state
     )
     select seq from written where state = 'CREATED'`,
    parameters,
  );
  if (made.length === 0) return;
  await insertCommunications(ctx, {
    picked: (list) => {
      const at = list.length;
      list.push(
        rule.id,
        made.map((each) => each.seq),
      );
      return `select o.event_seq * 2 + o.to_parent::int as ordinal, o.contact_id, o.account_id, o.object_id, o.language, o.address,
          o.communication_id as id, o.event_seq, o.tag_values, o.zone_offset, o.expires_at
        from rule_outcome o where o.rule_id = $${at + 1} and o.seq = any($${at + 2}::bigint[])`;
    },
    carries: { id: true, values: true, event: true, expiry: true },
    medium: held.medium,
    content,
    origin: 'RULE',
    externalSystemId: held.externalSystemId,
    categoryId: held.categoryId ?? null,
    runId: null,
    ruleId: rule.id,
    asks,
    objectType: rule.objectType,
    expiresAt: null,
    priority: rule.priority,
    limits: { characters: held.characterLimit, segments: held.segmentLimit ?? null },
  });
}

async function drop(ctx: Context, { ruleId, outcomes }: Due): Promise<void> {
  await rows(
    ctx,
    `update rule_outcome set state = 'SKIPPED', reason = 'RULE_OFF' where rule_id = $1 and seq = any($2::bigint[]) and state = 'HELD'`,
    [ruleId, outcomes],
  );
}

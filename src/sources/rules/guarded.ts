import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { CallerError } from '../../errors.js';
import { withoutHarmful } from '../../generate/savepoint.js';
import type { Rule } from './rule.js';

const ours = 'Something went wrong on our side; the log has it.';

/**
 * Does the work for a rule's events, so that one bad rule or event holds up no other one: events that do harm are FAILED, with
 * the reason, and the rule says so. What is worked on are NEW events, or outcomes that were HELD.
 */
export async function guarded(
  ctx: Context,
  rule: Rule,
  items: readonly number[],
  are: 'NEW' | 'HELD',
  work: (items: number[]) => Promise<void>,
): Promise<void> {
  await withoutHarmful(ctx, items, work, async (failed, error) => await fail(ctx, rule, failed, are, error));
}

async function fail(ctx: Context, rule: Rule, items: readonly number[], are: 'NEW' | 'HELD', error: Error): Promise<void> {
  const words = error instanceof CallerError ? error.message : ours;
  if (!(error instanceof CallerError))
    ctx.log.error({ err: error, ruleId: rule.id, are, items: items.slice(0, 10) }, 'a rule failed on an event');
  if (are === 'NEW')
    await rows(
      ctx,
      `insert into rule_outcome (event_seq, rule_id, message, state, reason, contact_id)
       select e.seq, $2, -1, 'FAILED', $3, e.contact_id from event e where e.seq = any($1::bigint[]) on conflict do nothing`,
      [items, rule.id, words],
    );
  else
    await rows(
      ctx,
      `update rule_outcome set state = 'FAILED', reason = $3 where rule_id = $2 and seq = any($1::bigint[]) and state = 'HELD'`,
      [items, rule.id, words],
    );
  await rows(ctx, 'update rule set last_error = $2, last_error_at = clock_timestamp() where id = $1', [rule.id, words]);
}

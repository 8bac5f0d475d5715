import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { CallerError } from '../../errors.js';
import { isAway } from '../../graphql/errors.js';
import type { Rule } from './rule.js';

/** So often is a batch divided to find the events that do harm; then the rest of it is given up. */
const mostDivisions = 20;
const ours = 'Something went wrong on our side; the log has it.';

/**
 * Does the work for a rule's events behind a savepoint, so that one bad rule holds up no other one. Where it fails, the batch is
 * divided until only the events that do harm are left: those are FAILED, with the reason, and the rule says so. `message`: which
 * of its messages was held for them; -1 where the events are new.
 */
export async function guarded(
  ctx: Context,
  rule: Rule,
  events: readonly number[],
  message: number,
  work: (events: number[]) => Promise<void>,
): Promise<void> {
  const parts = [[...events]];
  let failures = 0;
  for (let part = parts.pop(); part; part = parts.pop()) {
    const error = await behindSavepoint(ctx, work, part);
    if (error === undefined) continue;
    failures += 1;
    const half = Math.ceil(part.length / 2);
    if (part.length > 1 && failures <= mostDivisions && !(error instanceof CallerError)) parts.push(part.slice(half), part.slice(0, half));
    else await fail(ctx, rule, part, message, error);
  }
}

/** What went wrong, or undefined. An error of the database as a whole goes on: the batch is tried again. */
async function behindSavepoint(ctx: Context, work: (events: number[]) => Promise<void>, events: number[]): Promise<Error | undefined> {
  await rows(ctx, 'savepoint one_rule');
  try {
    await work(events);
    await rows(ctx, 'release savepoint one_rule');
    return undefined;
  } catch (error) {
    if (isAway(error) || isPassing(error)) throw error;
    await rows(ctx, 'rollback to savepoint one_rule');
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Serialisation, deadlock, lock timeout. */
function isPassing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === '40001' || code === '40P01' || code === '55P03';
}

async function fail(ctx: Context, rule: Rule, events: readonly number[], message: number, error: Error): Promise<void> {
  const words = error instanceof CallerError ? error.message : ours;
  if (!(error instanceof CallerError))
    ctx.log.error({ err: error, ruleId: rule.id, events: events.slice(0, 10) }, 'a rule failed on an event');
  if (message < 0)
    await rows(
      ctx,
      `insert into rule_outcome (event_seq, rule_id, message, state, reason, contact_id)
       select e.seq, $2, -1, 'FAILED', $3, e.contact_id from event e where e.seq = any($1::bigint[]) on conflict do nothing`,
      [events, rule.id, words],
    );
  else
    await rows(
      ctx,
      `update rule_outcome set state = 'FAILED', reason = $4
       where event_seq = any($1::bigint[]) and rule_id = $2 and message = $3 and state = 'HELD' and due_at <= clock_timestamp()`,
      [events, rule.id, message, words],
    );
  await rows(ctx, 'update rule set last_error = $2, last_error_at = clock_timestamp() where id = $1', [rule.id, words]);
}

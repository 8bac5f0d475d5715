import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { inTransaction } from '../graphql/request.js';
import { decidedSql } from './match.js';
import { type RunMessage, rehearsedSeqSql } from './run.js';
import type { ClaimedRun, Prepared, RunSource } from './source.js';

/** Does the work in a transaction of its own that is taken back, whatever it wrote. */
export async function takenBack<T>(ctx: Context, work: (inside: Context) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  await inTransaction(ctx.open(ctx.viewer), async (inside) => {
    result = { value: await work(inside) };
    return false;
  });
  if (!result) throw new Error('What was taken back had a result');
  return result.value;
}

/**
 * Writes the notifications of the first recipients as a run would, for their tags to tell of; the caller takes all of it back.
 * Answers the query of the recipients, with `id`, their notification's.
 */
export async function rehearseNotifications(
  ctx: Context,
  { recipients, settings }: Prepared,
  message: RunMessage,
  { run, notify, count }: { run: ClaimedRun; notify: NonNullable<RunSource['notify']>; count: number },
): Promise<(parameters: unknown[]) => string> {
  const id = await beginRehearsal(ctx, run);
  const parameters: unknown[] = [id, count];
  const met = decidedSql(recipients.sql(parameters), message, settings, parameters);
  await rows(
    ctx,
    `insert into run_recipient (run_id, ordinal, contact_id, message, account_id, object_id, item_ids, language, address)
     select $1, row_number() over (order by contact_id, account_id, object_id), contact_id, 0, account_id, object_id,
       ${recipients.items ? 'item_ids' : 'null::uuid[]'}, language, address
     from (${met}) m where reason is null order by contact_id, account_id, object_id limit $2`,
    parameters,
  );
  await notify(ctx, { id, messages: [message], settings, rehearsed: true }, { from: 0, to: count });
  return (list) =>
    `select r.ordinal, r.contact_id, r.account_id, r.object_id, r.language, r.address, n.id from run_recipient r
     join notification n on n.run_id = r.run_id and n.ordinal = r.ordinal where r.run_id = $${list.push(id)}`;
}

/** The run that they belong to, with no number of those that people see. */
async function beginRehearsal(ctx: Context, { planId, notificationTypeId, scheduledFor }: ClaimedRun): Promise<string> {
  const made = await first<{ id: string }>(
    ctx,
    `insert into run (seq, plan_id, notification_type_id, scheduled_for, started_at) overriding system value
     values (${rehearsedSeqSql}, $1, $2, $3, clock_timestamp()) returning id`,
    [planId, notificationTypeId, scheduledFor],
  );
  if (!made) throw new Error('An insert answers its row');
  return made.id;
}

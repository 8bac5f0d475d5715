import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { inTransaction } from '../graphql/request.js';
import { decidedSql } from './match.js';
import { type RunMessage, startRun } from './run.js';
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
  const id = await startRun(ctx, run);
  if (id === null) throw new Error('A run without a schedule is always new');
  await rows(ctx, 'update run set started_at = clock_timestamp() where id = $1', [id]);
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
  await notify(ctx, { id, messages: [message], settings }, { from: 0, to: count });
  return (list) =>
    `select r.ordinal, r.contact_id, r.account_id, r.object_id, r.language, r.address, n.id from run_recipient r
     join notification n on n.run_id = r.run_id and n.ordinal = r.ordinal where r.run_id = $${list.push(id)}`;
}

import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { countMatches, type Matched } from './match.js';
import { type ClaimedRun, claimColumns, sourceOf } from './source.js';

/**
 * Matches a run that is about to be taken back (XU4): its figures tell whom it would meet and whom it would skip. The pipeline
 * is that of a real run, which stops after the matching and writes down no recipient.
 */
export async function rehearseRun(ctx: Context, id: string): Promise<void> {
  const run = await first<ClaimedRun>(ctx, `select ${claimColumns} from run where id = $1`, [id]);
  if (!run) throw new Error(`Run ${id} was recorded a moment ago`);
  const { recipients, messages, settings } = await sourceOf(run).prepare(ctx, { ...run, rehearsed: true });
  const sum: Matched = { total: 0, eligible: 0, skipped: {} };
  for (const message of messages) {
    const { total, eligible, skipped } = await countMatches(ctx, recipients, message, settings);
    sum.total += total;
    sum.eligible += eligible;
    for (const [reason, count] of Object.entries(skipped)) sum.skipped[reason] = (sum.skipped[reason] ?? 0) + count;
  }
  await rows(
    ctx,
    `update run set state = 'RUNNING', started_at = clock_timestamp(), matched = $2, last_ordinal = $3, skipped = $4 where id = $1`,
    [id, sum.total, sum.eligible, JSON.stringify(sum.skipped)],
  );
}

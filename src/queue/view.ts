import { appendChanges } from '../changes/append.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { entryChange, lockEntries, type SettleOutcome } from './settle.js';

/** Marks entries as seen by their reader (Q18). The first time counts; seeing one again changes nothing. */
export async function viewEntries(ctx: Context, ids: readonly string[]): Promise<SettleOutcome[]> {
  const entries = await lockEntries(ctx, [...new Set(ids)]);
  const outcomes = ids.map((id): SettleOutcome => {
    const entry = entries.get(id);
    if (!entry) return { id, changed: false, error: { code: 'NOT_FOUND', message: 'There is no such queue entry.' } };
    if (entry.state === 'REJECTED' || (entry.state === 'PENDING' && entry.expired)) {
      return { id, changed: false, error: { code: 'INVALID_STATE_TRANSITION', message: 'It was REJECTED: there is nothing to view.' } };
    }
    return { id, changed: entry.viewedAt === null && entry.state !== 'COMPLETED_AND_REMOVED' };
  });
  const seen = [...new Set(outcomes.filter((each) => each.changed).map((each) => each.id))];
  if (seen.length === 0) return outcomes;
  const updated = await rows<{ id: string; viewedAt: Date }>(
    ctx,
    `update communication set viewed_at = clock_timestamp() where id = any($1::uuid[]) returning id, viewed_at as "viewedAt"`,
    [seen],
  );
  await appendChanges(
    ctx,
    updated.flatMap(({ id, viewedAt }) => {
      const before = entries.get(id);
      return before?.externalSystemId ? entryChange(before, { state: before.state, viewedAt }) : [];
    }),
  );
  return outcomes;
}

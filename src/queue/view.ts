import { appendChanges } from '../changes/append.js';
import type { Context, Part } from '../context.js';
import { rows } from '../database/sql.js';
import { lockParts, type Settleable } from './lock.js';
import { entryChange, type SettleOutcome } from './settle.js';

/** Marks entries as seen by their reader (Q18). The first time counts; seeing one again changes nothing. */
export async function viewEntries(ctx: Context, ids: readonly string[]): Promise<readonly SettleOutcome[]> {
  return await ctx.together('view', ids, viewParts);
}

async function viewParts(ctx: Context, parts: readonly Part<string>[]): Promise<(SettleOutcome[] | undefined)[]> {
  const { entries, ready } = await lockParts(ctx, parts, ({ items }) => items as readonly string[], parts.length > 1);
  const outcomes = parts.map(({ items }, index) => (ready[index] ? items.map((id) => outcomeOf(id, entries.get(id))) : undefined));
  const seen = [...new Set(outcomes.flatMap((each) => each ?? []).flatMap((each) => (each.changed ? [each.id] : [])))];
  if (seen.length > 0) await write(ctx, seen, entries);
  return outcomes;
}

function outcomeOf(id: string, entry: Settleable | undefined): SettleOutcome {
  if (!entry) return { id, changed: false, error: { code: 'NOT_FOUND', message: 'There is no such queue entry.' } };
  if (entry.state === 'REJECTED' || (entry.state === 'PENDING' && entry.expired)) {
    return { id, changed: false, error: { code: 'INVALID_STATE_TRANSITION', message: 'It was REJECTED: there is nothing to view.' } };
  }
  return { id, changed: entry.viewedAt === null && entry.state !== 'COMPLETED_AND_REMOVED' };
}

async function write(ctx: Context, seen: readonly string[], entries: ReadonlyMap<string, Settleable>): Promise<void> {
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
}

import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { CallerError } from '../errors.js';
import { isAway } from '../graphql/errors.js';

/** So often is a batch divided to find what does harm; then the rest of it is given up. */
const mostDivisions = 20;

/**
 * Does the work for all items behind a savepoint of the caller's transaction. Where it fails, the batch is divided until only
 * what does harm is left, and `fail` is told: one bad item holds up no other one. What a caller did wrong is wrong for all.
 */
export async function withoutHarmful<Item>(
  ctx: Context,
  items: readonly Item[],
  work: (items: Item[]) => Promise<void>,
  fail: (items: Item[], error: Error) => Promise<void>,
): Promise<void> {
  const parts = [[...items]];
  let failures = 0;
  for (let part = parts.pop(); part; part = parts.pop()) {
    const error = await behindSavepoint(ctx, work, part);
    if (error === undefined) continue;
    failures += 1;
    const half = Math.ceil(part.length / 2);
    if (part.length > 1 && failures <= mostDivisions && !(error instanceof CallerError)) parts.push(part.slice(half), part.slice(0, half));
    else await fail(part, error);
  }
}

/** What went wrong, or undefined. An error of the database as a whole goes on: the batch is tried again. */
async function behindSavepoint<Item>(ctx: Context, work: (items: Item[]) => Promise<void>, items: Item[]): Promise<Error | undefined> {
  await rows(ctx, 'savepoint one_part');
  try {
    await work(items);
    await rows(ctx, 'release savepoint one_part');
    return undefined;
  } catch (error) {
    if (isAway(error) || isPassing(error)) throw error;
    await rows(ctx, 'rollback to savepoint one_part');
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Serialisation, deadlock, lock timeout. */
function isPassing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === '40001' || code === '40P01' || code === '55P03';
}

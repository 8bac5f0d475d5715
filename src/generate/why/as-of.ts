import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { transact } from '../../graphql/request.js';

/**
 * Does the work as if it were that instant: every statement of it that asks for the time is told `at`, while facts stay those
 * of now. For questions only: what it writes would bear that time as well. Null: now.
 */
export async function asOf<T>(ctx: Context, at: Date | null, work: (inside: Context) => Promise<T>): Promise<T> {
  if (at === null) return await work(ctx);
  return await transact(ctx.open(ctx.viewer), async (inside) => {
    await rows(inside, `select set_config('as_of.instant', $1, true), set_config('search_path', 'as_of, public, pg_catalog', true)`, [
      at.toISOString(),
    ]);
    return await work(inside);
  });
}

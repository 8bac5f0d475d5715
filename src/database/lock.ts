import { type HasEntityManager, rows } from './sql.js';

/** One at a time, over all processes, until the transaction ends: for rare writes whose checks must stay true until they are kept. */
export async function takeTurns(ctx: HasEntityManager, what: string): Promise<void> {
  await rows(ctx, `select pg_advisory_xact_lock(hashtext('carillon.' || $1))`, [what]);
}

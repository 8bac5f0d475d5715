import { first, type HasEntityManager } from './sql.js';

/** The instant by the database's clock, the one that all processes share: expiry and leases are decided by it (promises.md PR18). */
export async function databaseNow(ctx: HasEntityManager): Promise<Date> {
  const row = await first<{ now: Date }>(ctx, 'select clock_timestamp() as now');
  if (!row) throw new Error('A select without a table answers a row');
  return row.now;
}

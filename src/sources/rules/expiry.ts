import { pushTo } from '../../catalogue/field-sql.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import type { Duration } from '../../generate/recurrence.js';
import { intervalSql } from './due.js';

/** So long after now, by the database's clock. */
export async function endAfter(ctx: Context, duration: Duration): Promise<Date> {
  const parameters: unknown[] = [];
  const found = await first<{ at: Date }>(ctx, `select clock_timestamp() + ${intervalSql(duration, pushTo(parameters))} as at`, parameters);
  if (!found) throw new Error('A select answers its row');
  return found.at;
}

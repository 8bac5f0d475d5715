import { type Push, pushTo } from '../../catalogue/field-sql.js';
import type { Medium } from '../../catalogue/medium.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import type { Duration } from '../../generate/recurrence.js';
import { readSettings } from '../../settings/settings.js';
import { intervalSql } from './due.js';
import type { Rule } from './rule.js';

/** So long after now, by the database's clock. */
export async function endAfter(ctx: Context, duration: Duration): Promise<Date> {
  const parameters: unknown[] = [];
  const found = await first<{ at: Date }>(ctx, `select clock_timestamp() + ${intervalSql(duration, pushTo(parameters))} as at`, parameters);
  if (!found) throw new Error('A select answers its row');
  return found.at;
}

/** SQL of how long what a rule says lives: as the rule says, else as long as the settings give the medium; null: for ever. */
export async function lifetimeSql(ctx: Context, { expiresAfter }: Rule, medium: Medium, push: Push): Promise<string> {
  if (expiresAfter !== null) return intervalSql(expiresAfter, push);
  const hours = (await readSettings(ctx)).lifetimeHours[medium] ?? null;
  return `make_interval(hours => ${push(hours)}::int)`;
}

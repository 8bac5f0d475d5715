import type { Push } from '../../catalogue/field-sql.js';
import type { Duration } from '../../generate/recurrence.js';
import type { Rule } from './rule.js';

const parts: Record<Duration['unit'], string> = {
  MINUTE: 'mins',
  HOUR: 'hours',
  DAY: 'days',
  WEEK: 'weeks',
  MONTH: 'months',
  YEAR: 'years',
};

export function intervalSql({ amount, unit }: Duration, push: Push): string {
  return `make_interval(${parts[unit]} => ${push(amount)}::int)`;
}

/**
 * SQL of the instant at which a rule sends (E5, AMB-21), of an event `m` and its recipient `k`; null: at once. A time of day is
 * the next one after the event was recorded, where the contact lives; a duration counts from when it happened, days and longer
 * ones by the clock on the contact's wall.
 */
export function dueSql({ timeOfDay, after }: Rule, timeZone: string, push: Push): string {
  if (timeOfDay === null && after === null) return 'null::timestamptz';
  if (after?.unit === 'MINUTE' || after?.unit === 'HOUR') return `m.occurred_at + ${intervalSql(after, push)}`;
  const zone = `coalesce(k.time_zone, ${push(timeZone)}::text)`;
  if (after !== null) {
    const interval = intervalSql(after, push);
    return `((m.occurred_at at time zone ${zone}) + ${interval}) at time zone ${zone}`;
  }
  const time = `${push(timeOfDay)}::time`;
  const onDay = (days: number) => `((m.recorded_at at time zone ${zone})::date + ${days} + ${time}) at time zone ${zone}`;
  return `case when ${onDay(0)} > m.recorded_at then ${onDay(0)} else ${onDay(1)} end`;
}

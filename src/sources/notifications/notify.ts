import { typeOf } from '../../catalogue/object-types.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import type { Part } from '../../generate/chunk.js';
import { type FrozenRun, rehearsedSeqSql } from '../../generate/run.js';
import { amountSql, countedSql, currencySql } from './amount.js';
import type { NotificationType } from './notification-type.js';

/**
 * Writes the notifications of a chunk and what each is about, by one statement. Their communications follow in the same
 * transaction, each with its notification's id, and freeze their tags from these rows. Amounts are those of now, as all values
 * of tags are: what was paid since the run matched is not asked for again.
 */
export async function writeNotifications(ctx: Context, run: FrozenRun, type: NotificationType, { from, to }: Part): Promise<void> {
  const { classification, about } = type;
  const amount = classification === 'FINANCIAL' ? amountSql(about, 'o') : 'null::numeric';
  const has = (field: string) => typeOf(about).fieldByName.has(field);
  const outstanding = has('outstanding_amount') ? `(o.fields ->> 'outstanding_amount')::numeric` : 'null::numeric';
  // Of a bill, what is past its due date; a subscription has none, so all that it owes is unsettled.
  const unsettled = has('due_date')
    ? `case when coalesce((o.fields ->> 'due_date')::date, '-infinity') < (now() at time zone $6::text)::date then ${outstanding} else 0 end`
    : outstanding;
  const consumption = about === 'wallet' ? `(o.fields ->> 'estimated_consumption_date')::date` : 'null::date';
  await rows(
    ctx,
    `with picked as materialized (
       select new_id() as id, r.ordinal, r.contact_id, r.account_id, r.object_id, r.item_ids, a.currency
       from run_recipient r left join account a on a.id = r.account_id
       where r.run_id = $1 and r.ordinal > $2 and r.ordinal <= $3
     ), items as materialized (
       select p.id, (row_number() over (partition by p.id order by o.fields ->> 'due_date', o.number, o.id))::integer as place,
         o.type, o.id as object_id, o.external_id, o.number, ${currencySql(about, 'o', 'p')} as currency, ${amount} as amount,
         ${countedSql(about, 'o', 'p')} as counted, ${outstanding} as outstanding, ${unsettled} as unsettled, ${consumption} as consumed_on
       from picked p cross join lateral unnest(coalesce(p.item_ids, array[p.object_id])) as item (id)
       join business_object o on o.id = item.id
     ), totals as (
       select i.id, sum(i.amount) filter (where i.counted) as total, min(i.currency) filter (where i.counted) as currency from items i group by i.id
     ), made as (
       insert into notification (id, ${run.rehearsed ? 'seq, ' : ''}notification_type_id, run_id, ordinal, contact_id, account_id, participant_id, currency, total, created_at)
       ${run.rehearsed ? 'overriding system value' : ''}
       select p.id, ${run.rehearsed ? `${rehearsedSeqSql}, ` : ''}$4, $1, p.ordinal, p.contact_id, p.account_id, case when $5 = 'REWARD' then p.object_id end, coalesce(p.currency, t.currency), t.total,
         (select started_at from run where run.id = $1)
       from picked p left join totals t on t.id = p.id
       order by p.ordinal
     )
     insert into notified_item (notification_id, place, object_type, object_id, external_id, number, currency, amount, outstanding_amount,
       unsettled_amount, estimated_consumption_date, estimated_consumption_days)
     select i.id, i.place, i.type, i.object_id, i.external_id, i.number, i.currency, i.amount, i.outstanding, i.unsettled, i.consumed_on,
       i.consumed_on - (now() at time zone $6::text)::date
     from items i`,
    [run.id, from, to, type.id, classification, ctx.config.defaultTimeZone],
  );
}

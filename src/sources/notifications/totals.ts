import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';

export interface Total {
  currency: string | null;
  amount: string;
}

/** The amounts of a notification's items, added up for each currency. */
export async function totalsOf(ctx: Context, notificationId: string): Promise<Total[]> {
  const loader = ctx.loader<string, Total[]>('notificationTotals', async (of, ids) => {
    const found = await rows<Total & { id: string }>(
      of,
      `select notification_id as id, currency, trim_scale(sum(amount))::text as amount from notified_item
       where notification_id = any($1::uuid[]) and amount is not null group by 1, 2 order by 1, 2`,
      [ids],
    );
    const grouped = Map.groupBy(found, (each) => each.id);
    return ids.map((id) => grouped.get(id) ?? []);
  });
  return await loader.load(notificationId);
}

import { resolvePath } from './path.js';

/** The number that people quote (O1), of the row under that alias; in a preview, which uses no numbers, NT000000. */
export function notificationNumberSql(alias: string): string {
  const seq = `greatest(${alias}.seq, 0)::text`;
  return `'NT' || lpad(${seq}, greatest(6, length(${seq})), '0')`;
}

/**
 * A notification as its tags read it: `id`, `contact_id`, `account_id`, and the raw values of those of these tags that are its
 * own, by the names of their fields (see tagValuesSql). `where` chooses it, by its alias `nt`.
 *
 * A list that must be told apart has a number with each amount. What is told of wallets and types is plain where there is one.
 */
export function notificationRowSql(tags: readonly string[], where: string): string {
  const own = tags.flatMap((tag) => {
    const path = resolvePath(tag)?.path;
    return path?.steps.length === 1 && path.steps[0] === 'notification' ? [path.field] : [];
  });
  const values = [...new Set(own)].map((name) => `'${name}', ${valueSql(name)}`);
  return `select nt.id, nt.contact_id, nt.account_id, jsonb_build_object(${values.join(', ')}) as tags from notification nt where ${where}`;
}

const fields: Readonly<Record<string, string>> = {
  number: notificationNumberSql('nt'),
  total_notified_amount: `case when nt.total is not null then jsonb_build_object('a', nt.total::text, 'c', nt.currency) end`,
  subscriptions_notified_amount: amounts(['subscription']),
  bills_notified_amount: amounts(['bill', 'invoice']),
  wallets_available_amount: ofWallets('available_amount', 'a'),
  wallets_product_available_amount: ofWallets('product_available_amount', 'a'),
  wallets_estimated_consumption_date: ofWallets('estimated_consumption_date', 'd'),
  subscriptions_type: types('subscription'),
  jobs_type: types('job'),
  activities_type: types('activity'),
};

function valueSql(name: string): string {
  const sql = fields[name];
  if (sql === undefined) throw new Error(`The tag #notification.${name} has no value`);
  return sql;
}

function amounts(objectTypes: readonly string[]): string {
  const isOne = `i.object_type in (${objectTypes.map((each) => `'${each}'`).join(', ')})`;
  return `(select jsonb_agg(jsonb_build_object('n', coalesce(i.number, i.external_id), 'a', i.amount::text, 'c', i.currency) order by i.place)
    from notified_item i where i.notification_id = nt.id and ${isOne} and i.amount is not null)`;
}

/** Of the wallets that are items, or that the items belong to. */
function ofWallets(field: string, shape: 'a' | 'd'): string {
  return `(select case when count(*) = 1 then jsonb_agg(v.value - 'n') -> 0 else jsonb_agg(v.value order by v.place) end from (
      select min(i.place) as place,
        jsonb_build_object('n', coalesce(w.number, w.external_id), '${shape}', w.fields ->> '${field}', 'c', coalesce(w.fields ->> 'currency', nt.currency)) as value
      from notified_item i join business_object o on o.id = i.object_id
      join business_object w on w.type = 'wallet' and w.external_id = case when o.type = 'wallet' then o.external_id else o.fields ->> 'wallet' end
      where i.notification_id = nt.id and w.fields ->> '${field}' is not null
      group by w.id
    ) v having count(*) > 0)`;
}

function types(objectType: string): string {
  return `(select case when count(*) = 1 then jsonb_agg(v.type) -> 0 else jsonb_agg(v.type order by v.place) end from (
      select o.fields ->> 'type' as type, min(i.place) as place from notified_item i join business_object o on o.id = i.object_id
      where i.notification_id = nt.id and i.object_type = '${objectType}' and o.fields ->> 'type' is not null group by 1
    ) v having count(*) > 0)`;
}

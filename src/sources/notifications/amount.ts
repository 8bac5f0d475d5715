import { typeOf } from '../../catalogue/object-types.js';

/** Which field of an object a FINANCIAL notification tells the amount of. */
const amountFields = ['outstanding_amount', 'available_amount', 'amount'];

/** The notified amount of an object (O9), as numeric: what is outstanding, for wallets what is available, else its amount. */
export function amountSql(about: string, object: string): string {
  const field = amountFields.find((each) => typeOf(about).fieldByName.has(each));
  return field === undefined ? 'null::numeric' : `(${object}.fields ->> '${field}')::numeric`;
}

/** The currency of its amounts: its own, else its account's. */
export function currencySql(about: string, object: string, account: string): string {
  return typeOf(about).fieldByName.has('currency')
    ? `coalesce(${object}.fields ->> 'currency', ${account}.currency)`
    : `${account}.currency`;
}

/** Whether its amount counts in the notification's total, which is in the account's currency: currencies are never added up. */
export function countedSql(about: string, object: string, account: string): string {
  if (!typeOf(about).fieldByName.has('currency')) return 'true';
  return `${account}.currency is null or ${currencySql(about, object, account)} = ${account}.currency`;
}

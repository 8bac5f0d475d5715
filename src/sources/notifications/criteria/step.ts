import type { Push } from '../../../catalogue/field-sql.js';
import type { NotificationClassification } from '../../../catalogue/notifiable.js';

/**
 * One criterion of a notification type, as SQL over the rows of one candidate: `c` the contact, `a` the account, `o` the object
 * notified about, and for REWARD `p`, the participant (`o` is an offer). A run meets whom all steps let pass; a funnel counts
 * who is left after each of them, in order; an explanation shows for one candidate what each saw.
 */
export interface Step {
  kind: StepKind;
  /** Where it stands in the criteria, as in the paths of problems: `['accountBalance']`. Empty for what the classification itself asks. */
  path: readonly string[];
  /** The criterion in words, English. */
  label: string;
  /** TOTAL steps look at all objects of one notification together: they are aggregates over the rows of `o`. */
  level: 'OBJECT' | 'TOTAL';
  /** Whether it lets pass: true, or false or null. */
  predicate(push: Push): string;
  /** The same for a statement that counts all candidates at once: a join that comes first, and what it lets pass. */
  joined?: { join(push: Push): string; predicate(push: Push): string };
  /** What it looked at, as jsonb; null where there was nothing. */
  value(push: Push): string;
}

export type StepKind =
  | 'SEGMENTS'
  | 'CONDITION'
  | 'ACCOUNT_BALANCE'
  | 'ACCOUNT_CLASSIFICATION'
  | 'OUTSTANDING_AMOUNT'
  | 'WALLET_BALANCE'
  | 'ESTIMATED_CONSUMPTION_DAYS'
  | 'PRODUCT_ESTIMATED_CONSUMPTION_DAYS'
  | 'PRODUCT_CONSUMPTION'
  | 'EXPIRING_AMOUNT'
  | 'SUBSCRIPTION_TYPES'
  | 'BILLING_TERM_SCHEMES'
  | 'OFFER_EFFECTIVE'
  | 'OFFER_CLASSIFICATIONS'
  | 'REWARD_TYPES'
  | 'REWARD_OFFERS'
  | 'REWARD_SCHEMES'
  | 'OFFER_VALIDITY'
  | 'AWARDED_STATES'
  | 'HISTORY'
  | 'TOTAL_PER_NOTIFICATION';

/** What the steps of a type depend on beside its criteria. */
export interface StepScene {
  typeId: string;
  classification: NotificationClassification;
  about: string;
  /** The system's: days are counted in it. */
  timeZone: string;
}

/** The day of the run. */
export function today({ timeZone }: StepScene, push: Push): string {
  return `(now() at time zone ${push(timeZone)}::text)::date`;
}

/** A day that lies so many days or months from the day of the run. */
export function dayFromToday(scene: StepScene, amount: number, unit: 'days' | 'months', push: Push): string {
  return `(${today(scene, push)} + make_interval(${unit} => ${push(amount)}::int))::date`;
}

/** An SQL value as an explanation shows it. */
export function shownSql(value: string): string {
  return `to_jsonb(${value})`;
}

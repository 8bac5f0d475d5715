import type { FieldKind } from './types.js';

/** How a field is compared. The words of condition.input.ts say what each means. */
export const operators = [
  'EQ',
  'NE',
  'GT',
  'GTE',
  'LT',
  'LTE',
  'IN',
  'NOT_IN',
  'BETWEEN',
  'CONTAINS',
  'STARTS_WITH',
  'IS_EMPTY',
  'IS_NOT_EMPTY',
  'WITHIN_LAST_DAYS',
  'WITHIN_NEXT_DAYS',
] as const;
export type ConditionOperator = (typeof operators)[number];

/**
 * A condition over a contact and its objects, as `ConditionInput` brings it and `segment.condition` keeps it: exactly one of
 * all, any, not, field. What it means:
 *
 * - An `all` chooses one object of each type that it speaks of, directly or through `any`, and holds where some choice meets
 *   every part: so conditions on one type are met by the same object. A nested `all` and a `not` choose anew. A single
 *   condition on a type holds where at least one object meets it; a type of which the contact has none meets nothing, and so
 *   does a relation that leads nowhere (`subscription.account.number` of a subscription without account).
 * - A missing value is no value: of the operators it meets IS_EMPTY, NE and NOT_IN only. An empty text and an empty list
 *   count as missing for the two EMPTY operators.
 * - `not` holds exactly where its condition does not.
 * - EQ, NE, IN and NOT_IN compare texts exactly (languages in any case); CONTAINS and STARTS_WITH in any case. Texts are
 *   ordered by code point. On a LIST, CONTAINS means that it has the element, IN that it has at least one of them.
 * - Days are counted from today in the contact's time zone, else in the system's; both ends are within.
 * - An open attribute is compared as the value given: with a number as a number (where it is one), otherwise as text; ordered
 *   as numbers where both are. One that is a list meets IN, NOT_IN, CONTAINS and STARTS_WITH as a LIST does.
 */
export interface Condition {
  all?: readonly Condition[] | null;
  any?: readonly Condition[] | null;
  not?: Condition | null;
  field?: string | null;
  operator?: ConditionOperator | null;
  value?: unknown;
}

/** Operators that a missing value meets. */
export const meetMissing: ReadonlySet<ConditionOperator> = new Set(['NE', 'NOT_IN', 'IS_EMPTY']);

const always: ConditionOperator[] = ['IN', 'NOT_IN', 'IS_EMPTY', 'IS_NOT_EMPTY'];
const ordered: ConditionOperator[] = ['EQ', 'NE', 'GT', 'GTE', 'LT', 'LTE', 'BETWEEN', ...always];
const texts: ConditionOperator[] = [...ordered, 'CONTAINS', 'STARTS_WITH'];
const days: ConditionOperator[] = [...ordered, 'WITHIN_LAST_DAYS', 'WITHIN_NEXT_DAYS'];

/** Which operators fields of a kind take. */
export const operatorsOf: Readonly<Record<FieldKind, readonly ConditionOperator[]>> = {
  TEXT: texts,
  LOCALE: texts,
  TIME_ZONE: texts,
  NUMBER: ordered,
  MONEY: ordered,
  DATE: days,
  DATE_TIME: days,
  BOOLEAN: ['EQ', 'NE', ...always],
  LIST: ['CONTAINS', 'STARTS_WITH', ...always],
  ANY: operators,
};

export const conditionLimits = { depth: 10, leaves: 100, values: 1_000, days: 36_500 };

import { comparedKind } from './check-condition.js';
import type { Condition, ConditionOperator } from './condition.js';
import { jsonOf, type Push, typedValue, zoneOf } from './field-sql.js';
import { decimalOf, normalised } from './field-value.js';
import type { FieldPath } from './path.js';
import type { FieldKind } from './types.js';

/** Where a comparison stands: the row that has the field, and the contact with its zone. */
export interface Place {
  readonly alias: string;
  readonly contact: string;
  readonly timeZone: string;
  readonly push: Push;
}

/** One comparison as SQL; may be null, which counts as false. `leaf` has been checked. */
export function comparisonSql(path: FieldPath, leaf: Condition, place: Place): string {
  const operator = leaf.operator ?? 'EQ';
  if (path.kind === 'ANY') return attributeSql(jsonOf(place.alias, path, place.push), operator, leaf.value, place);
  if (path.kind === 'LIST') return listSql(jsonOf(place.alias, path, place.push), operator, leaf.value, place.push);
  const value = typedValue(place.alias, path);
  if (operator === 'WITHIN_LAST_DAYS' || operator === 'WITHIN_NEXT_DAYS') return withinSql(path.kind, value, operator, leaf.value, place);
  return scalarSql(path.kind, value, operator, leaf.value, place.push);
}

const sqlTypes: Partial<Record<FieldKind, string>> = {
  NUMBER: 'numeric',
  MONEY: 'numeric',
  DATE: 'date',
  DATE_TIME: 'timestamptz',
  BOOLEAN: 'boolean',
};
const signs: Partial<Record<ConditionOperator, string>> = { EQ: '=', GT: '>', GTE: '>=', LT: '<', LTE: '<=' };

function scalarSql(kind: FieldKind, value: string, operator: ConditionOperator, given: unknown, push: Push): string {
  const type = sqlTypes[kind] ?? 'text';
  const isText = type === 'text';
  const inAnyCase = kind === 'LOCALE';
  const kept = (each: unknown) => {
    const plain = normalised(comparedKind(kind), each);
    return inAnyCase ? String(plain).toLowerCase() : plain;
  };
  const one = (each: unknown) => `${push(kept(each))}::${type}`;
  const side = inAnyCase ? `lower(${value})` : value;
  const inOrder = isText ? `${side} collate "C"` : side;
  switch (operator) {
    case 'EQ':
      return `${side} = ${one(given)}`;
    case 'NE':
      return `${side} is distinct from ${one(given)}`;
    case 'IN':
      return `${side} = any(${push(listOf(given).map(kept))}::${type}[])`;
    case 'NOT_IN':
      return `(${side} = any(${push(listOf(given).map(kept))}::${type}[])) is not true`;
    case 'BETWEEN':
      return `${inOrder} between ${one(listOf(given)[0])} and ${one(listOf(given)[1])}`;
    case 'CONTAINS':
      return `strpos(${folded(value)}, ${push(String(given).toUpperCase())}::text) > 0`;
    case 'STARTS_WITH':
      return `starts_with(${folded(value)}, ${push(String(given).toUpperCase())}::text)`;
    case 'IS_EMPTY':
      return isText ? `coalesce(${value}, '') = ''` : `${value} is null`;
    case 'IS_NOT_EMPTY':
      return isText ? `${value} <> ''` : `${value} is not null`;
    default:
      return `${inOrder} ${signs[operator]} ${one(given)}`;
  }
}

/** Any case, in any language: ICU's upper case is that of JavaScript, whatever the database's own collation knows. */
function folded(value: string): string {
  return `upper(${value} collate "und-x-icu")`;
}

function listSql(list: string, operator: ConditionOperator, given: unknown, push: Push): string {
  switch (operator) {
    case 'IN':
      return `${list} ?| ${push(listOf(given).map(String))}::text[]`;
    case 'NOT_IN':
      return `(${list} ?| ${push(listOf(given).map(String))}::text[]) is not true`;
    case 'CONTAINS':
      return `exists (select from ${elementsOf(list)} element where ${folded('element')} = ${push(String(given).toUpperCase())}::text)`;
    case 'STARTS_WITH':
      return `exists (select from ${elementsOf(list)} element where starts_with(${folded('element')}, ${push(String(given).toUpperCase())}::text))`;
    case 'IS_EMPTY':
      return `coalesce(${list}, '[]') = '[]'`;
    default:
      return `${list} <> '[]'`;
  }
}

/** The elements of a list as rows; none where it is something else. */
function elementsOf(list: string): string {
  return `jsonb_array_elements_text(case when jsonb_typeof(${list}) = 'array' then ${list} else '[]' end)`;
}

function withinSql(kind: FieldKind, value: string, operator: ConditionOperator, given: unknown, place: Place): string {
  const zone = zoneOf(place.contact, place.timeZone, place.push);
  const today = `(now() at time zone ${zone})::date`;
  const day = kind === 'DATE_TIME' ? `(${value} at time zone ${zone})::date` : value;
  const days = `${place.push(given)}::int`;
  const [from, to] = operator === 'WITHIN_LAST_DAYS' ? [`${today} - ${days}`, today] : [today, `${today} + ${days}`];
  return kind === 'ANY'
    ? `${day} between to_char(${from}, 'YYYY-MM-DD') and to_char(${to}, 'YYYY-MM-DD')`
    : `${day} between ${from} and ${to}`;
}

/** An open attribute, by what it is compared with (condition.ts). */
function attributeSql(json: string, operator: ConditionOperator, given: unknown, place: Place): string {
  const text = `(${json} #>> '{}')`;
  const number = `(case when ${text} ~ '^-?[0-9]{1,30}([.][0-9]{1,30})?$' then ${text}::numeric end)`;
  const { push } = place;
  switch (operator) {
    case 'IS_EMPTY':
      return `coalesce(${json} in ('""', '[]', '{}'), true)`;
    case 'IS_NOT_EMPTY':
      return `${json} not in ('""', '[]', '{}')`;
    case 'CONTAINS':
    case 'STARTS_WITH':
      return `case when jsonb_typeof(${json}) = 'array' then ${listSql(json, operator, given, push)} else ${scalarSql('TEXT', text, operator, given, push)} end`;
    case 'WITHIN_LAST_DAYS':
    case 'WITHIN_NEXT_DAYS': {
      // Compared as text: what only looks like a day (2027-02-30) must not end a run with an error.
      const day = `(case when ${text} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' then left(${text}, 10) end) collate "C"`;
      return withinSql('ANY', day, operator, given, place);
    }
    case 'EQ':
      return equals(text, number, [given], push);
    case 'NE':
      return `(${equals(text, number, [given], push)}) is not true`;
    case 'IN':
      return `case when jsonb_typeof(${json}) = 'array' then ${hasOne(json, given, push)} else ${equals(text, number, listOf(given), push)} end`;
    case 'NOT_IN':
      return `(${attributeSql(json, 'IN', given, place)}) is not true`;
    default: {
      const asNumbers = (operator === 'BETWEEN' ? listOf(given) : [given]).every((each) => decimalOf(each) !== undefined);
      return asNumbers ? scalarSql('NUMBER', number, operator, given, push) : scalarSql('TEXT', text, operator, asText(given), push);
    }
  }
}

function equals(text: string, number: string, values: readonly unknown[], push: Push): string {
  return values
    .map((each) =>
      typeof each === 'number' ? scalarSql('NUMBER', number, 'EQ', each, push) : scalarSql('TEXT', text, 'EQ', String(each), push),
    )
    .map((each) => `(${each})`)
    .join(' or ');
}

/** Whether one of a list's elements is one of the values: numbers, true and false as they are written. */
function hasOne(list: string, given: unknown, push: Push): string {
  return `exists (select from ${elementsOf(list)} element where element = any(${push(listOf(given).map(String))}::text[]))`;
}

function asText(given: unknown): unknown {
  return Array.isArray(given) ? given.map(String) : String(given);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

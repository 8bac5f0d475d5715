import type { FieldPath } from './path.js';
import type { FieldKind, RelationDeclaration } from './types.js';

/** Appends a parameter and answers its placeholder. */
export type Push = (value: unknown) => string;

export function pushTo(parameters: unknown[]): Push {
  return (value) => {
    parameters.push(value);
    return `$${parameters.length}`;
  };
}

/** A name of the catalogue as an SQL text: checked, because it stands in the statement itself. */
export function literal(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of the catalogue`);
  return `'${name}'`;
}

/** A column of the catalogue. */
export function column(alias: string, name: string): string {
  return `${alias}.${literal(name).slice(1, -1)}`;
}

/** A field's value as jsonb, for what is kept as JSON: null where it is missing. */
export function jsonOf(alias: string, path: FieldPath, push: Push): string {
  return path.source === 'ATTRIBUTE' ? attributeOf(alias, path.field, push) : `nullif(${alias}.fields -> ${literal(path.field)}, 'null')`;
}

/** An attribute by its name; by its name in another case where there is none so spelled (tags are case-insensitive). */
function attributeOf(alias: string, name: string, push: Push): string {
  const placeholder = `${push(name)}::text`;
  return `nullif(coalesce(${alias}.attributes -> ${placeholder}, attribute_in_any_case(${alias}.attributes, ${placeholder})), 'null')`;
}

/** A field's value as the SQL type of its kind: numeric, date, timestamptz, boolean or text; not for LIST and ANY. */
export function typedValue(alias: string, path: FieldPath): string {
  if (path.source === 'COLUMN') return column(alias, path.field);
  const kept = `(${alias}.fields ->> ${literal(path.field)})`;
  return path.type.fieldByName.get(path.field)?.indexed ? indexedValue(path.kind, kept) : `${kept}${castOf(path)}`;
}

/** As `typedValue`, of a field that has an index: only what depends on no setting can be in one (migration 0700). */
export function indexedValue(kind: FieldKind, kept: string): string {
  if (kind === 'DATE') return `iso_day(${kept})`;
  if (kind === 'DATE_TIME') return `iso_instant(${kept})`;
  return `${kept}${castOf({ kind })}`;
}

function castOf({ kind }: { kind: FieldKind }): string {
  switch (kind) {
    case 'NUMBER':
    case 'MONEY':
      return '::numeric';
    case 'DATE':
      return '::date';
    case 'DATE_TIME':
      return '::timestamptz';
    case 'BOOLEAN':
      return '::boolean';
    default:
      return '';
  }
}

/** The zone of a contact, else the system's. */
export function zoneOf(contact: string, timeZone: string, push: Push): string {
  return `coalesce(${contact}.time_zone, ${push(timeZone)}::text)`;
}

/** Today where the contact is. */
export function todayOf(contact: string, timeZone: string, push: Push): string {
  return `(now() at time zone ${zoneOf(contact, timeZone, push)})::date`;
}

/** How the row `alias` is found from the row `from` by a relation of it. */
export function relationLink(relation: RelationDeclaration, alias: string, from: string): string {
  switch (relation.by) {
    case 'ACCOUNT':
      return `${alias}.id = ${from}.account_id`;
    case 'CONTACT':
      return `${alias}.id = ${from}.contact_id`;
    case 'PARENT':
      return `${alias}.id = ${from}.parent_id`;
    case 'FIELD':
      return `${alias}.type = ${literal(relation.to)} and ${alias}.external_id = ${from}.fields ->> ${literal(relation.name)}`;
    case 'OWNED':
      return `${alias}.type = ${literal(relation.to)} and ${alias}.account_id = ${from}.id`;
  }
}

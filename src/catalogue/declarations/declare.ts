import type { FieldDeclaration, FieldKind, ObjectTypeDeclaration, RelationDeclaration, Words } from '../types.js';

/** A label: English, Greek. */
type Label = readonly [en: string, el: string];

const words = ([en, el]: Label): Words => ({ en, el });

const field =
  (kind: FieldKind, column = false) =>
  (name: string, label: Label, example: string): FieldDeclaration => ({ name, kind, label: words(label), example, column });

export const text = field('TEXT');
export const number = field('NUMBER');
export const money = field('MONEY');
export const date = field('DATE');
export const dateTime = field('DATE_TIME');
export const list = field('LIST');
export const boolean = field('BOOLEAN');

/** The same kinds, kept in a column of the type's table. */
export const columns = {
  text: field('TEXT', true),
  money: field('MONEY', true),
  boolean: field('BOOLEAN', true),
  locale: field('LOCALE', true),
  timeZone: field('TIME_ZONE', true),
};

/** What every business object has beside its fields. */
const objectNumber = (example: string) => columns.text('number', ['Number', 'Αριθμός'], example);

/** A type that is kept in `business_object`: it has a number, and leads to its account and its contact. */
export function objectType(
  name: string,
  label: Label,
  numberExample: string,
  fields: readonly FieldDeclaration[],
  related: readonly string[] = [],
): ObjectTypeDeclaration {
  const relations: RelationDeclaration[] = [
    { name: 'account', to: 'account', by: 'ACCOUNT' },
    { name: 'contact', to: 'contact', by: 'CONTACT' },
    ...related.map((to) => ({ name: to, to, by: 'FIELD' as const })),
  ];
  return {
    name,
    label: words(label),
    storage: 'business_object',
    fields: [objectNumber(numberExample), ...fields],
    relations,
    attributes: true,
    open: false,
  };
}

/** The type of one of our own tables. */
export function tableType(
  name: 'contact' | 'account',
  label: Label,
  fields: readonly FieldDeclaration[],
  relations: readonly RelationDeclaration[],
): ObjectTypeDeclaration {
  return { name, label: words(label), storage: name, fields, relations, attributes: true, open: false };
}

/** Tags that name no CRM record. */
export function pseudoType(name: string, label: Label, fields: readonly FieldDeclaration[], open = false): ObjectTypeDeclaration {
  return { name, label: words(label), storage: 'NONE', fields, relations: [], attributes: false, open };
}

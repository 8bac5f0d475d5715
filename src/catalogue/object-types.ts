import { billing } from './declarations/billing.js';
import { people } from './declarations/people.js';
import { rewards, service } from './declarations/service.js';
import type { FieldDeclaration, ObjectTypeDeclaration, RelationDeclaration } from './types.js';

/** A type with its fields and relations by name. */
export interface ObjectType extends ObjectTypeDeclaration {
  readonly fieldByName: ReadonlyMap<string, FieldDeclaration>;
  readonly relationByName: ReadonlyMap<string, RelationDeclaration>;
}

/** The one declaration of everything that a text or a rule can say about a customer, by name. */
const types: ReadonlyMap<string, ObjectType> = new Map(
  [...people, ...billing, ...service, ...rewards].map((each) => [
    each.name,
    {
      ...each,
      fieldByName: new Map(withRelationFields(each).map((field) => [field.name, field])),
      relationByName: new Map(each.relations.map((relation) => [relation.name, relation])),
    },
  ]),
);

/** Old names of types and relations (AMB-4). */
export const aliases: Readonly<Record<string, string>> = { contact_information: 'contact', accounts_receivable: 'account' };

/** Old names of whole tags. */
export const tagAliases: Readonly<Record<string, string>> = { accounts_receivable_number: 'account.number' };

/** The names of the types that CRM records have: not those that exist only as tags. */
export function objectTypeNames(): string[] {
  return objectTypes().map((each) => each.name);
}

export function objectTypes(): ObjectType[] {
  return [...types.values()].filter((each) => each.storage !== 'NONE');
}

/** Types that exist only as tags: `date`, `communication`, `param`. */
export function pseudoTypes(): ObjectType[] {
  return [...types.values()].filter((each) => each.storage === 'NONE');
}

/** A CRM record may have this type, `contact` and `account` included. Spelled exactly. */
export function isObjectType(name: string): boolean {
  return types.has(name) && typeOf(name).storage !== 'NONE';
}

/** The type of that name or old name, in any case; tag-only ones included. */
export function findType(name: string): ObjectType | undefined {
  const lower = name.toLowerCase();
  return types.get(Object.hasOwn(aliases, lower) ? (aliases[lower] ?? lower) : lower);
}

/** Every word that a tag may begin with. */
export function tagHeads(): string[] {
  return [...types.keys(), ...Object.keys(aliases), ...Object.keys(tagAliases)];
}

/** The declared type; only for names that were found before. */
export function typeOf(name: string): ObjectType {
  const type = types.get(name);
  if (!type) throw new Error(`The catalogue has no type ${name}`);
  return type;
}

/** The external id that a relation is kept by is a field of its own: `payment_gateway_request.payment_gateway_card`. */
function withRelationFields(type: ObjectTypeDeclaration): FieldDeclaration[] {
  const held = type.relations.filter((each) => each.by === 'FIELD');
  const label = (name: string) => [...billing, ...service, ...rewards].find((each) => each.name === name)?.label ?? { en: name, el: name };
  return [
    ...type.fields,
    ...held.map((each) => ({ name: each.name, kind: 'TEXT' as const, label: label(each.to), example: 'CRM-1001', column: false })),
  ];
}

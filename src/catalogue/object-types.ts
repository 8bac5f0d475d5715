import type { ObjectType } from './built-in.js';
import { currentCatalogue } from './current.js';

export type { ObjectType } from './built-in.js';

/** Old names of types and relations (AMB-4). */
export const aliases: Readonly<Record<string, string>> = { contact_information: 'contact', accounts_receivable: 'account' };

/** Old names of whole tags. */
export const tagAliases: Readonly<Record<string, string>> = { accounts_receivable_number: 'account.number' };

/** The names of the types that CRM records have: not those that exist only as tags. */
export function objectTypeNames(): string[] {
  return objectTypes().map((each) => each.name);
}

export function objectTypes(): ObjectType[] {
  return [...currentCatalogue().values()].filter((each) => each.storage !== 'NONE');
}

/** Types that exist only as tags: `date`, `communication`, `param`. */
export function pseudoTypes(): ObjectType[] {
  return [...currentCatalogue().values()].filter((each) => each.storage === 'NONE');
}

/** A CRM record may have this type, `contact` and `account` included. Spelled exactly. */
export function isObjectType(name: string): boolean {
  return currentCatalogue().has(name) && typeOf(name).storage !== 'NONE';
}

/** What a text may be about: a CRM record, or a notification about some. */
export function isSubject(name: string): boolean {
  return isObjectType(name) || name === 'notification';
}

export function subjectNames(): string[] {
  return [...objectTypeNames(), 'notification'];
}

/** The type of that name or old name, in any case; tag-only ones included. */
export function findType(name: string): ObjectType | undefined {
  const lower = name.toLowerCase();
  return currentCatalogue().get(Object.hasOwn(aliases, lower) ? (aliases[lower] ?? lower) : lower);
}

/** Every word that a tag may begin with. */
export function tagHeads(): string[] {
  return [...currentCatalogue().keys(), ...Object.keys(aliases), ...Object.keys(tagAliases)];
}

/** The declared type; only for names that were found before. */
export function typeOf(name: string): ObjectType {
  const type = currentCatalogue().get(name);
  if (!type) throw new Error(`The catalogue has no type ${name}`);
  return type;
}

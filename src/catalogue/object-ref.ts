import { Field, InputType } from 'type-graphql';
import { first, type HasEntityManager } from '../database/sql.js';
import type { Problems } from '../errors.js';
import { didYouMean } from './nearest.js';
import { isObjectType, objectTypeNames, typeOf } from './object-types.js';

@InputType('ObjectRefInput', {
  description:
    'A business object named by its type and the id that it has in the CRM of record. The type is its name in tags: `subscription`, `bill`. `contact` and `account` are types too.',
})
export class ObjectRefInput {
  @Field(() => String, { description: 'Its type, as in tags.' })
  type!: string;

  @Field(() => String, { description: 'Its id in the CRM of record.' })
  externalId!: string;
}

/** What an ObjectRefInput means: the row of its type's table, and whose it is. */
export interface FoundObject {
  readonly type: string;
  readonly id: string;
  readonly contactId: string;
  readonly accountId: string | null;
}

/** Finds the object, or adds a problem that says what is wrong with the reference. */
export async function findObject(
  ctx: HasEntityManager,
  ref: { type: string; externalId: string },
  problems: Problems,
  path: readonly (string | number)[],
): Promise<FoundObject | undefined> {
  if (!isObjectType(ref.type)) {
    const hint = didYouMean(ref.type, objectTypeNames()) || ` There are ${objectTypeNames().join(', ')}.`;
    problems.add([...path, 'type'], 'UNKNOWN_TYPE', `${JSON.stringify(ref.type.slice(0, 80))} is no object type.${hint}`);
    return undefined;
  }
  const found = await first<Omit<FoundObject, 'type'>>(ctx, lookup(ref.type), [ref.externalId]);
  if (found) return { type: ref.type, ...found };
  problems.add([...path, 'externalId'], 'NOT_FOUND', `There is no ${ref.type} ${JSON.stringify(ref.externalId.slice(0, 80))}.`);
  return undefined;
}

function lookup(type: string): string {
  switch (typeOf(type).storage) {
    case 'contact':
      return 'select id, id as "contactId", null::uuid as "accountId" from contact where external_id = $1';
    case 'account':
      return 'select id, contact_id as "contactId", id as "accountId" from account where external_id = $1';
    default:
      return `select id, contact_id as "contactId", account_id as "accountId" from business_object where type = '${type}' and external_id = $1`;
  }
}

/** The table that a type's objects are in, for joins by id. */
export function tableOf(type: string): string {
  return typeOf(type).storage;
}

/**
 * What kinds of value a field holds, and how they are kept in `business_object.fields`:
 * TEXT, LOCALE, TIME_ZONE a JSON string; NUMBER and MONEY a JSON string of plain decimal digits ("12.5"), so that no reader in
 * JavaScript loses a digit; DATE "2027-03-28"; DATE_TIME an instant in UTC with milliseconds; BOOLEAN true or false; LIST an
 * array of strings. ANY is an open attribute: whatever JSON the CRM sent.
 */
export type FieldKind = 'TEXT' | 'NUMBER' | 'MONEY' | 'DATE' | 'DATE_TIME' | 'BOOLEAN' | 'LIST' | 'LOCALE' | 'TIME_ZONE' | 'ANY';

/** A text by language. Built-in ones speak English and Greek; of declared ones `en` is the first given where there is no English. */
export interface Words {
  readonly en: string;
  readonly [language: string]: string;
}

export interface FieldDeclaration {
  readonly name: string;
  readonly kind: FieldKind;
  readonly label: Words;
  /** As it is kept; the reference pages and auto-complete show it formatted. */
  readonly example: string;
  /** A column of the type's table; otherwise a key of `business_object.fields`. */
  readonly column: boolean;
  /** An operator declared it. */
  readonly declared?: boolean;
  /** Conditions on it have an index. */
  readonly indexed?: boolean;
}

/** A step from an object to another one: `subscription.account`, `award_reward_transaction.rewards_participant`. */
export interface RelationDeclaration {
  readonly name: string;
  readonly to: string;
  /** ACCOUNT, CONTACT and PARENT: by the row's account_id, contact_id and parent_id. FIELD: the field of that name holds the other's external id. OWNED: the objects of that type that belong to this account. */
  readonly by: 'ACCOUNT' | 'CONTACT' | 'PARENT' | 'FIELD' | 'OWNED';
}

/** Something that happens to objects of a type, that rules may listen to. */
export interface EventDeclaration {
  readonly name: string;
  readonly label: Words;
  /** An operator declared it. */
  readonly declared?: boolean;
}

/**
 * Where the objects of a type are: a table of their own, or the table of all others. NONE: no CRM record, only tags
 * (`#date.today`), resolved by `values.ts`.
 */
export type Storage = 'contact' | 'account' | 'business_object' | 'NONE';

export interface ObjectTypeDeclaration {
  readonly name: string;
  readonly label: Words;
  readonly storage: Storage;
  readonly fields: readonly FieldDeclaration[];
  readonly relations: readonly RelationDeclaration[];
  /** Takes `attributes.NAME`: fields that nobody declared. */
  readonly attributes: boolean;
  /** Takes any name after the dot: `#param.promo_code`. */
  readonly open: boolean;
  /** An operator declared it. */
  readonly declared?: boolean;
  /** Beside those that every type has: created, updated, state_changed. */
  readonly events?: readonly EventDeclaration[];
}

import { withDescendantsSql } from '../content/category.js';
import { searchQuery } from '../content/search.js';
import { localId } from '../graphql/node.js';
import type { CommunicationFilter } from './communication.type.js';
import { effectiveState } from './row.js';

/** One place in which a text is looked for: the communications themselves, or another table that leads to them. */
export interface Place {
  from?: { table: string; where: string };
  where: string;
}

/** A filter as SQL over `communication c`. */
export interface FilterSql {
  where: string;
  /**
   * Where a text is searched among all communications: conditions each of which an index answers, at least one of which must
   * hold.
   */
  anyOf?: Place[];
}

/** Values are searched within one contact or run only: there they are few. */
export function filterSql(filter: CommunicationFilter, parameters: unknown[]): FilterSql {
  const push = (value: unknown) => `$${parameters.push(value)}`;
  const conditions = [...plainConditions(filter, push), ...referringTo(filter, push)];
  if (filter.to != null) conditions.push(`(${addressedTo(push(beginning(filter.to))).join(' or ')})`);
  const text = filter.text?.trim();
  if (!text) return { where: conditions.join(' and ') };
  const anyOf = textSql(text, push);
  if (filter.contactExternalId == null && filter.runId == null) return { where: conditions.join(' and '), anyOf };
  const values = valueSql(text, push);
  const any = anyOf.map(({ from, where }) => (from ? `exists (select from ${from.table} where ${from.where} and ${where})` : where));
  return { where: [...conditions, `(${[...any, values].join(' or ')})`].join(' and ') };
}

type Push = (value: unknown) => string;

function plainConditions(filter: CommunicationFilter, push: Push): string[] {
  const conditions = ['true'];
  const add = <Value>(value: Value | null | undefined, sql: (value: Value) => string) => {
    if (value != null) conditions.push(sql(value));
  };
  add(filter.states, (states) => `${effectiveState} = any(${push(states)}::text[])`);
  add(filter.media, (media) => `c.medium = any(${push(media)}::text[])`);
  add(filter.direction, (direction) => `c.direction = ${push(direction)}`);
  add(filter.origins, (origins) => `c.origin = any(${push(origins)}::text[])`);
  add(filter.number, (number) => `c.seq = ${push(seqOf(number))}::bigint`);
  add(filter.runId, (id) => `c.run_id = ${push(localId('Run', id) ?? null)}::uuid`);
  add(filter.planId, (id) => `c.run_id = any(array(select r.id from run r where r.plan_id = ${push(localId('Plan', id) ?? null)}::uuid))`);
  add(
    filter.templateId,
    (id) =>
      `c.content_id = any(array(select v.content_id from template_version v where v.template_id = ${push(localId('Template', id) ?? null)}::uuid))`,
  );
  add(filter.externalSystemId, (id) => `c.external_system_id = ${push(localId('ExternalSystem', id) ?? null)}::uuid`);
  add(filter.categoryId, (id) => `c.category_id in ${withDescendantsSql(push(localId('Category', id) ?? null))}`);
  add(filter.ownedByUnit, (unit) => `c.owned_by_unit = ${push(unit.trim())}`);
  add(filter.createdBy, (subject) => `c.created_by = ${push(subject)}`);
  add(filter.contactExternalId, (id) => `c.contact_id = (select k.id from contact k where k.external_id = ${push(id)})`);
  add(filter.createdAfter, (at) => `c.created_at >= ${push(at)}::timestamptz`);
  add(filter.createdBefore, (at) => `c.created_at < ${push(at)}::timestamptz`);
  add(filter.completedAfter, (at) => `c.completed_at >= ${push(at)}::timestamptz`);
  add(filter.completedBefore, (at) => `c.completed_at < ${push(at)}::timestamptz`);
  return conditions;
}

/** By the contact whose object it is: communications are kept by contact. */
function referringTo({ referringTo: ref }: CommunicationFilter, push: Push): string[] {
  if (ref == null) return [];
  const type = ref.type.toLowerCase();
  if (type === 'communication')
    return [`c.follow_up_of = (select f.id from communication f where f.seq = ${push(seqOf(ref.externalId))}::bigint)`];
  const id = push(ref.externalId);
  const conditions = [`c.object_type = ${push(type)}`];
  const found = (column: string, table: string) => `(select x.${column} from ${table} x where x.external_id = ${id})`;
  if (type === 'contact') return [...conditions, `c.contact_id = ${found('id', 'contact')}`];
  if (type === 'account')
    return [...conditions, `c.contact_id = ${found('contact_id', 'account')}`, `c.account_id = ${found('id', 'account')}`];
  const object = (column: string) => `(select x.${column} from business_object x where x.type = ${push(type)} and x.external_id = ${id})`;
  return [...conditions, `c.contact_id = ${object('contact_id')}`, `c.object_id = ${object('id')}`];
}

function textSql(text: string, push: Push): Place[] {
  const query = searchQuery(text);
  const anyOf: Place[] = addressedTo(push(beginning(text))).map((where) => ({ where }));
  if (seqOf(text) !== null) anyOf.push({ where: `c.seq = ${push(seqOf(text))}::bigint` });
  if (query !== null)
    anyOf.push({ from: { table: 'content t', where: `t.search @@ to_tsquery('simple', ${push(query)})` }, where: 't.id = c.content_id' });
  return anyOf;
}

/**
 * A text within the values of tags. First as JSON spells it, which costs little; what that finds in the values' form and not in
 * what they say (`null`, the names of their parts) is no match.
 */
function valueSql(text: string, push: Push): string {
  const spelled = push(`%${escaped(JSON.stringify(text).slice(1, -1))}%`);
  return `(c.tag_values::text ilike ${spelled} and exists (
    select from jsonb_path_query(c.tag_values, '$.**') as v (value)
    where jsonb_typeof(v.value) in ('string', 'number', 'boolean') and v.value #>> '{}' ilike ${push(`%${escaped(text)}%`)}))`;
}

/** What a run sent went to addresses of its contacts: it is found by those who have the address. */
function addressedTo(like: string): string[] {
  const matches = `lower(c.address) like ${like}`;
  const contacts = `array(select p.contact_id from contact_point p where lower(p.address) like ${like} limit ${mostContacts})`;
  return [
    `(c.run_id is null and c.address is not null and ${matches})`,
    `(c.run_id is not null and c.contact_id = any(${contacts}) and ${matches})`,
  ];
}

/** Who types three digits of a phone number is not looking for a thousand people. */
const mostContacts = 1_000;

function beginning(address: string): string {
  return `${escaped(address.trim().toLowerCase())}%`;
}

function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** `CM000680` is the 680th; null for what is no number. */
export function seqOf(number: string): string | null {
  return /^CM0*(\d{1,15})$/i.exec(number.trim())?.[1] ?? null;
}

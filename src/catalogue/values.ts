import { actionOfTag, type DynamicLinkAction, isOfServiceRequest } from '../settings/dynamic-links.js';
import { type DynamicLinks, isLinkEnabled } from '../settings/link-settings.js';
import { column, jsonOf, literal, type Push, relationLink, todayOf, zoneOf } from './field-sql.js';
import { type FieldPath, lastRelation, resolvePath } from './path.js';

/** The rows and values that tags are resolved from. */
export interface TagNames {
  /** Alias of the contact row. */
  readonly contact: string;
  /** Alias of the account that the communication is about; where it is missing: that of its object, else the contact's first. */
  readonly account?: string | undefined;
  /** The account and the object are rows as they were at another time (AMB-3): what is read of them is read there. */
  readonly frozen?: boolean | undefined;
  /** Alias of the row that the communication is about, and its type; the row may be missing (all null). */
  readonly object?: { readonly type: string; readonly alias: string } | undefined;
  /** Of contacts that name none. */
  readonly timeZone: string;
  /** Appends a parameter and answers its placeholder. */
  readonly parameters: Push;
  /** Values for `#param.NAME`; or SQL of a jsonb object that holds those of each row. */
  readonly params?: Readonly<Record<string, string>> | string | undefined;
  /** For `#communication.expires_on`; or SQL of when each row expires. */
  readonly expiresAt?: Date | string | null | undefined;
  readonly expiresAtSql?: string | undefined;
  /** Alias of the notification's row (notification-row.ts), for `#notification.…`. */
  readonly notification?: string | undefined;
  /** SQL of the number, for `#communication.number`, where it is known when the values are. */
  readonly number?: string | undefined;
  /** Which dynamic links are enabled, and how long they work. */
  readonly links?: DynamicLinks | undefined;
}

/**
 * What a statement needs to freeze the values of tags (AMB-3): `joins` go behind the contact's row, `expression` is one jsonb
 * array with a raw value for each tag in order, null for what is missing. Raw means: texts, lists, true and false as they are;
 * NUMBER a decimal text; MONEY `{"a": "12.5", "c": "EUR"}` with its currency; DATE "2027-03-28"; DATE_TIME an instant in UTC
 * with the minutes that the contact's zone is east of it then, `{"t": "2027-03-28T01:30:00.000Z", "o": 180}`; a dynamic link the
 * object that it accepts and its expiry in seconds, where it has them, `{"o": "0192...", "e": 1806120000}`.
 *
 * Where the communication refers to no object (AMB-23): `account` is the contact's first, `wallet` that account's, any other
 * type the contact's only object of it. One lateral join for each object that is passed, whatever the number of tags.
 */
export function tagValuesSql(tags: readonly string[], names: TagNames): { joins: string; expression: string } {
  const rows = new Rows(names);
  const values = tags.map((tag) => {
    const path = resolvePath(tag)?.path;
    if (!path) throw new Error(`The tag #${tag} is not in the catalogue`);
    return rawValue(path, rows, names);
  });
  return { joins: rows.joins.join('\n'), expression: arrayOf(values) };
}

/** Minutes east of UTC, now, where the contact is. Most contacts name no zone: theirs is asked for once in a statement, not once in a row. */
export function zoneOffsetSql(contact: string, timeZone: string, push: Push): string {
  const own = offsetSql('now()', `${contact}.time_zone`);
  return `case when ${contact}.time_zone is null then (select ${offsetSql('now()', `${push(timeZone)}::text`)}) else ${own} end`;
}

/** The offset is that of the instant itself: an appointment in summer, announced in winter, is told in summer time. */
function offsetSql(at: string, zone: string): string {
  return `round(extract(epoch from (${at} at time zone ${zone}) - (${at} at time zone 'UTC')) / 60)::smallint`;
}

/** PostgreSQL calls take a hundred arguments at most. */
function arrayOf(values: readonly string[]): string {
  if (values.length === 0) return `'[]'::jsonb`;
  const parts: string[] = [];
  for (let from = 0; from < values.length; from += 50) parts.push(`jsonb_build_array(${values.slice(from, from + 50).join(', ')})`);
  return parts.join(' || ');
}

function rawValue(path: FieldPath, rows: Rows, names: TagNames): string {
  if (path.source === 'PSEUDO') return pseudoValue(path, rows, names);
  if (path.source === 'OPEN') return paramSql(path.field, names);
  const alias = rows.aliasOf(path.steps);
  if (path.source === 'ATTRIBUTE') return jsonOf(alias, path, names.parameters);
  const raw = path.source === 'COLUMN' ? column(alias, path.field) : `${alias}.fields ->> ${literal(path.field)}`;
  if (path.kind === 'MONEY')
    return `case when ${raw} is not null then jsonb_build_object('a', (${raw})::text, 'c', ${currencyOf(path, rows)}) end`;
  if (path.kind === 'DATE_TIME') {
    const offset = offsetSql(`(${raw})::timestamptz`, zoneOf(names.contact, names.timeZone, names.parameters));
    return `case when ${raw} is not null then jsonb_build_object('t', ${raw}, 'o', ${offset}) end`;
  }
  return path.source === 'COLUMN' || path.kind === 'NUMBER' ? raw : jsonOf(alias, path, names.parameters);
}

/** An object's own currency, else that of its account; a contact's is that of the account that `account` means. */
function currencyOf(path: FieldPath, rows: Rows): string {
  const alias = rows.aliasOf(path.steps);
  if (path.type.name === 'account') return `${alias}.currency`;
  const accounts = `${rows.aliasOf(path.type.name === 'contact' ? ['account'] : [...path.steps, 'account'])}.currency`;
  return path.type.fieldByName.has('currency') ? `coalesce(${alias}.fields ->> 'currency', ${accounts})` : accounts;
}

function pseudoValue(path: FieldPath, rows: Rows, names: TagNames): string {
  const { contact, timeZone, parameters } = names;
  if (path.steps[0] === 'notification') {
    return names.notification === undefined ? 'null::text' : `${names.notification}.tags -> ${literal(path.field)}`;
  }
  const action = actionOfTag(path.name);
  if (action) return linkValue(action, rows, names);
  switch (path.name) {
    case 'date.today':
      return `to_char(${todayOf(contact, timeZone, parameters)}, 'YYYY-MM-DD')`;
    case 'date.now':
      return `to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
    case 'communication.expires_on':
      if (names.expiresAtSql === undefined && names.expiresAt == null) return 'null::text';
      return `to_char(${names.expiresAtSql ?? parameters(names.expiresAt)}::timestamptz at time zone ${zoneOf(contact, timeZone, parameters)}, 'YYYY-MM-DD')`;
    case 'communication.number':
      return names.number ?? 'null::text';
    default:
      throw new Error(`The tag #${path.name} has no value`);
  }
}

function paramSql(name: string, { params, parameters }: TagNames): string {
  if (typeof params !== 'string') return `${parameters(paramOf(name, params))}::text`;
  const given = `${parameters(name)}::text`;
  const anyCase = `select each.value from jsonb_each_text(${params}) each where lower(each.key) = lower(${given}) order by each.key limit 1`;
  return `coalesce(${params} ->> ${given}, (${anyCase}))`;
}

/** Null where the link is not enabled, or there is no object that it could be about: the tag then renders as nothing. */
function linkValue(action: DynamicLinkAction, rows: Rows, { links, parameters }: TagNames): string {
  if (!links || !isLinkEnabled(links, action)) return 'null::jsonb';
  const days = links.lifetimeDays;
  const expiry = days === null ? 'null' : `floor(extract(epoch from now() + make_interval(days => ${parameters(days)}::integer)))::bigint`;
  const object = isOfServiceRequest(action) ? `${rows.aliasOf(['service_request'])}.id` : undefined;
  const value = `jsonb_strip_nulls(jsonb_build_object('o', ${object ?? 'null'}, 'e', ${expiry}))`;
  return object === undefined ? value : `case when ${object} is not null then ${value} end`;
}

/** A parameter by its name, in any case where none is spelled so. */
function paramOf(name: string, params: Readonly<Record<string, string>> = {}): string | null {
  if (Object.hasOwn(params, name)) return params[name] ?? null;
  const key = Object.keys(params).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? null : (params[key] ?? null);
}

/** The rows that tags pass, each joined once, in the order in which they need each other. */
class Rows {
  readonly joins: string[] = [];
  readonly #aliases = new Map<string, string>();
  readonly #names: TagNames;
  #count = 0;

  constructor(names: TagNames) {
    this.#names = names;
    this.#aliases.set('contact', names.contact);
    if (names.notification !== undefined) this.#aliases.set('notification', names.notification);
    if (names.object && names.object.type !== 'account') this.#aliases.set(names.object.type, names.object.alias);
  }

  aliasOf(steps: readonly string[]): string {
    const key = steps.join('.');
    const known = this.#aliases.get(key);
    if (known !== undefined) return known;
    const alias = `tag${++this.#count}`;
    this.#aliases.set(key, alias);
    const join = steps.length > 1 ? this.#related(steps, alias) : `${this.#root(key)} ${alias} on true`;
    this.joins.push(`left join ${join}`);
    return alias;
  }

  /** The object that a type means for this contact. */
  #root(type: string): string {
    const { contact } = this.#names;
    if (type === 'account') {
      const first = (columns: string) =>
        `select ${columns} from account where account.contact_id = ${contact}.id order by account.created_at, account.id limit 1`;
      const given = this.#givenAccounts();
      const { account, frozen } = this.#names;
      if (frozen && account !== undefined) {
        return `lateral (select ${account}.* where ${account}.id is not null union all
          select account.* from account where ${account}.id is null and account.id = (${first('account.id')}))`;
      }
      return `lateral (${given.length === 0 ? first('*') : `select * from account where account.id = coalesce(${given.join(', ')}, (${first('account.id')}))`})`;
    }
    if (type === 'notification') return '(select null::uuid as id, null::uuid as contact_id, null::uuid as account_id)';
    if (type === 'wallet') return this.#walletOf(this.aliasOf(['account']));
    return `lateral (${onlySql(`o.contact_id = ${contact}.id and o.type = ${literal(type)}`)})`;
  }

  /** SQL of the account that the communication is about, where it is about one. */
  #givenAccounts(): string[] {
    const { account, object } = this.#names;
    const ofObject = object && object.type !== 'contact' ? [`${object.alias}.${object.type === 'account' ? 'id' : 'account_id'}`] : [];
    return [...(account === undefined ? [] : [`${account}.id`]), ...ofObject];
  }

  /** The account's only wallet; where it has none, the contact's only one that belongs to no account. */
  #walletOf(account: string): string {
    return `lateral (
      select * from (
        select w.*, count(*) over (partition by w.account_id is null) as alike from (
          select ${objectColumns} from business_object o
          where o.contact_id = ${this.#names.contact}.id and o.type = 'wallet' and (o.account_id = ${account}.id or o.account_id is null)
          order by o.account_id is null limit 2
        ) w
      ) w where w.alike = 1 order by w.account_id is null limit 1)`;
  }

  /** The join of the object that a relation leads to. */
  #related(steps: readonly string[], alias: string): string {
    const relation = lastRelation(steps);
    if (!relation) throw new Error(`${steps.join('.')} begins at the contact`);
    const from = this.aliasOf(steps.slice(0, -1));
    switch (relation.by) {
      case 'CONTACT':
        return `contact ${alias} on ${relationLink(relation, alias, from)}`;
      case 'PARENT':
        return `account ${alias} on ${relationLink(relation, alias, from)}`;
      case 'ACCOUNT': {
        // An object that names no account belongs to the one that the communication is about.
        const ours = this.aliasOf(['account']);
        if (this.#names.frozen && from === this.#names.object?.alias)
          return `lateral (select ${ours}.* where ${from}.id is not null) ${alias} on true`;
        return `account ${alias} on ${alias}.id = case when ${from}.id is not null then coalesce(${from}.account_id, ${ours}.id) end`;
      }
      case 'OWNED': {
        const isOurs = from === this.#aliases.get('account');
        const owned = onlySql(`o.type = ${literal(relation.to)} and o.account_id = ${from}.id`);
        return `${isOurs ? this.#walletOf(from) : `lateral (${owned})`} ${alias} on true`;
      }
      case 'FIELD': {
        const id = `${from}.fields ->> ${literal(relation.name)}`;
        const named = `select ${objectColumns} from business_object o where o.type = ${literal(relation.to)} and o.external_id = ${id}`;
        const only = onlySql(`o.contact_id = ${from}.contact_id and o.type = ${literal(relation.to)} and ${id} is null`);
        return `lateral (${named} union all (${only})) ${alias} on true`;
      }
    }
  }
}

const objectColumns = 'o.id, o.contact_id, o.account_id, o.number, o.fields, o.attributes';

/** The object that meets the condition, where exactly one does. */
function onlySql(condition: string): string {
  return `select ${objectColumns} from (select o.*, count(*) over () as alike from (
      select ${objectColumns} from business_object o where ${condition} limit 2) o) o where o.alike = 1`;
}

import { checkAttributes, checkDeclared } from '../../catalogue/check-fields.js';
import { type HasEntityManager, rows } from '../../database/sql.js';
import type { Problems } from '../../errors.js';
import { readSettings } from '../../settings/settings.js';
import { type AddressReading, readEmail, readPhone } from '../address.js';
import type { ContactEmailInput, ContactInput, ContactPhoneInput } from '../crm.input.js';
import { fields, flag, type Merged, type MergedTable, type MergeOptions, mergeRows, namePart, type Row, text } from './merge.js';
import { checkName, checkScalar, checkText, lengths, type Path } from './values.js';

const greatestPoints = 50;

/** `defaults`: what a contact consents to where nothing is said. */
const contactTable = (defaults: { direct: boolean; affiliate: boolean }): MergedTable => ({
  name: 'contact',
  key: ['external_id'],
  columns: [
    text('name'),
    namePart('first_name', 'derived_first_name'),
    namePart('last_name', 'derived_last_name'),
    text('preferred_language'),
    text('time_zone'),
    flag('direct_marketing', defaults.direct),
    flag('affiliate_marketing', defaults.affiliate),
    text('email'),
    text('phone'),
    fields('attributes'),
    fields('fields'),
  ],
});

/** What of a contact was given, by column, checked; a wrong value is a problem and stays out. */
export function contactRow(problems: Problems, path: Path, input: ContactInput, countries: readonly string[]): Row {
  const row: Row = { external_id: input.externalId };
  const at = (field: string): Path => [...path, field];
  checkName(problems, at('externalId'), input.externalId);
  if (input.name === null) problems.add(at('name'), 'REQUIRED', 'A contact has a name: it cannot be cleared.');
  else if (input.name !== undefined && checkName(problems, at('name'), input.name, lengths.name)) nameParts(row, input.name);
  for (const [field, column] of [
    ['firstName', 'first_name'],
    ['lastName', 'last_name'],
  ] as const) {
    const value = input[field];
    if (value === null || (value !== undefined && checkText(problems, at(field), value, lengths.name))) row[column] = value;
  }
  const { preferredLanguage: language, timeZone: zone } = input;
  if (language === null) row['preferred_language'] = null;
  else if (language !== undefined && checkScalar(problems, at('preferredLanguage'), 'Locale', language)) {
    // `el-cy` and `EL-CY` are the language of the template for `el-CY`.
    row['preferred_language'] = Intl.getCanonicalLocales(language)[0] ?? language;
  }
  if (zone === null || (zone !== undefined && checkScalar(problems, at('timeZone'), 'TimeZone', zone))) row['time_zone'] = zone;
  for (const [field, column] of [
    ['directMarketing', 'direct_marketing'],
    ['affiliateMarketing', 'affiliate_marketing'],
  ] as const) {
    const value = input[field];
    if (value !== undefined && checkFlag(problems, at(field), value)) row[column] = value;
  }
  const { emails, phones, attributes } = input;
  if (emails !== undefined) addPoints(row, 'email', checkPoints(problems, at('emails'), emails ?? [], emailPoint));
  if (phones !== undefined) addPoints(row, 'phone', checkPoints(problems, at('phones'), phones ?? [], phonePoint(countries)));
  if (attributes === null) row['attributes'] = null;
  else if (attributes !== undefined) row['attributes'] = checkAttributes(attributes, problems, at('attributes'));
  if (input.fields === null) row['fields'] = null;
  else if (input.fields !== undefined) row['fields'] = checkDeclared('contact', input.fields, problems, at('fields'));
  return row;
}

/** A name that changes without its parts gives them anew: the first word, and the rest. */
function nameParts(row: Row, name: string): void {
  const [first = '', ...rest] = name.trim().split(/\s+/u);
  row['name'] = name;
  row['derived_first_name'] = first;
  row['derived_last_name'] = rest.join(' ') || null;
}

function checkFlag(problems: Problems, path: Path, value: unknown): boolean {
  if (value === null || typeof value === 'boolean') return true;
  problems.add(path, 'WRONG_TYPE', 'This must be true or false.');
  return false;
}

interface Point {
  type: string;
  address: string;
  primary: boolean;
}

interface GivenPoint {
  type: string;
  /** The field that holds the address. */
  field: 'address' | 'number';
  address: string;
  read(text: string): AddressReading;
}

function emailPoint({ type = 'PRIMARY', address }: ContactEmailInput): GivenPoint {
  return { type, field: 'address', address, read: readEmail };
}

const phonePoint =
  (countries: readonly string[]) =>
  ({ type = 'MOBILE', number }: ContactPhoneInput): GivenPoint => ({
    type,
    field: 'number',
    address: number,
    read: (text) => readPhone(text, countries),
  });

function checkPoints<Input extends { primary?: boolean | null }>(
  problems: Problems,
  path: Path,
  list: readonly Input[],
  open: (input: Input) => GivenPoint,
): Point[] {
  if (list.length > greatestPoints) {
    problems.add(path, 'TOO_MANY', `${list.length} are too many; a contact has at most ${greatestPoints} of them.`);
    return [];
  }
  const points: Point[] = [];
  const seen = new Set<string>();
  let primary: number | undefined;
  for (const [place, input] of list.entries()) {
    const at = [...path, place];
    const { type, field, address, read } = open(input);
    checkName(problems, [...at, 'type'], type, lengths.type);
    if (input.primary) {
      if (primary !== undefined) problems.add([...at, 'primary'], 'DUPLICATE', 'Two are primary; only one can be.');
      primary ??= place;
    }
    const reading = read(address);
    if (reading.problem) problems.add([...at, field], reading.problem.code, reading.problem.message);
    else {
      if (seen.has(`${type} ${reading.address}`))
        problems.add([...at, field], 'DUPLICATE', `${reading.address} is given twice as ${type}.`);
      seen.add(`${type} ${reading.address}`);
      points.push({ type, address: reading.address, primary: false });
    }
  }
  const chosen = points[primary ?? 0];
  if (chosen) chosen.primary = true;
  return points;
}

/** The list, and the primary address in a column of its own, where every run reads it. */
function addPoints(row: Row, column: 'email' | 'phone', points: Point[]): void {
  row[`${column}_points`] = points;
  row[column] = points.find((each) => each.primary)?.address ?? null;
}

/** Writes the contacts and their lists of addresses. */
export async function writeContacts(ctx: HasEntityManager, list: readonly Row[], options: MergeOptions): Promise<Merged> {
  const { directMarketingDefault: direct, affiliateMarketingDefault: affiliate } = await readSettings(ctx);
  return await mergeRows(ctx, contactTable({ direct, affiliate }), list, options, async () => await replacePoints(ctx, list));
}

/** Puts the lists of addresses that were given in place of those that are there; answers the contacts whose lists changed. */
async function replacePoints(ctx: HasEntityManager, list: readonly Row[]): Promise<string[]> {
  const given = list.filter((row) => row['email_points'] !== undefined || row['phone_points'] !== undefined);
  if (given.length === 0) return [];
  const found = await rows<{ contact_id: string }>(
    ctx,
    `with given as materialized (
       select c.id as contact_id, k.kind, r->k.field as list
       from jsonb_array_elements($1::jsonb) as each (r)
       join contact c on c.external_id = r->>'external_id'
       cross join (values ('EMAIL', 'email_points'), ('PHONE', 'phone_points')) as k (kind, field)
       where r ? k.field
     ), wanted as materialized (
       select contact_id, kind, p->>'type' as type, p->>'address' as address, (p->>'primary')::boolean as is_primary, place
       from given cross join jsonb_array_elements(list) with ordinality as point (p, place)
     ), gone as (
       delete from contact_point p using given g
       where p.contact_id = g.contact_id and p.kind = g.kind
         and not exists (select from wanted w where w.contact_id = p.contact_id and w.kind = p.kind and w.type = p.type and w.address = p.address)
       returning p.contact_id
     ), kept as (
       insert into contact_point (contact_id, kind, type, address, is_primary, place)
       select contact_id, kind, type, address, is_primary, place from wanted
       on conflict (contact_id, kind, type, address) do update
         set is_primary = excluded.is_primary, place = excluded.place
         where (contact_point.is_primary, contact_point.place) is distinct from (excluded.is_primary, excluded.place)
       returning contact_id
     )
     select contact_id from gone union select contact_id from kept`,
    [
      JSON.stringify(
        given.map(({ external_id, email_points, phone_points }) => ({
          external_id,
          ...(email_points === undefined ? {} : { email_points }),
          ...(phone_points === undefined ? {} : { phone_points }),
        })),
      ),
    ],
  );
  return found.map((each) => each.contact_id);
}

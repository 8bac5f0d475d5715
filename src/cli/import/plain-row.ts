import { didYouMean, objectTypeNames } from '../../catalogue/catalogue.js';
import { typeOf } from '../../catalogue/object-types.js';
import type { Problems } from '../../errors.js';
import { WrongUse } from '../verb.js';
import type { Values } from './feed.js';
import { type Records, shaped } from './shape.js';

const contactColumns = [
  'externalId',
  'name',
  'firstName',
  'lastName',
  'preferredLanguage',
  'timeZone',
  'email',
  'phone',
  'directMarketing',
  'affiliateMarketing',
];
const accountColumns = ['externalId', 'contact', 'number', 'name', 'classification', 'currency', 'balance', 'outstandingAmount'];
const objectColumns = ['externalId', 'contact', 'account', 'number'];
/** Columns that NDJSON may have beside those: what stands in no CSV cell. */
const structured = ['emails', 'phones', 'attributes', 'fields'];

/** Without a mapping: each row is one record of that type, its columns named as the fields. */
export function plainRows(type: string): { check(columns: readonly string[]): void; map(values: Values, problems: Problems): Records } {
  const list = type === 'contact' || type === 'account' ? `${type}s` : 'objects';
  if (!objectTypeNames().includes(type)) {
    throw new WrongUse(
      `There is no type ${JSON.stringify(type)}.${didYouMean(type, objectTypeNames()) || ` There are ${objectTypeNames().join(', ')}.`}`,
    );
  }
  const named = type === 'contact' ? contactColumns : type === 'account' ? accountColumns : objectColumns;
  const fields = new Map([...typeOf(type).fieldByName].filter(([, each]) => list === 'objects' || each.declared));
  const isField = (column: string) =>
    !named.includes(column) && (fields.has(column) || (list === 'objects' && !structured.includes(column)));
  return {
    check(columns) {
      const known = [...named, ...fields.keys()];
      const unknown = columns.filter((each) => !known.includes(each) && !each.startsWith('attributes.'));
      if (unknown.length === 0) return;
      const words = unknown.map((each) => `  ${each}:${didYouMean(each, known) || ' nothing of the kind'}`).join('\n');
      throw new WrongUse(
        `A ${type} has ${known.join(', ')} and attributes.NAME; the file has other columns:\n${words}\nA mapping says what to do with them: --mapping FILE.`,
      );
    },
    map(values, problems) {
      const record: Record<string, unknown> = list === 'objects' ? { type } : {};
      for (const [column, given] of Object.entries(values)) {
        // An empty cell says nothing; a null in NDJSON clears.
        if (given === '' || given === undefined) continue;
        if (column.startsWith('attributes.')) inner(record, 'attributes')[column.slice('attributes.'.length)] = given;
        else if (isField(column)) inner(record, 'fields')[column] = asKind(fields.get(column)?.kind, given);
        else put(record, column, given);
      }
      if (list === 'objects' && record['attributes'] !== undefined) {
        inner(record, 'fields')['attributes'] = record['attributes'];
        delete record['attributes'];
      }
      return shaped(problems, { [list]: [record] });
    },
  };
}

/** Shorthands for what a CSV cell can hold: one address, a yes or no. */
function put(record: Record<string, unknown>, column: string, given: unknown): void {
  if (column === 'email') record['emails'] = given === null ? [] : [{ address: given }];
  else if (column === 'phone') record['phones'] = given === null ? [] : [{ number: given }];
  else if (column.endsWith('Marketing')) record[column] = asKind('BOOLEAN', given);
  else record[column] = given;
}

function inner(record: Record<string, unknown>, name: string): Record<string, unknown> {
  const object = record[name];
  if (typeof object === 'object' && object !== null) return object as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  record[name] = made;
  return made;
}

/** The text of a CSV cell as the JSON that a field of the kind takes; what it cannot be stays, and is refused by the field. */
function asKind(kind: string | undefined, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  if (kind === 'LIST') return given.split(/[;|]/).map((each) => each.trim());
  if (kind === 'BOOLEAN')
    return { true: true, yes: true, '1': true, false: false, no: false, '0': false }[given.trim().toLowerCase()] ?? given;
  return given;
}

import { checkFields, didYouMean, objectTypeNames } from '../../catalogue/catalogue.js';
import type { HasEntityManager } from '../../database/sql.js';
import type { Problems } from '../../errors.js';
import type { BusinessObjectInput } from '../crm.input.js';
import { fields, type Merged, type MergedTable, type MergeOptions, mergeRows, type Row, reference, text } from './merge.js';
import { checkName, checkText, type Path } from './values.js';

const objectTable: MergedTable = {
  name: 'business_object',
  key: ['type', 'external_id'],
  columns: [
    reference('contact_id', 'contact', 'contact'),
    reference('account_id', 'account', 'account'),
    text('number'),
    fields('fields'),
    fields('attributes'),
  ],
};

/** What of a business object was given, by column, checked; a wrong value is a problem and stays out. */
export function objectRow(problems: Problems, path: Path, input: BusinessObjectInput): Row {
  const row: Row = { external_id: input.externalId, type: input.type };
  const at = (field: string): Path => [...path, field];
  checkName(problems, at('externalId'), input.externalId);
  const known = checkType(problems, at('type'), input.type);
  for (const field of ['contact', 'account'] as const) {
    const value = input[field];
    if (value === null || (value !== undefined && checkName(problems, at(field), value))) row[field] = value;
  }
  const { number } = input;
  if (number === null || (number !== undefined && checkText(problems, at('number'), number))) row['number'] = number;
  if (input.fields === null) Object.assign(row, { fields: null, attributes: null });
  else if (input.fields !== undefined && known) addFields(problems, at('fields'), row, input.type, input.fields);
  return row;
}

/** The declared fields and the open ones are kept apart: a null in place of `attributes` clears all of these and nothing else. */
function addFields(problems: Problems, path: Path, row: Row, type: string, given: Record<string, unknown>): void {
  const { attributes, ...declared } = checkFields(type, given, problems, path);
  row['fields'] = declared;
  if (attributes !== undefined) row['attributes'] = attributes;
}

function checkType(problems: Problems, path: Path, type: string): boolean {
  const names = objectTypeNames().filter((each) => each !== 'contact' && each !== 'account');
  if (names.includes(type)) return true;
  const kind = type === 'contact' || type === 'account' ? ` Give it in \`${type}s\`.` : didYouMean(type, names);
  problems.add(path, 'UNKNOWN_TYPE', `There is no type of business object ${JSON.stringify(type.slice(0, 80))}.${kind}`);
  return false;
}

/** Writes the objects; the contacts and accounts that they refer to are there. */
export async function writeObjects(ctx: HasEntityManager, list: readonly Row[], options: MergeOptions): Promise<Merged> {
  return await mergeRows(ctx, objectTable, list, options);
}

import { checkAttributes, checkDeclared } from '../../catalogue/check-fields.js';
import type { HasEntityManager } from '../../database/sql.js';
import type { Problems } from '../../errors.js';
import type { AccountInput } from '../crm.input.js';
import { fields, type Merged, type MergedTable, mergeRows, numeric, type Row, reference, text } from './merge.js';
import { checkCurrency, checkName, checkScalar, checkText, type Path } from './values.js';

const accountTable: MergedTable = {
  name: 'account',
  key: ['external_id'],
  columns: [
    reference('contact_id', 'contact', 'contact'),
    text('number'),
    text('name'),
    text('classification'),
    text('currency'),
    numeric('balance'),
    numeric('outstanding_amount'),
    fields('attributes'),
    fields('fields'),
  ],
};

/** What of an account was given, by column, checked; a wrong value is a problem and stays out. */
export function accountRow(problems: Problems, path: Path, input: AccountInput): Row {
  const row: Row = { external_id: input.externalId };
  const at = (field: string): Path => [...path, field];
  checkName(problems, at('externalId'), input.externalId);
  if (input.contact === null) problems.add(at('contact'), 'REQUIRED', 'An account has an owner: it cannot be cleared.');
  else if (input.contact !== undefined && checkName(problems, at('contact'), input.contact)) row['contact'] = input.contact;
  for (const field of ['number', 'name', 'classification'] as const) {
    const value = input[field];
    if (value === null || (value !== undefined && checkText(problems, at(field), value))) row[field] = value;
  }
  const { currency, attributes } = input;
  if (currency === null || (currency !== undefined && checkCurrency(problems, at('currency'), currency))) row['currency'] = currency;
  for (const [field, column] of [
    ['balance', 'balance'],
    ['outstandingAmount', 'outstanding_amount'],
  ] as const) {
    const value = typeof input[field] === 'number' ? String(input[field]) : input[field];
    if (value === null || (value !== undefined && checkScalar(problems, at(field), 'Decimal', value))) row[column] = value;
  }
  if (attributes === null) row['attributes'] = null;
  else if (attributes !== undefined) row['attributes'] = checkAttributes(attributes, problems, at('attributes'));
  if (input.fields === null) row['fields'] = null;
  else if (input.fields !== undefined) row['fields'] = checkDeclared('account', input.fields, problems, at('fields'));
  return row;
}

/** Writes the accounts; their owners are there. */
export async function writeAccounts(ctx: HasEntityManager, list: readonly Row[], known: ReadonlySet<string>): Promise<Merged> {
  return await mergeRows(ctx, accountTable, list, known);
}

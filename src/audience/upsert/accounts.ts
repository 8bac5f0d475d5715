import { checkAttributes, checkDeclared } from '../../catalogue/check-fields.js';
import { type HasEntityManager, rows } from '../../database/sql.js';
import type { Problems } from '../../errors.js';
import type { AccountInput } from '../crm.input.js';
import { fields, type Merged, type MergedTable, type MergeOptions, mergeRows, numeric, type Row, reference, text } from './merge.js';
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
  const { parentAccount } = input;
  if (parentAccount === input.externalId) problems.add(at('parentAccount'), 'CIRCLE', 'An account cannot stand above itself.');
  else if (parentAccount === null || (parentAccount !== undefined && checkName(problems, at('parentAccount'), parentAccount)))
    row['parent'] = parentAccount;
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
export async function writeAccounts(ctx: HasEntityManager, list: readonly Row[], options: MergeOptions): Promise<Merged> {
  return await mergeRows(ctx, accountTable, list, options, async () => await setParents(ctx, list));
}

/** Puts the accounts below those that stand above them, which may have come with the same call; answers which moved. */
async function setParents(ctx: HasEntityManager, list: readonly Row[]): Promise<string[]> {
  const given = list.filter((row) => row['parent'] !== undefined);
  if (given.length === 0) return [];
  const moved = await rows<{ id: string }>(
    ctx,
    `update account t set parent_id = p.id
     from unnest($1::text[], $2::text[]) as g (external_id, parent) left join account p on p.external_id = g.parent
     where t.external_id = g.external_id and t.parent_id is distinct from p.id returning t.id`,
    [given.map((row) => row.external_id), given.map((row) => row['parent'])],
  );
  return moved.map((each) => each.id);
}

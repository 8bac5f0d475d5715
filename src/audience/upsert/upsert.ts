import type { HasEntityManager } from '../../database/sql.js';
import { formatPath, Problems } from '../../errors.js';
import { readSettings } from '../../settings/settings.js';
import type { UpsertCrmRecordsInput } from '../crm.input.js';
import { listenedTo } from '../events/implied.js';
import { accountRow, writeAccounts } from './accounts.js';
import { contactRow, writeContacts } from './contacts.js';
import { type Known, readKnown } from './known.js';
import type { Row } from './merge.js';
import { objectRow, writeObjects } from './objects.js';

/** Records of one call, all kinds together. */
export const greatestCall = 1_000;

export interface UpsertResult {
  inserted: number;
  updated: number;
  unchanged: number;
}

interface Rows {
  contacts: Row[];
  accounts: Row[];
  objects: Row[];
}

/**
 * Inserts or updates CRM records by their external ids, all or nothing: every problem is found before the first row is
 * written. A constant number of statements, however many records. Runs in the caller's transaction; it must have one.
 */
export async function upsertCrmRecords(ctx: HasEntityManager, input: Omit<UpsertCrmRecordsInput, 'idempotencyKey'>): Promise<UpsertResult> {
  const problems = new Problems();
  const contacts = input.contacts ?? [];
  const accounts = input.accounts ?? [];
  const objects = input.objects ?? [];
  const count = contacts.length + accounts.length + objects.length;
  if (count > greatestCall) {
    problems.add([], 'TOO_MANY', `The call has ${count} records; at most ${greatestCall} are allowed, so send them in several calls.`);
    problems.throwIfAny();
  }
  if (count === 0) return { inserted: 0, updated: 0, unchanged: 0 };
  const { countries } = await readSettings(ctx);
  const given: Rows = {
    contacts: contacts.map((each, index) => contactRow(problems, ['contacts', index], each, countries)),
    accounts: accounts.map((each, index) => accountRow(problems, ['accounts', index], each)),
    objects: objects.map((each, index) => objectRow(problems, ['objects', index], each)),
  };
  checkTwice(problems, given);
  const known = await readKnown(ctx, given.contacts, given.accounts, given.objects);
  // Where something is wrong with a field already, that it is missing besides would be one problem too many.
  const places = new Set(problems.list.map((each) => formatPath(each.path)));
  const require = (path: (string | number)[], message: string) => {
    if (!places.has(formatPath(path))) problems.add(path, 'REQUIRED', message);
  };
  checkContacts(require, given, known);
  checkAccounts(problems, require, given, known);
  checkObjects(problems, require, given, known);
  problems.throwIfAny();
  // In the order in which they refer to each other, which is also the order in which every call takes its locks.
  const listened = await listenedTo(ctx, ['contact', 'account', ...new Set(given.objects.map((row) => String(row['type'])))]);
  const merged = [
    await writeContacts(ctx, given.contacts, { known: known.contacts, listened }),
    await writeAccounts(ctx, given.accounts, { known: new Set(known.accounts.keys()), listened }),
    await writeObjects(ctx, given.objects, { known: known.objects, listened }),
  ];
  const inserted = merged.reduce((sum, each) => sum + each.inserted, 0);
  const updated = merged.reduce((sum, each) => sum + each.updated, 0);
  return { inserted, updated, unchanged: count - inserted - updated };
}

type Require = (path: (string | number)[], message: string) => void;

function checkTwice(problems: Problems, given: Rows): void {
  for (const [list, rows] of Object.entries(given) as [keyof Rows, Row[]][]) {
    const places = new Map<string, number>();
    for (const [index, row] of rows.entries()) {
      const key = `${String(row['type'] ?? '')} ${row.external_id}`;
      const before = places.get(key);
      if (before === undefined) places.set(key, index);
      else
        problems.add(
          [list, index, 'externalId'],
          'DUPLICATE',
          `${named(row.external_id)} is given twice in this call, first in ${list}[${before}].`,
        );
    }
  }
}

function checkContacts(require: Require, { contacts }: Rows, known: Known): void {
  for (const [index, row] of contacts.entries()) {
    if (known.contacts.has(row.external_id) || row['name'] !== undefined) continue;
    require(['contacts', index, 'name'], `${named(row.external_id)} is new: a contact needs a name the first time.`);
  }
}

function checkAccounts(problems: Problems, require: Require, { contacts, accounts }: Rows, known: Known): void {
  const coming = new Set(contacts.map((row) => row.external_id));
  for (const [index, row] of accounts.entries()) {
    const path = ['accounts', index, 'contact'];
    const owner = row['contact'];
    if (typeof owner === 'string') {
      if (!known.contacts.has(owner) && !coming.has(owner)) problems.add(path, 'UNKNOWN_CONTACT', unknown('contact', owner));
    } else if (!known.accounts.has(row.external_id)) {
      require(path, `${named(row.external_id)} is new: an account needs its owner's externalId the first time.`);
    }
    const { parent } = row;
    if (typeof parent === 'string' && !known.accounts.has(parent) && !accounts.some((each) => each.external_id === parent))
      problems.add(['accounts', index, 'parentAccount'], 'UNKNOWN_ACCOUNT', unknown('account', parent));
  }
}

/** Also gives an object whose contact is not named that of its account. */
function checkObjects(problems: Problems, require: Require, { contacts, accounts, objects }: Rows, known: Known): void {
  const coming = new Set(contacts.map((row) => row.external_id));
  const owners = new Map(accounts.map((row) => [row.external_id, row['contact'] ?? known.accounts.get(row.external_id)]));
  for (const [index, row] of objects.entries()) {
    const { contact, account } = row;
    const path = ['objects', index, 'contact'];
    const knownAccount = typeof account === 'string' && (owners.has(account) || known.accounts.has(account));
    if (typeof account === 'string' && !knownAccount)
      problems.add(['objects', index, 'account'], 'UNKNOWN_ACCOUNT', unknown('account', account));
    if (typeof contact === 'string') {
      if (!known.contacts.has(contact) && !coming.has(contact)) problems.add(path, 'UNKNOWN_CONTACT', unknown('contact', contact));
    } else if (contact === null || !known.objects.has(`${String(row['type'])} ${row.external_id}`)) {
      if (knownAccount) row['contact'] = owners.get(account) ?? known.accounts.get(account);
      else if (typeof account !== 'string') {
        require(path, `An object belongs to a contact: give the externalId of ${named(row.external_id)}'s contact or account.`);
      }
    }
  }
}

function unknown(what: string, externalId: string): string {
  return `There is no ${what} ${named(externalId)}, neither here nor in this call.`;
}

function named(externalId: string): string {
  return JSON.stringify(externalId.slice(0, 80));
}

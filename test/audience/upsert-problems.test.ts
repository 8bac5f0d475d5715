import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
await app.call(
  `mutation { upsertCrmRecords(input: { contacts: [{ externalId: "there", name: "There" }], accounts: [{ externalId: "acc", contact: "there" }] }) { inserted } }`,
);

/** The problems of a call that is refused, as `path: CODE`. */
async function problemsOf(input: Record<string, unknown>): Promise<string[]> {
  const { errors } = await app.ask(`mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }`, { input });
  expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  return (errors?.[0]?.extensions.problems ?? []).map((each) => `${each.path.join('.')}: ${each.code}`);
}

async function messageOf(input: Record<string, unknown>): Promise<string> {
  const { errors } = await app.ask(`mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }`, { input });
  return errors?.[0]?.extensions.problems?.[0]?.message ?? '';
}

const contact = (fields: Record<string, unknown>) => ({ contacts: [{ externalId: 'new', name: 'New', ...fields }] });
const account = (fields: Record<string, unknown>) => ({ accounts: [{ externalId: 'new', contact: 'there', ...fields }] });
const object = (fields: Record<string, unknown>) => ({ objects: [{ type: 'bill', externalId: 'new', contact: 'there', ...fields }] });

const refused: [what: string, input: Record<string, unknown>, problems: string[]][] = [
  [
    'an id given twice',
    {
      contacts: [
        { externalId: 'x', name: 'X' },
        { externalId: 'x', name: 'X' },
      ],
    },
    ['contacts.1.externalId: DUPLICATE'],
  ],
  ['an empty id', { contacts: [{ externalId: ' ', name: 'X' }] }, ['contacts.0.externalId: EMPTY']],
  ['a new contact without a name', { contacts: [{ externalId: 'x' }] }, ['contacts.0.name: REQUIRED']],
  ['a cleared name', { contacts: [{ externalId: 'there', name: null }] }, ['contacts.0.name: REQUIRED']],
  ['an empty name', { contacts: [{ externalId: 'x', name: '' }] }, ['contacts.0.name: EMPTY']],
  ['a name with a line break', contact({ name: 'A\nB' }), ['contacts.0.name: INVALID_TEXT']],
  ['a name that is too long', contact({ name: 'x'.repeat(501) }), ['contacts.0.name: TOO_LONG']],
  ['an id that is too long', { contacts: [{ externalId: 'x'.repeat(201), name: 'X' }] }, ['contacts.0.externalId: TOO_LONG']],
  ['a NUL character', { contacts: [{ externalId: 'x\0y', name: 'X' }] }, ['contacts.0.externalId: INVALID_TEXT']],
  ['no language', contact({ preferredLanguage: 'englisch' }), ['contacts.0.preferredLanguage: INVALID_LANGUAGE']],
  ['no time zone', contact({ timeZone: 'Europe/Atlantis' }), ['contacts.0.timeZone: INVALID_TIME_ZONE']],
  ['no e-mail address', contact({ emails: [{ address: 'nobody' }] }), ['contacts.0.emails.0.address: INVALID_EMAIL']],
  ['a phone without country', contact({ phones: [{ number: '99123456' }] }), ['contacts.0.phones.0.number: INVALID_PHONE']],
  ['a phone that is too short', contact({ phones: [{ number: '+35712' }] }), ['contacts.0.phones.0.number: INVALID_PHONE']],
  ['a phone with an extension', contact({ phones: [{ number: '+12025550101 ext. 5' }] }), ['contacts.0.phones.0.number: INVALID_PHONE']],
  [
    'two primary addresses',
    contact({
      emails: [
        { type: 'A', address: 'a@example.org', primary: true },
        { type: 'B', address: 'b@example.org', primary: true },
      ],
    }),
    ['contacts.0.emails.1.primary: DUPLICATE'],
  ],
  [
    'an address given twice',
    contact({ phones: [{ number: '+12025550101' }, { number: '+1 202 555 0101' }] }),
    ['contacts.0.phones.1.number: DUPLICATE'],
  ],
  ['an empty type of address', contact({ emails: [{ type: '', address: 'a@example.org' }] }), ['contacts.0.emails.0.type: EMPTY']],
  ['a NUL in an attribute', contact({ attributes: { deep: [{ x: 'a\0' }] } }), ['contacts.0.attributes.deep: INVALID_TEXT']],
  ['attributes that are too large', contact({ attributes: { big: 'x'.repeat(70_000) } }), ['contacts.0.attributes: TOO_LONG']],
  ['a new account without an owner', { accounts: [{ externalId: 'x' }] }, ['accounts.0.contact: REQUIRED']],
  ['an account that loses its owner', { accounts: [{ externalId: 'acc', contact: null }] }, ['accounts.0.contact: REQUIRED']],
  ['an unknown owner', { accounts: [{ externalId: 'x', contact: 'nobody' }] }, ['accounts.0.contact: UNKNOWN_CONTACT']],
  ['no currency', account({ currency: 'EURO' }), ['accounts.0.currency: INVALID_CURRENCY']],
  ['no amount', account({ balance: 'ten' }), ['accounts.0.balance: INVALID_DECIMAL']],
  ['an unknown type of object', object({ type: 'subscriptoin' }), ['objects.0.type: UNKNOWN_TYPE']],
  ['a contact among the objects', object({ type: 'contact' }), ['objects.0.type: UNKNOWN_TYPE']],
  ['an unknown field', object({ fields: { amuont: 1 } }), ['objects.0.fields.amuont: UNKNOWN_FIELD']],
  ['a field of a wrong type', object({ fields: { due_date: 'soon' } }), ['objects.0.fields.due_date: WRONG_TYPE']],
  ['attributes of an object that are none', object({ fields: { attributes: 1 } }), ['objects.0.fields.attributes: WRONG_TYPE']],
  ['an unknown contact of an object', object({ contact: 'nobody' }), ['objects.0.contact: UNKNOWN_CONTACT']],
  ['an unknown account of an object', object({ account: 'none' }), ['objects.0.account: UNKNOWN_ACCOUNT']],
  ['a new object that belongs to nobody', { objects: [{ type: 'bill', externalId: 'x' }] }, ['objects.0.contact: REQUIRED']],
  [
    'the same object twice',
    { objects: [1, 2].map(() => ({ type: 'bill', externalId: 'x', contact: 'there' })) },
    ['objects.1.externalId: DUPLICATE'],
  ],
];

test.each(refused)('%s is refused by its path, and changes nothing', async (_what, input, problems) => {
  expect(
    await problemsOf({ ...input, contacts: [...((input['contacts'] as object[]) ?? []), { externalId: 'bystander', name: 'By' }] }),
  ).toEqual(problems);
  expect(await app.sql(`select external_id from contact where external_id <> 'there'`)).toEqual([]);
  expect(await app.sql('select 1 from business_object')).toEqual([]);
});

test('all problems of a call are named at once', async () => {
  expect(
    await problemsOf({
      contacts: [
        { externalId: 'a', preferredLanguage: 'xx-yy-zz' },
        { externalId: 'b', name: 'B', emails: [{ address: 'b@example.org' }, { type: 'WORK', address: 'b@' }] },
      ],
      accounts: [{ externalId: 'a', currency: 'xx', balance: 'x', contact: 'zz' }],
      objects: [{ type: 'bil', externalId: '', contact: 'zz' }],
    }),
  ).toEqual(
    expect.arrayContaining([
      'contacts.0.preferredLanguage: INVALID_LANGUAGE',
      'contacts.0.name: REQUIRED',
      'contacts.1.emails.1.address: INVALID_EMAIL',
      'accounts.0.currency: INVALID_CURRENCY',
      'accounts.0.balance: INVALID_DECIMAL',
      'accounts.0.contact: UNKNOWN_CONTACT',
      'objects.0.type: UNKNOWN_TYPE',
      'objects.0.externalId: EMPTY',
      'objects.0.contact: UNKNOWN_CONTACT',
    ]),
  );
});

test('more than a thousand records are refused', async () => {
  const contacts = Array.from({ length: 1001 }, (_, i) => ({ externalId: `${i}`, name: 'X' }));
  expect(await problemsOf({ contacts })).toEqual([': TOO_MANY']);
});

test('a misspelt type gets the nearest ones offered, and a contact its own list', async () => {
  expect(await messageOf(object({ type: 'subscriptoin' }))).toContain('Did you mean subscription');
  expect(await messageOf(object({ type: 'account' }))).toContain('Give it in `accounts`');
});

test('one object of two types may have the same id', async () => {
  const { upsertCrmRecords } = await app.call(
    `mutation @dryRun { upsertCrmRecords(input: { objects: [
      { type: "bill", externalId: "1", contact: "there" }, { type: "wallet", externalId: "1", contact: "there" }] }) { inserted } }`,
  );
  expect(upsertCrmRecords.inserted).toBe(2);
});

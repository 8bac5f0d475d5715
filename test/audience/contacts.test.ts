import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
await app.call(`mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }`, {
  input: {
    contacts: [
      { externalId: 'C0001', name: 'Ada 100% Lovelace', emails: [{ address: 'ada@example.org' }], phones: [{ number: '+12025550101' }] },
      { externalId: 'C0002', name: 'Grace Hopper', emails: [{ address: 'Grace@example.org' }] },
      { externalId: 'C0003', name: 'Ελένη Γεωργίου' },
    ],
    accounts: ['A1', 'A2', 'A3'].map((externalId) => ({ externalId, contact: 'C0001' })),
    objects: [
      { type: 'bill', externalId: 'b1', contact: 'C0001' },
      { type: 'wallet', externalId: 'w1', contact: 'C0001' },
    ],
  },
});

/** Those that came in the same millisecond are in no order. */
const idsOf = (nodes: { externalId: string }[]) => nodes.map((each) => each.externalId).toSorted();

const named = `query ($id: String!) { contact(externalId: $id) { id name emails { address } accounts { totalCount } } }`;

test('a contact sees itself and nobody else', async () => {
  const own = await app.call('{ contact(externalId: "C0001") { name emails { address } } }', {}, ['CONTACT', 'C0001']);
  expect(own.contact).toEqual({ name: 'Ada 100% Lovelace', emails: [{ address: 'ada@example.org' }] });
  // What the CRM knows of it is not its inbox and not its preferences.
  for (const field of ['attributes', 'accounts { totalCount }', 'objects { totalCount }']) {
    const answer = await app.ask(`{ contact(externalId: "C0001") { ${field} } }`, {}, ['CONTACT', 'C0001']);
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
  expect(await app.call(named, { id: 'C0002' }, ['CONTACT', 'C0001'])).toEqual({ contact: null });
  expect(await app.call(named, { id: 'nobody' }, ['CONTACT', 'C0001'])).toEqual({ contact: null });
});

test('by its node id, too, a contact is found only by those who may see it', async () => {
  const { contact } = await app.call(named, { id: 'C0002' });
  const node = `query ($id: ID!) { node(id: $id) { id ... on Contact { name } } }`;
  expect(contact.id).toMatch(/^con_[0-9a-f]{32}$/);
  expect(await app.call(node, { id: contact.id }, 'AGENT')).toEqual({ node: { id: contact.id, name: 'Grace Hopper' } });
  expect(await app.call(node, { id: contact.id }, ['CONTACT', 'C0002'])).toMatchObject({ node: { name: 'Grace Hopper' } });
  expect(await app.call(node, { id: contact.id }, ['CONTACT', 'C0001'])).toEqual({ node: null });
  expect(await app.call(node, { id: contact.id }, ['EXTERNAL_SYSTEM', 'app'])).toEqual({ node: null });
  expect(await app.call(node, { id: `con_${'0'.repeat(32)}` })).toEqual({ node: null });
});

test('an external system asks for no contact by its id', async () => {
  expect(await app.call(`{ contact(externalId: "C0001") { name } }`, {}, ['EXTERNAL_SYSTEM', 'app'])).toEqual({ contact: null });
});

test('a nonsense id is no contact', async () => {
  expect(await app.call(named, { id: 'x\u0000' })).toEqual({ contact: null });
});

test('the list is for administrators and agents', async () => {
  const { contacts } = await app.call(
    `{ contacts(first: 2) { totalCount nodes { externalId } pageInfo { hasNextPage endCursor } } }`,
    {},
    'AGENT',
  );
  expect(contacts).toMatchObject({ totalCount: 3, nodes: [{}, {}], pageInfo: { hasNextPage: true } });
  const next = await app.call(`query ($after: String) { contacts(after: $after) { nodes { externalId } } }`, {
    after: contacts.pageInfo.endCursor,
  });
  expect(idsOf([...contacts.nodes, ...next.contacts.nodes])).toEqual(['C0001', 'C0002', 'C0003']);
  const { errors } = await app.ask('{ contacts { totalCount } }', {}, ['CONTACT', 'C0001']);
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test.each([
  ['hopper', ['C0002']],
  ['ΕΛΈΝΗ', ['C0003']],
  ['C000', ['C0001', 'C0002', 'C0003']],
  ['grace@', ['C0002']],
  ['+1202', ['C0001']],
  ['100%', ['C0001']],
  ['%', ['C0001']],
  ['_', []],
  ['nobody', []],
])('a search for %s finds %j', async (search, found) => {
  const { contacts } = await app.call(`query ($search: String) { contacts(search: $search) { totalCount nodes { externalId } } }`, {
    search,
  });
  expect(contacts.totalCount).toBe(found.length);
  expect(idsOf(contacts.nodes)).toEqual(found);
});

test('accounts and objects of several contacts come in pages of their own', async () => {
  const { contacts } = await app.call(`{ contacts { nodes { externalId accounts(first: 2) { nodes { externalId } pageInfo { hasNextPage } }
    objects(type: "wallet") { totalCount nodes { type externalId } } } } }`);
  const [ada, grace] = contacts.nodes.toSorted((a: any, b: any) => (a.externalId < b.externalId ? -1 : 1));
  expect(ada.accounts).toMatchObject({ nodes: [{}, {}], pageInfo: { hasNextPage: true } });
  expect(ada.objects).toEqual({ totalCount: 1, nodes: [{ type: 'wallet', externalId: 'w1' }] });
  expect(grace.accounts.nodes).toEqual([]);
});

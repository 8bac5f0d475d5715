import { beforeAll, expect, test } from 'vitest';
import { listCommunications } from '../../src/communications/list.js';
import { openApp } from '../support/app.js';
import { buildContact, buildContent } from '../support/build.js';

const app = await openApp({ env: { ROLE: 'api' } });
let templateId: string;
let portal: string;
let categoryId: string;
const made: Record<string, { id: string; number: string }> = {};

const create = async (name: string, input: object, as: 'ADMIN' | 'AGENT' = 'AGENT') => {
  const { createCommunication } = await app.call(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id number } } }',
    { input: { contactExternalId: 'anna', ...input } },
    as,
  );
  made[name] = createCommunication.communication;
};
const find = async (filter: object) => {
  const { communications } = await app.call(
    'query ($filter: CommunicationFilter) { communications(filter: $filter) { totalCount nodes { id } } }',
    { filter },
  );
  const names = Object.fromEntries(Object.entries(made).map(([name, { id }]) => [id, name]));
  expect(communications.totalCount).toBe(communications.nodes.length);
  return communications.nodes.map((each: { id: string }) => names[each.id]).toSorted();
};

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        { externalId: 'anna', name: 'Anna Brown', emails: [{ address: 'Anna.B@example.org' }], phones: [{ number: '+35799123456' }] },
        { externalId: 'bob', name: 'Bob Brown', emails: [{ address: 'bob@example.org' }] },
      ],
      accounts: [{ externalId: 'a1', contact: 'anna', number: 'AR1', currency: 'EUR', balance: '5' }],
      objects: [{ type: 'job', externalId: 'j1', contact: 'anna', account: 'a1', number: 'J1', fields: { type: 'Visit' } }],
    },
  });
  const setUp = await app.call(`mutation {
    createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } }
    createCategory(input: { name: "Complaint" }) { category { id } }
    createTemplate(input: { name: "Visit", medium: EMAIL, objectType: "job", content: [{ language: "en", subject: "Your visit", body: "We come for #job.type." }] }) { template { id } }
  }`);
  portal = setUp.createExternalSystem.externalSystem.id;
  categoryId = setUp.createCategory.category.id;
  templateId = setUp.createTemplate.template.id;
  await create('sms', { medium: 'SMS', body: 'Η Ελένη σας περιμένει' });
  await create('call', { medium: 'PHONE', direction: 'INCOMING', body: 'No picture since Monday', categoryId });
  await create('mail', { templateId, referringTo: { type: 'job', externalId: 'j1' } });
  await create('device', { medium: 'DEVICE', body: 'Film night', externalSystemId: portal });
  await create('draft', { medium: 'EMAIL', to: 'typed@example.com', subject: 'x', body: 'unfinished', saveAsDraft: true }, 'ADMIN');
  await create('account', { medium: 'LETTER', body: 'Dear #contact.name', referringTo: { type: 'accounts_receivable', externalId: 'a1' } });
  await create('bob', { contactExternalId: 'bob', medium: 'LETTER', body: 'Dear #contact.name' });
  // A run's: its address is the contact's, and only its values say the name.
  const [contact] = await app.sql('select id from contact where external_id = $1', ['anna']);
  const content = await buildContent(app, { body: 'x' });
  const [run] = await app.sql('insert into run (scheduled_for) values (now()) returning id');
  const [row] = await app.sql(
    `insert into communication (contact_id, medium, origin, state, address, run_id, content_id, language, tag_values)
     values ($1, 'EMAIL', 'PLAN', 'COMPLETED', 'Anna.B@example.org', $2, $3, 'en', '["Secret 77"]') returning id`,
    [contact?.['id'], run?.['id'], content.id],
  );
  made['run'] = { id: `com_${String(row?.['id']).replaceAll('-', '')}`, number: '' };
});

test('C20 the list is narrowed by every fact of a communication', async () => {
  expect(await find({ number: made['sms']?.number })).toEqual(['sms']);
  expect(await find({ number: made['sms']?.number.toLowerCase() })).toEqual(['sms']);
  expect(await find({ number: 'nonsense' })).toEqual([]);
  expect(await find({ direction: 'INCOMING' })).toEqual(['call']);
  expect(await find({ origins: ['PLAN'] })).toEqual(['run']);
  expect(await find({ origins: ['PLAN', 'MANUAL'], media: ['EMAIL'] })).toEqual(['draft', 'mail', 'run']);
  expect(await find({ categoryId })).toEqual(['call']);
  expect(await find({ templateId })).toEqual(['mail']);
  expect(await find({ externalSystemId: portal })).toEqual(['device']);
  expect(await find({ states: ['DRAFT'], createdBy: 'admin' })).toEqual(['draft']);
  expect(await find({ states: ['DRAFT'], createdBy: 'agent' })).toEqual([]);
  expect(await find({ to: 'TYPED@example' })).toEqual(['draft']);
  expect(await find({ to: 'anna.b@example.org' })).toEqual(['mail', 'run']);
  expect(await find({ to: '%' })).toEqual([]);
  expect(await find({ referringTo: { type: 'job', externalId: 'j1' } })).toEqual(['mail']);
  expect(await find({ referringTo: { type: 'account', externalId: 'a1' } })).toEqual(['account']);
  expect(await find({ referringTo: { type: 'job', externalId: 'nothing' } })).toEqual([]);
  expect(await find({ completedAfter: new Date(Date.now() - 60_000).toISOString(), media: ['PHONE'] })).toEqual(['call']);
  expect(await find({ completedBefore: new Date(Date.now() - 60_000).toISOString() })).toEqual([]);
  expect(await find({ contactExternalId: 'bob' })).toEqual(['bob']);
});

test('C20 a text finds numbers, addresses by their beginning, and words of what is said to everybody, accents aside', async () => {
  expect(await find({ text: made['call']?.number })).toEqual(['call']);
  expect(await find({ text: 'typed@ex' })).toEqual(['draft']);
  expect(await find({ text: '+357991' })).toEqual(['call', 'sms']);
  expect(await find({ text: 'anna.b@example.org' })).toEqual(['mail', 'run']);
  expect(await find({ text: 'pict mond' })).toEqual(['call']);
  expect(await find({ text: 'ελενη' })).toEqual(['sms']);
  expect(await find({ text: 'visit come' })).toEqual(['mail']);
  expect(await find({ text: 'monday', direction: 'OUTGOING' })).toEqual([]);
  for (const hostile of ["'; drop table communication; --", 'a & | ! :* (', '\\', '<->']) expect(await find({ text: hostile })).toEqual([]);
});

test('C20 values are searched within one contact or one run', async () => {
  expect(await find({ text: 'Secret 77' })).toEqual([]);
  expect(await find({ text: 'Secret 77', contactExternalId: 'anna' })).toEqual(['run']);
  expect(await find({ text: 'Brown', contactExternalId: 'bob' })).toEqual(['bob']);
  expect(await find({ text: 'Visit', contactExternalId: 'anna' })).toEqual(['mail']);
});

test('C20 a value is found as it is said, quotes and all; how values are kept is not what they say', async () => {
  const id = (
    await app.sql(`update communication set tag_values = '["Secret 77", "O\\"Brien \\\\ 100%\\nnext", null, {"a": "12.5", "c": "EUR"}, ["Sport", "Kids"]]'
    where tag_values = '["Secret 77"]' returning id`)
  )[0]?.['id'];
  expect(id).toBeDefined();
  const found = async (text: string) => await find({ text, contactExternalId: 'anna', origins: ['PLAN'] });
  for (const said of ['o"brien', 'Brien \\ 100%', '100%\nnext', '12.5', 'eur', 'kids', 'Secret'])
    expect([said, await found(said)]).toEqual([said, ['run']]);
  for (const form of ['null', '"c"', '", "', '{', 'Sport", "Kids', '%%', '_____________________________________________'])
    expect([form, await found(form)]).toEqual([form, []]);
});

test('C20 pages of a search follow one another', async () => {
  const query =
    'query ($after: String) { communications(first: 1, after: $after, filter: { text: "anna.b@example.org" }) { nodes { id } pageInfo { endCursor hasNextPage } } }';
  const one = (await app.call(query)).communications;
  const two = (await app.call(query, { after: one.pageInfo.endCursor })).communications;
  expect([one.nodes[0].id, two.nodes[0].id]).toEqual([made['run']?.id, made['mail']?.id]);
  expect([one.pageInfo.hasNextPage, two.pageInfo.hasNextPage]).toEqual([true, false]);
});

test('C20 among many communications a search reads an index, not all of them', async () => {
  const contact = await buildContact(app);
  const content = await buildContent(app, { body: 'common' });
  await app.sql(
    `insert into communication (contact_id, medium, origin, state, address, content_id, language)
     select $1, 'EMAIL', 'MANUAL', 'COMPLETED', 'somebody' || n || '@example.net', $2, 'en' from generate_series(1, 30000) n`,
    [contact.id, content.id],
  );
  await app.sql('analyze communication');
  await app.sql('analyze content');
  const { statements } = await explained({ text: 'picture' });
  expect(statements).toMatch(/communication_content/);
  expect(statements).not.toMatch(/Seq Scan on communication|communication_seq on .*\n.*Filter/);
  const typed = await explained({ text: 'somebody29999@' });
  expect(typed.found).toBe(1);
  expect(typed.statements).toMatch(/communication_address/);
  expect(typed.statements).not.toMatch(/Seq Scan on communication/);
});

/** What the API asks PostgreSQL for that filter, explained by PostgreSQL itself. */
async function explained(filter: object): Promise<{ found: number; statements: string }> {
  const ctx = app.context();
  const captured: { text: string; parameters: readonly unknown[] }[] = [];
  const connection = ctx.em.getConnection();
  await connection.ensureConnection();
  const client = connection.getClient();
  const original = client.executeQuery.bind(client);
  client.executeQuery = (async (query: { sql: string; parameters: readonly unknown[] }) => {
    captured.push({ text: query.sql, parameters: query.parameters });
    return await original(query as never);
  }) as never;
  try {
    const page = await listCommunications(ctx, {}, filter);
    const plans = [];
    for (const { text, parameters } of captured) plans.push(...(await app.sql(`explain ${text}`, [...parameters])));
    return { found: page.nodes.length, statements: plans.map((each) => each['QUERY PLAN']).join('\n') };
  } finally {
    client.executeQuery = original as never;
  }
}

import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

// The sources' rules of tags, each by its id. What auto-complete offers (G4, G5) is in catalogue.test.ts, how values are written (G9)
// in source-tags.test.ts.
const app = await openApp();

const upsert = async (input: object) =>
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
const letter = async (body: string, more: object = {}) =>
  (
    await app.call(
      'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id subject body } } }',
      { input: { contactExternalId: 'C1', medium: 'LETTER', subject: 'About', body, ...more } },
    )
  ).createCommunication.communication;
const tagsOf = async (objectType: string | null, prefix = '') => {
  const { tags } = await app.call(
    'query ($objectType: String, $prefix: String) { tags(objectType: $objectType, prefix: $prefix, first: 1000) { name } }',
    {
      objectType,
      prefix,
    },
  );
  return tags.map((each: { name: string }) => each.name) as string[];
};

beforeAll(async () => {
  await upsert({
    contacts: [{ externalId: 'C1', name: 'Eleni', preferredLanguage: 'en', emails: [{ address: 'eleni@example.org' }] }],
    accounts: [{ externalId: 'A1', contact: 'C1', number: 'AR1', currency: 'EUR', balance: '5' }],
    objects: [
      { type: 'wallet', externalId: 'W1', contact: 'C1', account: 'A1', fields: { balance: '7' } },
      { type: 'payment_gateway_card', externalId: 'K1', contact: 'C1', fields: { card_holder_name: 'E GEORGIOU' } },
      {
        type: 'payment_gateway_request',
        externalId: 'Q1',
        contact: 'C1',
        account: 'A1',
        number: 'PR1',
        fields: { payment_gateway_card: 'K1' },
      },
    ],
  });
});

test('G1 a tag is #entity.field, and paths nest', async () => {
  const { body } = await letter('#payment_gateway_request.number: #payment_gateway_request.payment_gateway_card.card_holder_name');
  expect(body).toBe('PR1: E GEORGIOU');
  expect((await letter('#payment_gateway_request.account.wallet.balance')).body).toBe('€7.00');
});

test('G2 tags stand in the subject and in the content', async () => {
  expect(await letter('Dear #contact.name', { subject: 'To #contact.email' })).toMatchObject({
    subject: 'To eleni@example.org',
    body: 'Dear Eleni',
  });
});

test('G3 a tag between spaces is one, and so is one beside punctuation', async () => {
  expect((await letter('Dear #contact.name , and (#contact.name), “#contact.name”')).body).toBe('Dear Eleni , and (Eleni), “Eleni”');
});

test('G4 G48 old names are offered wherever in a path they are typed', async () => {
  for (const typed of [
    '#rewards_participant.accounts_rec',
    'rewards_participant.accounts_receivable.',
    'Rewards_Participant.ACCOUNTS_RECEIVABLE.num',
  ])
    expect(await tagsOf('rewards_participant', typed)).toContain('rewards_participant.accounts_receivable.number');
  expect(await tagsOf('rewards_participant', 'accounts_receivable.wallet.b')).toEqual(['accounts_receivable.wallet.balance']);
  expect(await tagsOf('rewards_participant', 'bill.accounts_receivable.')).toEqual([]);
});

test('G6 the families: contact details, what is referred to, dates, unrestricted ones', async () => {
  const heads = new Set((await tagsOf(null)).map((each) => each.split('.')[0]));
  for (const family of ['contact', 'account', 'bill', 'job', 'service_request', 'date']) expect(heads).toContain(family);
  const parameters = [{ name: 'promo', value: 'SPRING' }];
  const { body } = await letter('#contact.name #account.number #date.today #param.promo', { parameters });
  expect(body).toMatch(/^Eleni AR1 .*20\d\d SPRING$/);
});

test('G7 a text about a business reaches the contact, the account, the wallet and that business', async () => {
  const heads = new Set((await tagsOf('payment_gateway_request')).map((each) => each.split('.')[0]));
  expect([...heads].toSorted()).toEqual(['account', 'communication', 'contact', 'date', 'payment_gateway_request', 'wallet']);
});

test('G8 values are those of the moment at which the communication is made', async () => {
  const { id, body } = await letter('#account.balance');
  await upsert({ accounts: [{ externalId: 'A1', balance: '6' }] });
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Communication { body } } }', { id });
  expect([body, node.body, (await letter('#account.balance')).body]).toEqual(['€5.00', '€5.00', '€6.00']);
});

test('G89 families that the sources name without spelling a tag, orders and products, are declared by operators', async () => {
  const declare = 'mutation ($input: DeclareObjectTypeInput!) { declareObjectType(input: $input) { objectType { name } } }';
  for (const name of ['product', 'order']) {
    const relations = name === 'order' ? ['product'] : [];
    await app.call(declare, { input: { name, labels: [{ language: 'en', text: name }], relations } });
  }
  await app.call('mutation ($input: DeclareFieldInput!) { declareField(input: $input) { objectType { name } } }', {
    input: { objectType: 'product', name: 'title', kind: 'TEXT', labels: [{ language: 'en', text: 'Title' }] },
  });
  await upsert({
    objects: [
      { type: 'product', externalId: 'X1', contact: 'C1', fields: { title: 'Film pack' } },
      { type: 'order', externalId: 'O1', contact: 'C1', number: 'OR1', fields: { product: 'X1' } },
    ],
  });
  expect((await letter('#order.number: #order.product.title', { referringTo: { type: 'order', externalId: 'O1' } })).body).toBe(
    'OR1: Film pack',
  );
  expect(await tagsOf('order', 'order.product')).toContain('order.product.title');
});

test('AMB-1 what is written by hand holds tags, and a preview shows the result', async () => {
  const content = [{ language: 'en', subject: 'To #contact.name', body: 'You owe #account.balance' }];
  const { previewContent } = await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { subject body } }', {
    input: { content, contactExternalId: 'C1' },
  });
  const { subject, body } = await letter('You owe #account.balance', { subject: 'To #contact.name' });
  expect(previewContent).toEqual({ subject, body });
});

test('AMB-18 G88 dates and the communication itself have tags; any other name is a parameter', async () => {
  const expiresAt = new Date(Date.now() + 86_400_000 * 40).toISOString();
  const { body } = await letter('#date.today|#date.now|#communication.expires_on|#param.x', {
    expiresAt,
    parameters: [{ name: 'x', value: '#contact.name' }],
  });
  const [today = '', now = '', expires = '', x] = body.split('|');
  const day = (at: string) => new Date(at).toLocaleDateString('en', { dateStyle: 'medium', timeZone: 'UTC' });
  expect([today, expires, x]).toEqual([day(new Date().toISOString()), day(expiresAt), '#contact.name']);
  expect(now).toContain(`${today}, `);
});

test('AMB-20 conditions have both: at least, and more than', async () => {
  const size = async (operator: string, value: string) => {
    const { previewSegment } = await app.call('query ($input: PreviewSegmentInput!) { previewSegment(input: $input) { size } }', {
      input: { condition: { field: 'account.balance', operator, value } },
    });
    return previewSegment.size;
  };
  await upsert({ accounts: [{ externalId: 'A1', balance: '10' }] });
  expect([await size('GTE', '10.00'), await size('GT', '10'), await size('GT', '9.99'), await size('GTE', '10.01')]).toEqual([1, 0, 1, 0]);
});

import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

// What is checked when somebody writes to one contact, and what becomes of it as a template.
const app = await openApp();
const warnings = 'warnings { path code message language offset length }';
const create = `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id state body } ${warnings} } }`;
const save = `mutation ($input: SaveCommunicationAsTemplateInput!) { saveCommunicationAsTemplate(input: $input) {
  template { id name code state medium objectType category { code } content { language subject body format } tags } warnings { code } } }`;
const written = async (input: object, as: 'ADMIN' | 'AGENT' = 'AGENT') =>
  (await app.call(create, { input: { contactExternalId: 'C1', medium: 'LETTER', ...input } }, as)).createCommunication;
const saved = async (input: object) => (await app.call(save, { input })).saveCommunicationAsTemplate;
const problemsOf = async (query: string, input: object, as: 'ADMIN' | 'AGENT' = 'ADMIN') => {
  const { errors } = await app.ask(query, { input }, as);
  return (
    errors?.[0]?.extensions.problems?.map((each: any) => [each.path.join('.'), each.code, each.offset]) ?? errors?.[0]?.extensions.code
  );
};

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        {
          externalId: 'C1',
          name: 'Eleni',
          preferredLanguage: 'en',
          phones: [{ number: '+35799123456' }],
          emails: [{ address: 'e@example.org' }],
        },
        { externalId: 'C2', name: 'Κώστας', preferredLanguage: 'el' },
      ],
      objects: [
        { type: 'bill', externalId: 'B1', contact: 'C1', number: 'BL1' },
        { type: 'bill', externalId: 'B2', contact: 'C1', number: 'BL2' },
      ],
    },
  });
});

test('XU7 a tag that shows nothing in what is written to one contact is named with its place', async () => {
  const body = 'About #bill.number for #contact.name: #contact.email #contact.last_name';
  const found = await written({ body, subject: '#account.number' });
  expect(found.warnings.map(({ path, code }: any) => [path.join('.'), code])).toEqual([
    ['subject', 'UNRESOLVED_TAG'],
    ['body', 'UNRESOLVED_TAG'],
    ['body', 'UNRESOLVED_TAG'],
  ]);
  const marked = found.warnings.slice(1).map(({ offset, length }: any) => body.slice(offset, offset + length));
  expect(marked).toEqual(['#bill.number', '#contact.last_name']);
  const about = await written({ body: 'About #bill.number', referringTo: { type: 'bill', externalId: 'B2' } });
  expect(about).toMatchObject({ communication: { body: 'About BL2' }, warnings: [] });
});

test('XU7 a draft that is too long for its medium, or for its external system, says so before it is sent', async () => {
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Ticker", media: [SMS], characterLimit: 20 }) { externalSystem { id } } }',
  );
  const long = await written({ medium: 'SMS', body: 'x'.repeat(161), saveAsDraft: true });
  expect(long.communication.state).toBe('DRAFT');
  expect(long.warnings).toMatchObject([{ path: ['body'], code: 'TOO_LONG' }]);
  expect(long.warnings[0].message).toBe(
    'The text has 161 characters (2 SMS); 160 characters are allowed, so it is rejected when it is sent.',
  );
  const ticker = { medium: 'SMS', externalSystemId: createExternalSystem.externalSystem.id, saveAsDraft: true };
  expect((await written({ ...ticker, body: 'x'.repeat(21) })).warnings[0].message).toContain('20 characters are allowed');
  expect((await written({ ...ticker, body: 'x'.repeat(20) })).warnings).toEqual([]);
});

test('XU7 what is wrong with a text to one contact is refused, with its place in the input', async () => {
  expect(await problemsOf(create, { contactExternalId: 'C1', medium: 'EMAIL', subject: '#contact.nmae', body: 'Hi #bill.nummer' })).toEqual(
    [
      ['subject', 'UNKNOWN_TAG', 0],
      ['body', 'UNKNOWN_TAG', 3],
    ],
  );
  const about = { contactExternalId: 'C1', medium: 'EMAIL', referringTo: { type: 'bill', externalId: 'B1' } };
  expect(await problemsOf(create, { ...about, body: '#job.number' })).toEqual([['body', 'UNREACHABLE_TAG', 0]]);
  expect(await problemsOf(create, { ...about, body: '<mjml><mj-nothing/></mjml>', format: 'MJML' })).toEqual([
    ['body', 'INVALID_MJML', undefined],
  ]);
});

test('T10 what was written to one contact becomes a template for others', async () => {
  const { createCategory } = await app.call('mutation { createCategory(input: { name: "Dunning" }) { category { id code } } }');
  const { communication } = await written({
    medium: 'EMAIL',
    subject: 'Bill #bill.number',
    body: '<b>#contact.name</b>',
    format: 'HTML',
    categoryId: createCategory.category.id,
    referringTo: { type: 'bill', externalId: 'B1' },
  });
  const { template } = await saved({ communicationId: communication.id, name: 'A bill' });
  expect(template).toMatchObject({
    name: 'A bill',
    state: 'EFFECTIVE',
    medium: 'EMAIL',
    objectType: 'bill',
    category: { code: createCategory.category.code },
    content: [{ language: 'en', subject: 'Bill #bill.number', body: '<b>#contact.name</b>', format: 'HTML' }],
    tags: ['bill.number', 'contact.name'],
  });
  const again = await written({ medium: 'EMAIL', templateId: template.id, referringTo: { type: 'bill', externalId: 'B2' } });
  expect(again.communication.body).toBe('<b>Eleni</b>');
});

test('T10 it has the default language, as every template; further languages may be added', async () => {
  const { communication } = await written({ contactExternalId: 'C2', body: 'Αγαπητέ #contact.name' });
  const input = { communicationId: communication.id, name: 'Greek' };
  expect(await problemsOf(save, input)).toEqual([['content', 'MISSING_DEFAULT_LANGUAGE', undefined]]);
  const { template } = await saved({ ...input, content: [{ language: 'en', body: 'Dear #contact.name' }] });
  expect(template.content.map((each: { language: string }) => each.language)).toEqual(['el', 'en']);
  expect((await saved({ ...input, name: 'As English', language: 'en', state: 'DRAFT' })).template).toMatchObject({
    state: 'DRAFT',
    content: [{ language: 'en', body: 'Αγαπητέ #contact.name' }],
  });
  expect(await problemsOf(save, { ...input, name: 'Greek', code: 'other', language: 'en' })).toEqual([['name', 'TAKEN', undefined]]);
});

test('T10 only administrators make templates, of communications that are there', async () => {
  const { communication } = await written({ body: 'x' });
  expect(await problemsOf(save, { communicationId: communication.id, name: 'No' }, 'AGENT')).toBe('FORBIDDEN');
  expect(await problemsOf(save, { communicationId: 'com_x', name: 'No' })).toBe('NOT_FOUND');
});

test('C12 M22 the HTML of people cannot run, not even as a template later; that of administrators stays as it is written', async () => {
  const body =
    '<p onclick="x()">Hi <img src="cid:logo" alt="Logo"><a href="https://example.org/?q=#contact.name">go</a><a href="javascript:x()">no</a></p><script>x()</script>';
  const clean = '<p>Hi <img src="cid:logo" alt="Logo" /><a href="https://example.org/?q=Eleni">go</a><a>no</a></p>';
  const agent = await written({ medium: 'EMAIL', subject: 's', body, format: 'HTML' });
  expect(agent.communication.body).toBe(clean);
  const { template } = await saved({ communicationId: agent.communication.id, name: 'From an agent' });
  expect(template.content[0].body).not.toMatch(/script|onclick/);
  const reused = await written({ medium: 'EMAIL', templateId: template.id }, 'ADMIN');
  expect(reused.communication.body).toBe(clean);
  const written1 = body.replace('<script>x()</script>', '<style>p{color:red}</style>').replace(' onclick="x()"', '');
  const admin = await written({ medium: 'EMAIL', subject: 's', body: written1, format: 'HTML' }, 'ADMIN');
  expect(admin.communication.body).toBe(written1.replace('#contact.name', 'Eleni'));
});

test('C12 a draft of an agent stays without scripts, whoever sends it; what an administrator writes into it is as it is written', async () => {
  const body = '<p>Hi</p><script>x()</script>';
  const update = 'mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { communication { state body } } }';
  const changed = async (communicationId: string, input: object) =>
    (await app.call(update, { input: { communicationId, ...input } })).updateCommunication.communication;
  const draft = { medium: 'EMAIL', subject: 's', format: 'HTML', saveAsDraft: true };
  const { communication: one } = await written({ ...draft, body });
  expect(await changed(one.id, { subject: 'By an administrator', saveAsDraft: false })).toMatchObject({ body: '<p>Hi</p>' });
  const { communication: two } = await written({ ...draft, format: 'TEXT', body });
  expect((await changed(two.id, { format: 'HTML' })).body).toBe('<p>Hi</p>');
  expect((await changed(two.id, { body })).body).toBe(body);
  expect((await changed(two.id, { saveAsDraft: false })).body).toBe(body);
});

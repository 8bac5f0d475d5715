import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

// Unrestricted tags: what maps to no record, and gets its value from whoever writes.
const app = await openApp();
const parametersOf = async (input: object) =>
  (await app.call('query ($input: TemplateParametersInput!) { templateParameters(input: $input) }', { input }, 'AGENT')).templateParameters;
const shown = 'communication { id subject body state parameters { name value } unresolvedTags }';
const create = `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { ${shown} warnings { path code } } }`;
const update = `mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { ${shown} warnings { path code } } }`;
const written = async (input: object) =>
  (await app.call(create, { input: { contactExternalId: 'C1', medium: 'LETTER', ...input } }, 'AGENT')).createCommunication;
const content = [
  { language: 'en', subject: 'Your #param.gift', body: '#contact.name: #param.Code, #param.code and #param.until. #account.balance' },
  { language: 'el', body: '<p title="#param.title">#param.code</p>', format: 'HTML' },
];
const names = ['gift', 'Code', 'until', 'title'];
let templateId = '';

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts: [{ externalId: 'C1', name: 'Eleni', preferredLanguage: 'en', emails: [{ address: 'e@example.org' }] }] },
  });
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id parameters } } }',
    { input: { name: 'Gift', medium: 'LETTER', content } },
  );
  expect(createTemplate.template.parameters).toEqual(names);
  templateId = createTemplate.template.id;
});

test('U1 an unrestricted tag maps to no entity: any name after #param.', async () => {
  const { communication } = await written({ body: '#param.anything_at_all', parameters: [{ name: 'anything_at_all', value: 'this' }] });
  expect(communication.body).toBe('this');
});

test('U2 its values are given when the communication is created, or when the draft is updated', async () => {
  const { communication } = await written({ templateId, saveAsDraft: true, parameters: [{ name: 'gift', value: 'cup' }] });
  expect(communication).toMatchObject({ state: 'DRAFT', subject: 'Your cup' });
  const parameters = [
    { name: 'gift', value: 'mug' },
    { name: 'code', value: 'X1' },
  ];
  const { updateCommunication } = await app.call(update, { input: { communicationId: communication.id, parameters } }, 'AGENT');
  expect(updateCommunication.communication).toMatchObject({ state: 'DRAFT', subject: 'Your mug', body: 'Eleni: X1, X1 and . ' });
});

test('U3 a term that occurs several times is given once, and a value may be anything that is no saved field', async () => {
  const parameters = [{ name: 'term', value: '12 months, #contact.name' }];
  const { communication } = await written({ subject: '#param.term', body: '#param.term, #PARAM.term, #param.Term.', parameters });
  const value = '12 months, #contact.name';
  expect(communication).toMatchObject({ subject: value, body: `${value}, ${value}, ${value}.` });
});

test('U4 the names are listed where a text holds one, and none where it holds none', async () => {
  expect(await parametersOf({ templateId })).toEqual(names);
  expect(await parametersOf({ content })).toEqual(names);
  expect(await parametersOf({ content: [{ language: 'en', subject: 'To #contact.name', body: 'param.x ##param.y #paramo' }] })).toEqual([]);
  const { communication } = await written({ body: 'Dear #contact.name' });
  expect(communication.parameters).toEqual([]);
});

test('U4 either a template or texts are asked about', async () => {
  for (const input of [{}, { templateId, content }]) {
    const { errors } = await app.ask('query ($input: TemplateParametersInput!) { templateParameters(input: $input) }', { input });
    expect(errors?.[0]?.extensions.problems?.[0]?.code).toBe('EXACTLY_ONE');
  }
  const query = 'query ($input: TemplateParametersInput!) { templateParameters(input: $input) }';
  expect((await app.ask(query, { input: { templateId: 'tpl_x' } })).errors?.[0]?.extensions.problems?.[0]?.code).toBe('NOT_FOUND');
  expect((await app.ask(query, { input: { templateId } }, ['CONTACT', 'C1'])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('U5 those without a value are shown with the communication, and named as a warning', async () => {
  const { communication, warnings } = await written({ templateId, saveAsDraft: true, parameters: [{ name: 'CODE', value: 'X1' }] });
  expect(communication.parameters).toEqual([
    { name: 'gift', value: null },
    { name: 'Code', value: 'X1' },
    { name: 'until', value: null },
    { name: 'title', value: null },
  ]);
  expect(communication.unresolvedTags.toSorted()).toEqual(['account.balance', 'param.gift', 'param.until']);
  expect(warnings).toEqual([
    { path: ['subject'], code: 'UNRESOLVED_TAG' },
    { path: ['body'], code: 'UNRESOLVED_TAG' },
    { path: ['body'], code: 'UNRESOLVED_TAG' },
  ]);
});

test('U6 C32 whoever integrates gives the values through the API, and reads them there', async () => {
  const { communication } = await written({
    medium: 'EMAIL',
    templateId: undefined,
    body: '#param.order',
    parameters: [{ name: 'order', value: 'O-1' }],
  });
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Communication { parameters { name value } } } }', {
    id: communication.id,
  });
  expect(node.parameters).toEqual([{ name: 'order', value: 'O-1' }]);
});

import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
const fields =
  'id name code description medium objectType version state effective usableByUnits category { name } content { language body }';
const create = `mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { ${fields} } } }`;
const update = `mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { ${fields} } } }`;
const copy = `mutation ($input: CopyTemplateInput!) { copyTemplate(input: $input) { template { ${fields} } } }`;
const remove = 'mutation ($input: DeleteTemplateInput!) { deleteTemplate(input: $input) { templateId } }';
const write = 'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id state body } } }';
const plan = 'mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }';

await app.call(
  `mutation { upsertCrmRecords(input: { contacts: [{ externalId: "C1", name: "Anna", phones: [{ number: "+35799123456" }] }] }) { inserted } }`,
);
const { createSegment } = await app.call(
  'mutation { createSegment(input: { name: "Everybody", contactExternalIds: ["C1"] }) { segment { id } } }',
);
const segmentId: string = createSegment.segment.id;

let count = 0;
async function made(input: Record<string, unknown> = {}) {
  count += 1;
  const { createTemplate } = await app.call(create, {
    input: { name: `Template ${count}`, medium: 'SMS', content: [{ language: 'en', body: 'Hello' }], ...input },
  });
  return createTemplate.template;
}
const changed = async (input: Record<string, unknown>) => (await app.call(update, { input })).updateTemplate.template;
const codesOf = async (query: string, input: Record<string, unknown>) => {
  const { errors } = await app.ask(query, { input });
  return errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`) ?? errors?.[0]?.extensions.code;
};

test('T4 only effective templates can be chosen', async () => {
  const draft = await made({ state: 'DRAFT' });
  expect(draft).toMatchObject({ state: 'DRAFT', effective: false });
  const messages = [{ medium: 'SMS', templateId: draft.id }];
  expect(await codesOf(write, { contactExternalId: 'C1', templateId: draft.id })).toEqual(['templateId: NOT_EFFECTIVE']);
  expect(await codesOf(plan, { name: 'Draft', includeSegmentIds: [segmentId], messages })).toEqual([
    'messages.0.templateId: NOT_EFFECTIVE',
  ]);
  expect(await changed({ templateId: draft.id, state: 'EFFECTIVE' })).toMatchObject({ state: 'EFFECTIVE', effective: true, version: 1 });
  expect(
    (await app.call(write, { input: { contactExternalId: 'C1', templateId: draft.id } })).createCommunication.communication,
  ).toMatchObject({
    state: 'PENDING',
    body: 'Hello',
  });
  expect(await changed({ templateId: draft.id, effective: false })).toMatchObject({ state: 'NOT_EFFECTIVE', effective: false });
  expect(await codesOf(write, { contactExternalId: 'C1', templateId: draft.id })).toEqual(['templateId: NOT_EFFECTIVE']);
});

test('AMB-24 a template that was effective is no draft again', async () => {
  expect(await made({ effective: false })).toMatchObject({ state: 'NOT_EFFECTIVE' });
  const { id } = await made();
  expect(await codesOf(update, { templateId: id, state: 'DRAFT' })).toBe('INVALID_STATE_TRANSITION');
});

test('T5 other texts are a new version, and what was written with the old one stays as it is', async () => {
  const { id } = await made({ content: [{ language: 'en', body: 'Old words' }] });
  const { createCommunication } = await app.call(write, { input: { contactExternalId: 'C1', templateId: id } });
  const edited = await changed({
    templateId: id,
    content: [
      { language: 'en', body: 'New words' },
      { language: 'el', body: 'Νέα' },
    ],
  });
  expect(edited).toMatchObject({
    version: 2,
    content: [
      { language: 'en', body: 'New words' },
      { language: 'el', body: 'Νέα' },
    ],
  });
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { body } }', {
    id: createCommunication.communication.id,
  });
  expect(communication.body).toBe('Old words');
  const later = await app.call(write, { input: { contactExternalId: 'C1', templateId: id } });
  expect(later.createCommunication.communication.body).toBe('New words');
});

test('of two who edit the same version at once one is kept and the other is told, where they say which version they edited', async () => {
  const { id } = await made();
  const edit = async (body: string) => {
    const answer = await app.ask(update, { input: { templateId: id, expectedVersion: 1, content: [{ language: 'en', body }] } });
    return answer.errors?.[0]?.extensions.code ?? 'kept';
  };
  expect((await Promise.all([edit('One'), edit('Another'), edit('Third')])).toSorted()).toEqual(['CONFLICT', 'CONFLICT', 'kept']);
  expect(await changed({ templateId: id, expectedVersion: 2, name: 'Named anew' })).toMatchObject({ version: 2, name: 'Named anew' });
});

test('the same texts and another name are no new version', async () => {
  const { id } = await made({ description: 'Before' });
  const input = { templateId: id, name: 'Renamed', code: 'renamed', content: [{ language: 'EN', body: 'Hello' }] };
  expect(await changed(input)).toMatchObject({ name: 'Renamed', code: 'renamed', version: 1, description: 'Before' });
  expect(await changed({ templateId: id, description: null })).toMatchObject({ name: 'Renamed', description: null });
});

test('another object type checks the texts anew', async () => {
  const { id } = await made({ content: [{ language: 'en', body: '#bill.number' }] });
  expect(await codesOf(update, { templateId: id, objectType: 'job' })).toEqual(['content.0.body: UNREACHABLE_TAG']);
  expect(await changed({ templateId: id, objectType: 'bill' })).toMatchObject({ objectType: 'bill', version: 2 });
});

test('all that is wrong with a change is said at once, and nothing changes', async () => {
  const other = await made();
  const { id, name } = await made();
  const input = { templateId: id, name: other.name, code: 'a b', objectType: 'bil', categoryId: 'cat_x', usableByUnits: ['ok', 'not ok'] };
  expect(await codesOf(update, { ...input, content: [] })).toEqual([
    'code: INVALID',
    'objectType: UNKNOWN_TYPE',
    'categoryId: NOT_FOUND',
    'usableByUnits.1: INVALID',
    'content: REQUIRED',
  ]);
  expect(await codesOf(update, { templateId: id, name: other.name })).toEqual(['name: TAKEN']);
  expect(await codesOf(update, { templateId: 'tpl_nonsense', name: 'x' })).toBe('NOT_FOUND');
  const { template } = await app.call('query ($id: ID!) { template(id: $id) { name version } }', { id });
  expect(template).toEqual({ name, version: 1 });
});

test('T7 T8 the business units that it is for are kept, and templates are listed by them', async () => {
  const { id, usableByUnits } = await made({ usableByUnits: ['nicosia', 'athens', 'nicosia'] });
  expect(usableByUnits).toEqual(['nicosia', 'athens']);
  const listed = async (usableByUnit: string) =>
    (
      await app.call('query ($u: String!) { templates(first: 100, filter: { usableByUnit: $u }) { nodes { id } } }', { u: usableByUnit })
    ).templates.nodes.some((each: { id: string }) => each.id === id);
  expect([await listed('athens'), await listed('limassol')]).toEqual([true, false]);
  expect(await changed({ templateId: id, usableByUnits: null })).toMatchObject({ usableByUnits: null });
});

test('T10 a copy begins as a draft with the same texts, and goes its own way', async () => {
  const source = await made({ description: 'Source', usableByUnits: ['a'], content: [{ language: 'en', body: 'Shared' }] });
  const { copyTemplate } = await app.call(copy, { input: { templateId: source.id, name: 'The copy' } });
  expect(copyTemplate.template).toEqual({
    ...source,
    id: expect.stringMatching(/^tpl_/),
    name: 'The copy',
    code: 'the-copy',
    state: 'DRAFT',
    effective: false,
    version: 1,
  });
  expect(copyTemplate.template.id).not.toBe(source.id);
  await changed({ templateId: source.id, content: [{ language: 'en', body: 'Other' }] });
  const { template } = await app.call('query ($id: ID!) { template(id: $id) { content { body } } }', { id: copyTemplate.template.id });
  expect(template.content).toEqual([{ body: 'Shared' }]);
  expect(await codesOf(copy, { templateId: source.id, name: 'The copy' })).toEqual(['name: TAKEN', 'code: TAKEN']);
});

test('a template that nothing uses can be deleted; the users of another are named', async () => {
  const { id } = await made();
  expect((await app.call(remove, { input: { templateId: id } })).deleteTemplate).toEqual({ templateId: id });
  expect(await codesOf(remove, { templateId: id })).toBe('NOT_FOUND');
  const used = await made({ name: 'Used' });
  await app.call(plan, { input: { name: 'Autumn', includeSegmentIds: [segmentId], messages: [{ medium: 'SMS', templateId: used.id }] } });
  const draft = 'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { number } } }';
  const { createCommunication } = await app.call(draft, { input: { contactExternalId: 'C1', templateId: used.id, saveAsDraft: true } });
  const { errors } = await app.ask(remove, { input: { templateId: used.id } });
  expect(errors?.[0]).toMatchObject({
    message: `The template "Used" is used by the draft ${createCommunication.communication.number}, the plan Autumn.`,
    extensions: { code: 'CONFLICT' },
  });
});

test('what was written with a template stays when the template is deleted', async () => {
  const { id } = await made({ content: [{ language: 'en', body: 'Farewell' }] });
  const { createCommunication } = await app.call(write, { input: { contactExternalId: 'C1', templateId: id } });
  await app.call(remove, { input: { templateId: id } });
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { body } }', {
    id: createCommunication.communication.id,
  });
  expect(communication.body).toBe('Farewell');
});

test('T11 templates are listed by medium, language, category, object type, business unit, state and words', async () => {
  const { createCategory } = await app.call('mutation { createCategory(input: { name: "Listing" }) { category { id } } }');
  const categoryId = createCategory.category.id;
  const { createCategory: below } = await app.call(
    'mutation ($id: ID!) { createCategory(input: { name: "Below listing", parentId: $id }) { category { id } } }',
    { id: categoryId },
  );
  const content = [
    { language: 'en', body: 'x' },
    { language: 'el-CY', body: 'x' },
  ];
  await made({ name: 'List A', categoryId, content, objectType: 'bill', usableByUnits: ['nicosia'] });
  await made({ name: 'List B', medium: 'EMAIL', categoryId: below.category.id, state: 'DRAFT', description: 'Half 50% done' });
  const listed = async (filter: Record<string, unknown>) => {
    const { templates } = await app.call('query ($filter: TemplateFilter) { templates(filter: $filter) { totalCount nodes { name } } }', {
      filter: { search: 'list', ...filter },
    });
    expect(templates.totalCount).toBe(templates.nodes.length);
    return templates.nodes.map((each: { name: string }) => each.name);
  };
  expect(await listed({})).toEqual(['List B', 'List A']);
  expect(await listed({ media: ['EMAIL'] })).toEqual(['List B']);
  expect(await listed({ language: 'el-cy' })).toEqual(['List A']);
  expect(await listed({ categoryId })).toEqual(['List B', 'List A']);
  expect(await listed({ categoryId: below.category.id })).toEqual(['List B']);
  expect(await listed({ objectType: 'bill' })).toEqual(['List A']);
  expect(await listed({ states: ['DRAFT', 'NOT_EFFECTIVE'] })).toEqual(['List B']);
  expect(await listed({ usableByUnit: 'athens' })).toEqual(['List B']);
  expect(await listed({ usableByUnit: 'nicosia' })).toEqual(['List B', 'List A']);
  expect(await listed({ search: '50% d' })).toEqual(['List B']);
  expect(await listed({ categoryId: 'nonsense' })).toEqual([]);
});

test('only administrators change, copy and delete templates', async () => {
  const { id } = await made();
  for (const [query, input] of [
    [update, { templateId: id, name: 'x' }],
    [copy, { templateId: id, name: 'x' }],
    [remove, { templateId: id }],
  ] as const) {
    expect((await app.ask(query, { input }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
});

import { expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
const categoryOf = async (name: string, parentId: string | null = null): Promise<string> => {
  const { createCategory } = await app.call(
    'mutation ($input: CreateCategoryInput!) { createCategory(input: $input) { category { id } } }',
    {
      input: { name, parentId },
    },
  );
  return createCategory.category.id;
};
const write =
  'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id category { name } } } }';
const written = async (input: Record<string, unknown>) =>
  (await app.call(write, { input: { contactExternalId: 'C1', medium: 'PHONE', ...input } })).createCommunication.communication;
const listed = async (categoryId: string, settled = true) => {
  const { communications } = await app.call(
    'query ($id: ID!) { communications(filter: { categoryId: $id }) { totalCount nodes { body } } }',
    { id: categoryId },
  );
  // Two statements: a run may go on between them, so the total is compared where nothing is under way.
  if (settled) expect(communications.totalCount).toBe(communications.nodes.length);
  return communications.nodes.map((each: { body: string }) => each.body);
};

await app.call(`mutation { upsertCrmRecords(input: { contacts: [{ externalId: "C1", name: "Anna" }] }) { inserted } }`);
const complaints = await categoryOf('Complaints');
const technical = await categoryOf('Technical issue', complaints);

test('C8 K5 a communication has a category, and is listed by it or one above it', async () => {
  expect(await written({ body: 'Too dear', categoryId: complaints })).toMatchObject({ category: { name: 'Complaints' } });
  expect(await written({ body: 'No signal', categoryId: technical, direction: 'INCOMING' })).toMatchObject({
    category: { name: 'Technical issue' },
  });
  expect(await written({ body: 'Hello' })).toMatchObject({ category: null });
  expect(await listed(complaints)).toEqual(['No signal', 'Too dear']);
  expect(await listed(technical)).toEqual(['No signal']);
  expect(await listed('nonsense')).toEqual([]);
});

test('K6 calls are counted by category and direction', async () => {
  const { communications } = await app.call(
    'query ($id: ID!) { communications(filter: { categoryId: $id, media: [PHONE], contactExternalId: "C1" }) { totalCount } }',
    { id: complaints },
  );
  expect(communications.totalCount).toBe(2);
});

test('a category that is not there is refused', async () => {
  const answer = await app.ask(write, { input: { contactExternalId: 'C1', medium: 'PHONE', body: 'x', categoryId: 'cat_nothing' } });
  expect(answer.errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`)).toEqual(['categoryId: NOT_FOUND']);
});

test('a draft keeps its category, and can get another', async () => {
  const { id } = await written({ body: 'Draft', categoryId: complaints, saveAsDraft: true });
  const update = `mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { communication { state category { name } } } }`;
  const changed = async (input: Record<string, unknown>) =>
    (await app.call(update, { input: { communicationId: id, ...input } })).updateCommunication.communication;
  expect(await changed({ body: 'Draft two' })).toEqual({ state: 'DRAFT', category: { name: 'Complaints' } });
  expect(await changed({ categoryId: technical, saveAsDraft: false })).toEqual({
    state: 'COMPLETED',
    category: { name: 'Technical issue' },
  });
});

test('T5 T16 a template brings its category, and one that is given goes before it', async () => {
  const { createTemplate } = await app.call(
    `mutation ($id: ID!) { createTemplate(input: { name: "Call", medium: PHONE, categoryId: $id, content: [{ language: "en", body: "Call them" }] }) { template { id } } }`,
    { id: complaints },
  );
  const templateId = createTemplate.template.id;
  expect(await written({ templateId })).toMatchObject({ category: { name: 'Complaints' } });
  expect(await written({ templateId, categoryId: technical })).toMatchObject({ category: { name: 'Technical issue' } });
});

test('K7 the messages of a plan have a category, and so has what it creates', async () => {
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "One", contactExternalIds: ["C1"] }) { segment { id } } }',
  );
  const offers = await categoryOf('Offers');
  const input = {
    name: 'Offer',
    includeSegmentIds: [createSegment.segment.id],
    messages: [{ medium: 'DEVICE', categoryId: offers, content: [{ language: 'en', body: 'An offer' }] }],
  };
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input });
  await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  await eventually(async () => (await listed(offers, false)).length === 1);
  expect(await listed(offers)).toEqual(['An offer']);
  const { errors } = await app.ask('mutation ($id: ID!) { deleteCategory(input: { categoryId: $id }) { categoryId } }', { id: offers });
  expect(errors?.[0]?.message).toBe('The category "Offers" is used by communications, the plan Offer.');
});

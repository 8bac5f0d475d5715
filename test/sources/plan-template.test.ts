import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
await app.call(`mutation { upsertCrmRecords(input: { contacts: [{ externalId: "C1", name: "Anna" }] }) { inserted } }`);
const { createSegment } = await app.call(
  'mutation { createSegment(input: { name: "One", contactExternalIds: ["C1"] }) { segment { id } } }',
);
const { createCategory } = await app.call('mutation { createCategory(input: { name: "Offers" }) { category { id } } }');
const content = [
  { language: 'en', body: 'An offer for #contact.name' },
  { language: 'el', body: 'Προσφορά' },
];
const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
  input: {
    name: 'Autumn',
    includeSegmentIds: [createSegment.segment.id],
    messages: [{ medium: 'DEVICE', categoryId: createCategory.category.id, content }],
  },
});
const planId: string = createPlan.plan.id;
const save = `mutation ($input: SavePlanAsTemplateInput!) { savePlanAsTemplate(input: $input) {
  template { id name code medium state version category { name } content { language body } } } }`;
const codesOf = async (input: Record<string, unknown>) => {
  const { errors } = await app.ask(save, { input });
  return errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`) ?? errors?.[0]?.extensions.code;
};

test('T10 P22 what a plan says is saved as a named template', async () => {
  const { savePlanAsTemplate } = await app.call(save, { input: { planId, medium: 'DEVICE', name: 'Autumn words' } });
  expect(savePlanAsTemplate.template).toMatchObject({
    name: 'Autumn words',
    code: 'autumn-words',
    medium: 'DEVICE',
    state: 'EFFECTIVE',
    version: 1,
    category: { name: 'Offers' },
    content,
  });
  const { createCommunication } = await app.call(
    'mutation ($id: ID!) { createCommunication(input: { contactExternalId: "C1", templateId: $id }) { communication { body } } }',
    { id: savePlanAsTemplate.template.id },
  );
  expect(createCommunication.communication.body).toBe('An offer for Anna');
  expect(await codesOf({ planId, medium: 'DEVICE', name: 'Autumn words' })).toEqual(['name: TAKEN', 'code: TAKEN']);
});

test('a plan that names a template gives the text that the template has now', async () => {
  const { createTemplate } = await app.call(
    `mutation { createTemplate(input: { name: "Source", medium: DEVICE, content: [{ language: "en", body: "Old" }] }) { template { id } } }`,
  );
  const templateId = createTemplate.template.id;
  const { createPlan: other } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: { name: 'By template', includeSegmentIds: [createSegment.segment.id], messages: [{ medium: 'DEVICE', templateId }] },
  });
  await app.call(
    `mutation ($id: ID!) { updateTemplate(input: { templateId: $id, content: [{ language: "en", body: "New" }] }) { template { id } } }`,
    { id: templateId },
  );
  const input = { planId: other.plan.id, medium: 'DEVICE', name: 'Twin', state: 'DRAFT' };
  const { savePlanAsTemplate } = await app.call(save, { input });
  expect(savePlanAsTemplate.template).toMatchObject({ state: 'DRAFT', version: 1, content: [{ language: 'en', body: 'New' }] });
});

test('a plan or a medium that is not there is refused', async () => {
  expect(await codesOf({ planId, medium: 'SMS', name: 'x' })).toEqual(['medium: NOT_IN_PLAN']);
  expect(await codesOf({ planId: 'pln_nothing', medium: 'SMS', name: 'x' })).toBe('NOT_FOUND');
  expect((await app.ask(save, { input: { planId, medium: 'DEVICE', name: 'x' } }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
const create =
  'mutation ($input: CreateCategoryInput!) { createCategory(input: $input) { category { id name code description parent { name } } } }';
const update =
  'mutation ($input: UpdateCategoryInput!) { updateCategory(input: $input) { category { name code description parent { name } } } }';
const remove = 'mutation ($input: DeleteCategoryInput!) { deleteCategory(input: $input) { categoryId } }';
const made = async (input: Record<string, unknown>) => (await app.call(create, { input })).createCategory.category;
const codesOf = async (query: string, input: Record<string, unknown>) => {
  const { errors } = await app.ask(query, { input });
  return errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`) ?? errors?.[0]?.extensions.code;
};

test('K1 K2 K3 K4 a category has a unique name, a code, a description and a parent: a tree', async () => {
  const support = await made({ name: 'Support issue', description: 'What goes wrong' });
  expect(support).toMatchObject({ code: 'support-issue', description: 'What goes wrong', parent: null });
  const technical = await made({ name: 'Technical Issue', code: 'TECH', parentId: support.id });
  expect(technical).toMatchObject({ code: 'TECH', parent: { name: 'Support issue' } });
  await made({ name: 'Modem', parentId: technical.id });
  await made({ name: 'Billing', parentId: support.id });
  await made({ name: 'Complaint' });
  const { categories } = await app.call('{ categories { name children { name children { name } } } }', {}, 'AGENT');
  expect(categories).toEqual([
    { name: 'Complaint', children: [] },
    {
      name: 'Support issue',
      children: [
        { name: 'Billing', children: [] },
        { name: 'Technical Issue', children: [{ name: 'Modem' }] },
      ],
    },
  ]);
  expect(await codesOf(create, { name: 'Complaint', code: 'TECH' })).toEqual(['name: TAKEN', 'code: TAKEN']);
  expect(await codesOf(create, { name: ' ', parentId: 'cat_nothing' })).toEqual(['name: INVALID', 'parentId: NOT_FOUND']);
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Category { name } } }', { id: technical.id });
  expect(node).toEqual({ name: 'Technical Issue' });
});

test('a category moves with what is below it, and never below itself', async () => {
  const a = await made({ name: 'A' });
  const b = await made({ name: 'B', parentId: a.id });
  const c = await made({ name: 'C', parentId: b.id });
  expect(await codesOf(update, { categoryId: a.id, parentId: c.id })).toEqual(['parentId: CIRCLE']);
  expect(await codesOf(update, { categoryId: a.id, parentId: a.id })).toEqual(['parentId: CIRCLE']);
  const { updateCategory } = await app.call(update, { input: { categoryId: b.id, parentId: null, name: 'B2', description: 'Moved' } });
  expect(updateCategory.category).toEqual({ name: 'B2', code: 'b', description: 'Moved', parent: null });
  await app.call(update, { input: { categoryId: a.id, parentId: c.id } });
  const { categories } = await app.call('{ categories { name children { name children { name } } } }');
  expect(categories.find((each: any) => each.name === 'B2')).toEqual({ name: 'B2', children: [{ name: 'C', children: [{ name: 'A' }] }] });
});

test('two that move below each other at the same time make no circle', async () => {
  const [left, right] = [await made({ name: 'Left' }), await made({ name: 'Right' })];
  const answers = await Promise.all([
    app.ask(update, { input: { categoryId: left.id, parentId: right.id } }),
    app.ask(update, { input: { categoryId: right.id, parentId: left.id } }),
  ]);
  expect(answers.filter((each) => each.errors)).toHaveLength(1);
});

test('the tree is at most ten levels deep', async () => {
  let parentId: string | null = null;
  for (let level = 1; level <= 10; level++) parentId = (await made({ name: `Level ${level}`, parentId })).id;
  expect(await codesOf(create, { name: 'Level 11', parentId })).toEqual(['parentId: TOO_DEEP']);
});

test('a category goes only when nothing uses it, and nothing is below it', async () => {
  const top = await made({ name: 'Top' });
  const leaf = await made({ name: 'Leaf', parentId: top.id });
  expect((await app.ask(remove, { input: { categoryId: top.id } })).errors?.[0]).toMatchObject({
    message: 'The category "Top" is used by the category Leaf.',
    extensions: { code: 'CONFLICT' },
  });
  const { createTemplate } = await app.call(
    'mutation ($id: ID!) { createTemplate(input: { name: "T", medium: SMS, categoryId: $id, content: [{ language: "en", body: "x" }] }) { template { id category { name } } } }',
    { id: leaf.id },
  );
  expect(createTemplate.template.category).toEqual({ name: 'Leaf' });
  expect((await app.ask(remove, { input: { categoryId: leaf.id } })).errors?.[0]?.message).toBe(
    'The category "Leaf" is used by the template T.',
  );
  await app.call('mutation ($id: ID!) { updateTemplate(input: { templateId: $id, categoryId: null }) { template { id } } }', {
    id: createTemplate.template.id,
  });
  await app.call(remove, { input: { categoryId: leaf.id } });
  expect((await app.call(remove, { input: { categoryId: top.id } })).deleteCategory).toEqual({ categoryId: top.id });
  expect(await codesOf(remove, { categoryId: top.id })).toBe('NOT_FOUND');
});

test('administrators write categories, agents read them, nobody else does either', async () => {
  expect((await app.ask(create, { input: { name: 'x' } }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await app.ask('{ categories { name } }', {}, ['CONTACT', 'C1'])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
  input: {
    contacts: ['a', 'b', 'c', 'd'].map((each) => ({ externalId: each, name: each, preferredLanguage: each === 'd' ? 'el' : 'en' })),
  },
});
const shown = 'segment { id name description condition size contacts { nodes { externalId } } }';
const update = `mutation ($input: UpdateSegmentInput!) { updateSegment(input: $input) { ${shown} } }`;
const remove = 'mutation ($input: DeleteSegmentInput!) { deleteSegment(input: $input) { segmentId } }';
const greek = { field: 'contact.preferred_language', operator: 'EQ', value: 'el' };

async function made(input: Record<string, unknown>): Promise<string> {
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input,
  });
  return createSegment.segment.id;
}
async function changed(input: Record<string, unknown>) {
  const { contacts, id: _, ...segment } = (await app.call(update, { input })).updateSegment.segment;
  return { ...segment, members: contacts.nodes.map((each: { externalId: string }) => each.externalId).toSorted() };
}
const codesOf = async (query: string, input: Record<string, unknown>) => {
  const { errors } = await app.ask(query, { input });
  return errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`) ?? errors?.[0]?.extensions.code;
};

test('SG1 contacts listed are added, removed and replaced', async () => {
  const segmentId = await made({ name: 'Listed', contactExternalIds: ['a', 'b'] });
  expect((await changed({ segmentId, addContactExternalIds: ['b', 'c'], removeContactExternalIds: ['a', 'gone'] })).members).toEqual([
    'b',
    'c',
  ]);
  expect((await changed({ segmentId, contactExternalIds: ['d', 'd'] })).members).toEqual(['d']);
  expect(await changed({ segmentId, name: 'Renamed', description: 'For a test' })).toMatchObject({
    name: 'Renamed',
    description: 'For a test',
    size: 1,
    members: ['d'],
  });
});

test('SG1 the condition changes, and goes', async () => {
  const segmentId = await made({ name: 'Greek', condition: greek, contactExternalIds: ['a'] });
  expect(await changed({ segmentId, condition: { ...greek, value: 'en' } })).toMatchObject({ members: ['a', 'b', 'c'] });
  expect(await changed({ segmentId, condition: null })).toMatchObject({ condition: null, members: ['a'] });
});

test('a segment never loses both its condition and its list', async () => {
  const segmentId = await made({ name: 'Both', condition: greek, contactExternalIds: ['a'] });
  await changed({ segmentId, contactExternalIds: [] });
  expect(await codesOf(update, { segmentId, condition: null })).toEqual([': REQUIRED']);
  expect(await changed({ segmentId })).toMatchObject({ condition: greek, members: ['d'] });
});

test('all that is wrong with a change is said at once, and nothing changes', async () => {
  await made({ name: 'Taken', contactExternalIds: ['a'] });
  const segmentId = await made({ name: 'Kept', contactExternalIds: ['a'] });
  const condition = { field: 'contact.langauge', operator: 'EQ', value: 'el' };
  const input = { segmentId, name: 'Taken', condition, contactExternalIds: ['nobody'], addContactExternalIds: ['b', 'no'] };
  expect(await codesOf(update, input)).toEqual([
    'name: TAKEN',
    'condition.field: UNKNOWN_FIELD',
    'contactExternalIds: CONTRADICTION',
    'contactExternalIds.0: UNKNOWN_CONTACT',
    'addContactExternalIds.1: UNKNOWN_CONTACT',
  ]);
  expect(await codesOf(update, { segmentId: 'seg_nothing', name: 'x' })).toBe('NOT_FOUND');
  expect(await changed({ segmentId })).toMatchObject({ name: 'Kept', members: ['a'] });
});

test('of two segments that take one name at the same time one is refused', async () => {
  const ids = [await made({ name: 'R1', contactExternalIds: ['a'] }), await made({ name: 'R2', contactExternalIds: ['a'] })];
  const answers = await Promise.all(ids.map(async (segmentId) => await codesOf(update, { segmentId, name: 'Race' })));
  expect(answers.toSorted()).toEqual([['name: TAKEN'], undefined]);
});

test('SG4 a segment that nothing uses can be deleted; the plans that use another are named', async () => {
  const segmentId = await made({ name: 'Free', contactExternalIds: ['a'] });
  expect((await app.call(remove, { input: { segmentId } })).deleteSegment).toEqual({ segmentId });
  expect(await codesOf(remove, { segmentId })).toBe('NOT_FOUND');
  const [included, excluded] = [await made({ name: 'In', contactExternalIds: ['a'] }), await made({ name: 'Out', condition: greek })];
  await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Summer',
      includeSegmentIds: [included],
      excludeSegmentIds: [excluded],
      messages: [{ medium: 'DEVICE', content: [{ language: 'en', body: 'Hi' }] }],
    },
  });
  for (const [id, name] of [
    [included, 'In'],
    [excluded, 'Out'],
  ] as const) {
    expect((await app.ask(remove, { input: { segmentId: id } })).errors?.[0]).toMatchObject({
      message: `The segment "${name}" is used by the plan Summer.`,
      extensions: { code: 'CONFLICT' },
    });
  }
});

test('only administrators change and delete segments', async () => {
  const segmentId = await made({ name: 'Admins', contactExternalIds: ['a'] });
  expect((await app.ask(update, { input: { segmentId, name: 'x' } }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await app.ask(remove, { input: { segmentId } }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

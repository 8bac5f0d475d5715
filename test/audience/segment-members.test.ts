import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { importMembers } from '../../src/cli/import/import-members.js';
import { openApp } from '../support/app.js';

const app = await openApp();
const ids = Array.from({ length: 1_002 }, (_, index) => `M${index}`);
const greek = { field: 'contact.preferred_language', operator: 'EQ', value: 'el' };
const shown = 'segment { size }';
const add = `mutation ($input: AddSegmentMembersInput!) { addSegmentMembers(input: $input) { added unchanged ${shown} } }`;
const remove = `mutation ($input: RemoveSegmentMembersInput!) { removeSegmentMembers(input: $input) { removed unchanged ${shown} } }`;
const preview =
  'query ($input: PreviewSegmentInput!) { previewSegment(input: $input) { size contacts(first: 2) { totalCount nodes { externalId } } } }';

beforeAll(async () => {
  await app.sql(
    `insert into contact (external_id, name, preferred_language) select id, id, case when id like '%7' then 'el' else 'en' end from unnest($1::text[]) as given (id)`,
    [ids],
  );
});

async function made(input: Record<string, unknown>): Promise<string> {
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input,
  });
  return createSegment.segment.id;
}
const problemsOf = async (query: string, input: Record<string, unknown>) =>
  (await app.ask(query, { input })).errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code]);

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'carillon-members-')), name);
  writeFileSync(file, text);
  return file;
}
const sizeOf = async (name: string) =>
  (await app.call('{ segments(first: 100) { nodes { name size } } }')).segments.nodes.find((each: { name: string }) => each.name === name)
    ?.size;

test('SG1 contacts are listed and unlisted in batches of up to 1,000, each counted', async () => {
  const segmentId = await made({ name: 'Batches', contactExternalIds: ['M0'] });
  const batch = ids.slice(0, 1_000);
  expect((await app.call(add, { input: { segmentId, contactExternalIds: batch } })).addSegmentMembers).toEqual({
    added: 999,
    unchanged: 1,
    segment: { size: 1_000 },
  });
  expect((await app.call(add, { input: { segmentId, contactExternalIds: ['M1', 'M1', 'M1000'] } })).addSegmentMembers).toEqual({
    added: 1,
    unchanged: 1,
    segment: { size: 1_001 },
  });
  expect((await app.call(remove, { input: { segmentId, contactExternalIds: ['M1', 'M1001'] } })).removeSegmentMembers).toEqual({
    removed: 1,
    unchanged: 1,
    segment: { size: 1_000 },
  });
  expect(await problemsOf(add, { segmentId, contactExternalIds: ids.slice(0, 1_001) })).toEqual([['contactExternalIds', 'TOO_MANY']]);
});

test('SG1 unknown contacts are named, and then nothing changes', async () => {
  const segmentId = await made({ name: 'Unknown', contactExternalIds: ['M0'] });
  const contactExternalIds = ['M1', 'nobody', 'M2', 'a\0b'];
  const wrong = [
    ['contactExternalIds.1', 'UNKNOWN_CONTACT'],
    ['contactExternalIds.3', 'UNKNOWN_CONTACT'],
  ];
  expect(await problemsOf(add, { segmentId, contactExternalIds })).toEqual(wrong);
  expect(await problemsOf(remove, { segmentId, contactExternalIds: ['M0', 'nobody', 'M1', 'a\0b'] })).toEqual(wrong);
  expect(await sizeOf('Unknown')).toBe(1);
});

test('SG1 removing keeps those that meet the condition, and never empties a segment for ever', async () => {
  const segmentId = await made({ name: 'Mixed', condition: greek, contactExternalIds: ['M0', 'M7'] });
  const { removeSegmentMembers } = await app.call(remove, { input: { segmentId, contactExternalIds: ['M0', 'M7'] } });
  expect(removeSegmentMembers).toMatchObject({ removed: 2, segment: { size: ids.filter((id) => id.endsWith('7')).length } });
  const listed = await made({ name: 'Listed', contactExternalIds: ['M0'] });
  expect(await problemsOf(remove, { segmentId: listed, contactExternalIds: ['M0'] })).toEqual([['', 'REQUIRED']]);
  expect(await sizeOf('Listed')).toBe(1);
});

test('SG1 many callers who list at the same time lose nobody; a dry run lists nobody', async () => {
  const segmentId = await made({ name: 'Crowd', contactExternalIds: ['M0'] });
  const parts = Array.from({ length: 10 }, (_, index) => ids.slice(index * 100, index * 100 + 150));
  await app.call(add.replace('{', '@dryRun {'), { input: { segmentId, contactExternalIds: ids.slice(0, 9) } });
  expect(await sizeOf('Crowd')).toBe(1);
  await Promise.all(parts.map((contactExternalIds) => app.call(add, { input: { segmentId, contactExternalIds } })));
  expect(await sizeOf('Crowd')).toBe(1_002);
});

test('SG5 who would be in a segment is shown before it is saved', async () => {
  const input = { condition: greek, contactExternalIds: ['M0', 'M7'] };
  const { previewSegment } = await app.call(preview, { input }, 'AGENT');
  expect(previewSegment).toMatchObject({
    size: 1 + ids.filter((id) => id.endsWith('7')).length,
    contacts: { totalCount: previewSegment.size },
  });
  const shownIds = previewSegment.contacts.nodes.map((each: { externalId: string }) => each.externalId);
  expect(shownIds.filter((id: string) => id === 'M0' || id.endsWith('7'))).toHaveLength(2);
  const segmentId = await made({ name: 'Saved', ...input });
  expect(await sizeOf('Saved')).toBe(previewSegment.size);
  expect(segmentId).toBeTruthy();
  expect((await app.call(preview, { input: { contactExternalIds: ['M3'] } })).previewSegment.size).toBe(1);
});

test('SG5 what is wrong with it is said as when it is saved', async () => {
  expect(await problemsOf(preview, {})).toEqual([['', 'REQUIRED']]);
  expect(
    await problemsOf(preview, { condition: { field: 'contact.nam', operator: 'EQ', value: 'x' }, contactExternalIds: ['nobody'] }),
  ).toEqual([
    ['condition.field', 'UNKNOWN_FIELD'],
    ['contactExternalIds.0', 'UNKNOWN_CONTACT'],
  ]);
  for (const as of [
    ['CONTACT', 'M1'],
    ['EXTERNAL_SYSTEM', 'x'],
  ] as const) {
    const answer = await app.ask(preview, { input: { contactExternalIds: ['M1'] } }, as as never);
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
  expect((await app.ask(add, { input: { segmentId: 'x', contactExternalIds: [] } }, 'AGENT')).errors?.[0]?.extensions.code).toBe(
    'FORBIDDEN',
  );
  expect((await app.ask(add, { input: { segmentId: 'x', contactExternalIds: [] } })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('SG1 a file of externalIds becomes a segment; unknown ones are named by their line', async () => {
  const file = await fileOf('members.csv', `externalId,note\n${ids.map((id) => `${id},x`).join('\n')}\nnobody,x\n,x\nM1,again\n`);
  const dry = await importMembers(() => app.context(), { file, segment: 'Imported', dryRun: true });
  expect(dry).toMatchObject({ rows: 1_005, inserted: 1_002, refused: 2 });
  expect(await sizeOf('Imported')).toBeUndefined();
  const report = await importMembers(() => app.context(), { file, segment: 'Imported' });
  expect(report).toMatchObject({ rows: 1_005, inserted: 1_002, unchanged: 1, refused: 2, problemCount: 2 });
  expect(report.problems).toEqual([
    { line: 1_004, field: 'externalId', message: 'There is no contact "nobody".' },
    { line: 1_005, message: 'The row has no externalId.' },
  ]);
  expect(await sizeOf('Imported')).toBe(1_002);
  const more = await fileOf('more.ndjson', '{"externalId":"M5"}\n{"externalId":"M0"}\nno json\n');
  expect(await importMembers(() => app.context(), { file: more, segment: 'Imported' })).toMatchObject({
    inserted: 0,
    unchanged: 2,
    refused: 1,
  });
});

test('SG1 two imports that make one segment at the same time make it together', async () => {
  const one = await fileOf('one.csv', `externalId\n${ids.slice(0, 400).join('\n')}\n`);
  const two = await fileOf('two.csv', `externalId\n${ids.slice(200, 600).join('\n')}\n`);
  const files = [one, two, one, two];
  await Promise.all(files.map((file) => importMembers(() => app.context(), { file, segment: 'Together' })));
  expect(await sizeOf('Together')).toBe(600);
});

test('SG1 a file without that column, or with unknown contacts only, makes no segment', async () => {
  const wrong = await fileOf('wrong.csv', 'id\nM1\n');
  await expect(importMembers(() => app.context(), { file: wrong, segment: 'None' })).rejects.toThrow('externalId');
  const unknown = await fileOf('unknown.csv', 'externalId\nnobody\n');
  expect(await importMembers(() => app.context(), { file: unknown, segment: 'None' })).toMatchObject({ inserted: 0, refused: 1 });
  expect(await sizeOf('None')).toBeUndefined();
});

test('SG2 SG4 a plan is for the members of any segment included who are in none excluded, each once', async () => {
  const one = await made({ name: 'Included one', contactExternalIds: ['M0', 'M1', 'M2', 'M7'] });
  const two = await made({ name: 'Included two', contactExternalIds: ['M2', 'M3'] });
  const out = await made({ name: 'Excluded', condition: greek, contactExternalIds: ['M3'] });
  const create =
    'mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { matchedContacts { totalCount nodes { externalId } } } } }';
  const plan = (name: string, includeSegmentIds: string[], excludeSegmentIds: string[]) => ({
    input: { name, includeSegmentIds, excludeSegmentIds, messages: [{ medium: 'EMAIL', content: [{ language: 'en', body: 'x' }] }] },
  });
  const { matchedContacts } = (await app.call(create, plan('Both', [one, two], [out]))).createPlan.plan;
  expect(matchedContacts.nodes.map((each: { externalId: string }) => each.externalId).toSorted()).toEqual(['M0', 'M1', 'M2']);
  expect(matchedContacts.totalCount).toBe(3);
  const problems = await problemsOf(create, plan('Unknown', ['seg_0'], [one]).input);
  expect(problems).toEqual([['includeSegmentIds.0', 'NOT_FOUND']]);
});

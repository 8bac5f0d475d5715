import { beforeAll, expect, test } from 'vitest';
import { pruneAttachments } from '../../src/attachments/prune.js';
import { type Caller, openApp } from '../support/app.js';
import { png, upload } from '../support/upload.js';

const app = await openApp({ env: { ROLE: 'api' } });

beforeAll(async () => {
  await app.call('mutation { upsertCrmRecords(input: { contacts: [{ externalId: "anna", name: "Anna" }] }) { inserted } }');
});

const create = (input: object, selection = 'id draftVersion') =>
  app.ask(
    `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { ${selection} } } }`,
    { input: { contactExternalId: 'anna', medium: 'LETTER', saveAsDraft: true, ...input } },
    'AGENT',
  );
const draft = async (input: object = {}): Promise<string> => (await create(input)).data?.['createCommunication'].communication.id;
const update = (input: object) =>
  app.ask(
    'mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { communication { state body draftVersion } } }',
    { input },
    'AGENT',
  );
const discard = (input: object, as: Caller = 'AGENT') =>
  app.ask('mutation ($input: DeleteDraftInput!) { deleteDraft(input: $input) { communicationId } }', { input }, as);
const read = async (id: string) =>
  (await app.call('query ($id: ID!) { communication(id: $id) { state body draftVersion } }', { id })).communication;
const codeOf = ({ errors }: Awaited<ReturnType<typeof create>>) => errors?.[0]?.extensions.code;

test('C6 C18 a draft is discarded by an agent, with its notes; its number is not given again', async () => {
  const id = await draft({ body: 'never mind' });
  await app.call('mutation ($id: ID!) { addNote(input: { communicationId: $id, body: "seen" }) { note { id } } }', { id });
  expect((await discard({ communicationId: id })).data).toEqual({ deleteDraft: { communicationId: id } });
  expect(await read(id)).toBeNull();
  expect(await app.sql('select (select count(*) from note)::int as notes, (select count(*) from draft)::int as drafts')).toEqual([
    { notes: 0, drafts: 0 },
  ]);
  expect(codeOf(await discard({ communicationId: id }))).toBe('NOT_FOUND');
  expect(codeOf(await update({ communicationId: id, body: 'late' }))).toBe('NOT_FOUND');
  const again = await create({}, 'number');
  expect(again.data?.['createCommunication'].communication.number).toBe('CM000002');
});

test('C18 C19 only a draft is discarded, and only by those who write', async () => {
  const sent = await draft({ saveAsDraft: false, body: 'a letter' });
  const answer = await discard({ communicationId: sent });
  expect([codeOf(answer), answer.errors?.[0]?.message]).toEqual([
    'INVALID_STATE_TRANSITION',
    'Only a DRAFT can be changed; this one is COMPLETED.',
  ]);
  expect(await read(sent)).toMatchObject({ state: 'COMPLETED', draftVersion: null });
  const open = await draft();
  expect(codeOf(await discard({ communicationId: open }, ['CONTACT', 'anna']))).toBe('FORBIDDEN');
  expect(codeOf(await discard({ communicationId: 'nonsense' }))).toBe('NOT_FOUND');
  expect(await read(open)).toMatchObject({ state: 'DRAFT' });
  expect((await discard({ communicationId: open }, 'ADMIN')).errors).toBeUndefined();
});

test('W1 files of a discarded draft are forgotten, unless something else has them', async () => {
  const [own, shared] = await Promise.all(
    ['own.png', 'shared.png'].map(async (name) => (await upload(app, { name, type: 'image/png', bytes: png })).id),
  );
  const id = await draft({ attachmentIds: [own, shared] });
  await draft({ attachmentIds: [shared] });
  await app.sql(`update attachment set created_at = created_at - interval '2 days'`);
  const names = async () => (await app.sql('select name from attachment order by name')).map((each) => each['name']);
  await pruneAttachments(app.context());
  expect(await names()).toEqual(['own.png', 'shared.png']);
  await discard({ communicationId: id });
  await pruneAttachments(app.context());
  expect(await names()).toEqual(['shared.png']);
});

test('C19 of two people on one draft the second learns of the first, and overwrites nothing', async () => {
  const id = await draft({ body: 'one' });
  expect((await read(id)).draftVersion).toBe(1);
  expect(
    (await update({ communicationId: id, body: 'two', expectedVersion: 1 })).data?.['updateCommunication'].communication,
  ).toMatchObject({ body: 'two', draftVersion: 2 });
  const late = await update({ communicationId: id, body: 'three', expectedVersion: 1, saveAsDraft: false });
  expect([codeOf(late), late.errors?.[0]?.message]).toEqual([
    'CONFLICT',
    'The draft has version 2 by now, not 1: read it again and repeat the edit.',
  ]);
  expect(codeOf(await discard({ communicationId: id, expectedVersion: 1 }))).toBe('CONFLICT');
  expect(await read(id)).toEqual({ state: 'DRAFT', body: 'two', draftVersion: 2 });
  // Without a version the last one wins, and those who give one still learn of it.
  expect((await update({ communicationId: id, body: 'four' })).errors).toBeUndefined();
  expect(codeOf(await update({ communicationId: id, body: 'five', expectedVersion: 2 }))).toBe('CONFLICT');
  const sent = await update({ communicationId: id, expectedVersion: 3, saveAsDraft: false });
  expect(sent.data?.['updateCommunication'].communication).toEqual({ state: 'COMPLETED', body: 'four', draftVersion: null });
  expect(codeOf(await update({ communicationId: id, expectedVersion: 3 }))).toBe('INVALID_STATE_TRANSITION');
});

test('C19 W1 each field of one mutation shows the draft as that field has left it', async () => {
  const file = (await upload(app, { name: 'a.png', type: 'image/png', bytes: png })).id;
  const id = await draft({ body: 'one' });
  const shown = '{ communication { body draftVersion attachments { name } } }';
  const { first, second, sent } = await app.call(
    `mutation ($id: ID!, $files: [ID!]) {
      first: updateCommunication(input: { communicationId: $id, body: "two" }) ${shown}
      second: updateCommunication(input: { communicationId: $id, attachmentIds: $files, expectedVersion: 2 }) ${shown}
      sent: updateCommunication(input: { communicationId: $id, attachmentIds: [], expectedVersion: 3, saveAsDraft: false }) ${shown}
    }`,
    { id, files: [file] },
    'AGENT',
  );
  expect(first.communication).toEqual({ body: 'two', draftVersion: 2, attachments: [] });
  expect(second.communication).toEqual({ body: 'two', draftVersion: 3, attachments: [{ name: 'a.png' }] });
  expect(sent.communication).toEqual({ body: 'two', draftVersion: null, attachments: [] });
});

test('C19 of many who have seen the same version of a draft exactly one changes it', async () => {
  const id = await draft({ body: 'start' });
  const answers = await Promise.all(
    Array.from({ length: 6 }, async (_, place) =>
      place % 3 === 2
        ? await discard({ communicationId: id, expectedVersion: 1 })
        : await update({ communicationId: id, body: `b${place}`, expectedVersion: 1 }),
    ),
  );
  expect(answers.filter((each) => !each.errors)).toHaveLength(1);
  expect(answers.map(codeOf).filter((each) => each !== undefined && each !== 'CONFLICT' && each !== 'NOT_FOUND')).toEqual([]);
});

test('E2x the key of a draft that was discarded gives the first answer again, and says so where more is asked', async () => {
  const input = { body: 'once', idempotencyKey: 'letter-1' };
  const id = await draft(input);
  await discard({ communicationId: id });
  expect(await draft(input)).toBe(id);
  const more = await create(input, 'id body state');
  expect([codeOf(more), more.errors?.[0]?.message]).toEqual([
    'CONFLICT',
    'What the idempotency key "letter-1" made is not there any more; take a new key.',
  ]);
});

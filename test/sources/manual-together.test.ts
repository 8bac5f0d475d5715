import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        { externalId: 'anna', name: 'Anna', emails: [{ address: 'anna@example.org' }] },
        { externalId: 'ben', name: 'Ben', emails: [{ address: 'ben@example.org' }] },
      ],
    },
  });
});

const create = (input: object) =>
  app.ask(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id number } } }',
    { input },
    'AGENT',
  );
const made = async (input: object): Promise<{ id: string; number: string }> =>
  (await create({ contactExternalId: 'anna', ...input })).data?.['createCommunication'].communication;
const draft = async () => (await made({ medium: 'EMAIL', subject: 'first', body: 'first', saveAsDraft: true })).id;
const update = (person: string, input: object) =>
  app.ask(
    'mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { communication { state subject body } } }',
    { input },
    ['AGENT', person],
  );
const problemsOf = (answer: Awaited<ReturnType<typeof create>>) =>
  answer.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code]);

test('C11 C18 C19 people who change one draft at the same time come one after the other, and nothing of it is lost', async () => {
  const communicationId = await draft();
  const answers = await Promise.all([
    update('eva', { communicationId, subject: 'by eva' }),
    update('leo', { communicationId, body: 'by leo' }),
    ...Array.from({ length: 4 }, async (_, place) => await update(`p${place}`, { communicationId, expiresAt: '2099-01-01T00:00:00Z' })),
  ]);
  expect(answers.flatMap((each) => each.errors ?? [])).toEqual([]);
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { state subject body } }', { id: communicationId });
  expect(communication).toEqual({ state: 'DRAFT', subject: 'by eva', body: 'by leo' });
});

test('C18 C30 of people who send one draft at the same time one does, and the others learn what became of it', async () => {
  const communicationId = await draft();
  const answers = await Promise.all(
    Array.from({ length: 4 }, async (_, place) => await update(`p${place}`, { communicationId, saveAsDraft: false })),
  );
  const words = answers.map((each) => each.errors?.[0]?.message ?? each.data?.['updateCommunication'].communication.state);
  expect(words.toSorted()).toEqual(['PENDING', ...Array<string>(3).fill('Only a DRAFT can be changed; this one is PENDING.')].toSorted());
  expect(await app.sql('select 1 from queue_entry')).toHaveLength(1);
});

test('C21 notes that are written while a draft is changed stay', async () => {
  const communicationId = await draft();
  const note = 'mutation ($id: ID!) { addNote(input: { communicationId: $id, body: "seen" }) { note { id } } }';
  const answers = await Promise.all(
    Array.from({ length: 12 }, async (_, place) =>
      place % 2 === 0 ? await update('eva', { communicationId, body: `b${place}` }) : await app.ask(note, { id: communicationId }, 'AGENT'),
    ),
  );
  expect(answers.flatMap((each) => each.errors ?? [])).toEqual([]);
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { notes { totalCount } } }', { id: communicationId });
  expect(communication.notes.totalCount).toBe(6);
});

test('C2 C7 C8 C9 C10 C32 without a contact the rest is checked all the same; parameters have names, each once', async () => {
  const wrong = {
    contactExternalId: 'nobody',
    medium: 'EMAIL',
    to: 'nonsense',
    body: 'x',
    categoryId: 'cat_none',
    externalSystemId: 'sys_none',
    parameters: [
      { name: 'code', value: '1' },
      { name: 'code', value: '2' },
      { name: 'no name', value: '3' },
    ],
  };
  expect(problemsOf(await create(wrong))).toEqual([
    ['contactExternalId', 'UNKNOWN_CONTACT'],
    ['externalSystemId', 'NOT_FOUND'],
    ['to', 'INVALID_EMAIL'],
    ['parameters.1.name', 'DUPLICATE'],
    ['parameters.2.name', 'INVALID_NAME'],
    ['categoryId', 'NOT_FOUND'],
  ]);
});

test('F2 F5 a follow-up is with the same contact and refers to what it follows; all that is wrong with it is told at once', async () => {
  const call = await made({ medium: 'PHONE', body: 'called' });
  const other = await made({ medium: 'PHONE', body: 'called about something else' });
  const follow = async (followUp: object) =>
    await app.ask(
      'mutation ($input: FollowUpCommunicationInput!) { followUpCommunication(input: $input) { communication { followUpOf { number } } } }',
      { input: { communicationId: call.id, followUp } },
      'AGENT',
    );
  const referringTo = { type: 'communication', externalId: other.number };
  expect(problemsOf(await follow({ contactExternalId: 'ben', medium: 'EMAIL', to: 'nonsense', body: 'x', referringTo }))).toEqual([
    ['followUp.contactExternalId', 'OTHER_CONTACT'],
    ['followUp.referringTo', 'CONTRADICTION'],
    ['followUp.to', 'INVALID_EMAIL'],
    ['followUp.referringTo', 'NOT_FOUND'],
  ]);
  const again = { contactExternalId: 'anna', medium: 'PHONE', body: 'x', referringTo: { type: 'communication', externalId: call.number } };
  expect((await follow(again)).data).toEqual({ followUpCommunication: { communication: { followUpOf: { number: call.number } } } });
});

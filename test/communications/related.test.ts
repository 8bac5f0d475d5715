import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });

const create = async (input: object, as: 'ADMIN' | ['AGENT', string] = ['AGENT', 'nikos']) =>
  (
    await app.call(
      `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication {
        id number state direction medium createdBy origin category { name } template { name } referringTo { type externalId number } followUpOf { number } } } }`,
      { input: { contactExternalId: 'anna', ...input } },
      as,
    )
  ).createCommunication.communication;
const followUp = async (communicationId: string, input: object) =>
  (
    await app.call(
      'mutation ($input: FollowUpCommunicationInput!) { followUpCommunication(input: $input) { communication { id number state } } }',
      { input: { communicationId, followUp: { contactExternalId: 'anna', ...input } } },
      'AGENT',
    )
  ).followUpCommunication.communication;
const refused = async (input: object) => {
  const answer = await app.ask(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
    { input: { contactExternalId: 'anna', ...input } },
    'AGENT',
  );
  return answer.errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`);
};
const read = async (id: string, fields: string, as: 'ADMIN' | 'AGENT' = 'AGENT') =>
  (await app.call(`query ($id: ID!) { communication(id: $id) { ${fields} } }`, { id }, as)).communication;
const phone = { medium: 'PHONE', direction: 'INCOMING', body: 'x' };

/** The sixteen things that a communication may refer to (C17), by our names; notifications come with their records. */
const referable = [
  'job',
  'subscription',
  'activity',
  'service_request',
  'lead',
  'account',
  'bill',
  'payment',
  'payment_gateway_card',
  'payment_gateway_request',
  'rewards_participant',
  'award_reward_transaction',
  'spend_reward_transaction',
  'access_token',
];

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        { externalId: 'anna', name: 'Anna', emails: [{ address: 'anna@example.org' }] },
        { externalId: 'bob', name: 'Bob' },
      ],
      accounts: [{ externalId: 'a1', contact: 'anna', number: 'AR1' }],
      objects: referable
        .filter((each) => each !== 'account')
        .map((type) => ({ type, externalId: `${type}-1`, contact: 'anna', account: 'a1', number: `N-${type}` })),
    },
  });
});

test.each(referable)('C17 a communication refers to a record of the kind %s', async (type) => {
  const externalId = type === 'account' ? 'a1' : `${type}-1`;
  const { referringTo } = await create({ ...phone, referringTo: { type, externalId } });
  expect(referringTo).toEqual({ type, externalId, number: type === 'account' ? 'AR1' : `N-${type}` });
});

test('C17 F2 a related communication is named by its number, and is then followed up; only a completed one can be', async () => {
  const one = await create(phone);
  const two = await create({ ...phone, referringTo: { type: 'communication', externalId: one.number } });
  expect(two).toMatchObject({
    referringTo: { type: 'communication', externalId: one.number, number: one.number },
    followUpOf: { number: one.number },
  });
  const draft = await create({ ...phone, saveAsDraft: true });
  expect(await refused({ ...phone, referringTo: { type: 'communication', externalId: draft.number } })).toEqual([
    'referringTo: NOT_COMPLETED',
  ]);
  expect(await refused({ ...phone, contactExternalId: 'bob', referringTo: { type: 'communication', externalId: one.number } })).toEqual([
    'referringTo: NOT_FOUND',
  ]);
  const changed = await app.call(
    'mutation ($id: ID!) { updateCommunication(input: { communicationId: $id, referringTo: null }) { communication { followUpOf { id } } } }',
    { id: (await create({ ...phone, saveAsDraft: true, referringTo: { type: 'communication', externalId: one.number } })).id },
    'AGENT',
  );
  expect(changed.updateCommunication.communication.followUpOf).toBeNull();
});

test('F1 F2 F4 a chain is read from any of its communications, in both directions', async () => {
  const first = await create(phone);
  const second = await followUp(first.id, { medium: 'PHONE', body: 'y' });
  const other = await followUp(first.id, { medium: 'LETTER', body: 'z' });
  const third = await followUp(second.id, { medium: 'PHONE', body: 'y' });
  const fields = 'followUpOf { number } followUps { totalCount nodes { number } } chain { totalCount nodes { number } }';
  const whole = [first, second, other, third].map((each) => ({ number: each.number }));
  for (const each of [first, second, other, third]) expect((await read(each.id, fields)).chain).toEqual({ totalCount: 4, nodes: whole });
  expect((await read(first.id, fields)).followUps.nodes).toEqual([{ number: other.number }, { number: second.number }]);
  expect(await read(third.id, fields)).toMatchObject({ followUpOf: { number: second.number }, followUps: { totalCount: 0, nodes: [] } });
  const found = await app.call(
    'query ($number: String!) { communications(filter: { referringTo: { type: "communication", externalId: $number } }) { nodes { number } } }',
    {
      number: first.number,
    },
  );
  expect(found.communications.nodes).toEqual([{ number: other.number }, { number: second.number }]);
});

test('C21 notes are shared, in any state, newest first, and survive the editing of a draft', async () => {
  const draft = await create({ ...phone, saveAsDraft: true });
  const add = async (body: string, who: string, communicationId = draft.id) =>
    await app.ask(
      'mutation ($input: AddNoteInput!) { addNote(input: $input) { note { id author body createdAt } } }',
      { input: { communicationId, body } },
      ['AGENT', who],
    );
  const { data } = await add('  Called; nobody there. ', 'nikos');
  expect(data?.['addNote'].note).toMatchObject({ author: 'nikos', body: 'Called; nobody there.' });
  await add('Called again', 'maria');
  await app.call(
    'mutation ($id: ID!) { updateCommunication(input: { communicationId: $id, body: "more" }) { communication { id } } }',
    { id: draft.id },
    'AGENT',
  );
  await app.call(
    'mutation ($id: ID!) { updateCommunication(input: { communicationId: $id, saveAsDraft: false }) { communication { id } } }',
    { id: draft.id },
    'AGENT',
  );
  await add('Settled', 'eleni');
  const { state, notes } = await read(draft.id, 'state notes(first: 2) { totalCount pageInfo { hasNextPage } nodes { author body } }');
  expect([state, notes]).toEqual([
    'COMPLETED',
    {
      totalCount: 3,
      pageInfo: { hasNextPage: true },
      nodes: [
        { author: 'eleni', body: 'Settled' },
        { author: 'maria', body: 'Called again' },
      ],
    },
  ]);
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Note { body } } }', { id: data?.['addNote'].note.id }, [
    'AGENT',
    'x',
  ]);
  expect(node).toEqual({ body: 'Called; nobody there.' });
  expect((await add(' ', 'nikos')).errors?.[0]?.extensions.problems?.[0]?.code).toBe('INVALID');
  expect((await add('x', 'nikos', 'com_00000000000000000000000000000000')).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('what stands around a communication is for those who work here: a contact and a portal see none of it', async () => {
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const call = await create(phone);
  const entry = await followUp(call.id, { medium: 'DEVICE', body: 'y', externalSystemId: createExternalSystem.externalSystem.id });
  await app.call(
    'mutation ($input: AddNoteInput!) { addNote(input: $input) { note { id } } }',
    { input: { communicationId: entry.id, body: 'secret' } },
    'AGENT',
  );
  const fields =
    'followUpOf { id } followUps { totalCount } chain { totalCount nodes { id } } notes { totalCount nodes { id } } createdBy template { id } retryOf { id } retriedAs { id } referringTo { type }';
  for (const caller of [
    ['CONTACT', 'anna'],
    ['EXTERNAL_SYSTEM', 'portal'],
  ] as const) {
    const { inbox } = await app.call(`{ inbox(contactExternalId: "anna") { nodes { communication { ${fields} } } } }`, {}, [...caller]);
    expect(inbox.nodes[0].communication).toEqual({
      followUpOf: null,
      followUps: { totalCount: 0 },
      chain: { totalCount: 0, nodes: [] },
      notes: { totalCount: 0, nodes: [] },
      createdBy: null,
      template: null,
      retryOf: null,
      retriedAs: null,
      referringTo: null,
    });
    const added = await app.ask(
      'mutation ($id: ID!) { addNote(input: { communicationId: $id, body: "x" }) { note { id } } }',
      { id: entry.id },
      [...caller],
    );
    expect(added.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
});

test('C23 T1 T5 a template fills direction, medium, subject, text and category, and the communication names it', async () => {
  const { createCategory, createTemplate } = await app.call(`mutation {
    createCategory(input: { name: "Inquiry" }) { category { id } }
    createTemplate(input: { name: "Caller asks", medium: PHONE, direction: INCOMING, content: [{ language: "en", subject: "Asked", body: "#contact.name asked" }] }) { template { id direction } }
  }`);
  const templateId = createTemplate.template.id;
  expect(createTemplate.template.direction).toBe('INCOMING');
  await app.call('mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { id } } }', {
    input: { templateId, categoryId: createCategory.category.id },
  });
  expect(await create({ templateId })).toMatchObject({
    direction: 'INCOMING',
    medium: 'PHONE',
    state: 'COMPLETED',
    category: { name: 'Inquiry' },
    template: { name: 'Caller asks' },
    createdBy: 'nikos',
    origin: 'MANUAL',
  });
  expect(await create({ templateId, direction: 'OUTGOING' })).toMatchObject({ direction: 'OUTGOING' });
  const { templates } = await app.call('{ templates(filter: { direction: INCOMING }) { nodes { name } } }');
  expect(templates.nodes).toEqual([{ name: 'Caller asks' }]);
});

test('T16 a template about one kind of record is not used for another; one about the contact is for all', async () => {
  const { about, anybody } = await app.call(`mutation {
    about: createTemplate(input: { name: "Job", medium: LETTER, objectType: "job", content: [{ language: "en", body: "#job.number" }] }) { template { id } }
    anybody: createTemplate(input: { name: "Contact", medium: LETTER, objectType: "contact", content: [{ language: "en", body: "#contact.name" }] }) { template { id } }
  }`);
  const bill = { type: 'bill', externalId: 'bill-1' };
  expect(await refused({ templateId: about.template.id, referringTo: bill })).toEqual(['referringTo.type: WRONG_OBJECT_TYPE']);
  expect((await create({ templateId: about.template.id, referringTo: { type: 'job', externalId: 'job-1' } })).state).toBe('COMPLETED');
  expect((await create({ templateId: about.template.id })).state).toBe('COMPLETED');
  expect((await create({ templateId: anybody.template.id, referringTo: bill })).state).toBe('COMPLETED');
});

import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

// BS8: a customer calls about a technical issue. The call is kept as a draft while somebody visits; when the visit is over the draft is
// saved and Completed. A call back follows it, about the service's satisfaction, with notes: the two are a chain.
const app = await openApp({ env: { ROLE: 'api' } });
const categories: Record<string, string> = {};
const shown =
  'id number state direction medium body category { name } referringTo { type number } followUpOf { number } notes { nodes { author body } } chain { nodes { number category { name } } }';
const agent: ['AGENT', string] = ['AGENT', 'eleni'];
const call = async (name: string, input: object) =>
  (
    await app.call(
      `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { communication { ${shown} } } }`,
      { input },
      agent,
    )
  )[name].communication;

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts: [{ externalId: 'anna', name: 'Anna', phones: [{ number: '+35799123456' }] }] },
  });
  for (const name of ['Technical Issue', 'Service Satisfaction']) {
    const { createCategory } = await app.call('mutation ($name: String!) { createCategory(input: { name: $name }) { category { id } } }', {
      name,
    });
    categories[name] = createCategory.category.id;
  }
});

test('BS8 C22 F1 to F5 K5 from the call to the call back', async () => {
  const incoming = await call('createCommunication', {
    contactExternalId: 'anna',
    medium: 'PHONE',
    direction: 'INCOMING',
    categoryId: categories['Technical Issue'],
    body: 'No picture on channel 5; 100% #sure',
    saveAsDraft: true,
  });
  expect(incoming).toMatchObject({ state: 'DRAFT', direction: 'INCOMING', category: { name: 'Technical Issue' } });

  // The visit, which the CRM knows as an activity.
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      objects: [{ type: 'activity', externalId: 'v1', contact: 'anna', number: 'AC1', fields: { type: 'Visit', state: 'COMPLETED' } }],
    },
  });
  const closed = await call('updateCommunication', {
    communicationId: incoming.id,
    referringTo: { type: 'activity', externalId: 'v1' },
    saveAsDraft: false,
  });
  expect(closed).toMatchObject({
    number: incoming.number,
    state: 'COMPLETED',
    body: 'No picture on channel 5; 100% #sure',
    referringTo: { type: 'activity', number: 'AC1' },
  });

  const back = await call('followUpCommunication', {
    communicationId: incoming.id,
    followUp: { contactExternalId: 'anna', medium: 'PHONE', categoryId: categories['Service Satisfaction'], body: '' },
  });
  expect(back).toMatchObject({
    state: 'COMPLETED',
    direction: 'OUTGOING',
    category: { name: 'Service Satisfaction' },
    followUpOf: { number: incoming.number },
  });
  await app.call(
    'mutation ($input: AddNoteInput!) { addNote(input: $input) { note { id } } }',
    { input: { communicationId: back.id, body: 'She is content.' } },
    agent,
  );
  const { communication } = await app.call(`query ($id: ID!) { communication(id: $id) { ${shown} } }`, { id: back.id }, agent);
  expect(communication.notes.nodes).toEqual([{ author: 'eleni', body: 'She is content.' }]);
  expect(communication.chain.nodes).toEqual([
    { number: incoming.number, category: { name: 'Technical Issue' } },
    { number: back.number, category: { name: 'Service Satisfaction' } },
  ]);
  expect(await app.sql('select from queue_entry')).toHaveLength(0);
});

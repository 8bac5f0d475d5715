import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();

test("graphql's own directives are known", async () => {
  const query = 'query ($yes: Boolean!) { me { role @include(if: $yes) subject @skip(if: $yes) } }';
  expect(await app.call(query, { yes: true })).toEqual({ me: { role: 'ADMIN' } });
});

test('an operation that the document does not have is not another one', async () => {
  const answer = async (body: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await app.token('ADMIN', 'admin')}` };
    const response = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
    return [response.status, await response.json()];
  };
  const query = 'mutation A { upsertCrmRecords(input: { contacts: [{ externalId: "op-1", name: "x" }] }) { inserted } }';
  expect(await answer({ query, operationName: 'B' })).toMatchObject([400, { errors: [{ extensions: { code: 'BAD_REQUEST' } }] }]);
  expect(await app.call('{ contact(externalId: "op-1") { id } }')).toEqual({ contact: null });
});

test('a value that is nested without end is bad input', async () => {
  const value = JSON.parse(`${'{"not":'.repeat(3000)}{}${'}'.repeat(3000)}`) as object;
  const query = 'mutation ($c: ConditionInput) { createSegment(input: { name: "deep", condition: $c }) { segment { id } } }';
  expect((await app.ask(query, { c: value })).errors?.[0]?.extensions.problems).toMatchObject([{ path: ['c'], code: 'TOO_DEEP' }]);
});

test('a cursor of another list is refused, and named', async () => {
  const cursor = (key: unknown) => Buffer.from(JSON.stringify([key])).toString('base64url');
  const uuid = '01a203c4-9ae8-7306-8d5e-bed51b50d453';
  for (const [list, key] of [
    ['communications', uuid],
    ['communications', null],
    ['communications', 1e30],
    ['sandboxMessages', 'x'],
    ['contacts', 5],
  ] as const) {
    for (const name of ['after', 'before']) {
      const answer = await app.ask(`{ ${list}(${name}: "${cursor(key)}") { totalCount } }`);
      expect(answer.errors?.[0]?.extensions.problems).toMatchObject([{ path: [name], code: 'INVALID_CURSOR' }]);
    }
  }
});

test('what an entry follows is shown to those who may read communications', async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts: [{ externalId: 'f-1', name: 'Ada' }] },
  });
  const { createExternalSystem, createCommunication } = await app.call(`mutation {
    createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } }
    createCommunication(input: { contactExternalId: "f-1", medium: PHONE, body: "a note for us" }) { communication { id } }
  }`);
  await app.call('mutation ($input: FollowUpCommunicationInput!) { followUpCommunication(input: $input) { communication { id } } }', {
    input: {
      communicationId: createCommunication.communication.id,
      followUp: { contactExternalId: 'f-1', medium: 'DEVICE', externalSystemId: createExternalSystem.externalSystem.id, body: 'Hello' },
    },
  });
  const inbox = '{ inbox(contactExternalId: "f-1") { nodes { body communication { followUpOf { body } } } } }';
  const seen = (followUpOf: object | null) => ({ inbox: { nodes: [{ body: 'Hello', communication: { followUpOf } }] } });
  expect(await app.call(inbox, {}, ['CONTACT', 'f-1'])).toEqual(seen(null));
  expect(await app.call(inbox, {}, ['EXTERNAL_SYSTEM', 'portal'])).toEqual(seen(null));
  expect(await app.call(inbox)).toEqual(seen({ body: 'a note for us' }));
});

test('no answer is kept by whoever stands between', async () => {
  const headers = { authorization: `Bearer ${await app.token('ADMIN', 'admin')}`, 'apollo-require-preflight': 'yes' };
  const answers = await Promise.all([
    fetch(`${app.url}/graphql?query=${encodeURIComponent('{ me { role } }')}`, { headers }),
    fetch(`${app.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ me { role } }"}' }),
  ]);
  expect(answers.map((each) => each.headers.get('cache-control'))).toEqual(['no-store', 'no-store']);
});

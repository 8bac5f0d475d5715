import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { subscribe } from '../support/live.js';
import { fill, lease, makeContacts, makeSystem, type System, settle, stateOf, write } from '../support/queue.js';

const app = await openApp();
let portal: System;

beforeAll(async () => {
  await makeContacts(app, 'anna', 'ben', 'cleo');
  portal = await makeSystem(app, { name: 'Portal', media: ['DEVICE', 'SMS', 'EMAIL'], contactInbox: true });
});

const list = async (filter: object, more = '', as: Parameters<typeof app.call>[2] = portal.as) =>
  (
    await app.call(
      `query ($filter: QueueEntryFilter) { queueEntries(filter: $filter ${more}) { totalCount nodes { id number state } } }`,
      { filter },
      as,
    )
  ).queueEntries;
const idsOf = (found: { nodes: { id: string }[] }) => found.nodes.map((each) => each.id);

test('Q16 an entry has a number of its own, unique, by which it is found', async () => {
  const [a, b] = [
    await write(app, { contactExternalId: 'anna', externalSystemId: portal.id }, 'id number'),
    await write(app, { contactExternalId: 'anna', externalSystemId: portal.id }, 'id number'),
  ];
  const { nodes } = await list({});
  expect(nodes.map((each: { id: string }) => each.id)).toEqual([b.id, a.id]);
  expect(nodes[0].number).toMatch(/^QE\d{6,}$/);
  expect(new Set([...nodes.map((each: { number: string }) => each.number), a.number, b.number]).size).toBe(4);
  expect(idsOf(await list({ number: nodes[1].number }))).toEqual([a.id]);
  expect(idsOf(await list({ number: b.number }))).toEqual([b.id]);
  const wrong = await app.ask('{ queueEntries(filter: { number: "seven" }) { nodes { id } } }', {}, portal.as);
  expect(wrong.errors?.[0]?.extensions.problems?.[0]?.path).toEqual(['filter', 'number']);
});

test('Q17 J3 entries are listed by system, medium, contact, state and time, page by page, with the fields that are asked for', async () => {
  const system = await makeSystem(app, { name: 'Listed', media: ['DEVICE', 'SMS'] });
  const made: string[] = [];
  for (const [contactExternalId, medium] of [
    ['anna', 'DEVICE'],
    ['ben', 'SMS'],
    ['anna', 'SMS'],
    ['ben', 'DEVICE'],
  ])
    made.push((await write(app, { contactExternalId, medium, externalSystemId: system.id })).id);
  const [first, second, third, fourth] = made;
  await settle(app, system.as, 'complete', [{ id: second ?? '' }]);
  const by = async (filter: object, more = '') => idsOf(await list(filter, more, system.as));
  expect(await by({ media: ['SMS'] })).toEqual([third, second]);
  expect(await by({ contactExternalId: 'anna' })).toEqual([third, first]);
  expect(await by({ contactExternalId: 'anna', media: ['DEVICE'] })).toEqual([first]);
  expect(await by({ contactExternalId: 'nobody' })).toEqual([]);
  expect(await by({}, ', states: [PENDING]')).toEqual([fourth, third, first]);
  expect(await by({ media: ['SMS'] }, ', states: [PENDING]')).toEqual([third]);
  expect(await by({}, ', states: [COMPLETED, REJECTED]')).toEqual([second]);
  expect(await by({ createdAfter: '2100-01-01T00:00:00Z' })).toEqual([]);
  expect((await list({}, ', first: 1', system.as)).totalCount).toBe(4);
  const page = await app.call('{ queueEntries(first: 2) { nodes { id } pageInfo { endCursor hasNextPage } } }', {}, system.as);
  expect(page.queueEntries.pageInfo.hasNextPage).toBe(true);
  expect(await by({}, `, first: 2, after: "${page.queueEntries.pageInfo.endCursor}"`)).toEqual([second, first]);
  // An administrator says whose queue, another system sees none of it.
  expect((await list({}, `, externalSystemId: "${system.id}"`, 'ADMIN')).totalCount).toBe(4);
  expect(idsOf(await list({}, '', portal.as)).filter((id) => made.includes(id))).toEqual([]);
});

test('X13 an entry is labelled with the system that it is meant for, for all but the contact', async () => {
  const label = '{ nodes { externalSystem { code } communication { externalSystem { name } } } }';
  const { queueEntries } = await app.call(`{ queueEntries(first: 1) ${label} }`, {}, portal.as);
  expect(queueEntries.nodes).toEqual([{ externalSystem: { code: 'portal' }, communication: { externalSystem: { name: 'Portal' } } }]);
  const { inbox } = await app.call(`{ inbox(first: 1) ${label} }`, {}, ['CONTACT', 'anna']);
  expect(inbox.nodes).toEqual([{ externalSystem: null, communication: { externalSystem: null } }]);
});

test('Q18 X12 viewed is a flag and an instant; the first time counts; transferred and deleted are told, too', async () => {
  const { id } = await write(app, { contactExternalId: 'ben', externalSystemId: portal.id });
  expect(await settle(app, portal.as, 'complete', [{ id }])).toEqual(['COMPLETED']);
  const view = async () =>
    (
      await app.call('mutation ($id: ID!) { viewQueueEntries(input: { ids: [$id] }) { results { entry { viewedAt } } } }', { id }, [
        'CONTACT',
        'ben',
      ])
    ).viewQueueEntries.results[0].entry.viewedAt;
  const at = await view();
  expect(Date.parse(at)).toBeGreaterThan(Date.now() - 60_000);
  expect(await view()).toBe(at);
  expect(idsOf(await list({ viewed: true, contactExternalId: 'ben' }))).toEqual([id]);
  expect(idsOf(await list({ viewed: false, contactExternalId: 'ben' }))).toEqual([]);
  expect(await settle(app, portal.as, 'remove', [{ id }])).toEqual(['COMPLETED_AND_REMOVED']);
});

test('E1x the counters of an inbox are one query, and everything in it is viewed by one call, on every device', async () => {
  const other = await makeSystem(app, { name: 'Other inbox', contactInbox: true });
  const ids: string[] = [];
  for (const system of [portal, portal, portal, other])
    ids.push((await write(app, { contactExternalId: 'cleo', externalSystemId: system.id })).id);
  await settle(app, portal.as, 'complete', [{ id: ids[0] ?? '' }]);
  await settle(app, portal.as, 'reject', [{ id: ids[1] ?? '', reason: 'no such device' }]);
  const cleo: ['CONTACT', string] = ['CONTACT', 'cleo'];
  const counts = async () => (await app.call('{ inboxCounts { pendingCount unviewedCount } }', {}, cleo)).inboxCounts;
  expect(await counts()).toEqual({ pendingCount: 2, unviewedCount: 3 });

  const phone = await subscribe(
    app,
    'subscription { inboxChanged { kind entryId entry { viewedAt } pendingCount unviewedCount } }',
    {},
    cleo,
  );
  await phone.until((each) => each.kind === 'SYNCED');
  const viewAll = async (input: object) =>
    (
      await app.call(
        'mutation ($input: ViewAllQueueEntriesInput!) { viewAllQueueEntries(input: $input) { viewed counts { unviewedCount } } }',
        { input },
        cleo,
      )
    ).viewAllQueueEntries;
  expect(await viewAll({ externalSystemIds: [other.id] })).toEqual({ viewed: 1, counts: { unviewedCount: 0 } });
  expect(await viewAll({})).toEqual({ viewed: 2, counts: { unviewedCount: 0 } });
  expect(await viewAll({})).toEqual({ viewed: 0, counts: { unviewedCount: 0 } });
  for (const id of [ids[0], ids[2], ids[3]]) await phone.until((each) => each.kind === 'CHANGED' && each.entryId === id);
  const changed = phone.events.filter((each) => each.kind === 'CHANGED');
  expect(new Set(changed.map((each) => each.entryId))).toEqual(new Set([ids[0], ids[2], ids[3]]));
  for (const { entry } of changed) expect(Date.parse(entry.viewedAt)).not.toBeNaN();
  expect(await counts()).toEqual({ pendingCount: 2, unviewedCount: 0 });
  const own = await app.ask('mutation { viewAllQueueEntries(input: { contactExternalId: "anna" }) { viewed } }', {}, cleo);
  expect(own.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('Q15 X11 Q7 a rejected entry has a code and the words of the system', async () => {
  const { id } = await write(app, { contactExternalId: 'ben', externalSystemId: portal.id });
  expect(await settle(app, portal.as, 'reject', [{ id, reason: 'The device is unknown' }])).toEqual(['REJECTED']);
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { state rejection { code message at } } }', { id });
  expect(communication).toMatchObject({ state: 'REJECTED', rejection: { code: 'EXTERNAL_SYSTEM', message: 'The device is unknown' } });
});

test('J4 Q9 Q10 many entries are marked in one call, each answered on its own, and what is marked is not handed out again', async () => {
  const system = await makeSystem(app, { name: 'Marked' });
  const [a = '', b = '', c = '', d = ''] = await fill(app, system, 4);
  expect(await settle(app, system.as, 'complete', [{ id: a }, { id: b }])).toEqual(['COMPLETED', 'COMPLETED']);
  expect(await settle(app, system.as, 'reject', [{ id: c, reason: 'no' }])).toEqual(['REJECTED']);
  expect(await settle(app, system.as, 'remove', [{ id: a }, { id: c }, { id: d }, { id: 'com_nonsense' }])).toEqual([
    'COMPLETED_AND_REMOVED',
    'INVALID_STATE_TRANSITION',
    'COMPLETED_AND_REMOVED',
    'NOT_FOUND',
  ]);
  expect(await lease(app, system.as)).toEqual([]);
  expect(await Promise.all([a, b, c, d].map(async (id) => (await stateOf(app, id)).state))).toEqual([
    'COMPLETED_AND_REMOVED',
    'COMPLETED',
    'REJECTED',
    'COMPLETED_AND_REMOVED',
  ]);
});

test('J1 J6 X17 communications are made and followed through the API alone, with an external system', async () => {
  const { id } = await write(app, { contactExternalId: 'ben', externalSystemId: portal.id, body: 'By API' });
  const [leased] = (await lease(app, portal.as, { limit: 1_000 })).filter((each) => each.id === id);
  const entry = await app.call(
    'query ($id: ID!) { node(id: $id) { ... on QueueEntry { body state lease { token } } } }',
    { id },
    portal.as,
  );
  expect(entry.node).toEqual({ body: 'By API', state: 'PENDING', lease: { token: leased?.lease.token } });
});

test('Q2 Q3 e-mail, SMS and device communications enter the queue when they are created; calls, letters and meetings never do', async () => {
  const queued = async (medium: string, more: object = {}) =>
    (await write(app, { contactExternalId: 'ben', medium, subject: medium === 'EMAIL' ? 'S' : null, ...more })).state;
  for (const medium of ['DEVICE', 'SMS', 'EMAIL']) expect(await queued(medium, { externalSystemId: portal.id })).toBe('PENDING');
  for (const medium of ['PHONE', 'LETTER', 'FACE_TO_FACE']) expect(await queued(medium)).toBe('COMPLETED');
});

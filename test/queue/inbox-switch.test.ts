import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { type Live, subscribe } from '../support/live.js';
import { makeContacts, makeSystem, type System, settle, write } from '../support/queue.js';

const app = await openApp({ env: { ROLE: 'api' } });
const contacts = ['anna', 'berta', 'clara'] as const;
let news: System;

beforeAll(async () => {
  await makeContacts(app, ...contacts);
  news = await makeSystem(app, { name: 'News', contactInbox: true });
});

type Event = { kind: string; cursor: string; entryId: string | null; entry: { id: string } | null; pendingCount: number };
const query =
  'subscription ($of: String, $after: String, $systems: [ID!]) { inboxChanged(contactExternalId: $of, after: $after, externalSystemIds: $systems) { kind cursor entryId entry { id } pendingCount } }';
const watch = async (as: Parameters<typeof subscribe>[3], variables: Record<string, unknown> = {}) =>
  await subscribe<Event>(app, query, variables, as);
const synced = async (live: Live<Event>, times = 1) =>
  await eventually(() => live.events.filter((each) => each.kind === 'SYNCED').length >= times);
const kinds = (live: Live<Event>) => live.events.map((each) => (each.entryId ? `${each.kind} ${each.entryId}` : each.kind));
const add = async (contact: string, system: System): Promise<string> =>
  (await write(app, { contactExternalId: contact, externalSystemId: system.id })).id;
const change = async (system: System, input: Record<string, unknown>) =>
  await app.call('mutation ($input: UpdateExternalSystemInput!) { updateExternalSystem(input: $input) { externalSystem { id } } }', {
    input: { externalSystemId: system.id, ...input },
  });
const listed = async (contact: string) =>
  (await app.call('{ inbox(first: 100) { nodes { id } } }', {}, ['CONTACT', contact])).inbox.nodes.map((each: { id: string }) => each.id);
const counts = async (contact: string) =>
  (await app.call('{ inboxCounts { pendingCount unviewedCount } }', {}, ['CONTACT', contact])).inboxCounts;

test('X1 XU1 XU9 a system that ceases to feed inboxes, and begins again: its contacts’ devices begin anew, nobody else’s do', async () => {
  const portal = await makeSystem(app, { contactInbox: true });
  const [kept, a, b] = [await add('anna', news), await add('anna', portal), await add('anna', portal)];
  const c = await add('berta', news);
  const everything = await watch(['CONTACT', 'anna']);
  const named = await watch(['CONTACT', 'anna'], { systems: [portal.id] });
  const system = await watch(portal.as, { of: 'anna' });
  const admin = await watch(['ADMIN', 'admin'], { of: 'anna', systems: [portal.id] });
  const other = await watch(['CONTACT', 'berta']);
  for (const each of [everything, named, system, admin, other]) await synced(each);

  await change(portal, { contactInbox: false });
  for (const each of [everything, named]) await synced(each, 2);
  const first = ['ADDED', 'ADDED', 'ADDED', 'SYNCED'].length;
  expect(kinds(everything).slice(first)).toEqual(['RESYNC', `ADDED ${kept}`, 'SYNCED']);
  expect(everything.events.at(-1)?.pendingCount).toBe(1);
  expect(kinds(named)).toEqual([`ADDED ${a}`, `ADDED ${b}`, 'SYNCED', 'RESYNC', 'SYNCED']);
  expect(named.events.at(-1)?.pendingCount).toBe(0);
  expect(await listed('anna')).toEqual([kept]);
  expect(await counts('anna')).toEqual({ pendingCount: 1, unviewedCount: 1 });

  // What happens to them now is told to whoever works the queue, and to no device.
  await settle(app, portal.as, 'complete', [{ id: a }]);
  const d = await add('anna', portal);
  for (const each of [system, admin]) {
    await each.until((event) => event.entryId === d);
    expect(kinds(each)).toEqual([`ADDED ${a}`, `ADDED ${b}`, 'SYNCED', `CHANGED ${a}`, `ADDED ${d}`]);
  }
  const marker = await add('anna', news);
  await everything.until((event) => event.entryId === marker);
  expect(kinds(everything).slice(first + 3)).toEqual([`ADDED ${marker}`]);

  await change(portal, { contactInbox: true });
  for (const each of [everything, named]) await synced(each, 3);
  expect(kinds(everything).slice(first + 4)).toEqual(['RESYNC', ...[kept, a, b, d, marker].map((id) => `ADDED ${id}`), 'SYNCED']);
  expect(kinds(named).slice(5)).toEqual(['RESYNC', `ADDED ${a}`, `ADDED ${b}`, `ADDED ${d}`, 'SYNCED']);
  expect((await listed('anna')).toReversed()).toEqual([kept, a, b, d, marker]);

  // Any other change of the system is nobody's business.
  await change(portal, { contactInbox: true, description: 'The same as before' });
  const e = await add('berta', news);
  await other.until((event) => event.entryId === e);
  expect(kinds(other)).toEqual([`ADDED ${c}`, 'SYNCED', `ADDED ${e}`]);
  const last = await add('anna', news);
  await everything.until((event) => event.entryId === last);
  expect(kinds(everything).filter((each) => each === 'RESYNC')).toHaveLength(2);
});

test('XU1 a device that was away while a system was switched, once or there and back, ends with the inbox as it is; one resync is enough', async () => {
  const portal = await makeSystem(app, { contactInbox: true });
  const [a, b] = [await add('clara', news), await add('clara', portal)];
  const first = await watch(['CONTACT', 'clara']);
  await synced(first);
  const cursors = first.events.map((each) => each.cursor);
  await first.close();
  const resumed = async (after: string | undefined) => {
    const live = await watch(['CONTACT', 'clara'], { after });
    await synced(live);
    await live.close();
    return { kinds: kinds(live), cursor: live.events.at(-1)?.cursor };
  };

  await change(portal, { contactInbox: false });
  // One of the middle of the first listing, and one of its end.
  const middle = await resumed(cursors[0]);
  expect(middle.kinds.slice(middle.kinds.indexOf('RESYNC'))).toEqual(['RESYNC', `ADDED ${a}`, 'SYNCED']);
  const off = await resumed(cursors.at(-1));
  expect(off.kinds).toEqual(['RESYNC', `ADDED ${a}`, 'SYNCED']);
  expect((await resumed(off.cursor)).kinds).toEqual(['SYNCED']);

  await change(portal, { contactInbox: true });
  const on = await resumed(cursors.at(-1));
  expect(on.kinds).toEqual(['RESYNC', `ADDED ${a}`, `ADDED ${b}`, 'SYNCED']);
  expect((await resumed(off.cursor)).kinds).toEqual(on.kinds);
  expect((await resumed(on.cursor)).kinds).toEqual(['SYNCED']);
});

test('X19 Q6 what a deleted system handed over leaves the inboxes, on every device, and goes on naming it; its name and code are free again', async () => {
  const portal = await makeSystem(app, { name: 'Old portal', code: 'old', contactInbox: true });
  const [kept, a] = [await add('berta', news), await add('berta', portal)];
  await settle(app, portal.as, 'complete', [{ id: a }]);
  const device = await watch(['CONTACT', 'berta']);
  await synced(device);
  expect(kinds(device)).toContain(`ADDED ${a}`);
  const cursor = device.events.at(-1)?.cursor;
  const remove = 'mutation ($id: ID!) { deleteExternalSystem(input: { externalSystemId: $id }) { externalSystemId } }';
  await app.call(remove, { id: portal.id });
  await synced(device, 2);
  const after = kinds(device).slice(kinds(device).lastIndexOf('RESYNC'));
  expect(after).toContain(`ADDED ${kept}`);
  expect(after).not.toContain(`ADDED ${a}`);
  const away = await watch(['CONTACT', 'berta'], { after: cursor });
  await synced(away);
  expect(kinds(away)).toEqual(after);

  const { communication } = await app.call(
    'query ($id: ID!) { communication(id: $id) { state externalSystem { id name code enabled deletedAt } } }',
    {
      id: a,
    },
  );
  expect(communication).toMatchObject({ state: 'COMPLETED', externalSystem: { name: 'Old portal', code: 'old', enabled: false } });
  expect(communication.externalSystem.deletedAt).not.toBeNull();
  // It is there for nothing else: not to be found, named, changed, deleted again or worked for.
  expect((await app.call('{ externalSystem(code: "old") { id } }')).externalSystem).toBeNull();
  const { nodes } = (await app.call('{ externalSystems(first: 100) { nodes { name } } }')).externalSystems;
  expect(nodes.map((each: { name: string }) => each.name)).not.toContain('Old portal');
  const codes = async (query: string, input: object, as: Parameters<typeof app.ask>[2] = 'ADMIN') =>
    (await app.ask(query, { input }, as)).errors?.map((each) => each.extensions.problems?.[0]?.code ?? each.extensions.code);
  const create = 'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }';
  expect(await codes(create, { contactExternalId: 'anna', medium: 'DEVICE', body: 'x', externalSystemId: portal.id })).toEqual([
    'NOT_FOUND',
  ]);
  const update = 'mutation ($input: UpdateExternalSystemInput!) { updateExternalSystem(input: $input) { externalSystem { id } } }';
  expect(await codes(update, { externalSystemId: portal.id, enabled: true })).toEqual(['NOT_FOUND']);
  expect(
    await codes('mutation ($input: DeleteExternalSystemInput!) { deleteExternalSystem(input: $input) { externalSystemId } }', {
      externalSystemId: portal.id,
    }),
  ).toEqual(['NOT_FOUND']);
  expect(await codes('query { queueEntries { nodes { id } } }', {}, portal.as)).toEqual(['NOT_FOUND']);
  expect(await settle(app, portal.as, 'remove', [{ id: a }])).toEqual(['NOT_FOUND']);
  expect(await settle(app, ['CONTACT', 'berta'], 'remove', [{ id: a }])).toEqual(['NOT_FOUND']);

  const again = await makeSystem(app, { name: 'Old portal', code: 'old', contactInbox: true });
  expect(again.id).not.toBe(portal.id);
  await app.call(remove, { id: again.id });
});

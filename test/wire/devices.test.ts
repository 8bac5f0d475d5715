import { expect, test } from 'vitest';
import { publicId } from '../../src/graphql/node.js';
import { eventually, openApp } from '../support/app.js';
import { addEntriesSql, buildInboxes } from '../support/inbox.js';
import { dial, type RawSocket } from '../support/raw-socket.js';

const app = await openApp({ env: { ROLE: 'api' } });

const query = `subscription ($contact: String, $after: String) {
  inboxChanged(contactExternalId: $contact, after: $after) { kind entryId entry { state viewedAt lease { token attempt } contact { name } } pendingCount unviewedCount }
}`;

async function watch(role: 'CONTACT' | 'EXTERNAL_SYSTEM' | 'ADMIN', subject: string, contact: string): Promise<RawSocket> {
  const line = await dial(app, `Bearer ${await app.token(role, subject)}`);
  line.send({ id: 'w', type: 'subscribe', payload: { query, variables: { contact } } });
  await line.until((each) => each.payload?.data?.inboxChanged.kind === 'SYNCED');
  return line;
}

const events = (line: RawSocket, kind: string) =>
  line.messages.flatMap((each) => (each.payload?.data?.inboxChanged.kind === kind ? [each.payload.data.inboxChanged] : []));

test('XU9 X12 every device of a contact gets the same, and a lease is shown to its holder alone', async () => {
  const inbox = await buildInboxes(app);
  const contact = inbox.externalIds[0] ?? '';
  const devices = await Promise.all(Array.from({ length: 8 }, () => watch('CONTACT', contact, contact)));
  const portals = await Promise.all(Array.from({ length: 3 }, () => watch('EXTERNAL_SYSTEM', 'portal', contact)));
  const staff = await watch('ADMIN', 'admin', contact);
  const [row] = await app.sql<{ id: string }>(addEntriesSql, [inbox.contentId, inbox.systemId, inbox.contactIds[0], 1]);
  app.context().bells.changes();
  const id = publicId('QueueEntry', row?.id ?? '');
  const all = [...devices, ...portals, staff];
  await eventually(() => all.every((each) => events(each, 'ADDED').length === 1));

  const { leaseQueueEntries } = await app.call(
    'mutation { leaseQueueEntries(input: { limit: 1, leaseSeconds: 60 }) { entries { id lease { token } } } }',
    {},
    ['EXTERNAL_SYSTEM', 'portal'],
  );
  const token = leaseQueueEntries.entries[0].lease.token;
  await app.call('mutation ($ids: [ID!]!) { viewQueueEntries(input: { ids: $ids }) { results { error { code } } } }', { ids: [id] }, [
    'CONTACT',
    contact,
  ]);
  await eventually(() => all.every((each) => events(each, 'CHANGED').length === 1));
  const changed = events(devices[0] as RawSocket, 'CHANGED')[0];
  expect(changed).toMatchObject({ entryId: id, entry: { state: 'PENDING', lease: null }, pendingCount: 1, unviewedCount: 0 });
  for (const device of devices) expect(events(device, 'CHANGED')).toEqual([changed]);
  for (const portal of portals)
    expect(events(portal, 'CHANGED')).toEqual([{ ...changed, entry: { ...changed.entry, lease: { token, attempt: 1 } } }]);
  expect(events(staff, 'CHANGED')).toEqual([changed]);

  await app.call(
    'mutation ($id: ID!, $token: String!) { completeQueueEntries(input: { entries: [{ id: $id, leaseToken: $token }] }) { results { error { code } } } }',
    { id, token },
    ['EXTERNAL_SYSTEM', 'portal'],
  );
  await eventually(() => all.every((each) => events(each, 'CHANGED').length === 2));
  for (const each of all) expect(events(each, 'CHANGED')[1]).toMatchObject({ entry: { state: 'COMPLETED', lease: null }, pendingCount: 0 });
  await app.call('mutation ($id: ID!) { removeQueueEntries(input: { entries: [{ id: $id }] }) { results { error { code } } } }', { id }, [
    'CONTACT',
    contact,
  ]);
  await eventually(() => all.every((each) => events(each, 'REMOVED').length === 1));
  for (const each of all) expect(events(each, 'REMOVED')).toMatchObject([{ entryId: id, entry: null, unviewedCount: 0 }]);
  for (const each of all) each.socket.close();
});

test('the answer of one contact reaches no other: whoever may not see an inbox is told that it does not exist', async () => {
  const line = await dial(app, `Bearer ${await app.token('CONTACT', 'somebody')}`);
  const [{ external_id: other }] = (await app.sql<{ external_id: string }>('select external_id from contact limit 1')) as [
    { external_id: string },
  ];
  for (const contact of [other, 'nonsense']) {
    line.send({ id: contact, type: 'subscribe', payload: { query, variables: { contact } } });
    const answer = await line.until((each) => each.id === contact && each.type !== 'complete');
    expect(answer.payload.errors ?? answer.payload).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  }
  line.socket.close();
});

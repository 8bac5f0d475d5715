import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { type Live, subscribe } from '../support/live.js';
import { fill, lease, makeContacts, makeSystem, type System, settle, stateOf, write } from '../support/queue.js';

const app = await openApp();
let portal: System;
const eleni: ['CONTACT', string] = ['CONTACT', 'eleni'];
const eventWords = 'kind entryId entry { id state viewedAt } pendingCount unviewedCount';
const inbox = async () => (await app.call('{ inbox { nodes { id state } } }', {}, eleni)).inbox.nodes;
const counts = async () => (await app.call('{ inboxCounts { pendingCount unviewedCount } }', {}, eleni)).inboxCounts;
const phone = async (after?: string): Promise<Live<any>> =>
  await subscribe(app, `subscription ($after: String) { inboxChanged(after: $after) { cursor ${eventWords} } }`, { after }, eleni);

beforeAll(async () => {
  await makeContacts(app, 'eleni');
  portal = await makeSystem(app, { name: 'Portal', contactInbox: true });
});

test('BS10 Q8 an entry for the portal is completed by the portal, viewed and deleted by its reader, and never comes again', async () => {
  const device = await phone();
  await device.until((each) => each.kind === 'SYNCED');
  const { id } = await write(app, { contactExternalId: 'eleni', externalSystemId: portal.id, subject: 'Your bill', body: 'It is here.' });
  expect(await device.until((each) => each.kind === 'ADDED')).toMatchObject({
    entryId: id,
    entry: { state: 'PENDING' },
    pendingCount: 1,
    unviewedCount: 1,
  });

  // The portal takes it, shows it, and says so.
  const [work] = await lease(app, portal.as);
  expect(work?.id).toBe(id);
  expect(await settle(app, portal.as, 'complete', [{ id, leaseToken: work?.lease.token ?? '' }])).toEqual(['COMPLETED']);
  expect(await stateOf(app, id)).toEqual({ state: 'COMPLETED', code: null });
  await device.until((each) => each.kind === 'CHANGED' && each.entry.state === 'COMPLETED');
  expect(await counts()).toEqual({ pendingCount: 0, unviewedCount: 1 });
  expect(await lease(app, portal.as)).toEqual([]);

  // The reader looks at it, and deletes it.
  await app.call('mutation ($id: ID!) { viewQueueEntries(input: { ids: [$id] }) { results { error { code } } } }', { id }, eleni);
  await device.until((each) => each.kind === 'CHANGED' && each.entry.viewedAt !== null);
  expect(await counts()).toEqual({ pendingCount: 0, unviewedCount: 0 });
  expect(await settle(app, portal.as, 'remove', [{ id }])).toEqual(['COMPLETED_AND_REMOVED']);
  const removed = await device.until((each) => each.kind === 'REMOVED');
  expect(removed).toMatchObject({ entryId: id, entry: null });

  // It is over: for the inbox, for the queue, for a device that was away, and for whoever would turn it back.
  expect(await inbox()).toEqual([]);
  expect(await lease(app, portal.as)).toEqual([]);
  const again = await phone();
  await again.until((each) => each.kind === 'SYNCED');
  expect(again.events.map((each) => each.kind)).toEqual(['SYNCED']);
  const later = await phone(removed.cursor);
  await later.until((each) => each.kind === 'SYNCED');
  expect(later.events.map((each) => each.kind)).toEqual(['SYNCED']);
  expect(await settle(app, portal.as, 'complete', [{ id }])).toEqual(['INVALID_STATE_TRANSITION']);
  expect(await settle(app, portal.as, 'reject', [{ id, reason: 'no' }])).toEqual(['INVALID_STATE_TRANSITION']);
  expect(await settle(app, eleni, 'remove', [{ id }])).toEqual(['COMPLETED_AND_REMOVED']);
  expect((await app.call('{ queueEntries(states: [COMPLETED_AND_REMOVED]) { nodes { id } } }', {}, portal.as)).queueEntries.nodes).toEqual([
    { id },
  ]);
});

test('BS10 Q7 X11 what the portal cannot show leaves the inbox, with the reason for those who ask why', async () => {
  const { id } = await write(app, { contactExternalId: 'eleni', externalSystemId: portal.id });
  const [work] = await lease(app, portal.as);
  expect(await settle(app, portal.as, 'reject', [{ id, leaseToken: work?.lease.token ?? '', reason: 'The account is closed' }])).toEqual([
    'REJECTED',
  ]);
  expect(await inbox()).toEqual([]);
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { rejection { code message } } }', { id }, 'AGENT');
  expect(communication.rejection).toEqual({ code: 'EXTERNAL_SYSTEM', message: 'The account is closed' });
});

test('BS11 Q12 Q13 what a plan queued has the plan’s end, and nobody is handed it afterwards', async () => {
  const [row] = (await app.sql(`select clock_timestamp() + interval '3 seconds' as at`)) as [{ at: Date }];
  const expiresAt = row.at.toISOString();
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "All", contactExternalIds: ["eleni"] }) { segment { id } } }',
  );
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Weekend',
      expiresAt,
      includeSegmentIds: [createSegment.segment.id],
      messages: [{ medium: 'DEVICE', externalSystemId: portal.id, content: [{ language: 'en', body: 'Only today' }] }],
    },
  });
  await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  const device = await phone();
  const { entryId } = await device.until((each) => each.kind === 'ADDED');
  const queued = await app.call('query ($id: ID!) { node(id: $id) { ... on QueueEntry { expiresAt state } } }', { id: entryId }, portal.as);
  expect(queued.node).toEqual({ expiresAt, state: 'PENDING' });
  await device.until((each) => each.kind === 'REMOVED' && each.entryId === entryId);
  expect(await lease(app, portal.as)).toEqual([]);
  expect(await settle(app, portal.as, 'complete', [{ id: entryId }])).toEqual(['INVALID_STATE_TRANSITION']);
  expect(await stateOf(app, entryId)).toEqual({ state: 'REJECTED', code: 'EXPIRED' });
  // The next that comes is another one.
  const [next] = await fill(app, portal, 1);
  expect((await lease(app, portal.as)).map((each) => each.id)).toEqual([next]);
});

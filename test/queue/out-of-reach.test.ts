import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { lease, makeContacts, makeSystem, type System, settle, write } from '../support/queue.js';

// No process sweeps here: what is out of reach is so by itself.
const app = await openApp({ env: { ROLE: 'api' } });
const anna: ['CONTACT', string] = ['CONTACT', 'anna'];
let portal: System;

beforeAll(async () => {
  await makeContacts(app, 'anna', 'berta');
  portal = await makeSystem(app, { contactInbox: true });
});

const add = async (expiresAt: string | null = null): Promise<string> =>
  (await write(app, { contactExternalId: 'anna', externalSystemId: portal.id, expiresAt })).id;
const soon = async (): Promise<string> => (await app.sql(`select clock_timestamp() + interval '1 s' as at`))[0]?.['at'].toISOString();
const past = async (at: string) =>
  await eventually(async () => (await app.sql('select 1 where clock_timestamp() >= $1::timestamptz', [at])).length === 1);
const read = async (id: string, as: typeof anna | System['as']) =>
  (await app.call('query ($id: ID!) { node(id: $id) { ... on QueueEntry { state } } }', { id }, as)).node?.state ?? null;

test('Q11 Q12 E5x by its id a contact reads what is in its inbox: not what it removed, what was called back, or what has expired', async () => {
  const at = await soon();
  const [waiting, done, removed, cancelled, retracted, expired, over] = [
    await add(),
    await add(),
    await add(),
    await add(),
    await add(),
    await add(at),
    await add(at),
  ];
  expect(await read(waiting, anna)).toBe('PENDING');
  await settle(
    app,
    anna,
    'complete',
    [done, retracted, over].map((id) => ({ id })),
  );
  await settle(app, anna, 'remove', [{ id: removed }]);
  for (const id of [cancelled, retracted])
    await app.call('mutation ($id: ID!) { cancelCommunication(input: { communicationId: $id }) { communication { id } } }', { id });
  await past(at);
  const all = [waiting, done, removed, cancelled, retracted, expired, over];
  expect(await Promise.all(all.map(async (id) => await read(id, anna)))).toEqual(['PENDING', 'COMPLETED', null, null, null, null, null]);
  expect(await read(waiting, ['CONTACT', 'berta'])).toBeNull();
  // Whoever works the queue sees what became of them.
  expect(await Promise.all(all.map(async (id) => await read(id, portal.as)))).toEqual([
    'PENDING',
    'COMPLETED',
    'COMPLETED_AND_REMOVED',
    'REJECTED',
    'COMPLETED',
    'REJECTED',
    'COMPLETED',
  ]);
});

test('Q12 XU2 the lease of what has expired cannot be extended, however long it would have lasted', async () => {
  const at = await soon();
  const [expiring, staying] = [await add(at), await add()];
  const held = (await lease(app, portal.as, { limit: 100, leaseSeconds: 600 })).filter(({ id }) => [expiring, staying].includes(id));
  expect(held).toHaveLength(2);
  await past(at);
  const { extendLeases } = await app.call(
    'mutation ($input: ExtendLeasesInput!) { extendLeases(input: $input) { results { id error { code } } } }',
    { input: { entries: held.map(({ id, lease: { token } }) => ({ id, leaseToken: token })), leaseSeconds: 900 } },
    portal.as,
  );
  expect(extendLeases.results).toEqual(
    held.map(({ id }) => ({ id, error: id === expiring ? { code: 'INVALID_STATE_TRANSITION' } : null })),
  );
  const [row] = await app.sql(`select due_at < clock_timestamp() + interval '650 s' as kept from queue_entry where expires_at = $1`, [at]);
  expect(row).toEqual({ kept: true });
});

import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });
const portal: ['EXTERNAL_SYSTEM', string] = ['EXTERNAL_SYSTEM', 'portal'];

beforeAll(async () => {
  await app.call('mutation { upsertCrmRecords(input: { contacts: [{ externalId: "anna", name: "Anna" }] }) { inserted } }');
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "P", code: "portal", media: [DEVICE] }) { externalSystem { id } } }',
  );
  for (let n = 0; n < 2; n++) {
    await app.call(
      'mutation ($id: ID!) { createCommunication(input: { contactExternalId: "anna", medium: DEVICE, externalSystemId: $id, body: "x" }) { communication { id } } }',
      {
        id: createExternalSystem.externalSystem.id,
      },
    );
  }
});

const lease = async (leaseSeconds: number) =>
  (
    await app.call(
      'mutation ($s: Int!) { leaseQueueEntries(input: { leaseSeconds: $s, limit: 1 }) { entries { id lease { token expiresAt } } } }',
      { s: leaseSeconds },
      portal,
    )
  ).leaseQueueEntries.entries;
const extend = async (entries: object[], as: typeof portal = portal) =>
  (
    await app.call(
      'mutation ($input: ExtendLeasesInput!) { extendLeases(input: $input) { results { id entry { lease { token expiresAt } } error { code } } } }',
      { input: { entries, leaseSeconds: 600 } },
      as,
    )
  ).extendLeases.results;

test('a lease that is held is extended; a wrong token, an ended lease and a stranger are told so, each on its own', async () => {
  const [held] = await lease(60);
  const [short] = await lease(1);
  await eventually(async () => (await app.sql('select 1 from queue_entry where due_at < clock_timestamp()')).length === 1);
  const results = await extend([
    { id: held.id, leaseToken: held.lease.token },
    { id: held.id, leaseToken: 'nonsense' },
    { id: short.id, leaseToken: short.lease.token },
    { id: 'nonsense', leaseToken: 'nonsense' },
  ]);
  expect(results.map((each: { error: { code: string } | null }) => each.error?.code)).toEqual([
    undefined,
    'CONFLICT',
    'CONFLICT',
    'NOT_FOUND',
  ]);
  expect(Date.parse(results[0].entry.lease.expiresAt) - Date.parse(held.lease.expiresAt)).toBeGreaterThan(500_000);
  const [stranger] = await extend([{ id: held.id, leaseToken: held.lease.token }], ['EXTERNAL_SYSTEM', 'other']);
  expect(stranger.error.code).toBe('NOT_FOUND');
  // What went back to the queue is there for the next.
  expect((await lease(60))[0].id).toBe(short.id);
});

import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });

test('a lease is shown to the caller that holds it, and to nobody else', async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts: [{ externalId: 'l-1', name: 'Ada' }] },
  });
  const { createExternalSystem } = await app.call(`mutation {
    createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } }
  }`);
  const { id } = createExternalSystem.externalSystem as { id: string };
  await app.call(`mutation {
    createCommunication(input: { contactExternalId: "l-1", medium: DEVICE, externalSystemId: "${id}", body: "Hello" }) { communication { id } }
  }`);
  const leases = 'mutation { leaseQueueEntries(input: {}) { entries { lease { token expiresAt attempt } } } }';
  const [{ lease }] = (await app.call(leases, {}, ['EXTERNAL_SYSTEM', 'portal'])).leaseQueueEntries.entries;
  expect(lease.attempt).toBe(1);

  const queue = `{ queueEntries(externalSystemId: "${id}") { nodes { lease { token expiresAt attempt } } } }`;
  const seen = async (as: Parameters<typeof app.call>[2]) => (await app.call(queue, {}, as)).queueEntries.nodes[0].lease;
  expect(await seen(['EXTERNAL_SYSTEM', 'portal'])).toEqual(lease);
  expect(await seen('ADMIN')).toBeNull();
  const inbox = await app.call('{ inbox { nodes { lease { token } } } }', {}, ['CONTACT', 'l-1']);
  expect(inbox.inbox.nodes).toEqual([{ lease: null }]);
});

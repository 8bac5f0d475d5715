import { beforeAll, expect, test } from 'vitest';
import type { Role } from '../../src/access/viewer.js';
import { openApp } from '../support/app.js';
import { png, upload } from '../support/upload.js';

const app = await openApp({ env: { ROLE: 'api' } });
let portal: string;
let picture: string;
let entry: string;

beforeAll(async () => {
  await app.call(
    'mutation { upsertCrmRecords(input: { contacts: [{ externalId: "anna", name: "Anna" }, { externalId: "bob", name: "Bob" }] }) { inserted } }',
  );
  const made = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  portal = made.createExternalSystem.externalSystem.id;
  picture = (await upload(app, { name: 'a.png', type: 'image/png', bytes: png })).id;
  entry = await send('anna', picture);
});

async function send(contactExternalId: string, attachment: string, more: object = {}): Promise<string> {
  const input = { contactExternalId, medium: 'DEVICE', externalSystemId: portal, format: 'HTML', attachmentIds: [attachment], ...more };
  const { createCommunication } = await app.call(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
    { input: { ...input, body: `<img src="cid:${attachment}" alt="" />` } },
  );
  return createCommunication.communication.id;
}

/** The addresses of an entry's files, as that caller is told them. */
async function linksOf(id: string, role: Role, subject: string): Promise<string[]> {
  const files = '{ attachments { url } }';
  const { node } = await app.call(
    `query ($id: ID!) { node(id: $id) { ... on QueueEntry { communication ${files} } ... on Communication { attachments { url } } } }`,
    { id },
    [role, subject],
  );
  return (node?.communication ?? node)?.attachments.map((each: { url: string }) => each.url) ?? [];
}

const fetchFile = async (path: string, more: RequestInit = {}) => await fetch(`${app.url}${path}`, more);

test.each([
  ['CONTACT', 'anna'],
  ['EXTERNAL_SYSTEM', 'portal'],
  ['AGENT', 'eva'],
] as const)('W2 %s gets a link to what goes with an entry, which needs no token of theirs and lasts ten minutes', async (role, subject) => {
  const [path = ''] = await linksOf(entry, role, subject);
  const response = await fetchFile(path);
  expect(response.status).toBe(200);
  expect(Buffer.from(await response.arrayBuffer()).equals(png)).toBe(true);
  const head = Object.fromEntries(response.headers);
  expect(head).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
  });
  expect(head['content-disposition']).toMatch(/^attachment;/);
  const claims = JSON.parse(Buffer.from(path.split('.')[1] ?? '', 'base64url').toString());
  expect(claims.exp - Date.now() / 1_000).toBeLessThan(601);
});

test('W2 who may not see an entry is told no link to its files', async () => {
  expect(await linksOf(entry, 'CONTACT', 'bob')).toEqual([]);
  expect(await linksOf(entry, 'EXTERNAL_SYSTEM', 'another')).toEqual([]);
});

test('W2 a link is for one attachment, and no other token or signature opens it', async () => {
  const [path = ''] = await linksOf(entry, 'CONTACT', 'anna');
  const other = (await upload(app, { name: 'b.png', type: 'image/png', bytes: png })).id;
  const token = path.split('?token=')[1] ?? '';
  const [header, claims, signature] = token.split('.');
  const printUrl: string = (await app.call('query ($id: ID!) { communication(id: $id) { printUrl } }', { id: entry })).communication
    .printUrl;
  const wrong = [
    `/attachments/${other}?token=${token}`,
    `/attachments/${picture}?token=${await app.token('ADMIN', 'admin')}`,
    `/attachments/${picture}?token=${printUrl.split('?token=')[1]}`,
    `/attachments/${picture}?token=${header}.${claims}.${signature?.slice(0, -4)}AAAA`,
    `/attachments/${picture}?token=${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`,
    `/attachments/${picture}?token=`,
    `/attachments/${picture}?token=${token}&token=${token}`,
  ];
  for (const each of wrong) expect([each, (await fetchFile(each)).status]).toEqual([each, 404]);
  // It fetches, and does nothing else: nobody uploads with it, and /graphql does not know it.
  expect((await fetchFile(`/attachments?token=${token}`, { method: 'POST', body: png })).status).toBe(401);
  const graphql = await fetchFile('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"query":"{ me { role } }"}',
  });
  expect(graphql.status).toBe(401);
  expect((await fetchFile(`/attachments/${picture}`)).status).toBe(401);
});

test('W2 a link shows nothing that its asker may not see any more: removed, or expired', async () => {
  const own = (await upload(app, { name: 'c.png', type: 'image/png', bytes: png })).id;
  const removed = await send('anna', own);
  const [path = ''] = await linksOf(removed, 'CONTACT', 'anna');
  const [ofAgent = ''] = await linksOf(removed, 'AGENT', 'eva');
  expect((await fetchFile(path)).status).toBe(200);
  await app.call(
    'mutation ($entries: [SettleEntryInput!]!) { removeQueueEntries(input: { entries: $entries }) { results { id } } }',
    { entries: [{ id: removed }] },
    ['CONTACT', 'anna'],
  );
  expect((await fetchFile(path)).status).toBe(404);
  expect((await fetchFile(ofAgent)).status).toBe(200);
  const late = (await upload(app, { name: 'd.png', type: 'image/png', bytes: png })).id;
  const expiring = await send('anna', late, { expiresAt: '2099-01-01T00:00:00Z' });
  const [soonGone = ''] = await linksOf(expiring, 'CONTACT', 'anna');
  await app.sql("update communication set expires_at = clock_timestamp() - interval '1 second' where expires_at is not null");
  expect((await fetchFile(soonGone)).status).toBe(404);
});

import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { pruneAttachments } from '../../src/attachments/prune.js';
import { openApp } from '../support/app.js';
import { pdf, png, upload } from '../support/upload.js';

const app = await openApp({ env: { ROLE: 'api' } });
const file = { name: 'Τιμολόγιο Μαρτίου.pdf', type: 'application/pdf', bytes: pdf };

const create = async (input: object) =>
  (
    await app.call(
      'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id state attachments { id name type size sha256 } } } }',
      { input },
      'AGENT',
    )
  ).createCommunication.communication;
const refused = async (input: object) => {
  const answer = await app.ask(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
    { input },
    'AGENT',
  );
  return answer.errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`);
};
const download = async (id: string, role: 'ADMIN' | 'AGENT' | 'CONTACT' | 'EXTERNAL_SYSTEM', subject: string) =>
  await fetch(`${app.url}/attachments/${id}`, { headers: { authorization: `Bearer ${await app.token(role, subject)}` } });

let portal: string;
beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        { externalId: 'anna', name: 'Anna', emails: [{ address: 'anna@example.org' }], phones: [{ number: '+35799123456' }] },
        { externalId: 'bob', name: 'Bob' },
      ],
    },
  });
  const made = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  portal = made.createExternalSystem.externalSystem.id;
});

test('W1 C13 a file is uploaded, goes with a communication, and comes back byte for byte', async () => {
  const { status, id, json } = await upload(app, file);
  expect(status).toBe(201);
  expect(json).toMatchObject({ name: file.name, type: file.type, size: pdf.length });
  const picture = await upload(app, { name: 'photo.png', type: 'image/png', bytes: png });
  const made = await create({
    contactExternalId: 'anna',
    medium: 'EMAIL',
    subject: 'Bill',
    body: 'See below',
    attachmentIds: [id, picture.id],
  });
  expect(made.attachments.map((each: { name: string }) => each.name)).toEqual([file.name, 'photo.png']);
  const response = await download(id, 'AGENT', 'agent');
  expect(Buffer.from(await response.arrayBuffer()).toString()).toBe(pdf);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="[_ .]+pdf"; filename\*=UTF-8''%CE%A4/);
  expect(response.headers.get('content-security-policy')).toContain('sandbox');
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Attachment { name } } }', { id });
  expect(node).toEqual({ name: file.name });
});

test('what must not be attached is refused, every problem at once, and nothing is kept', async () => {
  const before = await app.sql('select count(*)::int as n from attachment');
  const svg = (inside: string) => ({
    name: 'a.svg',
    type: 'image/svg+xml',
    bytes: `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`,
  });
  const wrong: [string, Parameters<typeof upload>[1], string[]][] = [
    ['a path in the name', { ...file, name: '../../etc/passwd.pdf' }, ['name: INVALID_NAME']],
    ['a path of Windows', { ...file, name: '..\\a.pdf' }, ['name: INVALID_NAME']],
    ['a line break in the name', { ...file, name: 'a\r\nb.pdf' }, ['name: INVALID_NAME']],
    ['a NUL in the name', { ...file, name: 'a.pdf\0.exe' }, ['name: INVALID_NAME']],
    ['a right-to-left override', { ...file, name: 'exe\u202Efdp.pdf' }, ['name: INVALID_NAME']],
    ['a zero-width blank', { ...file, name: 'a\u200B.pdf' }, ['name: INVALID_NAME']],
    ['a name that is too long', { ...file, name: `${'x'.repeat(200)}.pdf` }, ['name: INVALID_NAME']],
    ['another extension', { ...file, name: 'bill.pdf.exe' }, ['name: WRONG_EXTENSION']],
    ['a program', { name: 'a.exe', type: 'application/x-msdownload', bytes: 'MZ' }, ['type: TYPE_NOT_ALLOWED']],
    ['a page', { name: 'a.html', type: 'text/html', bytes: '<script>1</script>' }, ['type: TYPE_NOT_ALLOWED']],
    ['a page that says it is a picture', { name: 'a.png', type: 'image/png', bytes: '<script>1</script>' }, ['content: WRONG_CONTENT']],
    ['a text that is none', { name: 'a.txt', type: 'text/plain', bytes: Buffer.from([0xff, 0xfe, 0, 1]) }, ['content: WRONG_CONTENT']],
    ['two mistakes', { name: 'a/b.gif', type: 'image/gif', bytes: pdf }, ['name: INVALID_NAME', 'content: WRONG_CONTENT']],
    ['nothing', { ...file, bytes: '' }, ['content: EMPTY']],
    ['an SVG with a script', svg('<script>alert(1)</script>'), ['content: UNSAFE_SVG']],
    ['in another namespace', svg('<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>'), ['content: UNSAFE_SVG']],
    ['with a handler', svg('<rect onload="alert(1)"/>'), ['content: UNSAFE_SVG']],
    ['with a link that runs', svg('<a xlink:href="java&#10;script:alert(1)">x</a>'), ['content: UNSAFE_SVG']],
    ['that fetches', svg('<image href="https://example.org/a.png"/>'), ['content: UNSAFE_SVG']],
    ['that holds a page', svg('<foreignObject><p>x</p></foreignObject>'), ['content: UNSAFE_SVG']],
    [
      'with entities',
      { name: 'a.svg', type: 'image/svg+xml', bytes: '<!DOCTYPE svg [<!ENTITY x "y">]><svg>&x;</svg>' },
      ['content: WRONG_CONTENT'],
    ],
  ];
  for (const [what, given, expected] of wrong) {
    const { status, problems } = await upload(app, given);
    expect([what, status, ...problems]).toEqual([what, 400, 'BAD_USER_INPUT', ...expected]);
  }
  expect(await app.sql('select count(*)::int as n from attachment')).toEqual(before);
  expect((await upload(app, svg('<rect fill="url(#a)" width="1"/><use href="#a"/>'))).status).toBe(201);
});

test('a bomb of nested archives is a file like others: nothing expands it', async () => {
  const { status, json } = await upload(app, {
    name: 'a.zip',
    type: 'application/zip',
    bytes: Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(2_000)]),
  });
  expect([status, json['size']]).toEqual([201, 2_004]);
});

test('a file over the limit is cut off, and none of it is kept', async () => {
  const { status, problems } = await upload(app, { ...file, bytes: Buffer.concat([Buffer.from(pdf), Buffer.alloc(10 * 1_048_576)]) });
  expect([status, ...problems]).toEqual([413, 'BAD_USER_INPUT', 'content: TOO_LARGE']);
});

test('a file without a stated size is cut off where the limit is, however much is still to come; one that breaks off leaves nothing', async () => {
  const before = await app.sql('select count(*)::int as n from attachment');
  const { hostname, port } = new URL(app.url);
  const headers = { authorization: `Bearer ${await app.token('AGENT', 'eva')}`, 'content-type': file.type, 'x-filename': 'a.pdf' };
  /** Writes megabytes until the server has answered or closed, or there have been so many. */
  const pour = async (megabytes: number, more: Record<string, string> = {}) =>
    await new Promise<{ status: number | undefined; written: number }>((done) => {
      let written = 0;
      let status: number | undefined;
      const asked = request({ host: hostname, port, path: '/attachments', method: 'POST', headers: { ...headers, ...more } }, (answer) => {
        status = answer.statusCode;
        answer.resume();
      });
      const stop = () => {
        asked.destroy();
        done({ status, written });
      };
      asked.on('error', stop).on('close', stop);
      const next = () => {
        if (status !== undefined || asked.destroyed || written >= megabytes) return more['content-length'] ? stop() : undefined;
        written += 1;
        return asked.write(Buffer.alloc(1_048_576, '%PDF-'), () => setTimeout(next, 5));
      };
      next();
    });
  const endless = await pour(200);
  expect(endless.status ?? 413).toBe(413);
  expect(endless.written).toBeLessThan(100);
  expect((await pour(2, { 'content-length': String(5 * 1_048_576) })).status).toBeUndefined();
  expect(await app.sql('select count(*)::int as n from attachment')).toEqual(before);
});

test('no form of another site can upload: forms are not taken, and nothing without a token', async () => {
  const form = await upload(app, file, { headers: { 'content-type': 'multipart/form-data; boundary=x' } });
  expect([form.status, ...form.problems]).toEqual([400, 'BAD_USER_INPUT', 'type: NO_FORMS']);
  const bare = await upload(app, file, { headers: { 'x-filename': undefined } });
  expect([bare.status, ...bare.problems]).toEqual([400, 'BAD_USER_INPUT', 'name: REQUIRED']);
  const anonymous = await upload(app, file, { headers: { authorization: undefined, cookie: 'token=x' } });
  expect([anonymous.status, ...anonymous.problems]).toEqual([401, 'UNAUTHENTICATED']);
  for (const as of ['CONTACT', 'EXTERNAL_SYSTEM'] as const) expect((await upload(app, file, { as })).problems).toEqual(['FORBIDDEN']);
});

test('at most ten go with a communication, each once, and only where its medium carries them', async () => {
  const ids = [];
  for (let n = 0; n < 11; n++) ids.push((await upload(app, file)).id);
  const input = { contactExternalId: 'anna', medium: 'EMAIL', body: 'x' };
  expect(await refused({ ...input, attachmentIds: ids })).toEqual(['attachmentIds: TOO_MANY']);
  expect(await refused({ ...input, attachmentIds: [ids[0], ids[0]] })).toEqual(['attachmentIds.1: DUPLICATE']);
  expect(await refused({ ...input, attachmentIds: ['att_0', ids[0]] })).toEqual(['attachmentIds.0: NOT_FOUND']);
  expect(await refused({ ...input, medium: 'SMS', attachmentIds: [ids[0]] })).toEqual(['attachmentIds: NOT_CARRIED']);
  expect((await create({ ...input, medium: 'LETTER', attachmentIds: [ids[0]] })).state).toBe('COMPLETED');
});

test('a draft keeps its files, exchanges them, and gives them up', async () => {
  const [one, two] = [(await upload(app, file)).id, (await upload(app, { ...file, name: 'two.pdf' })).id];
  const draft = await create({ contactExternalId: 'anna', medium: 'EMAIL', body: 'x', saveAsDraft: true, attachmentIds: [one] });
  const update = async (input: object) =>
    (
      await app.call(
        'mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { communication { attachments { name } } } }',
        { input: { communicationId: draft.id, ...input } },
        'AGENT',
      )
    ).updateCommunication.communication.attachments.map((each: { name: string }) => each.name);
  expect(await update({ body: 'y' })).toEqual([file.name]);
  expect(await update({ attachmentIds: [two, one] })).toEqual(['two.pdf', file.name]);
  expect(await update({ attachmentIds: [] })).toEqual([]);
});

test('a contact and an external system fetch what goes with their own entries, and know of nothing else', async () => {
  const { id } = await upload(app, file);
  const made = await create({ contactExternalId: 'anna', medium: 'DEVICE', body: 'x', externalSystemId: portal, attachmentIds: [id] });
  expect((await download(id, 'CONTACT', 'anna')).status).toBe(200);
  expect((await download(id, 'EXTERNAL_SYSTEM', 'portal')).status).toBe(200);
  const nonsense = await (await download('att_0', 'CONTACT', 'bob')).json();
  for (const [role, subject] of [
    ['CONTACT', 'bob'],
    ['EXTERNAL_SYSTEM', 'other'],
  ] as const) {
    const response = await download(id, role, subject);
    expect([response.status, await response.json()]).toEqual([404, nonsense]);
  }
  const unused = await upload(app, file);
  expect((await download(unused.id, 'CONTACT', 'anna')).status).toBe(404);
  const { inbox } = await app.call('{ inbox { nodes { communication { attachments { id } } } } }', {}, ['CONTACT', 'anna']);
  expect(inbox.nodes[0].communication.attachments).toEqual([{ id }]);
  await app.call(
    'mutation ($id: ID!) { removeQueueEntries(input: { entries: [{ id: $id }] }) { results { error { code } } } }',
    { id: made.id },
    ['CONTACT', 'anna'],
  );
  expect((await download(id, 'CONTACT', 'anna')).status).toBe(404);
});

test('an upload that nothing has used for a day goes, its bytes too; what is used stays', async () => {
  const [used, unused, fresh] = [await upload(app, file), await upload(app, file), await upload(app, file)];
  await create({ contactExternalId: 'anna', medium: 'EMAIL', body: 'x', attachmentIds: [used.id] });
  const rowOf = (id: string) => id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const fileOf = (id: string) => join(app.config.dataDir, 'attachments', rowOf(id).slice(-2), rowOf(id));
  await app.sql(`update attachment set created_at = created_at - interval '25 hours' where id = any($1::uuid[])`, [
    [rowOf(used.id), rowOf(unused.id)],
  ]);
  // Interrupted once between the rows and the bytes: found again.
  await app.sql('update attachment set stored_at = null where id = $1', [rowOf(unused.id)]);
  expect(await pruneAttachments(app.context())).toBe(false);
  expect([used, unused, fresh].map(({ id }) => existsSync(fileOf(id)))).toEqual([true, false, true]);
  expect((await download(unused.id, 'AGENT', 'agent')).status).toBe(404);
  expect(await app.sql('select from attachment where id = $1', [rowOf(unused.id)])).toHaveLength(0);
});

test('bytes that the disk does not take leave no attachment behind', async () => {
  const broken = await openApp({ env: { ROLE: 'api', DATA_DIR: '/dev/null/nowhere', SECRET_KEY: 'x'.repeat(40) } });
  expect((await upload(broken, file)).problems).toEqual(['INTERNAL']);
  const [row] = await broken.sql('select id, stored_at from attachment');
  expect(row?.['stored_at']).toBeNull();
});

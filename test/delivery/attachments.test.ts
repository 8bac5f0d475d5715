import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { openSink } from '../support/smtp-sink.js';
import { pdf, png, upload } from '../support/upload.js';

const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts: [{ externalId: 'anna', name: 'Anna', emails: [{ address: 'anna@example.org' }] }] },
  });
});

const send = async (input: object) =>
  (
    await app.call(
      'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id state } } }',
      { input: { contactExternalId: 'anna', medium: 'EMAIL', subject: 'Bill', body: '<p>See <b>below</b></p>', format: 'HTML', ...input } },
      'AGENT',
    )
  ).createCommunication.communication;

test('W1 C13 attachments leave with the e-mail, whatever script their names are in, byte for byte', async () => {
  const files = [
    { name: 'Τιμολόγιο Μαρτίου 2027 – αντίγραφο.pdf', type: 'application/pdf', bytes: Buffer.from(pdf) },
    { name: "l'été; = 100%.png", type: 'image/png', bytes: png },
    { name: 'お知らせ.txt', type: 'text/plain', bytes: Buffer.from('.\r\n.. γειά\nFrom x') },
  ];
  const attachmentIds = [];
  for (const file of files) attachmentIds.push((await upload(app, file)).id);
  await send({ attachmentIds });
  const { mail } = await eventually(() => sink.arrived[0]);
  expect(mail.html?.trim()).toBe('<p>See <b>below</b></p>');
  expect(mail.attachments.map((each) => [each.filename, each.mimeType, each.disposition])).toEqual(
    files.map((each) => [each.name, each.type, 'attachment']),
  );
  for (const [index, each] of mail.attachments.entries())
    expect(Buffer.from(each.content as ArrayBuffer).equals(files[index]?.bytes ?? Buffer.alloc(0))).toBe(true);
});

test('W2 images arrive in an e-mail: from the web, written out in it, and from its attachments', async () => {
  const { id: shown } = await upload(app, { name: 'logo.png', type: 'image/png', bytes: png });
  const { id: file } = await upload(app, { name: 'other.png', type: 'image/png', bytes: png });
  const written = `data:image/png;base64,${png.toString('base64')}`;
  const body = `<p><img src="https://example.org/a.png" alt="A" /><img src="${written}" alt="B" /><img src="cid:${shown}" alt="C" /></p>`;
  const since = sink.arrived.length;
  await send({ body, attachmentIds: [shown, file] });
  const { mail } = await eventually(() => sink.arrived[since]);
  expect(mail.html?.trim()).toBe(body);
  expect(mail.attachments.map((each) => [each.filename, each.disposition, each.contentId])).toEqual([
    ['logo.png', 'inline', `<${shown}>`],
    ['other.png', 'attachment', undefined],
  ]);
  expect(mail.attachments.every((each) => Buffer.from(each.content as ArrayBuffer).equals(png))).toBe(true);
});

test('an attachment that cannot be read holds its own message back, and no other', async () => {
  const { id } = await upload(app, { name: 'a.pdf', type: 'application/pdf', bytes: pdf });
  const [{ rowId } = { rowId: '' }] = await app.sql<{ rowId: string }>(
    'select id as "rowId" from attachment order by created_at desc limit 1',
  );
  await app.context().attachments.remove(rowId);
  const broken = await send({ attachmentIds: [id] });
  const since = sink.arrived.length;
  await send({ subject: 'Other' });
  expect((await eventually(() => sink.arrived[since])).mail.subject).toBe('Other');
  const [entry] = await eventually(async () => {
    const found = await app.sql('select last_error from queue_entry where last_error is not null');
    return found.length > 0 ? found : undefined;
  });
  expect(entry?.['last_error']).toMatch(/^An attachment cannot be read/);
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { state } }', { id: broken.id });
  expect(communication.state).toBe('PENDING');
});

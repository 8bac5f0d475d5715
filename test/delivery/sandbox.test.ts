import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeProviders, type Providers } from '../../src/delivery/providers.js';
import { keepMessage } from '../../src/delivery/sandbox.js';
import { startDelivery } from '../../src/delivery/worker.js';
import { publicId } from '../../src/graphql/node.js';
import { eventually, openApp } from '../support/app.js';
import { buildContact, buildContent, buildEntry } from '../support/build.js';

const app = await openApp({ env: { ROLE: 'api', MAIL_FROM: 'Παράδειγμα <news@example.com>' } });
const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
const open = () => app.context();
let made: Providers;

beforeAll(async () => {
  made = await makeProviders(app.config, { log, open });
});
afterAll(async () => await made.close());
beforeEach(async () => {
  await app.sql('truncate sandbox_message, communication cascade');
});

const page = `query Messages($first: Int, $after: String, $last: Int, $before: String, $search: String) {
  sandboxMessages(first: $first, after: $after, last: $last, before: $before, search: $search) {
    nodes { id medium from to subject text html raw headers { name value } receivedAt communicationId }
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    totalCount
  }
}`;

async function keep(subject: string, body = 'text'): Promise<string> {
  return await keepMessage(open(), {
    communicationId: null,
    medium: 'SMS',
    sender: null,
    recipient: '+35799000000',
    subject,
    body,
    raw: null,
  });
}

describe('what would have been sent', () => {
  test('is kept as it came over the wire, with the communication that it is', async () => {
    const contact = await buildContact(app, { name: 'Ελένη', email: 'eleni@example.org' });
    const content = await buildContent(app, { subject: 'Ο λογαριασμός σας', body: '<p>Γειά <b>σου</b></p>', format: 'HTML' });
    const entry = await buildEntry(app, { contact, content });
    const sms = await buildEntry(app, {
      content: await buildContent(app, { body: 'Short' }, { medium: 'SMS' }),
      communication: { address: '+35799123456' },
    });
    const worker = startDelivery({ log, open, providers: made.providers, holder: 'test' });
    await eventually(async () => (await app.sql(`select from communication where state = 'COMPLETED'`)).length === 2);
    await worker.stop();
    const { nodes } = (await app.call(page)).sandboxMessages;
    const mail = nodes.find((each: { medium: string }) => each.medium === 'EMAIL');
    expect(mail).toMatchObject({
      from: 'Παράδειγμα <news@example.com>',
      to: 'eleni@example.org',
      subject: 'Ο λογαριασμός σας',
      text: expect.stringContaining('Γειά σου'),
      html: expect.stringContaining('<b>σου</b>'),
      raw: expect.stringMatching(/^Message-ID: <com_/m),
      communicationId: publicId('Communication', entry.id),
    });
    expect(mail.headers).toContainEqual({ name: 'Auto-Submitted', value: 'auto-generated' });
    expect(nodes.find((each: { medium: string }) => each.medium === 'SMS')).toMatchObject({
      from: null,
      to: '+35799123456',
      text: 'Short',
      html: null,
      raw: null,
      headers: [],
      communicationId: publicId('Communication', sms.id),
    });
  });

  test('comes newest first, page by page, in both directions', async () => {
    for (const subject of ['1', '2', '3', '4', '5']) await keep(subject);
    const subjects = (answer: Record<string, any>) => answer['sandboxMessages'].nodes.map((each: { subject: string }) => each.subject);
    const newest = await app.call(page, { first: 2 });
    expect(subjects(newest)).toEqual(['5', '4']);
    expect(newest['sandboxMessages']).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const next = await app.call(page, { first: 3, after: newest['sandboxMessages'].pageInfo.endCursor });
    expect(subjects(next)).toEqual(['3', '2', '1']);
    const oldest = await app.call(page, { last: 2 });
    expect(subjects(oldest)).toEqual(['2', '1']);
    expect(subjects(await app.call(page, { last: 2, before: oldest['sandboxMessages'].pageInfo.startCursor }))).toEqual(['4', '3']);
  });

  test.each([
    ['50%', ['50% off']],
    ['WALLET', ['other']],
    ['+357', ['other', '50% off', 'plain']],
    ['_', []],
    ['nothing of the sort', []],
  ])('a search for %j finds it in addresses, subjects and texts', async (search, found) => {
    await keep('plain');
    await keep('50% off');
    await keep('other', 'Your wallet');
    const { sandboxMessages } = await app.call(page, { search });
    expect(sandboxMessages.nodes.map((each: { subject: string }) => each.subject)).toEqual(found);
    expect(sandboxMessages.totalCount).toBe(found.length);
  });

  test('is found by its id, and null where there is none', async () => {
    const id = publicId('SandboxMessage', await keep('one'));
    const one = 'query One($id: ID!) { sandboxMessage(id: $id) { id subject } node(id: $id) { id __typename } }';
    expect(await app.call(one, { id })).toEqual({ sandboxMessage: { id, subject: 'one' }, node: { id, __typename: 'SandboxMessage' } });
    for (const nonsense of ['nonsense', id.replace(/.$/, (last) => (last === '0' ? '1' : '0')), id.replace('sbx', 'com')]) {
      expect(await app.call(one, { id: nonsense })).toEqual({ sandboxMessage: null, node: null });
    }
  });

  test('is for administrators and agents alone', async () => {
    const id = publicId('SandboxMessage', await keep('secret'));
    for (const caller of ['CONTACT', 'EXTERNAL_SYSTEM'] as const) {
      const listed = await app.ask('{ sandboxMessages { totalCount } }', {}, caller);
      expect(listed.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
      const node = await app.call('query One($id: ID!) { node(id: $id) { id } }', { id }, caller);
      expect(node).toEqual({ node: null });
    }
    expect((await app.call('{ sandboxMessages { totalCount } }', {}, 'AGENT')).sandboxMessages.totalCount).toBe(1);
  });
});

describe('providers', () => {
  test('in sandbox mode SMTP_URL is never spoken to', async () => {
    const sandbox = await makeProviders({ ...app.config, smtpUrl: 'smtp://mail.example.com' }, { log, open });
    expect(sandbox.providers.flatMap((each) => each.media).toSorted()).toEqual(['DEVICE', 'EMAIL', 'SMS', 'WHATSAPP']);
    expect(sandbox.providers.every((each) => each.name === 'sandbox')).toBe(true);
    await sandbox.close();
  });

  test('live, there is e-mail where SMTP_URL is set, and nothing else', async () => {
    const live = await makeProviders({ ...app.config, deliveryMode: 'live', smtpUrl: 'smtp://mail.example.com' }, { log, open });
    expect(live.providers.map((each) => [each.name, each.media])).toEqual([['smtp', ['EMAIL']]]);
    await live.close();
    expect((await makeProviders({ ...app.config, deliveryMode: 'live' }, { log, open })).providers).toEqual([]);
  });
});

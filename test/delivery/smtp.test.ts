import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OutgoingMessage, Provider } from '../../src/delivery/provider.js';
import { smtpProvider } from '../../src/delivery/providers/smtp.js';
import { openSink, type Sink } from '../support/smtp-sink.js';

const log = pino({ level: 'silent' });
const never = new AbortController().signal;
const ours = () => true;
let sink: Sink;
let provider: Provider;

beforeEach(async () => {
  sink = await openSink();
  provider = smtpProvider({ url: sink.url, from: 'Παράδειγμα TV <news@example.com>', log });
});
afterEach(async () => {
  await provider.close();
  await sink.close();
});

function message(overrides: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    communicationId: '01990000-0000-7000-8000-000000000001',
    medium: 'EMAIL',
    to: 'anna@example.org',
    toName: 'Anna Example',
    subject: 'Hello',
    text: 'Good day.',
    html: null,
    ...overrides,
  };
}

test('a message arrives with text and HTML as alternatives, and everything a mail needs', async () => {
  const outcome = await provider.send(message({ text: 'Good day.', html: '<p>Good <b>day</b>.</p>' }), never, ours);
  expect(outcome).toEqual({ kind: 'sent', providerId: expect.any(String) });
  const [arrived] = sink.arrived;
  expect(arrived?.mail.text?.trim()).toBe('Good day.');
  expect(arrived?.mail.html?.trim()).toBe('<p>Good <b>day</b>.</p>');
  expect(arrived?.raw).toMatch(/^Content-Type: multipart\/alternative/m);
  expect(arrived?.mail.messageId).toBe('<com_01990000000070008000000000000001@example.com>');
  expect(Number.isNaN(Date.parse(arrived?.mail.date ?? ''))).toBe(false);
  expect(arrived?.raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
  expect(arrived?.raw).not.toMatch(/^X-Mailer/m);
});

test('a text message is text only', async () => {
  await provider.send(message(), never, ours);
  expect(sink.arrived[0]?.mail.html).toBeUndefined();
  expect(sink.arrived[0]?.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8/m);
});

test('Greek subjects, names and texts arrive as they were written', async () => {
  const subject = 'Ο λογαριασμός σας είναι έτοιμος, «Ελένη» — ευχαριστούμε που είστε μαζί μας εδώ και δέκα χρόνια! 🎉';
  await provider.send(
    message({ subject, toName: 'Ελένη Παπαδοπούλου, "Λένα"', text: 'Γειά σου\nκόσμε', html: '<p>Γειά σου</p>' }),
    never,
    ours,
  );
  const mail = sink.arrived[0]?.mail;
  expect(mail?.subject).toBe(subject);
  expect(mail?.to).toEqual([{ name: 'Ελένη Παπαδοπούλου, "Λένα"', address: 'anna@example.org' }]);
  expect(mail?.from).toEqual({ name: 'Παράδειγμα TV', address: 'news@example.com' });
  expect(mail?.text?.replaceAll('\r', '').trim()).toBe('Γειά σου\nκόσμε');
  expect(sink.arrived[0]?.raw.split('\r\n').every((line) => line.length <= 998)).toBe(true);
});

test('line breaks in a name or a subject add no header and no recipient', async () => {
  const evil = 'Anna\r\nBcc: thief@example.net\r\n\r\nbody\0\u202e';
  await provider.send(message({ toName: evil, subject: evil }), never, ours);
  const [arrived] = sink.arrived;
  expect(arrived?.to).toEqual(['anna@example.org']);
  expect(arrived?.mail.bcc).toBeUndefined();
  expect(arrived?.mail.headers.map((each) => each.key)).not.toContain('bcc');
  expect(arrived?.mail.subject).toBe('Anna Bcc: thief@example.net body');
});

test.each(['anna@example.org\r\nRCPT TO:<thief@example.net>', 'anna@example.org,thief@example.net', 'Anna <anna@example.org>', 'anna', ''])(
  'the address %j is rejected before it reaches the wire',
  async (to) => {
    expect(await provider.send(message({ to }), never, ours)).toEqual({
      kind: 'rejected',
      reason: expect.stringContaining('is no e-mail address'),
    });
    expect(sink.connections()).toBe(0);
  },
);

test('a recipient that the server refuses for good is rejected, in the server’s words', async () => {
  sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'refuse', code: 550, text: '5.1.1 no such user here' } : { kind: 'accept' });
  expect(await provider.send(message(), never, ours)).toEqual({ kind: 'rejected', reason: '550 5.1.1 no such user here' });
});

test('a message that the server refuses for good is rejected, and the next one goes out', async () => {
  sink.answer = (to, stage) =>
    stage === 'DATA' && to.startsWith('bad') ? { kind: 'refuse', code: 554, text: 'spam' } : { kind: 'accept' };
  expect(await provider.send(message({ to: 'bad@example.org' }), never, ours)).toMatchObject({ kind: 'rejected' });
  expect(await provider.send(message(), never, ours)).toMatchObject({ kind: 'sent' });
});

test.each(['RCPT TO', 'DATA'] as const)('"later" at %s is worth another try', async (where) => {
  sink.answer = (_to, stage) => (stage === where ? { kind: 'refuse', code: 451, text: 'greylisted' } : { kind: 'accept' });
  expect(await provider.send(message(), never, ours)).toEqual({ kind: 'retry', reason: '451 greylisted' });
});

test('a refused sender gives no message up: it would be all of them', async () => {
  sink.answer = (_to, stage) => (stage === 'MAIL FROM' ? { kind: 'refuse', code: 553, text: 'sender not allowed' } : { kind: 'accept' });
  expect(await provider.send(message(), never, ours)).toMatchObject({ kind: 'retry', away: true, afterMs: 60_000 });
});

test('PR4 a message that may not leave any more when it comes to its last byte is not taken by the server, and the next one is', async () => {
  const controller = new AbortController();
  const asked: number[] = [];
  const gone = () => {
    asked.push(sink.arrived.length);
    controller.abort();
    return false;
  };
  const large = 'Good day. '.repeat(40_000);
  expect(await provider.send(message({ text: large }), controller.signal, gone)).toMatchObject({ kind: 'retry' });
  expect(asked).toEqual([0]);
  expect(await provider.send(message({ text: large }), never, ours)).toMatchObject({ kind: 'sent' });
  expect(sink.arrived).toHaveLength(1);
});

test('a server that is not there is away', async () => {
  await sink.close();
  expect(await provider.send(message(), never, ours)).toMatchObject({
    kind: 'retry',
    away: true,
    reason: expect.stringContaining('ECONNREFUSED'),
  });
});

test('a host without an address is away, for longer', async () => {
  const lost = smtpProvider({ url: 'smtp://mail.invalid:25', from: 'news@example.com', log });
  expect(await lost.send(message(), never, ours)).toMatchObject({ kind: 'retry', away: true, afterMs: 60_000 });
  await lost.close();
});

test('wrong credentials give no message up', async () => {
  const guarded = await openSink({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(new Error('Nope')),
  });
  const wrong = smtpProvider({ url: guarded.url.replace('//', '//me:wrong@'), from: 'news@example.com', log });
  const outcome = await wrong.send(message(), never, ours);
  expect(outcome).toMatchObject({ kind: 'retry', away: true, afterMs: 60_000 });
  expect(JSON.stringify(outcome)).not.toContain('wrong');
  await wrong.close();
  await guarded.close();
});

test('a connection lost before the message is certainly not sent', async () => {
  sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'hangUp' } : { kind: 'accept' });
  expect(await provider.send(message(), never, ours)).toMatchObject({ kind: 'retry', away: false });
  expect(sink.arrived).toHaveLength(0);
});

test('a connection lost after the message is in doubt, and the next try has the same Message-ID', async () => {
  sink.answer = (_to, stage) => (stage === 'DATA' && sink.arrived.length === 0 ? { kind: 'drop' } : { kind: 'accept' });
  expect(await provider.send(message(), never, ours)).toMatchObject({
    kind: 'inDoubt',
    reason: expect.stringContaining('the answer was lost'),
  });
  expect(await provider.send(message(), never, ours)).toMatchObject({ kind: 'sent' });
  expect(sink.arrived.map((each) => each.mail.messageId)).toEqual(Array(2).fill('<com_01990000000070008000000000000001@example.com>'));
});

test('large messages, too, are in doubt only once they were taken', async () => {
  const text = 'A line of text that is long enough.\n'.repeat(20_000);
  sink.answer = (_to, stage) => (stage === 'DATA' ? { kind: 'drop' } : { kind: 'accept' });
  expect(await provider.send(message({ text }), never, ours)).toMatchObject({ kind: 'inDoubt' });
  sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'hangUp' } : { kind: 'accept' });
  expect(await provider.send(message({ text }), never, ours)).toMatchObject({ kind: 'retry' });
});

test('a send that is told to give up answers at once, by how far it had come', async () => {
  const controller = new AbortController();
  const reached = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  sink.answer = (_to, stage) => {
    if (stage !== 'DATA') return { kind: 'accept' };
    reached.resolve();
    return { kind: 'wait', until: held.promise };
  };
  const outcome = provider.send(message(), controller.signal, ours);
  await reached.promise;
  controller.abort();
  expect(await outcome).toMatchObject({ kind: 'inDoubt' });
  held.resolve();
});

test('an idle connection that the server has closed costs no try', async () => {
  expect(await provider.send(message(), never, ours)).toMatchObject({ kind: 'sent' });
  const { port } = sink;
  await sink.close();
  sink = await openSink({ port });
  expect(await provider.send(message(), never, ours)).toMatchObject({ kind: 'sent' });
});

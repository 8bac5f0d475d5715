import { connect } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, openApp } from '../support/app.js';
import { dial } from '../support/raw-socket.js';

const logged: string[] = [];
const app = await openApp({
  env: { ROLE: 'api' },
  overrides: {
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
    socketLimits: {
      perContact: 3,
      perCaller: 5,
      messageMs: 1_000,
      unfinished: 6 * 1_048_576,
      initMs: 1_500,
      unadmitted: 20,
      unread: 1_048_576,
    },
  },
});
const bearer = async (subject: string, role: 'CONTACT' | 'ADMIN' = 'CONTACT') => `Bearer ${await app.token(role, subject)}`;
const tryLater = 1013;

test('a caller has so many sockets at a time, and the next is told to come back later', async () => {
  const authorization = await bearer('many');
  const lines = [await dial(app, authorization), await dial(app, authorization), await dial(app, authorization)];
  const fourth = await dial(app, authorization);
  expect(await eventually(() => fourth.closed())).toBe(tryLater);
  // Others are not concerned, and who closes one may open another.
  const other = await dial(app, await bearer('other'));
  expect(other.messages[0]?.type).toBe('connection_ack');
  lines[0]?.socket.close();
  await eventually(() => lines[0]?.closed());
  const again = await dial(app, authorization);
  expect(again.messages[0]?.type).toBe('connection_ack');
  for (const line of [...lines, other, again]) line.socket.close();
});

test('a socket carries so many operations: the next is answered with a code to retry, and the socket goes on', async () => {
  const line = await dial(app, await bearer('ops', 'ADMIN'));
  await app.call('mutation { upsertCrmRecords(input: { contacts: [{ externalId: "ops", name: "O" }] }) { inserted } }');
  const query = 'subscription { inboxChanged(contactExternalId: "ops") { kind } }';
  for (let n = 0; n <= 100; n++) line.send({ id: String(n), type: 'subscribe', payload: { query } });
  const refused = await line.until((each) => each.type === 'error');
  expect(refused).toMatchObject({ id: '100', payload: [{ extensions: { code: 'RATE_LIMITED' } }] });
  line.send({ id: '5', type: 'complete' });
  line.send({ id: 'again', type: 'subscribe', payload: { query } });
  await line.until((each) => each.id === 'again' && each.type === 'next');
  line.socket.close();
});

test('a message that is too large closes its socket with 1009 before it is kept', async () => {
  const line = await dial(app, await bearer('large'));
  line.socket.send('x'.repeat(4 * 1_048_576 + 1));
  expect(await eventually(() => line.closed())).toBe(1009);
});

test('a flood of pings closes the socket, those of a client that only wants to know do not', async () => {
  for (const kind of ['frames', 'messages']) {
    const line = await dial(app, await bearer(`flood ${kind}`));
    const ping = () => (kind === 'frames' ? line.socket.ping() : line.send({ type: 'ping' }));
    for (let n = 0; n < 40; n++) ping();
    line.send({ id: '1', type: 'subscribe', payload: { query: '{ me { role } }' } });
    await line.until((each) => each.type === 'complete');
    const flood = setInterval(() => line.socket.readyState === line.socket.OPEN && ping(), 1);
    expect([kind, await eventually(() => line.closed())]).toEqual([kind, tryLater]);
    clearInterval(flood);
  }
});

test('a message whose frames never end is not waited for', async () => {
  const line = await dial(app, await bearer('fragments'));
  line.socket.send('{"id":"1",', { fin: false });
  const from = Date.now();
  // Control frames between the fragments do not make it younger.
  const pinging = setInterval(() => line.socket.ping(), 100);
  expect(await eventually(() => line.closed())).toBe(tryLater);
  clearInterval(pinging);
  expect(Date.now() - from).toBeLessThan(4_000);
});

test('unfinished messages of all sockets together are bounded', async () => {
  const lines = [await dial(app, await bearer('half 1')), await dial(app, await bearer('half 2'))];
  for (const line of lines) line.socket.send('x'.repeat(3.5 * 1_048_576), { fin: false });
  await eventually(() => lines.some((each) => each.closed() === tryLater));
  expect(logged.some((each) => each.includes('Too much is unfinished'))).toBe(true);
  for (const line of lines) line.socket.terminate();
});

test('a handshake that never finishes is closed, and there is a limit to how many are waited for', async () => {
  const idle = await Promise.all(Array.from({ length: 20 }, () => dial(app, undefined)));
  const refused = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const error = await new Promise<Error>((done) => refused.once('error', done));
  expect(error.message).toMatch(/503/);
  for (const line of idle) expect(await eventually(() => line.closed())).toBe(4408);
  const line = await dial(app, await bearer('after'));
  expect(line.messages[0]?.type).toBe('connection_ack');
  line.socket.close();
});

test('a client that asks and does not read is closed', async () => {
  const line = await dial(app, await bearer('deaf', 'ADMIN'));
  line.socket.pause();
  const query = `{ __schema { types { name description fields(includeDeprecated: true) { name description args { name description } } } } }`;
  const asking = setInterval(() => {
    for (let n = 0; n < 20; n++)
      if (line.socket.readyState === line.socket.OPEN) line.send({ id: crypto.randomUUID(), type: 'subscribe', payload: { query } });
  }, 20);
  await eventually(() => logged.some((each) => each.includes('Read the answers')), { withinMs: 20_000 });
  clearInterval(asking);
  line.socket.resume();
  expect(await eventually(() => line.closed())).toBe(tryLater);
});

test('a token in the address is refused, whatever it is called', async () => {
  const token = await app.token('CONTACT', 'anna');
  for (const path of [
    `/graphql?token=${token}`,
    '/graphql?access_token=x',
    '/graphql?api-key=x',
    `/graphql?x=${token}`,
    `/graphql?q=ck_abc`,
  ]) {
    await expect(dial(app, `Bearer ${token}`, path)).rejects.toThrow(/400/);
  }
  const fine = await dial(app, `Bearer ${token}`, '/graphql?client=web');
  expect(fine.messages[0]?.type).toBe('connection_ack');
  fine.socket.close();
});

test('what is no message, and what breaks the protocol, closes one socket and no other', async () => {
  const healthy = await dial(app, await bearer('healthy'));
  const nonsense = await dial(app, await bearer('nonsense'));
  nonsense.socket.send('not JSON');
  expect(await eventually(() => nonsense.closed())).toBe(4400);
  const early = await dial(app, undefined);
  early.send({ id: '1', type: 'subscribe', payload: { query: '{ me { role } }' } });
  expect(await eventually(() => early.closed())).toBe(4401);
  const twice = await dial(app, await bearer('twice'));
  twice.send({ type: 'connection_init' });
  expect(await eventually(() => twice.closed())).toBe(4429);
  // Bytes that are no frame at all, and a client that is gone in the middle of one.
  const url = new URL(app.url);
  for (const bytes of [Buffer.alloc(64, 0xff), Buffer.from([0x81, 0xfe, 0x10])]) {
    const raw = connect(Number(url.port), url.hostname);
    raw.on('error', () => undefined);
    raw.write(
      'GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    await new Promise((done) => raw.once('data', done));
    raw.write(bytes);
    raw.resetAndDestroy();
  }
  healthy.send({ id: '1', type: 'subscribe', payload: { query: '{ me { subject } }' } });
  expect((await healthy.until((each) => each.type === 'next')).payload).toEqual({ data: { me: { subject: 'healthy' } } });
  healthy.socket.close();
});

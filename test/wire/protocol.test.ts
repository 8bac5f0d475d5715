import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { inboxHub } from '../../src/queue/inbox/hub.js';
import { eventually, openApp } from '../support/app.js';
import { dial, type RawSocket } from '../support/raw-socket.js';

const app = await openApp({ env: { ROLE: 'api' } });
const address = `${app.url.replace('http', 'ws')}/graphql`;
const bearer = `Bearer ${await app.token('ADMIN', 'admin')}`;
const inbox = 'subscription { inboxChanged(contactExternalId: "anna") { kind } }';
await app.call('mutation { upsertCrmRecords(input: { contacts: [{ externalId: "anna", name: "Anna" }] }) { inserted } }');

/** A socket that has been admitted, and what is sent on it. */
async function admitted(...frames: (string | Buffer)[]): Promise<RawSocket> {
  const line = await dial(app, bearer);
  for (const frame of frames) line.socket.send(frame);
  return line;
}

const subscribe = (id: string, query: string) => JSON.stringify({ id, type: 'subscribe', payload: { query } });

test.each([
  ['no JSON', 'nonsense', 4400],
  ['bytes that are no JSON', Buffer.from([1, 2, 3]), 4400],
  ['an unknown type', '{"type":"start","id":"1"}', 4400],
  ['what only servers send', '{"type":"next","id":"1","payload":{}}', 4400],
  ['no type', '{"id":"1"}', 4400],
  ['an empty id', subscribe('', '{ me { role } }'), 4400],
  ['no query', '{"type":"subscribe","id":"1","payload":{}}', 4400],
  ['a second connection_init', '{"type":"connection_init"}', 4429],
  ['bytes that are no UTF-8', { bytes: Buffer.from([0xc3, 0x28]) }, 1007],
])('%s closes the socket with its code', async (_what, frame, code) => {
  const line = await admitted();
  if (typeof frame === 'object' && 'bytes' in frame) line.socket.send(frame.bytes, { binary: false });
  else line.socket.send(frame);
  expect(await eventually(() => line.closed())).toBe(code);
});

test('what comes before the token is shown, or looked at, closes with 4401; the same id twice with 4409', async () => {
  const early = await dial(app, undefined);
  early.send({ type: 'connection_init', payload: { authorization: bearer } });
  early.socket.send(subscribe('1', '{ me { role } }'));
  expect(await eventually(() => early.closed())).toBe(4401);
  const line = await admitted(subscribe('1', inbox), subscribe('1', inbox));
  expect(await eventually(() => line.closed())).toBe(4409);
  // Words that are longer than a close frame carries do not keep it from being closed.
  const long = 'x'.repeat(200);
  const wordy = await admitted(subscribe(long, inbox), subscribe(long, inbox));
  expect(await eventually(() => wordy.closed())).toBe(4409);
});

test('an id is free again once its operation has ended, from whichever side', async () => {
  const line = await admitted(subscribe('1', '{ me { role } }'));
  await line.until((each) => each.type === 'complete');
  line.socket.send(subscribe('1', inbox));
  await line.until((each) => JSON.stringify(each).includes('SYNCED'));
  line.send({ type: 'complete', id: '1' });
  line.socket.send(subscribe('1', '{ me { subject } }'));
  await line.until((each) => JSON.stringify(each).includes('admin'));
  await eventually(() => line.messages.filter((each) => each.type === 'complete').length === 2);
  // One that is not there is no mistake: it may have ended meanwhile.
  line.send({ type: 'complete', id: 'never' });
  line.send({ type: 'ping', payload: { still: 'here' } });
  expect(await line.until((each) => each.type === 'pong')).toEqual({ type: 'pong', payload: { still: 'here' } });
  line.socket.close();
});

test('ids come back as they were given, whatever is in them', async () => {
  for (const id of ['"', '\\', 'Καλημέρα 🔔', '\n', '__proto__', 'constructor']) {
    const line = await admitted(subscribe(id, '{ me { role } }'));
    await line.until((each) => each.type === 'complete');
    expect(line.messages.slice(1)).toEqual([
      { id, type: 'next', payload: { data: { me: { role: 'ADMIN' } } } },
      { id, type: 'complete' },
    ]);
    line.socket.close();
  }
});

test('a message in fragments and one in bytes are read like any other', async () => {
  const line = await admitted();
  const text = subscribe('parts', '{ me { role } }');
  line.socket.send(text.slice(0, 10), { fin: false });
  line.socket.ping();
  line.socket.send(text.slice(10, 20), { fin: false });
  line.socket.send(text.slice(20), { fin: true });
  await line.until((each) => each.id === 'parts' && each.type === 'complete');
  line.socket.send(Buffer.from(subscribe('bytes', '{ me { role } }')));
  await line.until((each) => each.id === 'bytes' && each.type === 'complete');
  line.socket.close();
});

test('pings and messages of pings are answered', async () => {
  const line = await admitted('{"type":"ping"}', '{"type":"pong"}');
  expect(await line.until((each) => each.type === 'pong')).toEqual({ type: 'pong' });
  const pong = new Promise<Buffer>((done) => line.socket.once('pong', done));
  line.socket.ping('here');
  expect(String(await pong)).toBe('here');
  line.socket.close();
});

test('an operation that cannot be chosen, is not valid or fails at once is told as its error, and the socket goes on', async () => {
  const line = await admitted(
    subscribe('none', 'query A { me { role } } query B { me { role } }'),
    subscribe('wrong', '{ nothing }'),
    subscribe('refused', 'subscription { inboxChanged(contactExternalId: "nobody") { kind } }'),
    subscribe('good', '{ me { role } }'),
  );
  const error = async (id: string) => await line.until((each) => each.id === id && each.payload);
  expect(await error('none')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'BAD_REQUEST' } }] });
  expect(await error('wrong')).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
  expect(await error('refused')).toMatchObject({ type: 'next', payload: { errors: [{ extensions: { code: 'NOT_FOUND' } }] } });
  for (const id of ['refused', 'good']) await line.until((each) => each.id === id && each.type === 'complete');
  expect(line.messages.some((each) => ['none', 'wrong'].includes(each.id ?? '') && each.type === 'complete')).toBe(false);
  line.socket.close();
});

test('another subprotocol, or none, is refused with 4406', async () => {
  for (const offered of [undefined, 'graphql-ws']) {
    const socket = new WebSocket(address, offered);
    // A client that offers one and gets none hangs up by itself.
    socket.on('error', () => undefined);
    const code = await new Promise((done) => socket.once('close', done));
    expect([offered, code]).toEqual([offered, offered === undefined ? 4406 : 1006]);
  }
});

test('sources end with their operation and with their socket, also while they begin', async () => {
  const hub = inboxHub(app.context());
  const before = hub.size;
  const line = await admitted(subscribe('1', inbox), subscribe('2', inbox), subscribe('3', inbox));
  await eventually(() => hub.size === before + 3);
  line.send({ type: 'complete', id: '2' });
  await eventually(() => hub.size === before + 2);
  // Ended before they have begun.
  line.socket.send(subscribe('4', inbox));
  line.send({ type: 'complete', id: '4' });
  line.socket.send(subscribe('5', inbox));
  line.socket.terminate();
  await eventually(() => hub.size === before);
});

test("graphql-ws's own client: queries, mutations, subscriptions, errors, keep-alive and completion", async () => {
  const seen: string[] = [];
  const client = createClient({
    url: address,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: bearer },
    lazy: false,
    keepAlive: 20,
    on: { pong: (received) => void (received && seen.push('pong')), closed: () => void seen.push('closed') },
  });
  expect((await client.iterate({ query: '{ me { role } }' }).next()).value).toEqual({ data: { me: { role: 'ADMIN' } } });
  const mutation = `mutation { upsertCrmRecords(input: { contacts: [{ externalId: "nikos", name: "N" }] }) { inserted } }`;
  expect((await client.iterate({ query: mutation }).next()).value).toEqual({ data: { upsertCrmRecords: { inserted: 1 } } });
  await expect(client.iterate({ query: '{ nothing }' }).next()).rejects.toMatchObject([
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
  ]);
  const kinds: unknown[] = [];
  for await (const { data } of client.iterate<{ inboxChanged: { kind: string } }>({ query: inbox })) {
    kinds.push(data?.inboxChanged.kind);
    break;
  }
  expect(kinds).toEqual(['SYNCED']);
  await eventually(() => seen.includes('pong'));
  expect(seen).not.toContain('closed');
  await client.dispose();
});

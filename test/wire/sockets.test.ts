import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createApiKey } from '../../src/access/token.js';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
const address = `${app.url.replace('http', 'ws')}/graphql`;

/** A raw socket that has spoken connection_init; answers what came and how it was closed. */
async function dial(authorization?: string, init = true) {
  const socket = new WebSocket(address, 'graphql-transport-ws');
  const messages: { type: string; id?: string; payload?: any }[] = [];
  let closed: number | undefined;
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('close', (code) => {
    closed = code;
  });
  socket.on('error', () => undefined);
  await new Promise((done) => socket.once('open', done));
  if (init) socket.send(JSON.stringify({ type: 'connection_init', payload: authorization === undefined ? {} : { authorization } }));
  return { socket, messages, closed: () => closed, send: (message: object) => socket.send(JSON.stringify(message)) };
}

const bearer = async (lifetime = '1h') => `Bearer ${await app.token('ADMIN', 'admin', lifetime)}`;

test('queries and mutations work over WebSocket with the same errors as over HTTP', async () => {
  const client = createClient({ url: address, webSocketImpl: WebSocket, connectionParams: { authorization: await bearer() } });
  const once = (query: string, variables = {}) => client.iterate({ query, variables }).next();
  expect((await once('{ me { role } }')).value).toEqual({ data: { me: { role: 'ADMIN' } } });
  expect((await once('{ contacts(first: 101) { nodes { id } } }')).value).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
  });
  await expect(once(`{ ${Array.from({ length: 101 }, (_, i) => `a${i}: me { role }`).join(' ')} }`)).rejects.toMatchObject([
    { extensions: { code: 'QUERY_TOO_COMPLEX' } },
  ]);
  await client.dispose();
});

test('a syntax error is answered and leaves the socket alone', async () => {
  const line = await dial(await bearer());
  await eventually(() => line.messages.some((each) => each.type === 'connection_ack'));
  line.send({ id: '1', type: 'subscribe', payload: { query: '{ me { role' } });
  line.send({ id: '2', type: 'subscribe', payload: { query: '{ me { role } }' } });
  await eventually(() => line.messages.some((each) => each.id === '2' && each.type === 'complete'));
  expect(line.messages.find((each) => each.id === '1')).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
  });
  expect(line.closed()).toBeUndefined();
  line.socket.close();
});

test('a wrong token, no token, and one that runs out close the socket with 4403', async () => {
  for (const authorization of [undefined, 'Bearer nonsense', `Bearer ${'x'.repeat(3)}.y.z`]) {
    const line = await dial(authorization);
    expect(await eventually(() => line.closed())).toBe(4403);
  }
  const short = await dial(await bearer('2s'));
  await eventually(() => short.messages.some((each) => each.type === 'connection_ack'));
  expect(await eventually(() => short.closed())).toBe(4403);
});

test('a revoked API key ends its sockets within 5 seconds', async () => {
  const key = await createApiKey(app.context(), 'AGENT', 'portal team', null);
  const line = await dial(`Bearer ${key}`);
  await eventually(() => line.messages.some((each) => each.type === 'connection_ack'));
  await app.sql('update api_key set revoked_at = now()');
  expect(await eventually(() => line.closed(), { withinMs: 5_000 })).toBe(4403);
});

test('a handshake that never finishes is closed', async () => {
  const line = await dial(undefined, false);
  expect(await eventually(() => line.closed())).toBe(4408);
});

test('another path and another protocol are refused', async () => {
  const wrongPath = new WebSocket(`${app.url.replace('http', 'ws')}/other`, 'graphql-transport-ws');
  const error = await new Promise<Error>((done) => wrongPath.once('error', done));
  expect(error.message).toMatch(/404/);
});

import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { cloneDatabase, eventually } from '../support/app.js';
import { carillon, dataDir, type Running, startCarillon } from './command.js';

async function ask(url: string, token: string, query: string): Promise<{ data: any; errors?: unknown }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (await response.json()) as { data: any; errors?: unknown };
}

const tokenOf = ({ ready }: Running, label: string) => ready.tokens?.find((each) => each.label === label)?.token ?? '';

test('the demo is ready with tokens for everybody, keeps what was done, and begins anew with --reset', { timeout: 90_000 }, async () => {
  const env = { DATA_DIR: dataDir(), PORT: '0' };
  const first = await startCarillon(['demo'], env);
  const admin = tokenOf(first, 'admin');
  expect(await ask(first.ready.url, tokenOf(first, 'C0002'), '{ me { role subject } }')).toEqual({
    data: { me: { role: 'CONTACT', subject: 'C0002' } },
  });
  // The plan has run once: the inbox has an entry, and the outbox a letter.
  const run = await eventually(async () => {
    const { data } = await ask(first.ready.url, admin, '{ plans { nodes { code runs { nodes { state matched generated remaining } } } } }');
    const found = data.plans.nodes[0].runs.nodes[0];
    return found.state === 'COMPLETED' && found;
  });
  expect(run.generated).toBeGreaterThan(800);
  expect((await ask(first.ready.url, tokenOf(first, 'C0001'), '{ inbox { totalCount } }')).data.inbox.totalCount).toBe(1);
  await ask(
    first.ready.url,
    admin,
    'mutation { createSegment(input: { name: "Mine", contactExternalIds: ["C0001"] }) { segment { id } } }',
  );
  const status = (await (await fetch(`${first.ready.url}/status.json`)).json()) as { demo: boolean; tokens: { label: string }[] };
  expect(status).toMatchObject({ demo: true, ready: true });
  expect(status.tokens.map(({ label }) => label)).toEqual(['admin', 'agent', 'portal', 'C0001', 'C0002']);

  const refused = await carillon(['demo', '--reset'], env);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Stop it first') as string });
  expect((await first.stop('SIGINT')).code).toBe(0);

  const names = async (running: Running) => {
    const { data } = await ask(running.ready.url, tokenOf(running, 'admin'), '{ segments { nodes { name } } }');
    return data.segments.nodes.map(({ name }: { name: string }) => name) as string[];
  };
  const second = await startCarillon(['demo'], env);
  expect(await names(second)).toContain('Mine');
  expect((await second.stop()).code).toBe(0);

  const third = await startCarillon(['demo', '--reset'], env);
  expect(await names(third)).not.toContain('Mine');
  expect((await third.stop()).code).toBe(0);
});

test('told to stop, a server ends within 10 seconds with 0, and tells its sockets that it goes away', async () => {
  const server = await startCarillon(['start'], { DATABASE_URL: await cloneDatabase(), DATA_DIR: dataDir(), PORT: '0' });
  const socket = new WebSocket(`${server.ready.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((done) => socket.once('open', done));
  const closed = new Promise<number>((done) => socket.once('close', done));
  const begin = performance.now();
  const { code } = await server.stop('SIGTERM');
  expect(code).toBe(0);
  expect(performance.now() - begin).toBeLessThan(10_000);
  expect(await closed).toBe(1001);
});

test('two processes share one embedded database; the one that leaves last stops it', { timeout: 60_000 }, async () => {
  const env = { DATA_DIR: dataDir(), PORT: '0' };
  const api = await startCarillon(['start', '--role', 'api'], env);
  const worker = await startCarillon(['start', '--role', 'worker'], env);
  expect([api.ready.role, worker.ready.role]).toEqual(['api', 'worker']);
  expect((await api.stop()).code).toBe(0);
  expect((await fetch(`${worker.ready.url}/readyz`)).status).toBe(200);
  expect((await worker.stop()).code).toBe(0);
});

test('a port that is taken: a worker takes another and says which, everybody else gives up and says why', { timeout: 60_000 }, async () => {
  const env = { DATABASE_URL: await cloneDatabase(), DATA_DIR: dataDir() };
  const first = await startCarillon(['start'], { ...env, PORT: '0' });
  const { port } = new URL(first.ready.url);
  const refused = await carillon(['start'], { ...env, PORT: port });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`Port ${port} of 127.0.0.1 is taken`);
  const worker = await startCarillon(['start', '--role', 'worker'], { ...env, PORT: port });
  expect(new URL(worker.ready.url).port).not.toBe(port);
  await worker.stop();
  await first.stop();
});

import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, openApp } from '../support/app.js';
import { fill, makeSystem, type System } from '../support/queue.js';

const app = await openApp({ env: { ROLE: 'api' } });

interface Issued {
  token: string;
  externalSystemToken: { id: string; label: string | null; expiresAt: string | null; active: boolean };
}
const ask = 'token externalSystemToken { id label expiresAt active }';
const issue = async (system: System, input: object = {}): Promise<Issued> =>
  (
    await app.call(`mutation ($input: CreateExternalSystemTokenInput!) { out: createExternalSystemToken(input: $input) { ${ask} } }`, {
      input: { externalSystemId: system.id, ...input },
    })
  ).out;
const rotate = async (system: System, overlapSeconds: number): Promise<Issued> =>
  (
    await app.call(`mutation ($input: RotateExternalSystemTokenInput!) { out: rotateExternalSystemToken(input: $input) { ${ask} } }`, {
      input: { externalSystemId: system.id, overlapSeconds },
    })
  ).out;
const revoke = async (tokenId: string) =>
  await app.call('mutation ($id: ID!) { revokeExternalSystemToken(input: { tokenId: $id }) { externalSystemToken { active } } }', {
    id: tokenId,
  });

/** What the API says to whoever shows the key: the caller's code, or the error's. */
async function show(key: string): Promise<string> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: '{ me { role subject } }' }),
  });
  const { data, errors } = (await response.json()) as { data?: { me: { subject: string } }; errors?: { extensions: { code: string } }[] };
  return errors?.[0]?.extensions.code ?? data?.me.subject ?? '';
}

/** A stream of the system's work under a key, and the code with which its socket ends. */
function stream(key: string) {
  const seen: string[] = [];
  let closed: number | undefined;
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
    on: { closed: (event) => (closed = (event as { code: number }).code) },
  });
  client.subscribe(
    { query: 'subscription { queueEntryLeased(maxInFlight: 1) { id } }' },
    {
      next: ({ data }) => void seen.push((data as { queueEntryLeased: { id: string } }).queueEntryLeased.id),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { seen, closed: () => closed, close: async () => await client.dispose() };
}

test('X17 a system shows a key of its own; the key is shown once, and only its hash is kept', async () => {
  const system = await makeSystem(app, { name: 'Portal' });
  const { token, externalSystemToken } = await issue(system, { label: 'blue cluster' });
  expect(token).toMatch(/^ck_[\w-]{43}$/);
  expect(externalSystemToken).toMatchObject({ label: 'blue cluster', expiresAt: null, active: true });
  expect(await show(token)).toBe('portal');
  const kept = await app.sql('select to_jsonb(k)::text as text from api_key k');
  expect(kept.some(({ text }) => text.includes(token))).toBe(false);
  const { externalSystem } = await app.call('{ externalSystem(code: "portal") { tokens { label active } } }');
  expect(externalSystem.tokens).toEqual([{ label: 'blue cluster', active: true }]);
});

test('X17 after a rotation old and new keys are accepted until the overlap ends, by the clock of the database', async () => {
  const system = await makeSystem(app, { name: 'Rotated' });
  const old = await issue(system);
  const next = await rotate(system, 2);
  expect([await show(old.token), await show(next.token)]).toEqual(['rotated', 'rotated']);
  expect(await eventually(async () => (await show(old.token)) === 'UNAUTHENTICATED')).toBe(true);
  expect(await show(next.token)).toBe('rotated');
  // A rotation never makes a key last longer than it would have.
  const short = await issue(system, { expiresAt: new Date(Date.now() + 60_000).toISOString() });
  await rotate(system, 86_400);
  const [kept] = await app.sql('select expires_at from api_key where id = $1', [short.externalSystemToken.id.slice(4)]);
  expect(kept?.['expires_at'].getTime() - Date.now()).toBeLessThanOrEqual(60_000);
});

test('X17 a revoked key is refused, and ends its streams within 5 s with 4403; what they held goes back', async () => {
  const system = await makeSystem(app, { name: 'Revoked' });
  const [id] = await fill(app, system, 1);
  const { token, externalSystemToken } = await issue(system);
  const line = stream(token);
  expect(await eventually(() => line.seen[0])).toBe(id);
  await revoke(externalSystemToken.id);
  expect(await eventually(() => line.closed(), { withinMs: 5_000 })).toBe(4403);
  expect(await show(token)).toBe('UNAUTHENTICATED');
  const free = 'select 1 from queue_entry where external_system_id = $1 and lease_token is null';
  expect(await eventually(async () => (await app.sql(free, [system.row])).length)).toBe(1);
});

test('X17 with its overlap an old key loses its stream, and with its system every key ends', async () => {
  const system = await makeSystem(app, { name: 'Ended' });
  const old = await issue(system);
  const line = stream(old.token);
  await fill(app, system, 1);
  await eventually(() => line.seen[0]);
  const next = await rotate(system, 0);
  expect(await eventually(() => line.closed(), { withinMs: 5_000 })).toBe(4403);
  await app.sql('delete from queue_entry where external_system_id = $1', [system.row]);
  await app.call('mutation ($id: ID!) { deleteExternalSystem(input: { externalSystemId: $id }) { externalSystemId } }', { id: system.id });
  expect(await show(next.token)).toBe('UNAUTHENTICATED');
});

test('X17 keys are an administrator’s to make and to see, and nobody learns of those of others', async () => {
  const system = await makeSystem(app, { name: 'Guarded' });
  const { externalSystemToken } = await issue(system);
  const make = 'mutation ($id: ID!) { createExternalSystemToken(input: { externalSystemId: $id }) { token } }';
  for (const as of ['AGENT', system.as] as const)
    expect((await app.ask(make, { id: system.id }, as)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  const own = await app.ask('{ externalSystem(code: "guarded") { tokens { id } } }', {}, system.as);
  expect(own.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await app.call('query ($id: ID!) { node(id: $id) { id } }', { id: externalSystemToken.id }, 'AGENT')).node).toBeNull();
  const wrong = await app.ask('mutation { revokeExternalSystemToken(input: { tokenId: "xst_1" }) { externalSystemToken { id } } }');
  expect(wrong.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  // A dry run makes no key.
  const { createExternalSystemToken } = await app.call(
    'mutation ($id: ID!) @dryRun { createExternalSystemToken(input: { externalSystemId: $id }) { token } }',
    { id: system.id },
  );
  expect(await show(createExternalSystemToken.token)).toBe('UNAUTHENTICATED');
});

import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/files.js';
import { eventually, openApp } from '../support/app.js';
import { buildContact } from '../support/build.js';

// Every client of examples/clients and the package of web/client, through a proxy whose wires the tests cut.
const app = await openApp();
let systemId: string;
let proxy: Server;
let url: string;
const wires = new Set<Socket>();

beforeAll(async () => {
  const made = await app.call(
    `mutation { createExternalSystem(input: { name: "App", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }`,
  );
  systemId = made.createExternalSystem.externalSystem.id;
  const { port } = new URL(app.url);
  proxy = createServer((client) => {
    const server = connect(Number(port), '127.0.0.1');
    for (const [wire, other] of [
      [client, server],
      [server, client],
    ] as const) {
      wires.add(wire);
      wire.on('error', () => undefined);
      wire.on('close', () => {
        wires.delete(wire);
        other.destroy();
      });
      wire.pipe(other);
    }
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const address = proxy.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/graphql`;
});

afterAll(() => {
  cut();
  proxy.close();
});

/** Every connection is gone, without a farewell. */
function cut(): void {
  for (const wire of wires) wire.resetAndDestroy();
}

let contact: string;
beforeEach(async () => {
  contact = String((await buildContact(app)).external_id);
});

async function send(subject: string): Promise<string> {
  const made = await app.call(
    `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }`,
    { input: { contactExternalId: contact, medium: 'DEVICE', externalSystemId: systemId, subject, body: subject } },
  );
  return made.createCommunication.communication.id;
}

const stateOf = async (id: string) => (await app.call('query ($id: ID!) { communication(id: $id) { state } }', { id })).communication.state;

interface Event {
  kind: string;
  cursor: string;
  entryId: string | null;
  entry: { subject: string; state: string } | null;
}

describe.each(['graphql-ws.mjs', 'apollo.mjs', 'urql.mjs', 'relay/relayInbox.js'])('examples/clients/%s', (file) => {
  test('lists the inbox, goes on live, and after a cut misses nothing and repeats nothing', async () => {
    const { openInbox } = await import(/* @vite-ignore */ join(packageRoot, 'examples/clients', file));
    const events: Event[] = [];
    const first = await send('first');
    const inbox = openInbox({ url, token: await app.token('CONTACT', contact), onEvent: (event: Event) => events.push(event) });
    await eventually(() => events.some((each) => each.kind === 'SYNCED'));
    const results = await inbox.complete([first]);
    expect(results).toMatchObject([{ id: first, error: null }]);
    await eventually(() => events.some((each) => each.entry?.state === 'COMPLETED'));

    cut();
    const missed = [await send('second'), await send('third')];
    await eventually(() => missed.every((id) => events.some((each) => each.entryId === id)));
    await eventually(() => events.filter((each) => each.kind === 'SYNCED').length === 2);
    const told = events.filter((each) => each.kind !== 'SYNCED').map((each) => `${each.kind} ${each.entry?.subject} ${each.entry?.state}`);
    expect(told).toEqual(['ADDED first PENDING', 'CHANGED first COMPLETED', 'ADDED second PENDING', 'ADDED third PENDING']);
    await inbox.close();
  });

  test('begins where an earlier life of the app ended', async () => {
    const { openInbox } = await import(/* @vite-ignore */ join(packageRoot, 'examples/clients', file));
    const token = await app.token('CONTACT', contact);
    await send('first');
    const before: Event[] = [];
    const early = openInbox({ url, token, onEvent: (event: Event) => before.push(event) });
    await eventually(() => before.some((each) => each.kind === 'SYNCED'));
    const cursor = early.cursor();
    await early.close();
    await send('second');
    const after: Event[] = [];
    const late = openInbox({ url, token, after: cursor, onEvent: (event: Event) => after.push(event) });
    await eventually(() => after.some((each) => each.kind === 'SYNCED'));
    expect(after.map((each) => each.entry?.subject ?? each.kind)).toEqual(['second', 'SYNCED']);
    await late.close();
  });
});

describe('the package @carillon/inbox', () => {
  const built = join(packageRoot, 'dist/web/client');
  const open = async (options: object) => {
    const { InboxClient } = await import(/* @vite-ignore */ join(built, 'index.js'));
    return new InboxClient({ url, token: await app.token('CONTACT', contact), ...options });
  };

  test('it weighs less than 10 KB, graphql-ws included', () => {
    const text = ['index.js', 'shared.js'].map((file) => readFileSync(join(built, file))).join('');
    expect(gzipSync(text).length).toBeLessThan(10_240);
  });

  test('what the reader does while the connection is cut shows at once, outlives a reload, and is sent when it is back', async () => {
    const [first, second] = [await send('first'), await send('second')];
    const storage = fakeStorage();
    const client = await open({ storage });
    client.connect();
    await eventually(() => client.connection.state === 'live');
    expect(client.counts()).toEqual({ pending: 2, unviewed: 2 });
    client.disconnect();
    client.complete([first]);
    client.remove([second]);
    expect(client.entries().map((each: { state: string }) => each.state)).toEqual(['COMPLETED']);
    expect(client.counts()).toEqual({ pending: 0, unviewed: 1 });
    client.dispose();
    expect(await stateOf(first)).toBe('PENDING');

    const reloaded = await open({ storage });
    expect(reloaded.entries()).toHaveLength(1);
    reloaded.connect();
    await eventually(async () => (await stateOf(first)) === 'COMPLETED' && (await stateOf(second)) === 'COMPLETED_AND_REMOVED');
    reloaded.viewAll();
    await eventually(() => reloaded.counts().unviewed === 0 && reloaded.entries()[0]?.viewedAt);
    reloaded.dispose();
  });

  test('two devices of one contact are equal', async () => {
    const id = await send('shared');
    const [phone, tablet] = [await open({}), await open({})];
    for (const device of [phone, tablet]) device.connect();
    await eventually(() => phone.connection.state === 'live' && tablet.connection.state === 'live');
    phone.view([id]);
    await eventually(() => tablet.counts().unviewed === 0);
    tablet.remove([id]);
    await eventually(() => phone.entries().length === 0);
    phone.dispose();
    tablet.dispose();
  });

  test('a system that ceases to feed the inbox, and begins again, empties and fills the page that is open', async () => {
    const id = await send('fed');
    const client = await open({});
    client.connect();
    await eventually(() => client.connection.state === 'live' && client.entries().length === 1);
    const feed = async (contactInbox: boolean) =>
      await app.call('mutation ($input: UpdateExternalSystemInput!) { updateExternalSystem(input: $input) { externalSystem { id } } }', {
        input: { externalSystemId: systemId, contactInbox },
      });
    await feed(false);
    await eventually(() => client.entries().length === 0);
    await feed(true);
    await eventually(() => client.entries().length === 1);
    expect(client.entries().map((each: { id: string }) => each.id)).toEqual([id]);
    expect(client.counts()).toEqual({ pending: 1, unviewed: 1 });
    expect(client.connection.state).toBe('live');
    client.dispose();
  });

  test('a lost connection comes back by itself with what was missed, and only that', async () => {
    const seen: string[] = [];
    const client = await open({
      onActivity: (activity: { type: string; event: Event }) =>
        activity.type === 'event' && activity.event.kind !== 'SYNCED' && seen.push(activity.event.entry?.subject ?? activity.event.kind),
    });
    await send('before');
    client.connect();
    await eventually(() => client.connection.state === 'live');
    cut();
    await eventually(() => client.connection.state !== 'live');
    await send('meanwhile');
    await eventually(() => client.connection.state === 'live');
    expect(seen).toEqual(['before', 'meanwhile']);
    expect(client.resumed).toBe(true);
    client.dispose();
  });

  test('a token that has run out is replaced by a fresh one', async () => {
    const tokens: string[] = [];
    const client = await open({
      token: async () => {
        tokens.push(await app.token('CONTACT', contact, tokens.length === 0 ? '1s' : '1h'));
        return tokens.at(-1);
      },
    });
    client.connect();
    await eventually(() => client.connection.state === 'live');
    await eventually(() => tokens.length === 2 && client.connection.state === 'live', { withinMs: 15_000 });
    client.dispose();
  });

  test('a token that is refused although it is fresh ends the attempts', async () => {
    const client = await open({ token: () => 'nonsense' });
    client.connect();
    await eventually(() => client.connection.state === 'refused', { withinMs: 15_000 });
    client.dispose();
  });
});

test('the operations for Kotlin and Swift are valid', () => {
  const text = readFileSync(join(packageRoot, 'examples/clients/mobile/inbox.graphql'), 'utf8');
  expect(validate(app.schema, parse(text))).toEqual([]);
});

function fakeStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}

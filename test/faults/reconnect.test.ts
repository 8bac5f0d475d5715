import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { signToken } from '../../src/access/token.js';
import { publicId } from '../../src/graphql/node.js';
import { eventually, openApp, type TestApp } from '../support/app.js';
import { addEntriesSql, buildInboxes, type InboxReader, readInbox, type TestInbox } from '../support/inbox.js';
import { startProgram } from './process.js';

const secret = 'a secret of the reconnecting tests, long enough';

/** Lets go as phones do: politely, by a cut connection, or by a reset. */
const cuts = [
  ({ line }: InboxReader) => line.socket.close(),
  ({ line }: InboxReader) => line.socket.terminate(),
  ({ line }: InboxReader) => (line.socket as unknown as { _socket: Socket })._socket.resetAndDestroy(),
];

/**
 * Writers whose transactions stay open for a random while, so that what they wrote becomes visible in another order than that of its numbers.
 * `pace` holds each of them between two transactions, for as long as it waits.
 */
async function write(
  app: TestApp,
  inbox: TestInbox,
  {
    writers,
    transactions,
    each,
    pace,
  }: { writers: number; transactions: number; each: number; pace?: (written: number) => Promise<unknown> },
) {
  let written = 0;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const client = new Client({ connectionString: app.databaseUrl });
      await client.connect();
      for (let n = 0; n < transactions; n++) {
        await client.query('begin');
        const contact = inbox.contactIds[(writer * 7 + n) % inbox.contactIds.length];
        await client.query(addEntriesSql, [inbox.contentId, inbox.systemId, contact, each]);
        if (n % 3 === 0) await client.query('select pg_sleep($1)', [Math.random() * 0.03]);
        await client.query('commit');
        written += each;
        await pace?.(written);
        // As another process of the product rings; now and then not at all: then the poll finds it.
        if (n % 5 !== 0) await client.query(`select pg_notify('carillon_bell', 'changes')`);
      }
      await client.end();
    }),
  );
}

/** What a device must have seen: the log itself, in its order. */
async function expected(app: TestApp, contactId: string): Promise<string[]> {
  await eventually(async () => (await app.sql('select 1 from change_outbox')).length === 0, { withinMs: 20_000 });
  const changes = await app.sql<{ communication_id: string; kind: string; data: { state: string } }>(
    `select communication_id, kind, data from change where contact_id = $1 and kind like 'entry.%' order by position`,
    [contactId],
  );
  return changes.map((each) => `${kindOf(each)} ${publicId('QueueEntry', each.communication_id)}`);
}

const kindOf = ({ kind, data }: { kind: string; data: { state: string } }) =>
  kind === 'entry.created' ? 'ADDED' : data.state === 'COMPLETED_AND_REMOVED' ? 'REMOVED' : 'CHANGED';

test('PR5 PR6 PR7 XU1 a thousand reconnects during ten thousand writes lose nothing, repeat nothing and turn nothing round', {
  timeout: 120_000,
}, async () => {
  // Two processes share the work: whoever sequences, both tail.
  const one = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret } });
  const two = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret, DATABASE_URL: one.databaseUrl } });
  const inbox = await buildInboxes(one, { contacts: 20 });
  let writing = true;
  let reconnects = 0;
  let bellsCut = 0;
  let watching = 0;

  const devices = inbox.externalIds.map(async (externalId, n) => {
    const authorization = `Bearer ${await one.token('CONTACT', externalId)}`;
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let last = false; !last; ) {
      // One that begins after the writers' end, and is synced, has everything.
      last = !writing;
      const reader = await readInbox(reconnects++ % 2 ? one : two, authorization, cursor, [], seen);
      // An inbox is first listed in its own order: what is compared with the log comes after that.
      if (cursor === undefined) {
        await eventually(() => reader.synced(), { withinMs: 20_000 });
        watching++;
      }
      const until = seen.length + 1 + Math.floor(Math.random() * 8);
      const letGo = () => cuts[(reconnects + n) % cuts.length]?.(reader);
      // In the middle of whatever comes at once.
      reader.line.socket.on('message', () => seen.length >= until && !last && letGo());
      await eventually(() => reader.line.closed() !== undefined || (last ? reader.synced() : !writing), { withinMs: 60_000, everyMs: 2 });
      letGo();
      // A polite end still hears what was on its way.
      await eventually(() => reader.line.closed() !== undefined, { everyMs: 2 });
      expect(reader.resynced()).toBe(false);
      cursor = reader.cursor();
    }
    return seen;
  });

  await eventually(() => watching === devices.length, { withinMs: 30_000 });

  const cutting = (async () => {
    while (writing) {
      await delay(400);
      const cut = await one.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'carillon doorbell' and datname = current_database()`,
      );
      bellsCut += cut.length;
    }
  })();
  const settling = (async () => {
    while (writing) {
      const some = await one.sql<{ id: string }>('select id from queue_entry order by random() limit 5');
      const [to, ids] = [Math.random() < 0.5 ? 'complete' : 'remove', some.map((each) => `{ id: "${publicId('QueueEntry', each.id)}" }`)];
      await one.call(`mutation { ${to}QueueEntries(input: { entries: [${ids.join(' ')}] }) { results { id } } }`);
      await delay(20);
    }
  })();
  // On a fast machine ten thousand writes would be over before the devices have gone and come back often enough.
  await write(one, inbox, {
    writers: 10,
    transactions: 500,
    each: 2,
    pace: (written) => eventually(() => reconnects >= written / 10, { withinMs: 60_000 }),
  });
  // Nearly everything is read between cuts.
  await eventually(async () => (await one.sql('select 1 from change_outbox')).length === 0, { withinMs: 20_000 });
  writing = false;
  await Promise.all([cutting, settling]);
  const seen = await Promise.all(devices);
  for (const [n, contactId] of inbox.contactIds.entries()) expect(seen[n]).toEqual(await expected(one, contactId));
  expect(seen.flat().filter((each) => each.startsWith('ADDED')).length).toBe(10_000);
  expect(reconnects).toBeGreaterThanOrEqual(1_000);
  expect(bellsCut).toBeGreaterThan(2);
});

test('PR6 a device goes on where it was when its server is killed, stopped and started again', { timeout: 120_000 }, async () => {
  const app = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret, JWT_SECRET: secret } });
  const inbox = await buildInboxes(app, { contacts: 1 });
  const env = { DATABASE_URL: app.databaseUrl, SECRET_KEY: secret, JWT_SECRET: secret, ROLE: 'api', DATA_DIR: app.config.dataDir };
  const authorization = `Bearer ${await signToken(new TextEncoder().encode(secret), 'CONTACT', inbox.externalIds[0] ?? '', '1h')}`;
  const seen: string[] = [];
  let cursor: string | undefined;
  let over = false;
  onTestFinished(() => {
    over = true;
  });
  let writing: Promise<void> | undefined;
  const keepWriting = async () => {
    while (!over) await write(app, inbox, { writers: 2, transactions: 10, each: 2 });
  };
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
    const program = await startProgram(env);
    const reader = await readInbox(program, authorization, cursor, [], seen);
    const from = seen.length;
    await eventually(() => reader.synced(), { withinMs: 20_000 });
    // It begins with an empty inbox: all that it sees is what the log says, in its order.
    writing ??= keepWriting();
    await eventually(() => seen.length > from + 20, { withinMs: 20_000 });
    const code = await program.kill(signal);
    expect(await eventually(() => reader.line.closed())).toBe(signal === 'SIGTERM' ? 1001 : 1006);
    if (signal === 'SIGTERM') expect(code).toBe(0);
    expect(reader.resynced()).toBe(false);
    cursor = reader.cursor();
  }
  over = true;
  await writing;
  const last = await readInbox(app, authorization, cursor, [], seen);
  await eventually(() => last.synced());
  expect(seen).toEqual(await expected(app, inbox.contactIds[0] ?? ''));
  last.line.socket.close();
});

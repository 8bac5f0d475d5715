// What grows with the queue, and what must not: acknowledging, leasing and reading an inbox page, with few rows waiting and with many.
// Two servers with a database each, asked in turn (A B B A); before each turn the queue is filled up again to its size.
import { once } from 'node:events';
import pg from 'pg';
import { WebSocket } from 'ws';
import { median, post, report, startProduct } from './lib.mjs';

const sizes = { few: 10_000, many: Number(process.argv[2] ?? 1_000_000) };
const rounds = Number(process.argv[3] ?? 3);
const perContact = 20;
const most = 1.3;

const servers = { few: await makeServer(sizes.few), many: await makeServer(sizes.many) };
const work = { acknowledge: [acknowledge, 2_000], lease: [lease, 40], page: [page, 600] };
const times = Object.fromEntries(Object.keys(work).map((name) => [name, { few: [], many: [] }]));
// Both are warm before the first turn counts.
for (const server of Object.values(servers)) for (const [run, count] of Object.values(work)) await run(server, count / 2);
for (let round = 0; round < rounds; round++) {
  for (const size of round % 2 ? ['many', 'few'] : ['few', 'many']) {
    const server = servers[size];
    await server.fill();
    for (const [name, [run, count]] of Object.entries(work)) times[name][size].push(await run(server, count));
  }
}
for (const server of Object.values(servers)) await server.stop();

const words = {
  acknowledge: 'an acknowledgement, 32 sockets',
  lease: 'a lease of 100 and its settlement, 4 clients',
  page: 'an inbox page of 20, 16 clients',
};
const held = report(
  Object.entries(times).map(([name, { few, many }]) => {
    const ratio = median(many) / median(few);
    return {
      what: `${words[name]}: ${sizes.few} rows, ${sizes.many} rows`,
      measured: `${median(few).toFixed(2)} ms, ${median(many).toFixed(2)} ms: ${ratio.toFixed(2)}x`,
      goal: `${most}x`,
      holds: ratio <= most,
    };
  }),
);
process.exitCode = held ? 0 : 1;

/** The product, with so many entries waiting in the inboxes of one portal. */
async function makeServer(size) {
  const product = await startProduct();
  const database = new pg.Pool({ connectionString: await product.ask('databaseUrl'), max: 2 });
  database.on('error', () => undefined);
  const contacts = size / perContact;
  await database.query(`insert into contact (external_id, name) select 'B' || n, 'Contact ' || n from generate_series(1, $1::int) n`, [
    contacts,
  ]);
  await product.call(
    `mutation { createTemplate(input: { name: "T", medium: DEVICE, content: [{ language: "en", body: "Dear #contact.name" }] }) { template { id } } }`,
  );
  const { createExternalSystem } = await product.call(
    `mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id code } } }`,
  );
  const { id, code } = createExternalSystem.externalSystem;
  const system = id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  let added = 0;
  const add = async (count) => {
    await database.query(
      `with made as (
         insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, tag_values)
         select k.id, 'DEVICE', 'BENCH', 'PENDING', (select content_id from template), 'en', $1, '["Anna"]'
         from generate_series($4::int + 1, $4::int + $2::int) n join contact k on k.external_id = 'B' || (1 + (n * 7919::bigint) % $3) returning id, seq
       )
       insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', $1 from made`,
      [system, count, contacts, added],
    );
    added += count;
  };
  for (let left = size; left > 0; left -= 200_000) await add(Math.min(left, 200_000));
  await database.query('vacuum analyze communication, queue_entry, contact');
  await database.query('checkpoint');
  let waiting = size;
  return {
    url: product.url,
    token: await product.ask('token', 'EXTERNAL_SYSTEM', code),
    admin: product.token,
    contact: () => `B${1 + Math.floor(Math.random() * contacts)}`,
    taken: (count) => (waiting -= count),
    /** The newest ones, in no order, as devices acknowledge; the oldest are leased. */
    async newest(count) {
      const { rows } = await database.query('select id from queue_entry where lease_token is null order by id desc limit $1', [count]);
      return rows.map((each) => `com_${each.id.replaceAll('-', '')}`).toSorted(() => Math.random() - 0.5);
    },
    async fill() {
      await add(size - waiting);
      waiting = size;
    },
    async stop() {
      await database.end();
      await product.stop();
    },
  };
}

/** Milliseconds for each of so many pieces of work, done by so many clients at a time. */
async function race(clients, count, each) {
  let left = count;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (left-- > 0) await each(client);
    }),
  );
  return ((performance.now() - from) * clients) / count;
}

async function acknowledge(server, count) {
  const ids = await server.newest(count);
  server.taken(count);
  const query = 'mutation ($id: ID!) { completeQueueEntries(input: { entries: [{ id: $id }] }) { results { id error { code } } } }';
  const sockets = await Promise.all(
    Array.from({ length: 32 }, async () => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${server.token}` } }));
      await once(socket, 'message');
      return socket;
    }),
  );
  const ms = await race(sockets.length, count, async (client) => {
    const socket = sockets[client];
    const id = ids.pop();
    const answered = new Promise((done, fail) => {
      const hear = (data) => {
        const { type, payload } = JSON.parse(String(data));
        if (type === 'next' && payload.data?.completeQueueEntries.results[0].error !== null) fail(new Error(String(data)));
        if (type !== 'complete') return;
        socket.off('message', hear);
        done();
      };
      socket.on('message', hear);
    });
    socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query, variables: { id } } }));
    await answered;
  });
  for (const socket of sockets) socket.terminate();
  return ms;
}

async function lease(server, count) {
  const complete = 'mutation ($input: CompleteQueueEntriesInput!) { completeQueueEntries(input: $input) { results { error { code } } } }';
  server.taken(count * 100);
  return await race(4, count, async () => {
    const { leaseQueueEntries } = await post(
      server.url,
      server.token,
      'mutation { leaseQueueEntries(input: { limit: 100 }) { entries { id lease { token } } } }',
    );
    const entries = leaseQueueEntries.entries.map((each) => ({ id: each.id, leaseToken: each.lease.token }));
    if (entries.length !== 100) throw new Error(`A lease of ${entries.length}`);
    const { completeQueueEntries } = await post(server.url, server.token, complete, { input: { entries } });
    if (completeQueueEntries.results.some((each) => each.error)) throw new Error('A settlement was refused');
  });
}

async function page(server, count) {
  const query =
    'query ($contact: String) { inbox(contactExternalId: $contact, first: 20) { nodes { id state subject body createdAt viewedAt } } }';
  return await race(16, count, async () => {
    const { inbox } = await post(server.url, server.admin, query, { contact: server.contact() });
    if (inbox.nodes.length === 0) throw new Error('An empty page');
  });
}

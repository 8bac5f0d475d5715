// What a delivered entry costs: the product, the least that must be done (limits/), and the usual way (peers/), fed by the same
// rows of the same database, one server at a time, A B C C B A. Every entry is counted once at its socket.
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { WebSocket } from 'ws';
import { startEmbedded } from '../dist/src/database/embedded.js';
import { freshFolder, median, quantile, report, startProduct, startServer } from './lib.mjs';
import { query } from './limits/tail.mjs';

const subscribers = Number(process.argv[2] ?? 1_000);
const burst = Number(process.argv[3] ?? 10_000);
const rounds = Number(process.argv[4] ?? 2);
const perSecond = 200;
const seconds = 3;

const hear = (child) => new Promise((done) => child.once('message', done));
const tell = async (child, ask) => {
  child.send({ ask });
  return await hear(child);
};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let ringing;
let turn = 0;

if (process.send) load();
else await measure();

/** The subscribers: a process of its own, each with an inbox of its own. */
function load() {
  const seen = new Map();
  process.once('message', async ({ url, people }) => {
    let synced = 0;
    const connect = ({ contact, token }) =>
      new Promise((done) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
        socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })));
        socket.on('message', (data) => {
          const { type, payload } = JSON.parse(String(data));
          if (type === 'connection_ack')
            socket.send(JSON.stringify({ id: 'w', type: 'subscribe', payload: { query, variables: { contact } } }));
          if (type !== 'next') return type === 'connection_ack' || type === 'ping' ? undefined : fail(String(data));
          const event = payload.data?.inboxChanged ?? fail(String(data));
          if (event.kind === 'SYNCED') {
            synced += 1;
            done();
          }
          if (event.kind !== 'ADDED') return;
          if (!event.entry.body.startsWith('Dear Anna')) fail(String(data));
          if (seen.has(event.entryId)) fail(`twice: ${event.entryId}`);
          seen.set(event.entryId, performance.timeOrigin + performance.now());
        });
      });
    process.send({ connected: true });
    for (let from = 0; from < people.length; from += 50) await Promise.all(people.slice(from, from + 50).map(connect));
    if (synced !== people.length) fail(`${synced} of ${people.length}`);
    process.send({ synced });
    process.on('message', ({ ask }) => {
      if (ask === 'count') process.send({ count: seen.size });
      if (ask === 'seen') process.send({ seen: [...seen] });
      if (ask === 'clear') seen.clear();
    });
  });
}

function fail(words) {
  throw new Error(words);
}

async function measure() {
  const folder = freshFolder();
  const embedded = await startEmbedded(folder);
  const env = { DATABASE_URL: embedded.url, ROLE: 'api', SECRET_KEY: 'a secret of the benchmark, long enough' };
  const database = new pg.Pool({ connectionString: embedded.url, max: 8 });
  const people = await prepare(env, database);
  const servers = {
    raw: () => startServer(join(import.meta.dirname, 'limits', 'raw-ws.mjs'), env),
    ours: () => startProduct({ env, keep: true }),
    stock: () => startServer(join(import.meta.dirname, 'peers', 'stock.mjs'), env),
  };
  const names = Object.keys(servers);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 ? names.toReversed() : names) results[name].push(await leg(await servers[name](), people, database));
  }
  const alone = await insertRate(database, 6_000);
  const ours = await startProduct({ env, keep: true });
  const listening = await listen(ours, people);
  const delivering = await insertRate(database, 6_000);
  listening.kill();
  await ours.stop();
  await database.end();
  await embedded.release();
  rmSync(folder, { recursive: true, force: true });

  const of = (name, figure) => median(results[name].map((each) => each[figure]));
  console.table(
    names.map((name) => ({
      server: name,
      'CPU us/entry': of(name, 'cpu').toFixed(1),
      'entries/s': Math.round(of(name, 'rate')),
      'p50 ms': of(name, 'p50').toFixed(1),
      'p99 ms': of(name, 'p99').toFixed(1),
      'RSS KB/idle': of(name, 'rss').toFixed(1),
      'heap KB/idle': of(name, 'heap').toFixed(1),
    })),
  );
  const ratio = (figure, to) => of('ours', figure) / of(to, figure);
  const held = report([
    {
      what: 'CPU of a delivered entry, against raw ws',
      measured: `${ratio('cpu', 'raw').toFixed(2)}x`,
      goal: '1.6x',
      holds: ratio('cpu', 'raw') <= 1.6,
    },
    {
      what: 'the same, against graphql-ws and graphql-js',
      measured: `${ratio('cpu', 'stock').toFixed(2)}x`,
      goal: '0.5x',
      holds: ratio('cpu', 'stock') <= 0.5,
    },
    {
      what: 'memory of an idle subscription, against raw ws',
      measured: `${ratio('rss', 'raw').toFixed(2)}x`,
      goal: '1.6x',
      holds: ratio('rss', 'raw') <= 1.6,
    },
    {
      what: `commit to client, ${subscribers} inboxes, ${perSecond}/s, p50`,
      measured: `${of('ours', 'p50').toFixed(1)} ms (raw ${of('raw', 'p50').toFixed(1)})`,
      goal: '5 ms',
      holds: of('ours', 'p50') <= 5,
    },
    {
      what: 'the same, p99',
      measured: `${of('ours', 'p99').toFixed(1)} ms (raw ${of('raw', 'p99').toFixed(1)})`,
      goal: '25 ms',
      holds: of('ours', 'p99') <= 25,
    },
    {
      what: `inserts with delivery on, against inserts alone (${Math.round(alone)}/s)`,
      measured: `${(delivering / alone).toFixed(2)}x`,
      goal: '0.75x',
      holds: delivering >= 0.75 * alone,
    },
  ]);
  process.exitCode = held ? 0 : 1;
}

async function prepare(env, database) {
  const product = await startProduct({ env, keep: true });
  await product.call(
    `mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }`,
  );
  await product.call(
    `mutation { createTemplate(input: { name: "T", medium: DEVICE, content: [{ language: "en", body: "Dear #contact.name , ${'hello '.repeat(55)}" }] }) { template { id } } }`,
  );
  await database.query(`insert into contact (external_id, name) select 'B' || n, 'Anna' from generate_series(1, $1::int) n`, [subscribers]);
  const { rows } = await database.query('select external_id as contact from contact order by 1');
  const people = [];
  for (const { contact } of rows) people.push({ contact, token: await product.ask('token', 'CONTACT', contact) });
  await product.stop();
  return people;
}

async function listen(server, people) {
  const child = fork(import.meta.filename);
  await new Promise((done) => {
    child.once('message', done);
    child.send({ url: server.url, people });
  });
  await hear(child);
  return child;
}

async function leg(server, people, database) {
  await database.query('truncate communication, queue_entry, change_outbox cascade');
  await pause(300);
  const before = await server.ask('memory');
  const child = await listen(server, people);
  await pause(1_000);
  const idle = await server.ask('memory');
  // Warm, then measured.
  await write(database, 3_000, 250);
  await arrived(child, 3_000);
  await tellOnly(child, 'clear');
  const [cpu, from] = [await server.ask('cpu'), performance.now()];
  await write(database, burst, 250);
  await arrived(child, burst);
  const ms = performance.now() - from;
  const spent = await server.ask('cpu');
  await tellOnly(child, 'clear');
  const committed = new Map();
  const begin = performance.now();
  const writes = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const wait = begin + (n * 1_000) / perSecond - performance.now();
    if (wait > 0) await pause(wait);
    writes.push(write(database, 1, 1).then(([id]) => committed.set(id, performance.timeOrigin + performance.now())));
  }
  await Promise.all(writes);
  await arrived(child, committed.size);
  const { seen } = await tell(child, 'seen');
  const times = new Map(seen);
  const latencies = [...committed].map(([id, at]) => times.get(`com_${id.replaceAll('-', '')}`) - at);
  child.kill();
  await server.stop();
  return {
    cpu: (spent.user + spent.system - cpu.user - cpu.system) / burst,
    rate: burst / (ms / 1_000),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    rss: (idle.rss - before.rss) / 1_024 / people.length,
    heap: (idle.heapUsed - before.heapUsed) / 1_024 / people.length,
  };
}

async function tellOnly(child, ask) {
  child.send({ ask });
  await pause(50);
}

async function arrived(child, count) {
  for (const until = Date.now() + 60_000; ; await pause(10)) {
    const { count: now } = await tell(child, 'count');
    if (now === count) return;
    if (now > count || Date.now() > until) throw new Error(`${now} of ${count} entries arrived`);
  }
}

/** Entries for one contact after the other, so many in a transaction, rung for as a process of the product does: after the commit, coalesced. */
async function write(database, count, each) {
  const ids = [];
  for (let n = 0; n < count; n += each) {
    const { rows } = await database.query({
      name: 'write',
      text: `with made as (
          insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, tag_values)
          select k.id, 'DEVICE', 'BENCH', 'PENDING', (select content_id from template limit 1), 'en', (select id from external_system limit 1), '["Anna"]'
          from generate_series($1::int, $1::int + $2::int - 1) n join contact k on k.external_id = 'B' || (1 + n % $3::int) returning id, seq, contact_id, external_system_id
        ), queued as (
          insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', external_system_id from made
        ) insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
          select 'entry.created', contact_id, external_system_id, id, '{"state":"PENDING"}' from made returning communication_id as id`,
      values: [turn, each, subscribers],
    });
    turn += each;
    for (const { id } of rows) ids.push(id);
    if (!ringing) ringing = ring(database);
  }
  return ids;
}

async function ring(database) {
  await database.query(`select pg_notify('carillon_bell', 'changes')`);
  ringing = undefined;
}

/** Transactions of one entry each, by eight clients, as fast as they go. */
async function insertRate(database, count) {
  const from = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left-- > 0) await write(database, 1, 1);
    }),
  );
  return count / ((performance.now() - from) / 1_000);
}

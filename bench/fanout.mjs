// What a delivered entry costs, and an idle subscription: the product, the least that must be done (limits/), and the usual way
// (peers/), fed by the same rows of the same database, one server at a time, A B C C B A.
//   node bench/fanout.mjs [subscribers] [entries of a burst] [rounds] [commits a second]
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbedded } from '../dist/src/database/embedded.js';
import { freshFolder, median, quantile, report, startProduct, startServer } from './lib.mjs';
import { openWriter, prepareInboxes } from './load/entries.mjs';
import { openFarm } from './load/farm.mjs';

const subscribers = Number(process.argv[2] ?? 1_000);
const burst = Number(process.argv[3] ?? 10_000);
const rounds = Number(process.argv[4] ?? 3);
const perSecond = Number(process.argv[5] ?? 200);
const seconds = 3;
const inserts = 6_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const folder = freshFolder();
const embedded = await startEmbedded(folder);
const env = { DATABASE_URL: embedded.url, ROLE: 'api', SECRET_KEY: 'a secret of the benchmark, long enough' };
const { database, people, silent } = await prepareInboxes(env, subscribers);
const { write, paced, rate } = openWriter(database, subscribers);
const servers = {
  raw: () => startServer(join(import.meta.dirname, 'limits', 'raw-ws.mjs'), env),
  ours: () => startProduct({ env, keep: true }),
  stock: () => startServer(join(import.meta.dirname, 'peers', 'stock.mjs'), env),
};
const names = Object.keys(servers);
const idle = {};
for (const name of names) idle[name] = await idleLeg(await servers[name]());
const results = Object.fromEntries(names.map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const name of round % 2 ? names.toReversed() : names) {
    const learning = await unheard(name);
    results[name].push({ ...(await leg(await servers[name]())), learning });
  }
}
const rates = { alone: [], raw: [], ours: [] };
for (const name of ['alone', 'raw', 'ours', 'ours', 'raw', 'alone', 'alone', 'ours']) rates[name].push(await insertLeg(servers[name]));
await database.end();
await embedded.release();
rmSync(folder, { recursive: true, force: true });
process.exitCode = show() ? 0 : 1;

/** Memory at rest, before and after so many subscriptions more; what is made once, for the first of them, does not count. */
async function idleLeg(server) {
  const first = openFarm();
  await first.connect(server.url, people.slice(0, 200));
  first.close();
  await pause(1_000);
  const before = await server.ask('rest');
  const farm = openFarm();
  await farm.connect(server.url, people);
  await pause(1_000);
  const after = await server.ask('rest');
  farm.close();
  await server.stop();
  const each = (figure) => (after[figure] - before[figure]) / 1_024 / subscribers;
  return { rss: each('rss'), heap: each('heapUsed') };
}

async function leg(server) {
  await database.query('truncate communication, queue_entry, change_outbox cascade');
  await pause(300);
  const farm = openFarm();
  await farm.connect(server.url, people);
  // Warm, until V8 has compiled what is met often, which costs as much as some ten thousand entries; then measured.
  for (let n = 0; n < 3; n++) {
    await write(burst, 250);
    await farm.arrived(burst);
    await farm.clear();
  }
  const [cpu, from] = [await server.ask('cpu'), performance.now()];
  await write(burst, 250);
  await farm.arrived(burst);
  const ms = performance.now() - from;
  const spent = await server.ask('cpu');
  await farm.clear();
  const committed = await paced(perSecond, seconds);
  await farm.arrived(committed.size);
  const seen = await farm.seen();
  const latencies = [...committed].map(([id, at]) => seen.get(id) - at);
  farm.close();
  await server.stop();
  return {
    cpu: (spent.user + spent.system - cpu.user - cpu.system) / burst,
    rate: burst / (ms / 1_000),
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

/** CPU of learning of an entry that nobody is told of. The product does not read what nobody waits for: its subscribers wait for another system's. */
async function unheard(name) {
  await database.query('truncate communication, queue_entry, change_outbox cascade');
  const server = await servers[name]();
  const farm = openFarm();
  if (name === 'ours') await farm.connect(server.url, people, [silent]);
  await write(burst, 250);
  await placed();
  const from = await server.ask('cpu');
  await write(burst, 250);
  await placed();
  const to = await server.ask('cpu');
  farm.close();
  await server.stop();
  return (to.user + to.system - from.user - from.system) / burst;
}

/** Waits until everything has a position, and what was read last has been dealt with. */
async function placed() {
  while ((await database.query('select from change_outbox limit 1')).rows.length > 0) await pause(10);
  await pause(300);
}

/** How fast entries are written, one in a transaction, while they are delivered or not: always into the same tables, small as they were. */
async function insertLeg(open) {
  await database.query('truncate communication, queue_entry, change_outbox cascade');
  const server = await open?.();
  const farm = openFarm();
  if (server) await farm.connect(server.url, people);
  await rate(inserts / 4);
  const measured = await rate(inserts);
  if (server) await farm.arrived(inserts * 1.25);
  farm.close();
  await server?.stop();
  return measured;
}

function show() {
  const of = (name, figure) => median(results[name].map((each) => each[figure]));
  console.table(
    names.map((name) => ({
      server: name,
      'CPU us/entry': of(name, 'cpu').toFixed(1),
      'of it learning': of(name, 'learning').toFixed(1),
      'entries/s': Math.round(of(name, 'rate')),
      'p50 ms': of(name, 'p50').toFixed(1),
      'p99 ms': of(name, 'p99').toFixed(1),
      'RSS KB/idle': idle[name].rss.toFixed(1),
      'heap KB/idle': idle[name].heap.toFixed(1),
    })),
  );
  // Servers that were measured one after the other, in one round: what others do to the machine concerns them alike.
  const ratio = (to, figure = (each) => each.cpu) => median(results.ours.map((each, round) => figure(each) / figure(results[to][round])));
  // Answering and sending, without what each of them does to learn of the entry: as if it had been published in the process.
  const told = (each) => each.cpu - each.learning;
  const times = (what, measured, goal) => ({ what, measured: `${measured.toFixed(2)}x`, goal: `${goal}x`, holds: measured <= goal });
  return report([
    times('CPU of a delivered entry, against raw ws', ratio('raw'), 1.6),
    times('the same, against graphql-ws and graphql-js', ratio('stock'), 0.5),
    times('answering and sending alone, against graphql-ws and graphql-js', ratio('stock', told), 0.5),
    times('memory of an idle subscription, against raw ws', idle.ours.rss / idle.raw.rss, 1.6),
    times('live heap of an idle subscription, against raw ws', idle.ours.heap / idle.raw.heap, 1.6),
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
      what: `inserts with delivery on, against inserts alone (${Math.round(median(rates.alone))}/s)`,
      measured: `${(median(rates.ours) / median(rates.alone)).toFixed(2)}x (raw ${(median(rates.raw) / median(rates.alone)).toFixed(2)}x)`,
      goal: '0.75x',
      holds: median(rates.ours) >= 0.75 * median(rates.alone),
    },
  ]);
}

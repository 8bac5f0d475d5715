// Ten external systems, nine with a hundred times the backlog of the smallest: how long the smallest one's entries wait for its worker,
// beside how long they wait when the others have nothing to do. Every worker subscribes, and settles what it gets at the pace of its carrier.
import { fork } from 'node:child_process';
import pg from 'pg';
import { WebSocket } from 'ws';
import { median, quantile, report, startProduct } from './lib.mjs';

const small = Number(process.argv[2] ?? 100);
const rounds = Number(process.argv[3] ?? 2);
const skew = 100;
const everyMs = 25;
/** What each of the others hands over a second: a backlog never ends, but a carrier has its pace. 0: as fast as it goes. */
const pace = Number(process.argv[4] ?? 200);

if (process.send) loadSystems();
else await measure();

/** A worker of a system: `seen` hears of each entry that is leased to it; they are settled by the hundred at most, each `afterMs` later than the one before. */
async function work(url, token, afterMs, seen) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((done) => socket.once('open', done));
  const send = (message) => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  await new Promise((done) => socket.once('message', done));
  const held = [];
  let settling = false;
  const query = 'mutation ($input: CompleteQueueEntriesInput!) { completeQueueEntries(input: $input) { results { error { code } } } }';
  const settle = () => {
    if (settling || held.length === 0) return;
    settling = true;
    send({ id: 's', type: 'subscribe', payload: { query, variables: { input: { entries: held.splice(0, 100) } } } });
  };
  socket.on('message', (data) => {
    const { type, id, payload } = JSON.parse(String(data));
    if (type === 'error' || payload?.errors) throw new Error(String(data));
    if (type === 'next' && id === 'w') {
      const { id: entry, lease } = payload.data.queueEntryLeased;
      seen(entry);
      held.push({ id: entry, leaseToken: lease.token });
      if (held.length === 1) setImmediate(settle);
    } else if (type === 'next') {
      if (payload.data.completeQueueEntries.results.some((each) => each.error)) throw new Error(String(data));
    } else if (type === 'complete' && id === 's') {
      setTimeout(() => {
        settling = false;
        settle();
      }, afterMs);
    }
  });
  send({ id: 'w', type: 'subscribe', payload: { query: 'subscription { queueEntryLeased(maxInFlight: 200) { id lease { token } } }' } });
}

/** The other systems' workers, in a process of their own. */
function loadSystems() {
  let count = 0;
  process.on('message', async (message) => {
    if (message.tokens) {
      await Promise.all(message.tokens.map(async (token) => await work(message.url, token, pace > 0 ? 100_000 / pace : 0, () => count++)));
      process.send({ ready: true });
    } else process.send({ count });
  });
}

async function measure() {
  const product = await startProduct();
  const pool = new pg.Pool({ connectionString: await product.ask('databaseUrl'), max: 2 });
  pool.on('error', () => undefined);
  await pool.query(`insert into contact (external_id, name) values ('B', 'Bench')`);
  await product.call(
    `mutation { createTemplate(input: { name: "T", medium: DEVICE, content: [{ language: "en", body: "Hello" }] }) { template { id } } }`,
  );
  const systems = [];
  for (let n = 0; n < 10; n++) {
    const { createExternalSystem } = await product.call(
      `mutation { createExternalSystem(input: { name: "System ${n}", media: [DEVICE] }) { externalSystem { id code } } }`,
    );
    const { id, code } = createExternalSystem.externalSystem;
    const row = id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    systems.push({ row, token: await product.ask('token', 'EXTERNAL_SYSTEM', code) });
  }
  const [smallest, ...others] = systems;

  /** As whatever generates communications writes them, and rings. */
  const fill = async (rows, count) => {
    const { rows: made } = await pool.query(
      `with made as (
         insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id)
         select k.id, 'DEVICE', 'BENCH', 'PENDING', t.content_id, 'en', s.id
         from contact k, template t, unnest($1::uuid[]) as s (id), generate_series(1, $2::int) returning id, seq, external_system_id
       ), queued as (
         insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', external_system_id from made
       ), told as (
         insert into change_outbox (kind, external_system_id) select 'queue.filled', unnest($1::uuid[])
       ) select id from made`,
      [rows, count],
    );
    const committed = performance.now();
    await pool.query(`select pg_notify('carillon_bell', 'changes')`);
    return { id: `com_${made[0].id.replaceAll('-', '')}`, committed };
  };

  const load = fork(import.meta.filename, process.argv.slice(2));
  process.once('exit', () => load.kill('SIGKILL'));
  const ask = (message) =>
    new Promise((done) => {
      load.once('message', done);
      load.send(message);
    });
  await ask({ url: product.url, tokens: others.map((each) => each.token) });
  const seenAt = new Map();
  await work(product.url, smallest.token, 0, (id) => seenAt.set(id, performance.now()));

  const waits = { alone: [], beside: [] };
  let done = 0;
  for (const how of Array.from({ length: rounds }, (_, n) => (n % 2 ? ['beside', 'alone'] : ['alone', 'beside'])).flat()) {
    const { count: before } = await ask({});
    const backlog = skew * small;
    if (how === 'beside')
      await fill(
        others.map((each) => each.row),
        backlog,
      );
    // The writing itself is over before anything is measured.
    await new Promise((next) => setTimeout(next, 1_000));
    const written = [];
    for (let n = 0; n < small; n++) {
      written.push(await fill([smallest.row], 1));
      await new Promise((next) => setTimeout(next, everyMs * (0.5 + Math.random())));
    }
    while (written.some(({ id }) => !seenAt.has(id))) await new Promise((next) => setTimeout(next, 5));
    const { count } = await ask({});
    if (how === 'beside') {
      if (count - before >= backlog * others.length) throw new Error('The others ran out of work: give them more');
      done += count - before;
      // What nobody has in hand: the rest is settled in a moment.
      await pool.query('delete from queue_entry where lease_token is null');
      await new Promise((next) => setTimeout(next, 1_500));
    }
    waits[how].push(...written.map(({ id, committed }) => seenAt.get(id) - committed));
  }
  load.kill();
  await pool.end();
  await product.stop();

  const ms = (values) => `p50 ${median(values).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms`;
  const ratio = quantile(waits.beside, 0.99) / quantile(waits.alone, 0.99);
  const held = report([
    { what: 'from commit to the worker of the smallest system, alone', measured: ms(waits.alone), goal: '', holds: true },
    {
      what: `the same beside nine with ${skew} times the backlog (${done} settled meanwhile)`,
      measured: ms(waits.beside),
      goal: '',
      holds: true,
    },
    { what: 'p99 beside them, to p99 alone', measured: `${ratio.toFixed(1)}x`, goal: '3x', holds: ratio <= 3 },
  ]);
  process.exitCode = held ? 0 : 1;
}

// Acknowledgements: one at a time from many sockets, and a hundred at a time; beside the statements that a person would write.
import { fork } from 'node:child_process';
import pg from 'pg';
import { WebSocket } from 'ws';
import { report, startProduct } from './lib.mjs';

const sockets = Number(process.argv[2] ?? 200);
const seconds = Number(process.argv[3] ?? 4);
const workers = 16;

if (process.send) load();
else await measure();

/** The load: a process of its own, raw sockets, one mutation in flight on each. */
function load() {
  process.once('message', async ({ url, token, batches, query, sockets, seconds }) => {
    const lines = await Promise.all(
      Array.from({ length: sockets }, async () => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
        await new Promise((done) => socket.once('open', done));
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
        await new Promise((done) => socket.once('message', done));
        return socket;
      }),
    );
    let next = 0;
    let done = 0;
    let last = 0;
    const from = performance.now();
    await Promise.all(
      lines.map(
        (socket) =>
          new Promise((finished) => {
            const ask = () => {
              const ids = batches[next++];
              if (!ids || performance.now() - from > seconds * 1_000) return finished();
              socket.send(
                JSON.stringify({
                  id: 'a',
                  type: 'subscribe',
                  payload: { query, variables: { input: { entries: ids.map((id) => ({ id })) } } },
                }),
              );
            };
            socket.on('message', (data) => {
              const message = JSON.parse(String(data));
              if (message.type === 'next') {
                const results = Object.values(message.payload.data ?? {})[0]?.results;
                if (!results || results.some((each) => each.error)) throw new Error(String(data));
                done += results.length;
                last = performance.now();
              } else if (message.type === 'complete') ask();
              else if (message.type === 'error') throw new Error(String(data));
            });
            ask();
          }),
      ),
    );
    process.send({ done, ms: last - from });
    for (const socket of lines) socket.terminate();
    process.disconnect();
  });
}

async function runLoad(product, token, batches, many, query) {
  const child = fork(import.meta.filename);
  const before = await product.ask('cpu');
  const result = await new Promise((done, fail) => {
    child.once('message', done);
    child.once('exit', (code) => code && fail(new Error(`The load ended with ${code}`)));
    child.send({ url: product.url, token, batches, query, sockets: many, seconds });
  });
  const after = await product.ask('cpu');
  const cpu = after.user + after.system - before.user - before.system;
  return { rate: result.done / (result.ms / 1_000), cpu: cpu / result.done, done: result.done };
}

async function measure() {
  const product = await startProduct();
  const database = new pg.Pool({ connectionString: await product.ask('databaseUrl'), max: workers });
  const { createExternalSystem } = await product.call(
    `mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id code } } }`,
  );
  const systemId = createExternalSystem.externalSystem.id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const token = await product.ask('token', 'EXTERNAL_SYSTEM', createExternalSystem.externalSystem.code);
  await database.query(`insert into contact (external_id, name) select 'B' || n, 'Contact ' || n from generate_series(1, 10000) n`);
  await product.call(
    `mutation { createTemplate(input: { name: "T", medium: DEVICE, content: [{ language: "en", body: "Dear #contact.name" }] }) { template { id } } }`,
  );
  const fill = async (count) => {
    const { rows } = await database.query(
      `with made as (
         insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, tag_values)
         select k.id, 'DEVICE', 'BENCH', 'PENDING', (select content_id from template limit 1), 'en', $1, '["Anna"]'
         from generate_series(1, $2::int) n join contact k on k.external_id = 'B' || (1 + n % 10000) returning id, seq
       ), queued as (
         insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', $1 from made
       ) select id from made`,
      [systemId, count],
    );
    return rows.map((each) => each.id);
  };
  const publicId = (id) => `com_${id.replaceAll('-', '')}`;
  const inBatches = (ids, size) => Array.from({ length: Math.ceil(ids.length / size) }, (_, n) => ids.slice(n * size, (n + 1) * size));
  const complete =
    'mutation ($input: CompleteQueueEntriesInput!) { completeQueueEntries(input: $input) { results { id error { code } } } }';

  /** `work` again and again, by so many at a time, until the time is up. */
  const race = async (many, batches, work) => {
    let next = 0;
    let done = 0;
    const from = performance.now();
    await Promise.all(
      Array.from({ length: many }, async () => {
        for (let batch = batches[next++]; batch && performance.now() - from < seconds * 1_000; batch = batches[next++])
          done += await work(batch);
      }),
    );
    return done / ((performance.now() - from) / 1_000);
  };
  const hot = async ([id]) => {
    await database.query({
      name: 'hot',
      text: `update communication set state = 'COMPLETED', completed_at = clock_timestamp() where id = $1`,
      values: [id],
    });
    return 1;
  };
  const bulk = async (ids) => {
    const text = `with moved as (update communication set state = 'COMPLETED', completed_at = clock_timestamp(), settled_token = gen_random_uuid()
        where id = any($1::uuid[]) returning id, contact_id),
      gone as (delete from queue_entry where id = any($1::uuid[]))
      insert into change_outbox (kind, contact_id, external_system_id, communication_id, data) select 'entry.changed', contact_id, $2, id, '{"state":"COMPLETED"}' from moved`;
    await database.query({ name: 'bulk', text, values: [ids, systemId] });
    return ids.length;
  };
  const rows = [];
  const single = await race(
    workers,
    inBatches(
      (await fill(15_000 * seconds)).toSorted(() => Math.random() - 0.5),
      1,
    ),
    hot,
  );
  const updates = async () => {
    const { rows } = await database.query(
      `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'communication'`,
    );
    return rows[0];
  };
  // In no order: contacts do not acknowledge in the order in which they were written to.
  const ids = (await fill(12_000 * seconds)).map(publicId).toSorted(() => Math.random() - 0.5);
  await new Promise((done) => setTimeout(done, 1_500));
  const before = await updates();
  const one = await runLoad(product, token, inBatches(ids, 1), sockets, complete);
  // The statistics arrive a moment after the transactions.
  await new Promise((done) => setTimeout(done, 1_500));
  const after = await updates();
  const hotShare = (after.hot - before.hot) / (after.all - before.all);
  const bulkHand = await race(4, inBatches(await fill(60_000), 100), bulk);
  const hundred = await runLoad(product, token, inBatches((await fill(60_000)).map(publicId), 100), 8, complete);
  const rate = (value) => `${Math.round(value)}/s`;
  rows.push(
    {
      what: `single acks from ${sockets} sockets, against ${workers} clients with one UPDATE each (${rate(single)})`,
      measured: `${rate(one.rate)}, ${one.cpu.toFixed(0)} us each: ${(one.rate / single).toFixed(2)}x`,
      goal: '1.0x',
      holds: one.rate >= single,
    },
    {
      what: `100 ids in a call, against one statement for 100 (${rate(bulkHand)})`,
      measured: `${rate(hundred.rate)}: ${(hundred.rate / bulkHand).toFixed(2)}x`,
      goal: '0.6x',
      holds: hundred.rate >= 0.6 * bulkHand,
    },
    {
      what: 'single acks that were HOT updates',
      measured: `${(100 * hotShare).toFixed(1)} %`,
      goal: '95 %',
      holds: hotShare >= 0.95,
    },
  );
  await database.end();
  await product.stop();
  process.exitCode = report(rows) ? 0 : 1;
}

// Open inboxes and a steady stream of changes: milliseconds from the writer's commit to the client, counted at real sockets.
import { fork } from 'node:child_process';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import { WebSocket } from 'ws';
import { quantile, report, startProduct } from './lib.mjs';

const inboxes = Number(process.argv[2] ?? 1_000);
const perSecond = Number(process.argv[3] ?? 200);
const seconds = Number(process.argv[4] ?? 10);
const limitMs = 50;

let ringing;

if (process.send) clients();
else await measure();

/** The load: a process of its own, so that it is not measured as the server. */
function clients() {
  // Registered at once: what is sent before there is a listener is lost.
  process.once('message', ({ url, tokens }) => {
    const received = new Map();
    let synced = 0;
    for (const token of tokens) {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${token}` },
      });
      client.subscribe(
        { query: 'subscription { inboxChanged { kind cursor entryId entry { id state body createdAt } pendingCount } }' },
        {
          next: ({ data, errors }) => {
            if (errors) throw new Error(JSON.stringify(errors));
            const { kind, entryId } = data.inboxChanged;
            if (kind === 'SYNCED' && ++synced === tokens.length) process.send({ synced });
            if (kind === 'ADDED') received.set(entryId, [...(received.get(entryId) ?? []), performance.timeOrigin + performance.now()]);
          },
          error: (error) => {
            throw error;
          },
          complete: () => undefined,
        },
      );
    }
    process.on('message', ({ finish }) => {
      if (finish) process.send({ received: [...received] });
    });
  });
}

async function measure() {
  const product = await startProduct();
  const database = new pg.Pool({ connectionString: await product.ask('databaseUrl'), max: 4 });
  await database.query(`insert into contact (external_id, name) select 'B' || n, 'Contact ' || n from generate_series(1, $1::int) n`, [
    inboxes,
  ]);
  const { rows: contacts } = await database.query('select id, external_id from contact');
  const system = await product.call(
    `mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }`,
  );
  const systemId = system.createExternalSystem.externalSystem.id;
  await product.call(
    `mutation { createTemplate(input: { name: "T", medium: DEVICE, content: [{ language: "en", body: "Dear #contact.name , ${'hello '.repeat(50)}" }] }) { template { id } } }`,
  );
  const tokens = await Promise.all(contacts.map((each) => product.ask('token', 'CONTACT', each.external_id)));
  const load = fork(import.meta.filename);
  await new Promise((done) => {
    load.once('message', done);
    load.send({ url: product.url, tokens });
  });
  const { rows: contents } = await database.query('select content_id from template');

  // Each change is one transaction, as a billing system would make it; the doorbell is the poll's and the writer's NOTIFY.
  const committed = new Map();
  const total = perSecond * seconds;
  const begin = performance.now();
  const writes = [];
  for (let n = 0; n < total; n++) {
    const due = begin + (n * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    writes.push(write(database, contacts[n % contacts.length].id, contents[0].content_id, systemId, committed));
  }
  await Promise.all(writes);
  await new Promise((done) => setTimeout(done, 1_000));
  const { received } = await new Promise((done) => {
    load.once('message', done);
    load.send({ finish: true });
  });
  load.kill();
  await database.end();
  await product.stop();

  const times = new Map(received.map(([id, at]) => [id, at]));
  const latencies = [...committed].map(([id, at]) => {
    const got = times.get(`com_${id.replaceAll('-', '')}`) ?? [];
    if (got.length !== 1) throw new Error(`Entry ${id} arrived ${got.length} times`);
    return got[0] - at;
  });
  const [p50, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
  const held = report([
    {
      what: `${inboxes} inboxes, ${perSecond} changes/s, ${total} entries, each once`,
      measured: `p50 ${p50.toFixed(1)} ms`,
      goal: '',
      holds: true,
    },
    { what: 'commit to client, p99', measured: `${p99.toFixed(1)} ms`, goal: `${limitMs} ms`, holds: p99 < limitMs },
  ]);
  process.exitCode = held ? 0 : 1;
}

async function write(database, contactId, contentId, systemPublicId, committed) {
  const system = systemPublicId.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const { rows } = await database.query(
    `with made as (
       insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, tag_values)
       values ($1, 'DEVICE', 'BENCH', 'PENDING', $2, 'en', $3, '["Anna"]') returning id, seq, contact_id
     ), queued as (
       insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', $3 from made
     )
     insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
     select 'entry.created', contact_id, $3, id, '{"state":"PENDING"}' from made returning communication_id as id`,
    [contactId, contentId, system],
  );
  committed.set(rows[0].id, performance.timeOrigin + performance.now());
  if (!ringing) ringing = ring(database);
}

/** As a process of the product rings: after the commit, coalesced. */
async function ring(database) {
  await database.query(`select pg_notify('carillon_bell', 'changes')`);
  ringing = undefined;
}

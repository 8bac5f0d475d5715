// External systems at work: lease 100, complete 100, from several clients, behind the dead rows of all that was settled before;
// beside the same by hand-tuned SQL, in turn. Every entry must have been leased and completed once.
import pg from 'pg';
import { median, post, report, startProduct } from './lib.mjs';

const settled = Number(process.argv[2] ?? 100_000);
const waiting = Number(process.argv[3] ?? 20_000);
const rounds = Number(process.argv[4] ?? 3);
const clients = 4;
const batch = 100;

const product = await startProduct();
const pool = new pg.Pool({ connectionString: await product.ask('databaseUrl'), max: clients + 1 });
// The server may end a connection before it has said goodbye.
pool.on('error', () => undefined);
await pool.query('alter table queue_entry set (autovacuum_enabled = false)');
await pool.query(`insert into contact (external_id, name) values ('B', 'Bench')`);
await product.call(
  `mutation { createTemplate(input: { name: "T", medium: DEVICE, content: [{ language: "en", body: "Hello" }] }) { template { id } } }`,
);

async function makeSystem(name) {
  const { createExternalSystem } = await product.call(
    'mutation ($name: String!) { createExternalSystem(input: { name: $name, media: [DEVICE] }) { externalSystem { id code } } }',
    { name },
  );
  const { id, code } = createExternalSystem.externalSystem;
  return {
    row: id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    token: await product.ask('token', 'EXTERNAL_SYSTEM', code),
  };
}

async function fill(system, count, state) {
  await pool.query(
    `with made as (
       insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id)
       select k.id, 'DEVICE', 'BENCH', $3, t.content_id, 'en', $1 from contact k, template t, generate_series(1, $2::int) returning id, seq
     )
     insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', $1 from made`,
    [system.row, count, state],
  );
}

/** As many rows as were ever settled leave their dead versions at the head of the index. */
async function wear(system) {
  await fill(system, settled, 'COMPLETED');
  await pool.query('delete from queue_entry where external_system_id = $1', [system.row]);
}

const call = async (token, query, variables) => await post(product.url, token, query, variables);

const leaseTimes = [];
async function byApi({ token }) {
  for (;;) {
    const from = performance.now();
    const { leaseQueueEntries } = await call(
      token,
      `mutation { leaseQueueEntries(input: { limit: ${batch} }) { entries { id lease { token } } } }`,
    );
    leaseTimes.push(performance.now() - from);
    const entries = leaseQueueEntries.entries.map(({ id, lease }) => ({ id, leaseToken: lease.token }));
    if (entries.length === 0) return;
    const query = 'mutation ($input: CompleteQueueEntriesInput!) { completeQueueEntries(input: $input) { results { error { code } } } }';
    const { completeQueueEntries } = await call(token, query, { input: { entries } });
    if (completeQueueEntries.results.some((each) => each.error)) throw new Error('A settlement was refused');
  }
}

/** What a careful author of one program would write for this alone, with a floor of its own. */
async function byHand({ row }) {
  const client = await pool.connect();
  for (let floor = 0; ; ) {
    const { rows } = await client.query(
      `with due as (select id from queue_entry where external_system_id = $1 and priority = 5 and seq >= $2 and due_at <= clock_timestamp()
         order by seq limit ${batch} for update skip locked)
       update queue_entry q set lease_token = gen_random_uuid(), due_at = clock_timestamp() + interval '60 s', attempts = attempts + 1
       from due where q.id = due.id returning q.id, q.seq`,
      [row, floor],
    );
    if (rows.length === 0) break;
    floor = Math.max(...rows.map((each) => Number(each.seq)));
    await client.query(
      `with done as (delete from queue_entry where id = any($1::uuid[]) returning id)
       update communication c set state = 'COMPLETED', completed_at = clock_timestamp() from done where c.id = done.id`,
      [rows.map((each) => each.id)],
    );
  }
  client.release();
}

/** As byHand, but doing what the product does for its callers: leases that are shown and checked, and a change for each device that watches. */
async function sameByHand({ row }) {
  const client = await pool.connect();
  for (let floor = 0; ; ) {
    const { rows } = await client.query({
      name: 'lease',
      text: `with due as (select id from queue_entry where external_system_id = $1 and priority = 5 and seq >= $2 and due_at <= clock_timestamp()
         order by seq limit ${batch} for update skip locked)
       update queue_entry q set lease_token = gen_random_uuid(), leased_by = 'hand', due_at = clock_timestamp() + interval '60 s', attempts = attempts + 1
       from due where q.id = due.id returning q.id, q.seq, q.lease_token, q.due_at, q.attempts`,
      values: [row, floor],
    });
    if (rows.length === 0) break;
    floor = Math.max(...rows.map((each) => Number(each.seq)));
    await client.query({
      name: 'complete',
      text: `with done as (
         delete from queue_entry q using unnest($1::uuid[], $2::uuid[]) as m (id, token)
         where q.id = m.id and q.lease_token = m.token and q.due_at > clock_timestamp() returning q.id, m.token
       ), moved as (
         update communication c set state = 'COMPLETED', completed_at = clock_timestamp(), settled_token = done.token
         from done where c.id = done.id and c.state = 'PENDING' returning c.id, c.contact_id
       )
       insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
       select 'entry.changed', contact_id, $3, id, jsonb_build_object('state', 'COMPLETED', 'was', jsonb_build_object('state', 'PENDING')) from moved`,
      values: [rows.map((each) => each.id), rows.map((each) => each.lease_token), row],
    });
  }
  client.release();
}

/** Entries a second, every one of them completed once. */
async function timed(system, work) {
  const from = performance.now();
  await Promise.all(Array.from({ length: clients }, () => work(system)));
  // What was done by hand is told of as the product tells of it; it is done when every change has its position.
  await pool.query(`select pg_notify('carillon_bell', 'changes')`);
  while ((await pool.query('select from change_outbox limit 1')).rows.length > 0) await new Promise((done) => setTimeout(done, 5));
  const seconds = (performance.now() - from) / 1000;
  const { rows } = await pool.query(
    `select count(*)::int as n from communication c where external_system_id = $1 and completed_at is not null and state = 'COMPLETED'
       and not exists (select from queue_entry q where q.id = c.id)`,
    [system.row],
  );
  if (rows[0].n !== waiting) throw new Error(`${rows[0].n} of ${waiting} were completed`);
  return waiting / seconds;
}

let made = 0;
async function round(work, worn) {
  const system = await makeSystem(`System ${++made}`);
  if (worn) await wear(system);
  await fill(system, waiting, 'PENDING');
  leaseTimes.length = 0;
  const rate = await timed(system, work);
  return { rate, lease: median(leaseTimes) };
}

const ways = { fresh: [byApi, false], worn: [byApi, true], tuned: [byHand, true], same: [sameByHand, true] };
const measured = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
// Everything is compiled, and every statement planned, before a round counts.
await round(byApi, false);
for (let n = 0; n < rounds; n++) {
  const order = Object.keys(ways);
  for (const way of n % 2 ? order.reverse() : order) measured[way].push(await round(...ways[way]));
}
await pool.end();
await product.stop();

const rate = (way) => median(measured[way].map((each) => each.rate));
const leaseMs = (way) => median(measured[way].map((each) => each.lease));
const spread = (way) => measured[way].map((each) => each.rate.toFixed(0)).join(', ');
const share = rate('worn') / rate('same');
const held = report([
  {
    what: `lease + complete by API, ${clients} clients, ${batch} a call`,
    measured: `${rate('fresh').toFixed(0)}/s`,
    goal: '',
    holds: true,
  },
  { what: `the same behind ${settled} dead rows (${spread('worn')})`, measured: `${rate('worn').toFixed(0)}/s`, goal: '', holds: true },
  { what: 'by hand-tuned SQL, without an API', measured: `${rate('tuned').toFixed(0)}/s`, goal: '', holds: true },
  {
    what: `by SQL that does the same: ${rate('same').toFixed(0)}/s (${spread('same')})`,
    measured: `${share.toFixed(2)} of it`,
    goal: '0.6',
    holds: share >= 0.6,
  },
  { what: `a lease of ${batch}, median`, measured: `${leaseMs('fresh').toFixed(1)} ms`, goal: '', holds: true },
  {
    what: 'the same behind the dead rows',
    measured: `${leaseMs('worn').toFixed(1)} ms (${(leaseMs('worn') / leaseMs('fresh')).toFixed(2)}x)`,
    goal: '1.5x',
    holds: leaseMs('worn') <= leaseMs('fresh') * 1.5,
  },
]);
process.exitCode = held ? 0 : 1;

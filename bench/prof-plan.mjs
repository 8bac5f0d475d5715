// A plan over many contacts: from runPlan to state COMPLETED, beside a binary COPY of the same rows into the same tables, which is
// as fast as PostgreSQL takes them (performance.md B); and how much memory the process took for it.
import pg from 'pg';
import { mb, report, startProduct } from './lib.mjs';

const contacts = Number(process.argv[2] ?? 100_000);
const limitSeconds = (15 * contacts) / 100_000;
const product = await startProduct();
const client = new pg.Client({ connectionString: await product.ask('databaseUrl') });
await client.connect();
await client.query(
  `insert into contact (external_id, name, preferred_language, email, direct_marketing, attributes)
   select 'B' || n, 'Contact ' || n, (array['en', 'el', 'el-CY', 'fr'])[1 + n % 4], 'b' || n || '@example.org', n % 10 <> 0, '{}' from generate_series(1, $1::int) n`,
  [contacts],
);
await client.query(
  `insert into account (external_id, contact_id, number, currency, balance, outstanding_amount)
   select 'A' || external_id, id, 'N' || external_id, 'EUR', 12.5, 99.9 from contact`,
);
await client.query('vacuum analyze contact, account');

const body = (hello) =>
  `${hello} #contact.name , your balance is #account.balance and #account.outstanding_amount is open on #account.number . ${'Lorem ipsum dolor. '.repeat(15)}`;
const { createSegment } = await product.call(
  `mutation { createSegment(input: { name: "All", condition: { field: "contact.name", operator: IS_NOT_EMPTY } }) { segment { id } } }`,
);
const { createExternalSystem } = await product.call(
  `mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }`,
);
const { createPlan } = await product.call(`mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }`, {
  input: {
    name: 'Bench',
    messages: [
      {
        medium: 'DEVICE',
        externalSystemId: createExternalSystem.externalSystem.id,
        content: [
          { language: 'en', body: body('Dear') },
          { language: 'el', body: body('Αγαπητέ') },
        ],
      },
    ],
    includeSegmentIds: [createSegment.segment.id],
    applyDirectMarketingPreference: true,
  },
});

for (const q of [
  "session_preload_libraries='auto_explain'",
  'auto_explain.log_min_duration=1000',
  'auto_explain.log_analyze=on',
  'auto_explain.log_buffers=on',
  'auto_explain.log_parameter_max_length=60',
])
  await client.query('alter system set ' + q);
await client.query('select pg_reload_conf()');
await client.query("select pg_terminate_backend(pid) from pg_stat_activity where pid<>pg_backend_pid() and backend_type='client backend'");
await new Promise((r) => setTimeout(r, 500));
const before = await product.ask('memory');
const from = performance.now();
const { runPlan } = await product.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', {
  id: createPlan.plan.id,
});
let run;
let peak = before.rss;
do {
  await new Promise((done) => setTimeout(done, 100));
  ({ run } = await product.call(
    'query ($id: ID!) { run(id: $id) { state matched remaining generated pending skipped { reason count } } }',
    { id: runPlan.run.id },
  ));
  peak = Math.max(peak, await product.ask('rss'));
} while (run.state !== 'COMPLETED');
const seconds = (performance.now() - from) / 1000;

const { rows } = await client.query('select count(*)::int as rows, count(distinct contact_id)::int as contacts from communication');
const expected = contacts - Math.floor(contacts / 10);
if (rows[0].rows !== expected || rows[0].contacts !== expected || run.generated !== expected)
  throw new Error(`Expected ${expected}, got ${JSON.stringify({ ...rows[0], run })}`);
const limit = await copySeconds();
await client.end();
(await import('node:fs')).cpSync(product.folder + '/postgres/server.log', '/tmp/prof/server.log');
await product.stop();
const growth = peak - before.rss;
const held = report([
  {
    what: `plan over ${contacts} contacts`,
    measured: `${seconds.toFixed(1)} s (${Math.round(expected / seconds)}/s)`,
    goal: `${limitSeconds} s`,
    holds: seconds < limitSeconds,
  },
  {
    what: `the same, against a binary COPY of the rows (${limit.toFixed(1)} s)`,
    measured: `${(seconds / limit).toFixed(1)} times`,
    goal: '2 times',
    holds: seconds / limit <= 2,
  },
  { what: 'memory growth', measured: mb(growth), goal: '150 MB', holds: growth < 150 * 1_048_576 },
]);
process.exitCode = held ? 0 : 1;

/** Everything that the run wrote, once more by binary COPY from files into tables with the same indexes. */
async function copySeconds() {
  const tables = ['communication', 'queue_entry', 'run_recipient', 'change'];
  // The server's own folder: it may be another user than we are.
  const file = (table) => `${product.folder}/postgres/${table}.copy`;
  for (const table of tables) {
    await client.query(`create table copied_${table} (like ${table} including all)`);
    await client.query(`copy (select * from ${table}) to '${file(table)}' with (format binary)`);
  }
  await client.query('checkpoint');
  const start = performance.now();
  for (const table of tables) await client.query(`copy copied_${table} from '${file(table)}' with (format binary)`);
  return (performance.now() - start) / 1000;
}

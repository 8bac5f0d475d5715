// A financial run over many accounts with three bills each: how long it takes to match, beside SQL written by hand for the same criteria.
import pg from 'pg';
import { report, startProduct } from './lib.mjs';

const accounts = Number(process.argv[2] ?? 50_000);
const product = await startProduct();
const client = new pg.Client({ connectionString: await product.ask('databaseUrl') });
await client.connect();
await client.query(
  `insert into contact (external_id, name, email) select 'C' || n, 'Contact ' || n, 'c' || n || '@example.org' from generate_series(1, $1::int) n`,
  [accounts],
);
await client.query(
  `insert into account (external_id, contact_id, number, currency, classification)
   select 'A' || c.external_id, c.id, 'N' || c.external_id, 'EUR', (array['Normal', 'VIP', null, 'Gold'])[1 + hashtext(c.external_id) & 3] from contact c`,
);
await client.query(
  `insert into business_object (type, external_id, contact_id, account_id, number, fields)
   select 'bill', 'B' || a.external_id || n, a.contact_id, a.id, 'BL' || a.external_id || n,
     jsonb_build_object('outstanding_amount', (n * 3 + hashtext(a.external_id) & 7)::text, 'due_date', to_char(current_date - 10 * n, 'YYYY-MM-DD'))
   from account a, generate_series(1, 3) n`,
);
await client.query('vacuum analyze');

const { createTemplate } = await product.call(
  `mutation { createTemplate(input: { name: "Debt", medium: EMAIL, objectType: "notification", content: [{ language: "en", body: "#notification.number: #notification.bills_notified_amount, #notification.total_notified_amount" }] }) { template { id } } }`,
);
const { createNotificationType } = await product.call(
  `mutation ($input: CreateNotificationTypeInput!) { createNotificationType(input: $input) { notificationType { id } } }`,
  {
    input: {
      name: 'Debt',
      classification: 'FINANCIAL',
      about: 'bill',
      templateId: createTemplate.template.id,
      criteria: {
        history: [{ all: [{ notified: false, withinDays: 30 }] }],
        outstandingAmount: { moreThan: '10', dueDaysAgo: 0 },
        accountClassifications: { notIn: ['VIP'] },
        totalPerNotification: { moreThan: '12' },
      },
    },
  },
);

const byHand = `
  insert into recipient (contact_id, account_id, item_ids, email)
  select a.contact_id, a.id, b.items, c.email
  from (
    select account_id, array_agg(id) as items, sum((fields ->> 'outstanding_amount')::numeric) as total,
      sum((fields ->> 'outstanding_amount')::numeric) filter (where (fields ->> 'due_date')::date <= current_date) as due
    from business_object where type = 'bill' group by 1
  ) b join account a on a.id = b.account_id join contact c on c.id = a.contact_id
  where b.total >= 12 and b.due >= 10 and a.classification is distinct from 'VIP'
    and not exists (select from notification n join notification_type t on t.id = n.notification_type_id
      where n.account_id = a.id and n.created_at > now() - interval '30 days')`;

/** Seconds of the statement, into a table with the indexes of run_recipient. */
async function secondsByHand() {
  await client.query('begin');
  await client.query(
    'create table recipient (id bigint generated always as identity primary key, contact_id uuid, account_id uuid unique, item_ids uuid[], email text)',
  );
  const from = performance.now();
  const { rowCount } = await client.query(byHand);
  const seconds = (performance.now() - from) / 1000;
  await client.query('rollback');
  return { rowCount, seconds };
}

/** A run, from its start to its end; `startedAt` is when it had matched. */
async function run() {
  const { runNotifications } = await product.call(
    'mutation ($id: ID!) { runNotifications(input: { notificationTypeId: $id }) { run { id } } }',
    {
      id: createNotificationType.notificationType.id,
    },
  );
  for (;;) {
    const { run: now } = await product.call(
      'query ($id: ID!) { run(id: $id) { state error matched generated scheduledFor startedAt finishedAt } }',
      { id: runNotifications.run.id },
    );
    if (now.state === 'FAILED') throw new Error(now.error);
    if (now.state === 'COMPLETED') {
      const seconds = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;
      return { ...now, match: seconds(now.scheduledFor, now.startedAt), generate: seconds(now.startedAt, now.finishedAt) };
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

const hand = await secondsByHand();
const first = await run();
if (first.generated !== hand.rowCount) throw new Error(`Expected ${hand.rowCount} notifications, got ${first.generated}`);
await client.query('vacuum analyze notification, notified_item');
// Everybody has been notified: what remains is the cost of looking at a long history.
const handAgain = await secondsByHand();
const again = await run();
if (again.generated !== 0 || handAgain.rowCount !== 0) throw new Error('The history must keep everybody out');
await client.end();
await product.stop();
const rate = Math.round(first.generated / first.generate);
const row = (what, ours, theirs) => ({
  what,
  measured: `${ours.toFixed(2)} s, by hand ${theirs.toFixed(2)} s`,
  goal: '3 times',
  holds: ours <= 3 * theirs,
});
const held = report([
  row(`match ${first.generated} of ${accounts} accounts`, first.match, hand.seconds),
  row('match with a full history', again.match, handAgain.seconds),
  { what: 'notifications generated', measured: `${first.generate.toFixed(1)} s (${rate}/s)`, goal: 'none set', holds: true },
]);
process.exitCode = held ? 0 : 1;

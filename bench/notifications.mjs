// A financial type of six criteria over many accounts with three bills each: how long it matches, against the same question as SQL written
// by hand on the same tables; what its funnel costs beside the match; and a real run, first to everybody and then to nobody, because
// all have been notified.
import pg from 'pg';
import { median, report, startProduct } from './lib.mjs';

const accounts = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
const product = await startProduct();
const client = new pg.Client({ connectionString: await product.ask('databaseUrl') });
await client.connect();
await client.query(
  `insert into contact (external_id, name, preferred_language, email)
   select 'B' || n, 'Contact ' || n, 'en', 'b' || n || '@example.org' from generate_series(1, $1::int) n`,
  [accounts],
);
await client.query(
  `insert into account (external_id, contact_id, currency, balance, classification)
   select 'A' || external_id, id, 'EUR', substr(external_id, 2)::int % 1000, (array['Normal', 'VIP'])[1 + (substr(external_id, 2)::int % 20 = 0)::int] from contact`,
);
await client.query(
  `insert into business_object (type, external_id, contact_id, account_id, number, fields)
   select 'bill', a.external_id || '-' || k, a.contact_id, a.id, a.external_id || '-' || k,
     jsonb_build_object('amount', 20, 'outstanding_amount', (substr(a.external_id, 3)::int * k) % 40, 'due_date', to_char(now() - interval '10 days', 'YYYY-MM-DD'), 'state', (array['OPEN', 'PAID'])[1 + (substr(a.external_id, 3)::int % 3 = 0)::int])
   from account a cross join generate_series(1, 3) k`,
);
await client.query('vacuum analyze contact, account, business_object');

const { createTemplate } = await product.call(
  'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
  {
    input: {
      name: 'Bills',
      medium: 'EMAIL',
      objectType: 'notification',
      content: [
        { language: 'en', subject: 'Bills', body: '#notification.bills_notified_amount, together #notification.total_notified_amount' },
      ],
    },
  },
);
const { createNotificationType } = await product.call(
  'mutation ($input: CreateNotificationTypeInput!) { createNotificationType(input: $input) { notificationType { id } } }',
  {
    input: {
      name: 'Unsettled bills',
      classification: 'FINANCIAL',
      about: 'bill',
      templateId: createTemplate.template.id,
      criteria: {
        accountClassifications: { notIn: ['VIP'] },
        accountBalance: { moreThan: '100' },
        outstandingAmount: { moreThan: '10' },
        condition: { field: 'bill.state', operator: 'EQ', value: 'OPEN' },
        history: [{ all: [{ notified: false, withinDays: 30 }] }],
        totalPerNotification: { moreThan: '20' },
      },
    },
  },
);
const notificationTypeId = createNotificationType.notificationType.id;
const chosenByHand = `select a.contact_id, a.id as account_id, array_agg(o.id) as item_ids, min(c.email) as email
  from business_object o join account a on a.id = o.account_id join contact c on c.id = a.contact_id
  where o.type = 'bill' and o.fields ->> 'state' = 'OPEN' and a.classification <> 'VIP' and a.balance >= 100
    and exists (select from (select b.account_id from business_object b where b.type = 'bill' and (b.fields ->> 'due_date')::date <= current_date
      group by 1 having sum((b.fields ->> 'outstanding_amount')::numeric) >= 10) s where s.account_id = a.id)
    and not exists (select from notification n where n.account_id = a.id and n.created_at >= current_date - 29)
  group by a.id, a.contact_id having sum((o.fields ->> 'outstanding_amount')::numeric) >= 20`;

const preview = (fields) => `query ($input: PreviewRunInput!) { previewRun(input: $input) { ${fields} } }`;
const input = { notificationTypeId, samples: 0 };
const contenders = {
  match: async () => (await product.call(preview('matched'), { input })).previewRun.matched,
  // A preview matches once for its figures and once for its funnel: the funnel is what is beyond two matches.
  funnel: async () => (await product.call(preview('matched funnel { left }'), { input })).previewRun.matched,
  byHand: async () => (await client.query(`select count(*)::int as matched from (${chosenByHand}) m`)).rows[0].matched,
};
const seconds = { match: [], funnel: [], byHand: [] };
const seen = new Set();
for (let round = -1; round < rounds; round++) {
  for (const name of round % 2 === 0 ? ['match', 'byHand', 'funnel'] : ['funnel', 'byHand', 'match']) {
    const from = performance.now();
    seen.add(await contenders[name]());
    if (round >= 0) seconds[name].push((performance.now() - from) / 1000);
  }
}
if (seen.size !== 1) throw new Error(`They do not agree: ${[...seen]}`);
const [matched] = seen;

const written = await writtenByHand();
const first = await run();
if (first.generated !== matched || written.count !== matched)
  throw new Error(`Expected ${matched} notifications, got ${first.generated} and ${written.count}`);
await client.query('vacuum analyze notification, notified_item');
// Everybody has been notified: what remains is the cost of looking at a long history.
const writtenAgain = await writtenByHand();
const again = await run();
if (again.generated !== 0 || writtenAgain.count !== 0) throw new Error('The history must keep everybody out');
await client.end();
await product.stop();

const [ours, hand, both] = [median(seconds.match), median(seconds.byHand), median(seconds.funnel)];
const funnel = both - 2 * ours;
const held = report([
  times(`six criteria over ${accounts} accounts and ${3 * accounts} bills, ${matched} matched`, ours, hand, 3),
  {
    what: 'its funnel beside the match',
    measured: `${funnel.toFixed(2)} s: ${(funnel / ours).toFixed(1)} times`,
    goal: '2 times',
    holds: funnel <= 2 * ours,
  },
  // A run matches, counts its funnel and writes both down; by hand there is no funnel.
  times('a run until it has matched: recipients and funnel written down', first.match, written.seconds, 9),
  times('the same where all have been notified', again.match, writtenAgain.seconds, 9),
  {
    what: 'notifications generated',
    measured: `${first.generate.toFixed(1)} s (${Math.round(first.generated / first.generate)}/s)`,
    goal: 'none set',
    holds: true,
  },
]);
process.exitCode = held ? 0 : 1;

function times(what, own, other, most) {
  const measured = `${own.toFixed(2)} s; by hand ${other.toFixed(2)} s: ${(own / other).toFixed(1)} times`;
  return { what, measured, goal: `${most} times`, holds: own <= most * other };
}

/** Seconds of the statement by hand, into a table with the indexes of run_recipient. */
async function writtenByHand() {
  await client.query('begin');
  await client.query(
    'create table recipient (id bigint generated always as identity primary key, contact_id uuid, account_id uuid unique, item_ids uuid[], email text)',
  );
  const from = performance.now();
  const { rowCount } = await client.query(`insert into recipient (contact_id, account_id, item_ids, email) ${chosenByHand}`);
  const took = (performance.now() - from) / 1000;
  await client.query('rollback');
  return { count: rowCount, seconds: took };
}

/** A run, from its start to its end; `startedAt` is when it had matched. */
async function run() {
  const { runNotifications } = await product.call(
    'mutation ($id: ID!) { runNotifications(input: { notificationTypeId: $id }) { run { id } } }',
    { id: notificationTypeId },
  );
  for (;;) {
    const { run: now } = await product.call(
      'query ($id: ID!) { run(id: $id) { state error generated scheduledFor startedAt finishedAt } }',
      { id: runNotifications.run.id },
    );
    if (now.state === 'FAILED') throw new Error(now.error);
    if (now.state === 'COMPLETED') {
      const between = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;
      return { ...now, match: between(now.scheduledFor, now.startedAt), generate: between(now.startedAt, now.finishedAt) };
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

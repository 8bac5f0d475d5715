// A financial run of six criteria: how long it matches, against the same question as SQL written by hand on the same tables, and what
// its funnel costs beside the match.
import pg from 'pg';
import { median, report, startProduct } from './lib.mjs';

const accounts = Number(process.argv[2] ?? 1_000_000);
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
      content: [{ language: 'en', subject: 'Bills', body: '#notification.total_notified_amount' }],
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
const byHand = `select count(*)::int as matched from (
  select a.id from business_object o join account a on a.id = o.account_id join contact c on c.id = a.contact_id
  where o.type = 'bill' and o.fields ->> 'state' = 'OPEN' and a.classification <> 'VIP' and a.balance >= 100
    and exists (select from (select b.account_id from business_object b where b.type = 'bill' and (b.fields ->> 'due_date')::date <= current_date
      group by 1 having sum((b.fields ->> 'outstanding_amount')::numeric) >= 10) s where s.account_id = a.id)
    and not exists (select from notification n where n.account_id = a.id and n.created_at >= current_date - 29)
  group by a.id having sum((o.fields ->> 'outstanding_amount')::numeric) >= 20) m`;
const preview = (fields) => `query ($input: PreviewRunInput!) { previewRun(input: $input) { ${fields} } }`;
const input = { notificationTypeId, samples: 0 };
const contenders = {
  match: async () => (await product.call(preview('matched'), { input })).previewRun.matched,
  // A preview matches once for its figures and once for its funnel: the funnel is what is beyond two matches.
  funnel: async () => (await product.call(preview('matched funnel { left }'), { input })).previewRun.matched,
  byHand: async () => (await client.query(byHand)).rows[0].matched,
};
const rounds = Number(process.argv[3] ?? 3);
const seconds = { match: [], funnel: [], byHand: [] };
const seen = new Set();
for (let round = -1; round < rounds; round++) {
  for (const name of round % 2 === 0 ? ['match', 'byHand', 'funnel'] : ['funnel', 'byHand', 'match']) {
    const from = performance.now();
    seen.add(await contenders[name]());
    if (round >= 0) seconds[name].push((performance.now() - from) / 1000);
  }
}
await client.end();
await product.stop();
if (seen.size !== 1) throw new Error(`They do not agree: ${[...seen]}`);
const [ours, hand, both] = [median(seconds.match), median(seconds.byHand), median(seconds.funnel)];
const funnel = both - 2 * ours;
const held = report([
  {
    what: `six criteria over ${accounts} accounts and ${3 * accounts} bills, ${[...seen][0]} matched`,
    measured: `${ours.toFixed(2)} s; by hand ${hand.toFixed(2)} s: ${(ours / hand).toFixed(1)} times`,
    goal: '3 times',
    holds: ours <= 3 * hand,
  },
  {
    what: 'its funnel beside the match',
    measured: `${funnel.toFixed(2)} s: ${(funnel / ours).toFixed(1)} times`,
    goal: '2 times',
    holds: funnel <= 2 * ours,
  },
]);
process.exitCode = held ? 0 : 1;

// Conditions: a segment of three comparisons (a contact's column, its account, an open attribute) counted over many contacts, against
// the same question as SQL written by hand on the same tables.
import pg from 'pg';
import { median, report, startProduct } from './lib.mjs';

const contacts = Number(process.argv[2] ?? 1_000_000);
const product = await startProduct();
const client = new pg.Client({ connectionString: await product.ask('databaseUrl') });
await client.connect();
await client.query(
  `insert into contact (external_id, name, preferred_language, attributes)
   select 'B' || n, 'Contact ' || n, (array['en', 'el', 'el-CY', 'fr'])[1 + n % 4], jsonb_build_object('tier', (array['gold', 'silver'])[1 + n % 2])
   from generate_series(1, $1::int) n`,
  [contacts],
);
await client.query(
  `insert into account (external_id, contact_id, currency, balance, outstanding_amount)
   select 'A' || external_id, id, 'EUR', 1, substr(external_id, 2)::int % 100 from contact`,
);
await client.query('vacuum analyze contact, account');

const condition = {
  all: [
    { field: 'contact.preferred_language', operator: 'EQ', value: 'el' },
    { field: 'account.outstanding_amount', operator: 'GTE', value: '10.00' },
    { field: 'contact.attributes.tier', operator: 'EQ', value: 'silver' },
  ],
};
const byHand = `select count(*)::int as size from contact c where lower(c.preferred_language) = 'el' and c.attributes ->> 'tier' = 'silver'
  and exists (select from account a where a.contact_id = c.id and a.outstanding_amount >= 10)`;
const preview = 'query ($input: PreviewSegmentInput!) { previewSegment(input: $input) { size } }';
const contenders = {
  product: async () => (await product.call(preview, { input: { condition } })).previewSegment.size,
  byHand: async () => (await client.query(byHand)).rows[0].size,
};

// n is el where n % 4 = 1, silver where n is odd, and owes 10 or more where n % 100 >= 10.
let expected = 0;
for (let n = 1; n <= contacts; n++) if (n % 4 === 1 && n % 2 === 1 && n % 100 >= 10) expected++;
const rounds = 5;
const seconds = { product: [], byHand: [] };
for (let round = -1; round < rounds; round++) {
  const names = round % 2 === 0 ? ['product', 'byHand'] : ['byHand', 'product'];
  for (const name of names) {
    const from = performance.now();
    const size = await contenders[name]();
    if (size !== expected) throw new Error(`${name} counted ${size}, not ${expected}`);
    // The first round warms both.
    if (round >= 0) seconds[name].push((performance.now() - from) / 1000);
  }
}
await client.end();
await product.stop();
const [ours, hand] = [median(seconds.product), median(seconds.byHand)];
const held = report([
  {
    what: `a condition of three parts over ${contacts} contacts`,
    measured: `${ours.toFixed(2)} s; by hand ${hand.toFixed(2)} s: ${(ours / hand).toFixed(1)} times`,
    goal: '3 times',
    holds: ours <= 3 * hand,
  },
]);
process.exitCode = held ? 0 : 1;

// Events met by 20 rules each, told in calls of 500 a second: from the first call until every communication is there.
import { existsSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { report, startProduct } from './lib.mjs';

const perSecond = Number(process.argv[2] ?? 500);
const seconds = Number(process.argv[3] ?? 10);
const ruleCount = 20;
const product = await startProduct();
const client = new pg.Client({ connectionString: await product.ask('databaseUrl') });
await client.connect();
await client.query(
  `insert into contact (external_id, name, preferred_language, email) select 'C' || n, 'Contact ' || n, (array['en', 'el'])[1 + n % 2], 'c' || n || '@example.org'
   from generate_series(1, 5000) n`,
);
await client.query(
  "insert into account (external_id, contact_id, number, currency, balance) select 'A' || external_id, id, 'N' || external_id, 'EUR', 12.5 from contact",
);
await client.query(
  `insert into business_object (type, external_id, contact_id, account_id, number, fields)
   select 'payment', 'P' || c.external_id, c.id, a.id, 'P' || c.external_id, '{"amount": "45.5"}' from contact c join account a on a.contact_id = c.id`,
);
await client.query('vacuum analyze');
const { createExternalSystem } = await product.call(
  'mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
);
for (let n = 0; n < ruleCount; n++) {
  await product.call('mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }', {
    input: {
      name: `Rule ${n}`,
      objectType: 'payment',
      events: ['posted'],
      conditions: [
        { field: 'payment.amount', operator: 'GT', value: 1000 + n },
        {
          all: [
            { field: 'account.balance', operator: 'GTE', value: 1 },
            { field: 'event.payload.channel', operator: 'EQ', value: 'web' },
          ],
        },
      ],
      messages: [
        {
          medium: 'DEVICE',
          externalSystemId: createExternalSystem.externalSystem.id,
          content: [
            { language: 'en', subject: 'Paid', body: 'Dear #contact.name , you paid #payment.amount ; your balance is #account.balance .' },
            { language: 'el', subject: 'Πληρωμή', body: 'Αγαπητέ #contact.name , πληρώσατε #payment.amount .' },
          ],
        },
      ],
    },
  });
}

/** CPU seconds of the server's processes and of ours: what says most on cores that others use, too. Linux alone tells. */
async function cpuSeconds() {
  const { rows } = await client.query(
    "select pid from pg_stat_activity where datname = current_database() or backend_type <> 'client backend'",
  );
  const { user, system } = await product.ask('cpu');
  const ticks = rows.map(({ pid }) => {
    if (!existsSync(`/proc/${pid}/stat`)) return 0;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100 + (user + system) / 1e6;
}

const cpuBefore = await cpuSeconds();
const from = performance.now();
const since = () => (performance.now() - from) / 1000;
const waiting = async () => (await client.query('select count(*)::int as n from event_waiting')).rows[0].n;
let told = 0;
let most = 0;
for (let second = 0; second < seconds; second++) {
  const events = Array.from({ length: perSecond }, (_, n) => ({
    object: { type: 'payment', externalId: `PC${1 + ((second * perSecond + n) % 5000)}` },
    event: 'posted',
    payload: { channel: 'web' },
    idempotencyKey: `${second}-${n}`,
  }));
  await product.call('mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded } }', { input: { events } });
  told += events.length;
  most = Math.max(most, await waiting());
  await new Promise((done) => setTimeout(done, Math.max(0, (second + 1) * 1000 - since() * 1000)));
}
while ((await waiting()) > 0) await new Promise((done) => setTimeout(done, 20));
const took = since();
const cpu = (await cpuSeconds()) - cpuBefore;
const { rows } = await client.query('select count(*)::int as made, count(distinct (rule_id, event_seq))::int as once from communication');
if (rows[0].made !== told * ruleCount || rows[0].once !== told * ruleCount)
  throw new Error(`Expected ${told * ruleCount}, got ${JSON.stringify(rows[0])}`);
await client.end();
await product.stop();
const rate = told / took;
const held = report([
  {
    what: `${perSecond} events a second for ${seconds} s, each met by ${ruleCount} rules: ${told * ruleCount} communications`,
    measured: `${rate.toFixed(0)} events/s, ${((told * ruleCount) / took).toFixed(0)} communications/s; done ${(took - seconds).toFixed(1)} s after the last, at most ${most} waited; ${cpu.toFixed(1)} CPU seconds, that is ${((cpu / told) * perSecond).toFixed(1)} cores at ${perSecond}/s`,
    goal: `${perSecond}/s sustained`,
    holds: took < seconds + 3,
  },
]);
process.exitCode = held ? 0 : 1;

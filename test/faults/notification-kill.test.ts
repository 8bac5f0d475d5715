import { expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { notifying } from '../support/notify.js';
import { startProgram } from './process.js';

const accounts = 3_000;

test('XU6 R7 O1 N9 two runs of one type whose processes are killed again and again: each account once, with all its bills and a number of its own', {
  timeout: 120_000,
}, async () => {
  const secret = 'a secret of the fault tests, long enough';
  // The API process stays; the workers that match and generate are killed.
  const app = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret } });
  const { type, template, start } = notifying(app);
  await app.sql(
    `insert into contact (external_id, name, email) select 'K' || n, 'Contact ' || n, 'k' || n || '@example.org' from generate_series(1, $1::int) n`,
    [accounts],
  );
  await app.sql(`insert into account (external_id, contact_id, currency) select 'A' || external_id, id, 'EUR' from contact`);
  await app.sql(`insert into business_object (type, external_id, number, contact_id, account_id, fields)
    select 'bill', a.external_id || '-' || k, a.external_id || '-' || k, a.contact_id, a.id, '{"outstanding_amount": "5"}' from account a cross join generate_series(1, 2) k`);
  const notificationTypeId = await type({
    classification: 'FINANCIAL',
    about: 'bill',
    templateId: await template('#notification.number #notification.total_notified_amount'),
    criteria: { outstandingAmount: { moreThan: '10' }, history: [{ all: [{ notified: false, withinDays: 30 }] }] },
  });
  const runs = [await start(notificationTypeId), await start(notificationTypeId), await start(notificationTypeId)];
  const figures = async () =>
    await Promise.all(
      runs.map(async (id) => (await app.call('query ($id: ID!) { run(id: $id) { state matched generated remaining } }', { id })).run),
    );

  const env = { DATABASE_URL: app.databaseUrl, SECRET_KEY: secret, ROLE: 'worker', DELIVERY_MODE: 'sandbox' };
  for (let kills = 0; kills < 3; kills++) {
    const workers = await Promise.all([startProgram(env), startProgram(env)]);
    await new Promise((done) => setTimeout(done, 100 + Math.random() * 500));
    await Promise.all(workers.map(async (each) => await each.kill('SIGKILL')));
    for (const run of await figures()) expect(run.generated + run.remaining).toBe(run.matched);
  }
  const workers = await Promise.all([startProgram(env), startProgram(env)]);
  await eventually(async () => (await figures()).every((each) => each.state === 'COMPLETED'), { withinMs: 60_000, everyMs: 100 });
  for (const each of workers) expect(await each.kill('SIGTERM')).toBe(0);

  expect((await figures()).map((each) => each.generated).toSorted((a, b) => a - b)).toEqual([0, 0, accounts]);
  const [rows] = await app.sql(
    `select count(*)::int as notifications, count(distinct n.account_id)::int as accounts, count(distinct n.seq)::int as numbers, count(distinct c.id)::int as communications,
       count(*) filter (where n.total = 10)::int as whole, (select count(distinct object_id)::int from notified_item) as bills, (select count(*)::int from notified_item) as items
     from notification n left join communication c on c.id = n.id`,
  );
  expect(rows).toEqual({
    notifications: accounts,
    accounts,
    numbers: accounts,
    communications: accounts,
    whole: accounts,
    bills: accounts * 2,
    items: accounts * 2,
  });
});

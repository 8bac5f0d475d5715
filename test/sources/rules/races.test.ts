import { expect, test } from 'vitest';
import { engine } from '../../../src/access/viewer.js';
import { withCatalogue } from '../../../src/catalogue/current.js';
import { transact } from '../../../src/graphql/request.js';
import { releaseHeld } from '../../../src/sources/rules/release.js';
import { actOnEvents, pruneEvents } from '../../../src/sources/rules/worker.js';
import { openApp } from '../../support/app.js';
import { rulesOf, text } from './support.js';

// The workers are our own here: two processes whose duties we call ourselves.
const app = await openApp({ env: { ROLE: 'api' } });
const other = await openApp({ env: { ROLE: 'api', DATABASE_URL: app.databaseUrl } });
const { create, record, upsert } = rulesOf(app);
const act = async (of: typeof app) =>
  await withCatalogue(of.context(engine), async () => {
    while (await transact(of.context(engine), actOnEvents));
  });

test('an event meets a rule once, however many workers look, and however often it is offered', async () => {
  await upsert({
    contacts: Array.from({ length: 50 }, (_, n) => ({
      externalId: `c${n}`,
      name: `Contact ${n}`,
      emails: [{ address: `c${n}@example.org` }],
    })),
    objects: Array.from({ length: 50 }, (_, n) => ({
      type: 'payment',
      externalId: `p${n}`,
      contact: `c${n}`,
      fields: { amount: String(n) },
    })),
  });
  for (const name of ['One', 'Two', 'Three'])
    await create({
      name,
      objectType: 'payment',
      events: ['posted'],
      conditions: [{ field: 'payment.amount', operator: 'GTE', value: 10 }],
      messages: [{ medium: 'EMAIL', content: text('#payment.amount') }],
    });
  for (let round = 0; round < 4; round++)
    await record(...Array.from({ length: 500 }, (_, n) => ({ object: { type: 'payment', externalId: `p${n % 50}` }, event: 'posted' })));
  await Promise.all([act(app), act(other), act(app), act(other)]);
  const counts = async () =>
    await app.sql(`select (select count(*)::int from event_waiting) as waiting, (select count(*)::int from rule_outcome) as outcomes,
      (select count(*)::int from communication) as communications, (select count(distinct (rule_id, event_seq))::int from communication) as distinct,
      (select count(*)::int from queue_entry) as queued`);
  const expected = [{ waiting: 0, outcomes: 6_000, communications: 4_800, distinct: 4_800, queued: 4_800 }];
  expect(await counts()).toEqual(expected);
  // Offered again, as after a restore of the waiting list alone: what has an outcome is left alone.
  await app.sql('insert into event_waiting select seq from event limit 700');
  await Promise.all([act(app), act(other)]);
  expect(await counts()).toEqual(expected);
});

test('a worker that dies in the middle leaves everything as it was, for another one', async () => {
  await record(...Array.from({ length: 20 }, (_, n) => ({ object: { type: 'payment', externalId: `p${n + 20}` }, event: 'posted' })));
  const [before] = await app.sql('select count(*)::int as n from communication');
  const died = transact(app.context(engine), async (ctx) => {
    await actOnEvents(ctx);
    throw new Error('killed before the commit');
  });
  await expect(died).rejects.toThrow('killed');
  expect(await app.sql('select count(*)::int as n from communication')).toEqual([before]);
  expect(await app.sql('select count(*)::int as n from event_waiting')).toEqual([{ n: 20 }]);
  await act(other);
  expect(await app.sql('select count(*)::int as n from communication')).toEqual([{ n: before?.['n'] + 60 }]);
});

test('what was held is made once, however many workers release it', async () => {
  await create({
    name: 'Held',
    objectType: 'payment',
    events: ['failed'],
    timing: { after: { amount: 1, unit: 'HOUR' } },
    messages: [{ medium: 'EMAIL', content: text('#payment.amount') }],
  });
  const occurredAt = new Date(Date.now() - 7_200_000).toISOString();
  for (let round = 0; round < 3; round++)
    await record(
      ...Array.from({ length: 500 }, (_, n) => ({ object: { type: 'payment', externalId: `p${n % 50}` }, event: 'failed', occurredAt })),
    );
  await act(app);
  const [before] = await app.sql('select count(*)::int as n from communication');
  const release = async (of: typeof app) => {
    while (await transact(of.context(engine), releaseHeld));
  };
  await Promise.all([release(app), release(other), release(app), release(other)]);
  await release(app);
  expect(await app.sql('select count(*)::int as n from communication')).toEqual([{ n: before?.['n'] + 1_500 }]);
  expect(
    await app.sql("select count(distinct communication_id)::int as n from rule_outcome where state = 'CREATED' and due_at is not null"),
  ).toEqual([{ n: 1_500 }]);
});

test('events and outcomes are forgotten after their time; what waits is not', async () => {
  await app.sql("update event set recorded_at = recorded_at - interval '40 days'");
  await app.sql("update rule_outcome set state = 'HELD', due_at = 'infinity' where event_seq = (select min(seq) from event)");
  while (await transact(app.context(engine), pruneEvents));
  expect(await app.sql('select state, count(*)::int as n from rule_outcome group by 1')).toEqual([{ state: 'HELD', n: 3 }]);
  await app.sql("update event set recorded_at = recorded_at - interval '60 days'");
  while (await transact(app.context(engine), pruneEvents));
  expect(await app.sql('select count(*)::int as n from event')).toEqual([{ n: 1 }]);
});

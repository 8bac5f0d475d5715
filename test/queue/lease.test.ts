import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { fill, lease, makeSystem, rowId } from '../support/queue.js';
import { statementsOf } from '../support/statements.js';

const app = await openApp({ env: { ROLE: 'api' } });

test('a lease is shown to the caller that holds it, and to nobody else', async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts: [{ externalId: 'l-1', name: 'Ada' }] },
  });
  const { createExternalSystem } = await app.call(`mutation {
    createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } }
  }`);
  const { id } = createExternalSystem.externalSystem as { id: string };
  await app.call(`mutation {
    createCommunication(input: { contactExternalId: "l-1", medium: DEVICE, externalSystemId: "${id}", body: "Hello" }) { communication { id } }
  }`);
  const leases = 'mutation { leaseQueueEntries(input: {}) { entries { lease { token expiresAt attempt } } } }';
  const [{ lease }] = (await app.call(leases, {}, ['EXTERNAL_SYSTEM', 'portal'])).leaseQueueEntries.entries;
  expect(lease.attempt).toBe(1);

  const queue = `{ queueEntries(externalSystemId: "${id}") { nodes { lease { token expiresAt attempt } } } }`;
  const seen = async (as: Parameters<typeof app.call>[2]) => (await app.call(queue, {}, as)).queueEntries.nodes[0].lease;
  expect(await seen(['EXTERNAL_SYSTEM', 'portal'])).toEqual(lease);
  expect(await seen('ADMIN')).toBeNull();
  const inbox = await app.call('{ inbox { nodes { lease { token } } } }', {}, ['CONTACT', 'l-1']);
  expect(inbox.inbox.nodes).toEqual([{ lease: null }]);
});

test('the contents of what is leased are read for whoever asks for them, and for nobody else', async () => {
  const system = await makeSystem(app);
  const ids = await fill(app, system, 3);
  const lease = async (selection: string) => {
    const text = `mutation { leaseQueueEntries(input: { limit: 1 }) { entries { ${selection} lease { token attempt } } } }`;
    let entry: Record<string, any> = {};
    const sent = await statementsOf(async () => {
      entry = (await app.call(text, {}, system.as)).leaseQueueEntries.entries[0];
    });
    return { entry, reads: sent.filter((each) => each.includes('join communication c on c.id = l.id')).length };
  };
  const bare = await lease('__typename id number');
  expect(bare.entry).toEqual({
    __typename: 'QueueEntry',
    id: ids[0],
    number: expect.stringMatching(/^QE\d{6,}$/),
    lease: { token: expect.any(String), attempt: 1 },
  });
  expect(bare.reads).toBe(0);
  const whole = await lease('id number state body communication { number } contact { id }');
  expect(whole.entry).toMatchObject({ id: ids[1], state: 'PENDING', body: 'Hello' });
  expect(whole.entry['communication'].number.slice(2)).toBe(whole.entry['number'].slice(2));
  expect(whole.reads).toBe(1);
  const [third] = (
    await app.call(
      'mutation { leaseQueueEntries(input: {}) { ...F } } fragment F on LeaseQueueEntriesPayload { entries { id createdAt } }',
      {},
      system.as,
    )
  ).leaseQueueEntries.entries;
  expect(third).toEqual({ id: ids[2], createdAt: expect.any(String) });
});

test('G2 a system that calls from everywhere at once does not keep another one waiting, and none of them stands still', async () => {
  const [large, small] = [await makeSystem(app), await makeSystem(app)];
  await fill(app, large, 300);
  const [first = ''] = await fill(app, small, 1);
  await app.sql(`create function take_time() returns trigger language plpgsql as $$ begin perform pg_sleep(0.02); return new; end $$`);
  await app.sql(
    `create trigger take_time before update on queue_entry for each row when (old.external_system_id = '${large.row}') execute function take_time()`,
  );
  onTestFinished(async () => void (await app.sql('drop trigger take_time on queue_entry')));
  let [answered, before] = [0, 0];
  // More than there are connections.
  const calls = Array.from({ length: 150 }, async () => {
    const leased = await lease(app, large.as, { limit: 2 });
    answered += 1;
    return leased;
  });
  const own = lease(app, small.as, { limit: 5 }).then((leased) => {
    before = answered;
    return leased;
  });
  expect(await own).toMatchObject([{ id: first }]);
  expect(before).toBeLessThan(50);
  const leased = (await Promise.all(calls)).flat().map((each) => each.id);
  expect(new Set(leased).size).toBe(300);
});

test('G2 a call that fails in its turn leaves it to the next one', async () => {
  const system = await makeSystem(app);
  const [id = ''] = await fill(app, system, 1);
  const bad = Array.from(
    { length: 10 },
    async () => await app.ask('mutation { leaseQueueEntries(input: { limit: 0 }) { entries { id } } }', {}, system.as),
  );
  for (const { errors } of await Promise.all(bad)) expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect(await lease(app, system.as, { limit: 5 })).toMatchObject([{ id }]);
});

test('G2 an operation that does more than to lease, and is held up, keeps no turn from others', async () => {
  const [held, other] = [await makeSystem(app), await makeSystem(app)];
  const ids = await fill(app, held, 3);
  await fill(app, other, 10);
  const [entry] = await lease(app, held.as, { limit: 1, leaseSeconds: 600 });
  await lease(app, other.as, { limit: 1 });
  const locker = new Client({ connectionString: app.databaseUrl });
  await locker.connect();
  await locker.query('begin');
  await locker.query('select from queue_entry where id = $1 for update', [rowId(ids[0] ?? '')]);
  const both = `mutation ($c: CompleteQueueEntriesInput!) {
    leaseQueueEntries(input: { limit: 1 }) { entries { id } } completeQueueEntries(input: $c) { results { error { code } } } }`;
  const variables = { c: { entries: [{ id: entry?.id, leaseToken: entry?.lease.token }] } };
  const waiting = [0, 1].map(async () => await app.ask(both, variables, held.as));
  const waits = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  await eventually(async () => (await app.sql(waits)).length === 2);
  for (let n = 0; n < 5; n++) expect((await lease(app, other.as, { limit: 1 })).length).toBe(1);
  await locker.query('rollback');
  await locker.end();
  for (const { errors } of await Promise.all(waiting)) expect(errors).toBeUndefined();
});

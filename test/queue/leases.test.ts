import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { publicId } from '../../src/graphql/node.js';
import { transact } from '../../src/graphql/request.js';
import { rangesAbove } from '../../src/queue/floors.js';
import { leasedStream } from '../../src/queue/leasedStream.js';
import { parkExhausted } from '../../src/queue/systemLease.js';
import { eventually, openApp } from '../support/app.js';
import { type Live, subscribe } from '../support/live.js';
import { fill, type Leased, lease, makeSystem, rowId, type System, settle, stateOf } from '../support/queue.js';

const app = await openApp({ env: { ROLE: 'api' } });

type Entry = Leased & { at: number };

/** A subscriber that notes when each entry came. */
async function work(system: System, more = ''): Promise<Live<Entry>> {
  const query = `subscription { queueEntryLeased(${more || 'maxInFlight: 100'}) { id lease { token expiresAt attempt } } }`;
  const live = await subscribe<Entry>(app, query, {}, system.as);
  const { push } = live.events;
  live.events.push = (...events) =>
    push.apply(
      live.events,
      events.map((each) => ({ ...each, at: Date.now() })),
    );
  return live;
}
const settled = ({ id, lease: { token } }: Leased) => ({ id, leaseToken: token });
/** Ends the leases that are out, as if their time had passed. */
const endLeases = async (system: System) =>
  void (await app.sql(`update queue_entry set due_at = clock_timestamp() where external_system_id = $1 and lease_token is not null`, [
    system.row,
  ]));
const update = async (system: System, input: object) =>
  await app.call('mutation ($input: UpdateExternalSystemInput!) { updateExternalSystem(input: $input) { externalSystem { id } } }', {
    input: { externalSystemId: system.id, ...input },
  });

test('XU2 J7 each entry that waits goes to exactly one of the subscribers, and all of them get work', async () => {
  const system = await makeSystem(app);
  const workers = await Promise.all([work(system), work(system), work(system)]);
  const ids = await fill(app, system, 240);
  await app.sql(`insert into change_outbox (kind, external_system_id) values ('queue.filled', $1)`, [system.row]);
  const seen = () => workers.flatMap((each) => each.events.map(({ id }) => id));
  await eventually(() => seen().length >= ids.length);
  expect(seen().toSorted()).toEqual(ids.toSorted());
  expect(workers.every((each) => each.events.length > 0)).toBe(true);
});

test('XU2 what is not settled when its lease ends goes to another subscriber, within a second', async () => {
  const system = await makeSystem(app);
  const first = await work(system, 'leaseSeconds: 1, maxInFlight: 2');
  const ids = await fill(app, system, 2);
  await eventually(() => first.events.length === 2);
  const second = await work(system, 'leaseSeconds: 20, maxInFlight: 2');
  await eventually(() => second.events.length === 2);
  for (const { id, lease: of, at } of second.events) {
    expect(ids).toContain(id);
    expect(of.attempt).toBe(2);
    const before = first.events.find((each) => each.id === id);
    const late = at - Date.parse(before?.lease.expiresAt ?? '');
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
  }
  expect(first.events.length).toBe(2);
});

test('XU2 a subscriber that is alone gets it again', async () => {
  const system = await makeSystem(app);
  const only = await work(system, 'leaseSeconds: 1');
  await fill(app, system, 1);
  await only.until((each) => each.lease.attempt === 2);
});

test('XU2 what a subscriber holds goes back when its socket ends; what it had not been sent yet counts as no try', async () => {
  const system = await makeSystem(app);
  await fill(app, system, 3);
  const first = await work(system, 'maxInFlight: 1, leaseSeconds: 600');
  const [held] = await eventually(() => (first.events.length > 0 ? first.events : undefined));
  const second = await work(system, 'maxInFlight: 100');
  await eventually(() => second.events.length === 2);
  await first.close();
  const again = await second.until((each) => each.id === held?.id, 2_000);
  expect(again.lease.attempt).toBe(2);
});

test('XU2 at most maxInFlight unsettled entries are out to a subscriber; each settlement makes room', async () => {
  const system = await makeSystem(app);
  const worker = await work(system, 'maxInFlight: 3');
  await fill(app, system, 10);
  for (let done = 0; done < 10; done++) {
    await eventually(() => worker.events.length === Math.min(10, done + 3));
    const [count] = await app.sql('select count(*)::int as n from queue_entry where external_system_id = $1 and lease_token is not null', [
      system.row,
    ]);
    expect(count?.['n']).toBeLessThanOrEqual(3);
    const entry = worker.events[done];
    if (!entry) throw new Error('It was awaited');
    expect(await settle(app, system.as, 'complete', [settled(entry)])).toEqual(['COMPLETED']);
  }
});

test('XU2 PR9 an old token is refused: while another holds the entry, and after it settled it; the state never goes back', async () => {
  const system = await makeSystem(app);
  const [id = ''] = await fill(app, system, 1);
  const [old] = await lease(app, system.as);
  if (!old) throw new Error('Nothing was leased');
  await endLeases(system);
  expect(await settle(app, system.as, 'complete', [settled(old)])).toEqual(['CONFLICT']);
  const [next] = await lease(app, system.as);
  if (!next) throw new Error('Nothing was leased');
  expect(next.id).toBe(id);
  expect(await settle(app, system.as, 'complete', [settled(old)])).toEqual(['CONFLICT']);
  expect(await settle(app, system.as, 'reject', [{ ...settled(old), reason: 'late' }])).toEqual(['CONFLICT']);
  expect(await settle(app, system.as, 'complete', [{ id }])).toEqual(['CONFLICT']);
  expect(await settle(app, system.as, 'complete', [settled(next)])).toEqual(['COMPLETED']);
  expect(await settle(app, system.as, 'complete', [settled(old), settled(next), { id }])).toEqual(['CONFLICT', 'COMPLETED', 'COMPLETED']);
  expect(await settle(app, system.as, 'reject', [{ ...settled(old), reason: 'late' }])).toEqual(['INVALID_STATE_TRANSITION']);
  expect((await stateOf(app, id)).state).toBe('COMPLETED');
});

test('XU2 an entry whose leases have ended as often as the system allows is REJECTED, not before and not after', async () => {
  const system = await makeSystem(app, { maxAttempts: 3 });
  const [id = ''] = await fill(app, system, 2);
  for (const attempt of [1, 2, 3]) {
    const leased = await lease(app, system.as);
    expect(leased.map((each) => each.lease.attempt)).toEqual([attempt, attempt]);
    await endLeases(system);
  }
  expect((await stateOf(app, id)).state).toBe('PENDING');
  const [fresh = ''] = await fill(app, system, 1);
  expect((await lease(app, system.as)).map((each) => each.id)).toEqual([fresh]);
  expect(await stateOf(app, id)).toEqual({ state: 'REJECTED', code: 'LEASE_ATTEMPTS' });
  expect(await lease(app, system.as)).toEqual([]);
});

test('XU2 where nobody leases any more, a sweep parks what has used up its tries; a lease that is held is left alone', async () => {
  const system = await makeSystem(app, { maxAttempts: 1 });
  const ids = await fill(app, system, 2);
  const [gone, held] = await lease(app, system.as);
  await app.sql('update queue_entry set due_at = clock_timestamp() where id = $1', [rowId(gone?.id ?? '')]);
  await transact(app.context(), parkExhausted);
  expect(ids).toContain(gone?.id);
  expect(await stateOf(app, gone?.id ?? '')).toEqual({ state: 'REJECTED', code: 'LEASE_ATTEMPTS' });
  expect((await stateOf(app, held?.id ?? '')).state).toBe('PENDING');
});

test('XU2 urgent entries go first, then the oldest; what comes back is found although newer ones were taken since', async () => {
  const system = await makeSystem(app);
  const late = await fill(app, system, 30, { priority: 7 });
  const [a, b, c] = await fill(app, system, 3, { priority: 3 });
  const take = async (limit: number) => (await lease(app, system.as, { limit })).map((each) => each.id);
  expect(await take(5)).toEqual([a, b, c, late[0], late[1]]);
  expect(await take(10)).toEqual(late.slice(2, 12));
  const [urgent] = await fill(app, system, 1, { priority: 1 });
  expect(await take(2)).toEqual([urgent, late[12]]);
  await endLeases(system);
  // Within a second at the latest, also while there is enough newer work; at once where there is not.
  const rest = await take(1_000);
  expect(rest.length).toBe(34);
  expect(rest.slice(0, 4)).toEqual([urgent, a, b, c]);
});

test('the ranges of a claim leave out what lies below a floor, and nothing else', () => {
  const inside = (floors: Map<number, number>, priority: number, seq: number) =>
    rangesAbove(floors).filter(({ lo, hi, floor }) => priority >= lo && priority <= hi && (priority > lo || seq >= floor)).length;
  const floors = new Map([
    [5, 100],
    [3, 50],
    [6, 1],
  ]);
  for (const [priority, seq, times] of [
    [3, 49, 0],
    [3, 50, 1],
    [4, 1, 1],
    [5, 99, 0],
    [5, 100, 1],
    [6, 1, 1],
    [7, 1, 1],
    [-1, 1, 1],
  ] as const)
    expect([priority, seq, inside(floors, priority, seq)]).toEqual([priority, seq, times]);
});

test('XU2 PR9 what a subscriber has not read when its leases end is not handed to it any more, and counts as no try', async () => {
  const system = await makeSystem(app, { maxAttempts: 2 });
  const ids = await fill(app, system, 4);
  const ctx = app.context({ role: 'EXTERNAL_SYSTEM', subject: system.code });
  const slow = leasedStream({ ctx, systemId: system.row, leaseSeconds: 1, maxInFlight: 4 });
  onTestFinished(async () => void (await slow.return?.()));
  const { value: first } = await slow.next();
  expect(publicId('QueueEntry', first.id)).toBe(ids[0]);
  // It reads no further; all four leases end, and three become another's.
  await eventually(
    async () =>
      (
        await app.sql('select 1 where (select max(due_at) from queue_entry where external_system_id = $1) < clock_timestamp()', [
          system.row,
        ])
      ).length > 0,
  );
  const taken = await lease(app, system.as, { limit: 3, leaseSeconds: 600 });
  expect(taken.map((each) => each.id)).toEqual(ids.slice(0, 3));
  const { value: next } = await slow.next();
  expect([publicId('QueueEntry', next.id), next.lease.attempt]).toEqual([ids[3], 1]);
  expect(await settle(app, system.as, 'complete', taken.map(settled))).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
});

test('XU2 a lease that names no time lasts as long as its system says', async () => {
  const system = await makeSystem(app, { leaseSeconds: 300 });
  await fill(app, system, 1);
  const [leased] = await lease(app, system.as);
  const seconds = (Date.parse(leased?.lease.expiresAt ?? '') - Date.now()) / 1_000;
  expect(seconds).toBeGreaterThan(200);
  expect(seconds).toBeLessThan(310);
});

test('X1 a stream of a system that is disabled ends with a clear error, and what it held goes back', async () => {
  const system = await makeSystem(app, { name: 'Stopped' });
  const worker = await work(system);
  await fill(app, system, 1);
  await eventually(() => worker.events.length === 1);
  await update(system, { enabled: false });
  await expect(worker.until(() => false, 5_000)).rejects.toThrow(/The external system Stopped is disabled.*CONFLICT/s);
  expect(await app.sql('select 1 from queue_entry where external_system_id = $1 and lease_token is not null', [system.row])).toEqual([]);
});

test('a subscriber of one system is not kept waiting by another one’s backlog', async () => {
  const systems = await Promise.all(Array.from({ length: 10 }, () => makeSystem(app)));
  for (const [index, system] of systems.entries()) await fill(app, system, index === 0 ? 20 : 2_000);
  const workers = await Promise.all(systems.map((each) => work(each, 'maxInFlight: 1000')));
  const [small] = workers;
  await eventually(() => small?.events.length === 20);
  // And the others were not starved.
  await eventually(() => workers.every((each) => each.events.length >= 20));
});

test('a claim does not walk over what was settled before: its plan begins at the floor', async () => {
  const system = await makeSystem(app);
  await app.sql('alter table queue_entry set (autovacuum_enabled = false)');
  const dead = await fill(app, system, 20_000);
  await app.sql('delete from queue_entry where external_system_id = $1', [system.row]);
  const waiting = await fill(app, system, 2_000);
  await app.sql('analyze queue_entry');
  const seqs = await app.sql('select seq from queue_entry where id = $1', [rowId(waiting[0] ?? '')]);
  const pagesRead = async (floor: number) => {
    const ranges = rangesAbove(new Map([[5, floor]]));
    const [{ 'QUERY PLAN': plan }] = (await app.sql(
      `explain (analyze, buffers, format json) select q.id from unnest($2::smallint[], $3::bigint[], $4::smallint[]) as f (lo, floor, hi) cross join lateral (
         select id from queue_entry where external_system_id = $1 and (priority, seq) >= (f.lo, f.floor) and priority <= f.hi and due_at <= clock_timestamp()
         order by priority, seq limit 100) q limit 100`,
      [system.row, ranges.map((each) => each.lo), ranges.map((each) => each.floor), ranges.map((each) => each.hi)],
    )) as [{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }];
    return (plan[0].Plan['Shared Hit Blocks'] ?? 0) + (plan[0].Plan['Shared Read Blocks'] ?? 0);
  };
  expect(dead.length).toBe(20_000);
  const [withFloor, without] = [await pagesRead(Number(seqs[0]?.['seq'])), await pagesRead(0)];
  expect(withFloor).toBeLessThan(40);
  expect(without).toBeGreaterThan(withFloor * 3);
  await app.sql('alter table queue_entry reset (autovacuum_enabled)');
});

test('XU2 PR9 a lease that ends while its settlement or its extension waits for the entry has ended', async () => {
  const system = await makeSystem(app);
  const extend = 'mutation ($input: ExtendLeasesInput!) { extendLeases(input: $input) { results { error { code } } } }';
  for (const verb of ['complete', 'extend']) {
    await fill(app, system, 1);
    const [held] = await lease(app, system.as, { limit: 1, leaseSeconds: 1 });
    if (!held) throw new Error('There was an entry to lease');
    const holder = new Client({ connectionString: app.databaseUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from queue_entry where id = $1 for update', [rowId(held.id)]);
    const answer =
      verb === 'complete'
        ? settle(app, system.as, 'complete', [settled(held)])
        : app.call(extend, { input: { entries: [settled(held)], leaseSeconds: 60 } }, system.as);
    await eventually(
      async () =>
        (
          await app.sql(
            `select from pg_stat_activity a where wait_event_type = 'Lock' and datname = current_database()
               and exists (select from queue_entry where id = $1 and due_at <= clock_timestamp())`,
            [rowId(held.id)],
          )
        ).length > 0,
    );
    await holder.query('rollback');
    await holder.end();
    if (verb === 'complete') expect(await answer).toEqual(['CONFLICT']);
    else expect(await answer).toMatchObject({ extendLeases: { results: [{ error: { code: 'CONFLICT' } }] } });
    expect(await stateOf(app, held.id)).toMatchObject({ state: 'PENDING' });
    await endLeases(system);
    const [again] = await lease(app, system.as, { limit: 1 });
    expect(await settle(app, system.as, 'complete', again ? [settled(again)] : [])).toEqual(['COMPLETED']);
  }
});

test('XU2 PR9 a lease of which a part fails answers with what it has been given: nothing is held by nobody', async () => {
  const warm = await makeSystem(app);
  // A text that was met often is compiled, and its claims are committed one by one.
  for (let n = 0; n < 20; n++) await lease(app, warm.as, { limit: 10 });
  const system = await makeSystem(app, { maxAttempts: 1 });
  const [tired = '', fresh = ''] = await fill(app, system, 2);
  await lease(app, system.as, { limit: 1, leaseSeconds: 1 });
  await endLeases(system);
  await app.sql(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`);
  await app.sql(
    `create trigger refuse before update on communication for each row when (old.id = '${rowId(tired)}') execute function refuse()`,
  );
  onTestFinished(async () => void (await app.sql('drop trigger refuse on communication')));
  expect(await lease(app, system.as, { limit: 10 })).toMatchObject([{ id: fresh, lease: { attempt: 1 } }]);
});

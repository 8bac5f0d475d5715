import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { engine, type Viewer } from '../../src/access/viewer.js';
import { transact } from '../../src/graphql/request.js';
import { lockEntries } from '../../src/queue/lock.js';
import type { Move } from '../../src/queue/move.js';
import { settleOrdinary } from '../../src/queue/ordinary.js';
import { refusal, settle } from '../../src/queue/settle.js';
import { settlerOf } from '../../src/queue/settler.js';
import { openApp } from '../support/app.js';
import { fill, makeSystem, rowId, type System } from '../support/queue.js';
import { statementsOf } from '../support/statements.js';

const app = await openApp({ env: { ROLE: 'api' } });
const [right, wrong] = [randomUUID(), randomUUID()];
let system: System;
let viewers: Viewer[];

beforeAll(async () => {
  system = await makeSystem(app, { contactInbox: true });
  const other = await makeSystem(app);
  await app.sql(`insert into contact (external_id, name) values ('reader', 'Reader'), ('neighbour', 'Neighbour')`);
  viewers = [
    engine,
    { role: 'AGENT', subject: 'agent' },
    { role: 'EXTERNAL_SYSTEM', subject: system.code },
    { role: 'EXTERNAL_SYSTEM', subject: other.code },
    { role: 'CONTACT', subject: 'reader' },
    { role: 'CONTACT', subject: 'neighbour' },
  ];
});

async function addEntries(count: number): Promise<string[]> {
  const ids = (await fill(app, system, count)).map(rowId);
  await app.sql(`update communication set contact_id = (select id from contact where external_id = 'reader') where id = any($1)`, [ids]);
  return ids;
}

/** Every way in which an entry that waits can meet a move. */
const cases = (['none', 'held', 'ended'] as const).flatMap((lease) =>
  [null, right, wrong].flatMap((leaseToken) =>
    [false, true].flatMap((expired) => (['COMPLETED', 'REJECTED'] as const).map((to) => ({ lease, leaseToken, expired, to }))),
  ),
);

test('what is settled at once is what the rules allow to its caller, alone and together with others', async () => {
  for (const viewer of viewers) {
    for (const together of [false, true]) {
      if (together && viewer.role !== 'CONTACT' && viewer.role !== 'EXTERNAL_SYSTEM') continue;
      const ids = await addEntries(cases.length);
      const those = (wanted: (of: (typeof cases)[number]) => boolean) =>
        ids.filter((_, n) => wanted(cases[n] ?? { lease: 'none', leaseToken: null, expired: false, to: 'COMPLETED' }));
      const lease = `update queue_entry set lease_token = $2, due_at = clock_timestamp() + make_interval(mins => $3) where id = any($1)`;
      await app.sql(lease, [those((of) => of.lease === 'held'), right, 60]);
      await app.sql(lease, [those((of) => of.lease === 'ended'), right, -60]);
      const gone = those((of) => of.expired);
      for (const table of ['communication', 'queue_entry'])
        await app.sql(`update ${table} set expires_at = clock_timestamp() - interval '1 s' where id = any($1)`, [gone]);

      const moves = cases.map(({ to, leaseToken }, n): Move => ({ id: ids[n] ?? '', to, leaseToken }));
      await transact(app.context(viewer), async (ctx) => {
        const entries = await lockEntries(ctx, ids);
        const refused = moves.map((move) => refusal(move, entries.get(move.id), settlerOf(viewer)) !== undefined);
        const parts = moves.map((move) => ({ viewer, items: [move] }));
        const settled = together
          ? await settleOrdinary(ctx, parts)
          : new Set(
              (await Promise.all(parts.map(async (each) => (await settleOrdinary(ctx, [each])).size))).flatMap((n, at) => (n ? at : [])),
            );
        for (const [n, each] of cases.entries()) {
          // What has expired is nobody's to settle but the engine's, and is not ordinary.
          expect({ viewer, together, ...each, settled: settled.has(n) }).toEqual({
            viewer,
            together,
            ...each,
            settled: !refused[n] && !each.expired,
          });
        }
      });
    }
  }
});

test('a part of which one move is not ordinary is left as it was', async () => {
  const ids = await addEntries(6);
  await app.sql("update queue_entry set lease_token = $2, due_at = now() + interval '1 hour' where id = $1", [ids[4], right]);
  const move = (id: string): Move => ({ id, to: 'COMPLETED' });
  const viewer: Viewer = { role: 'EXTERNAL_SYSTEM', subject: system.code };
  const parts = [ids.slice(0, 3), ids.slice(3), [ids[0] ?? '']].map((of) => ({ viewer, items: of.map(move) }));
  expect(await transact(app.context(viewer), async (ctx) => await settleOrdinary(ctx, parts))).toEqual(new Set([0]));
  const waiting = await app.sql<{ id: string }>(`select id from communication where id = any($1) and state = 'PENDING' order by seq`, [
    ids,
  ]);
  expect(waiting.map((each) => each.id)).toEqual(ids.slice(3));
});

test('a hundred entries are settled by one statement', async () => {
  const ids = await addEntries(100);
  const sent = await statementsOf(async () => {
    await transact(
      app.context(viewers[2]),
      async (ctx) =>
        await settle(
          ctx,
          ids.map((id) => ({ id, to: 'COMPLETED' }) as const),
        ),
    );
  });
  expect(sent.filter((each) => each.includes('queue_entry') && each.includes('communication'))).toHaveLength(1);
});

test('callers that settle the same entries at the same time, some by wrong tokens, never stop each other', {
  timeout: 60_000,
}, async () => {
  for (let round = 0; round < 15; round++) {
    const ids = await addEntries(30);
    await app.sql("update queue_entry set lease_token = $2, due_at = now() + interval '1 hour' where id = any($1)", [ids, right]);
    const callers = [viewers[2], viewers[4], viewers[2], viewers[1]];
    const outcomes = await Promise.all(
      callers.map(async (viewer) => {
        const mine = ids.filter(() => Math.random() < 0.8).toSorted(() => Math.random() - 0.5);
        const moves = mine.map((id): Move => ({ id, to: 'COMPLETED', leaseToken: Math.random() < 0.8 ? right : wrong }));
        return await transact(app.context(viewer), async (ctx) => await settle(ctx, moves));
      }),
    );
    const changed = outcomes.flat().filter((each) => each.changed);
    expect(new Set(changed.map((each) => each.id)).size).toBe(changed.length);
    const [row] = await app.sql(`select count(*)::int as n from communication where id = any($1) and state = 'COMPLETED'`, [ids]);
    expect(row?.['n']).toBe(changed.length);
  }
});

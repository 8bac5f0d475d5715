import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transact } from '../../src/graphql/request.js';
import { leaseEngineEntries } from '../../src/queue/lease.js';
import type { Settleable } from '../../src/queue/lock.js';
import type { Move } from '../../src/queue/move.js';
import { postpone } from '../../src/queue/retry.js';
import { refusal, settle } from '../../src/queue/settle.js';
import { openApp } from '../support/app.js';
import { buildEntry } from '../support/build.js';

const app = await openApp({ env: { ROLE: 'api' } });

const final = ['COMPLETED', 'REJECTED', 'COMPLETED_AND_REMOVED'] as const;
const allowed: Record<string, readonly string[]> = {
  PENDING: final,
  COMPLETED: ['COMPLETED_AND_REMOVED'],
  REJECTED: [],
  COMPLETED_AND_REMOVED: [],
};

const entry = fc.record<Settleable>({
  id: fc.constant('e'),
  state: fc.constantFrom('PENDING', 'COMPLETED', 'REJECTED', 'COMPLETED_AND_REMOVED'),
  expired: fc.boolean(),
  gone: fc.boolean(),
  leaseToken: fc.constantFrom(null, 'a', 'b'),
  leased: fc.boolean(),
  settledToken: fc.constantFrom(null, 'a', 'b'),
  contactId: fc.constant('c'),
  externalSystemId: fc.constantFrom(null, 's'),
  runId: fc.constant(null),
  viewedAt: fc.constant(null),
});

test('C30 a move is allowed exactly where the life cycle, the clock and the lease allow it', () => {
  fc.assert(
    fc.property(
      entry,
      fc.constantFrom(...final),
      fc.constantFrom(null, 'a', 'b', 'c'),
      fc.constantFrom('ENGINE', 'CONTACT', 'SYSTEM'),
      (of, to, leaseToken, by) => {
        const error = refusal({ id: 'e', to, leaseToken }, of, by);
        if (of.state === to) return (error === undefined) === (leaseToken === null || leaseToken === of.settledToken);
        if (!allowed[of.state]?.includes(to)) return error?.code === 'INVALID_STATE_TRANSITION';
        if (of.state === 'PENDING' && of.expired && by !== 'ENGINE') return error?.code === 'INVALID_STATE_TRANSITION';
        if (by === 'CONTACT') return error === undefined;
        if (leaseToken !== null && of.state === 'COMPLETED' && leaseToken === of.settledToken) return error === undefined;
        if (leaseToken !== null) {
          const holds = leaseToken === of.leaseToken && (of.leased || by === 'ENGINE');
          return holds ? error === undefined : error?.code === 'CONFLICT';
        }
        return of.leased && !(by === 'ENGINE' && of.expired) ? error?.code === 'CONFLICT' : error === undefined;
      },
    ),
    { numRuns: 2_000 },
  );
});

const settleAll = (moves: Move[]) => transact(app.context(), (ctx) => settle(ctx, moves));

test('of many moves at once each is answered on its own, and a repeated one changes nothing', async () => {
  const [a, b] = [await buildEntry(app), await buildEntry(app)];
  const unknown = '01900000-0000-7000-8000-000000000000';
  const moves: Move[] = [
    { id: a.id, to: 'COMPLETED' },
    { id: unknown, to: 'COMPLETED' },
    { id: b.id, to: 'REJECTED', rejection: { code: 'EXTERNAL_SYSTEM', message: 'no such device' } },
    { id: a.id, to: 'COMPLETED' },
  ];
  const outcomes = await settleAll(moves);
  expect(outcomes.map((each) => [each.changed, each.error?.code])).toEqual([
    [true, undefined],
    [false, 'NOT_FOUND'],
    [true, undefined],
    [false, undefined],
  ]);
  expect((await settleAll(moves)).map((each) => each.changed)).toEqual([false, false, false, false]);
  const rows = await app.sql('select state, rejection_code from communication where id = any($1) order by seq', [[a.id, b.id]]);
  expect(rows).toEqual([
    { state: 'COMPLETED', rejection_code: null },
    { state: 'REJECTED', rejection_code: 'EXTERNAL_SYSTEM' },
  ]);
  expect(await app.sql('select 1 from queue_entry where id = any($1)', [[a.id, b.id]])).toEqual([]);
});

test('settlements that meet each other end in one of the states that the table allows, and nobody is told otherwise', async () => {
  const entries = await Promise.all(Array.from({ length: 30 }, () => buildEntry(app)));
  const told = new Map<string, string[]>();
  await Promise.all(
    Array.from({ length: 120 }, async () => {
      const to = final[Math.floor(Math.random() * final.length)] ?? 'COMPLETED';
      const some = entries
        .filter(() => Math.random() < 0.3)
        .map(({ id }): Move => ({ id, to, rejection: { code: 'TEST', message: 'no' } }));
      for (const outcome of await settleAll(some)) if (outcome.changed) told.set(outcome.id, [...(told.get(outcome.id) ?? []), to]);
    }),
  );
  const rows = await app.sql<{ id: string; state: string }>('select id, state from communication where id = any($1)', [
    entries.map((each) => each.id),
  ]);
  for (const { id, state } of rows) {
    const changes = told.get(id) ?? [];
    // Answers may overtake each other; at most two changes can have happened, the second one of them a removal.
    if (changes.length === 0) expect(state).toBe('PENDING');
    else if (changes.length === 1) expect(state).toBe(changes[0]);
    else expect([state, changes.toSorted()]).toEqual(['COMPLETED_AND_REMOVED', ['COMPLETED', 'COMPLETED_AND_REMOVED']]);
  }
});

test('each entry is leased to one worker only, and again when the lease has been given back', async () => {
  await app.sql(`delete from queue_entry`);
  const entries = await Promise.all(Array.from({ length: 50 }, () => buildEntry(app)));
  const lease = () => leaseEngineEntries(app.context(), { media: ['EMAIL'], limit: 10, leaseSeconds: 60, holder: 'test' });
  const batches = await Promise.all(Array.from({ length: 8 }, lease));
  const ids = batches.flat().map((each) => each.id);
  expect(new Set(ids).size).toBe(ids.length);
  const leased = batches.flat()[0];
  if (!leased) throw new Error('Nothing was leased');
  await postpone(app.context(), [{ id: leased.id, leaseToken: leased.leaseToken, afterMs: 0, error: 'try again' }]);
  let again = await lease();
  while (!again.some((each) => each.id === leased.id)) again = await lease();
  expect(again.find((each) => each.id === leased.id)?.attempt).toBe(2);
  // The first lease has ended: what it says now is refused.
  const [late] = await settleAll([{ id: leased.id, to: 'COMPLETED', leaseToken: leased.leaseToken }]);
  expect(late?.error?.code).toBe('CONFLICT');
  expect(entries.length).toBe(50);
});

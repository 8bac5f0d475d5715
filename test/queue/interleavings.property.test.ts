import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../src/access/viewer.js';
import { rows as select } from '../../src/database/sql.js';
import { transact } from '../../src/graphql/request.js';
import { announceExpired } from '../../src/queue/expire.js';
import type { Move } from '../../src/queue/move.js';
import { settle } from '../../src/queue/settle.js';
import { leaseSystemEntries } from '../../src/queue/systemLease.js';
import { viewEntries } from '../../src/queue/view.js';
import { eventually, openApp } from '../support/app.js';
import { type Seen, unexplained } from '../support/linearize.js';
import { fill, makeSystem, rowId, type System } from '../support/queue.js';

const app = await openApp({ env: { ROLE: 'api' } });

/** An entry as the documents describe it, written down once more and apart from the code under test. */
interface Model {
  life: 'PENDING' | 'COMPLETED' | 'REJECTED' | 'COMPLETED_AND_REMOVED';
  expired: boolean;
  lease: { token: string; ended: boolean } | null;
  settledBy: string | null;
  viewed: boolean;
}
type By = 'ENGINE' | 'CONTACT' | 'SYSTEM';
type Answer = 'CHANGED' | 'SAME' | 'CONFLICT' | 'INVALID_STATE_TRANSITION' | 'NOT_FOUND';

const fresh: Model = { life: 'PENDING', expired: false, lease: null, settledBy: null, viewed: false };
const follows: Record<Model['life'], readonly Model['life'][]> = {
  PENDING: ['COMPLETED', 'REJECTED', 'COMPLETED_AND_REMOVED'],
  COMPLETED: ['COMPLETED_AND_REMOVED'],
  REJECTED: [],
  COMPLETED_AND_REMOVED: [],
};

function settling(of: Model, to: Model['life'], token: string | null, by: By): [Answer, Model] {
  if (of.life === to) return [token === null || token === of.settledBy ? 'SAME' : 'CONFLICT', of];
  if (of.life === 'PENDING' && of.expired && by !== 'ENGINE') return ['INVALID_STATE_TRANSITION', of];
  if (!follows[of.life].includes(to)) return ['INVALID_STATE_TRANSITION', of];
  const moved: Model = { ...of, life: to, lease: null, settledBy: token };
  if (by === 'CONTACT') return ['CHANGED', moved];
  const held = of.lease !== null && of.lease.token === token && (!of.lease.ended || by === 'ENGINE');
  if (token !== null) return held || (of.life === 'COMPLETED' && token === of.settledBy) ? ['CHANGED', moved] : ['CONFLICT', of];
  // The engine's sweep may end the lease of what has expired; nobody else ends another's.
  return of.lease !== null && !of.lease.ended && !(by === 'ENGINE' && of.expired) ? ['CONFLICT', of] : ['CHANGED', moved];
}

function viewing(of: Model): [Answer, Model] {
  if (of.life === 'REJECTED' || (of.life === 'PENDING' && of.expired)) return ['INVALID_STATE_TRANSITION', of];
  if (of.viewed || of.life === 'COMPLETED_AND_REMOVED') return ['SAME', of];
  return ['CHANGED', { ...of, viewed: true }];
}

/** Entries of one system, and what four clients saw of each. */
interface Group {
  system: System;
  ids: string[];
  seen: Map<string, Seen<Model>[]>;
  tokens: Map<string, string[]>;
}

let contact = '';
beforeAll(async () => {
  const [row] = await app.sql(`insert into contact (external_id, name) values ('reader', 'Reader') returning id`);
  contact = row?.['id'];
});

const pick = <T>(list: readonly T[]): T => {
  const found = list[Math.floor(Math.random() * list.length)];
  if (found === undefined) throw new Error('Nothing to pick from');
  return found;
};
const answerOf = ({ changed, error }: { changed: boolean; error?: { code: string } }) =>
  (error?.code ?? (changed ? 'CHANGED' : 'SAME')) as Answer;

async function makeGroup(size: number): Promise<Group> {
  const system = await makeSystem(app, { contactInbox: true });
  const ids = (await fill(app, system, size)).map(rowId);
  await app.sql('update communication set contact_id = $2 where id = any($1)', [ids, contact]);
  return { system, ids, seen: new Map(ids.map((id) => [id, []])), tokens: new Map(ids.map((id) => [id, []])) };
}

async function step(group: Group): Promise<void> {
  const { system, ids, seen, tokens } = group;
  const id = pick(ids);
  const from = performance.now();
  const note = (of: string, what: string, after: Seen<Model>['after']) => seen.get(of)?.push({ from, to: performance.now(), what, after });
  const expecting =
    (answer: Answer, move: (state: Model) => [Answer, Model]): Seen<Model>['after'] =>
    (state) => {
      const [would, next] = move(state);
      return would === answer ? [next] : [];
    };
  const viewers: Record<By, Viewer | undefined> = {
    ENGINE: undefined,
    CONTACT: { role: 'CONTACT', subject: 'reader' },
    SYSTEM: { role: 'EXTERNAL_SYSTEM', subject: system.code },
  };
  const open = (by: By) => app.context(viewers[by]);

  switch (pick(['settle', 'settle', 'settle', 'settle', 'view', 'lease', 'lease', 'endLease', 'expire', 'sweep'] as const)) {
    case 'settle': {
      const by = pick(['ENGINE', 'CONTACT', 'SYSTEM'] as const);
      const to = pick(['COMPLETED', 'REJECTED', 'COMPLETED_AND_REMOVED'] as const);
      const leaseToken = pick([
        null,
        tokens.get(id)?.at(-1) ?? null,
        tokens.get(id)?.at(-1) ?? null,
        tokens.get(id)?.[0] ?? null,
        randomUUID(),
      ]);
      const move: Move = { id, to, leaseToken, rejection: { code: 'TEST', message: 'no' } };
      const [outcome] = await transact(open(by), (ctx) => settle(ctx, [to === 'REJECTED' ? move : { id, to, leaseToken }]));
      if (!outcome) throw new Error('Each move has an outcome');
      const answer = answerOf(outcome);
      return void note(
        id,
        `${by} ${to} ${leaseToken}: ${answer}`,
        expecting(answer, (state) => settling(state, to, leaseToken, by)),
      );
    }
    case 'view': {
      const [outcome] = await transact(open(pick(['CONTACT', 'SYSTEM'])), (ctx) => viewEntries(ctx, [id]));
      if (!outcome) throw new Error('Each entry has an outcome');
      const answer = answerOf(outcome);
      return void note(id, `view: ${answer}`, expecting(answer, viewing));
    }
    case 'lease': {
      const options = { systemId: system.row, limit: 2, leaseSeconds: 3_600, holder: 'test' };
      for (const { id: of, lease } of await transact(open('SYSTEM'), (ctx) => leaseSystemEntries(ctx, options))) {
        tokens.get(of)?.push(lease.token);
        note(of, `lease ${lease.token}`, (state) =>
          state.life === 'PENDING' && !state.expired && (state.lease === null || state.lease.ended)
            ? [{ ...state, lease: { token: lease.token, ended: false } }]
            : [],
        );
      }
      return;
    }
    case 'endLease': {
      const text = `with ended as (
        update queue_entry set due_at = clock_timestamp() - interval '1 ms' where id = $1 and lease_token is not null returning 1
      ) select count(*)::int as n from ended`;
      const [row] = await transactSql(text, [id]);
      return void note(id, `end of the lease: ${row?.n}`, (state) => {
        const there = state.life === 'PENDING' && state.lease !== null;
        if (there !== (row?.n === 1)) return [];
        return [there && state.lease ? { ...state, lease: { ...state.lease, ended: true } } : state];
      });
    }
    case 'expire': {
      if (Math.random() < 0.8) return;
      await transactSql(
        `with q as (update queue_entry set expires_at = clock_timestamp() - interval '1 ms' where id = $1 returning id)
         select count(*)::int as n from q`,
        [id],
        `with c as (update communication set expires_at = clock_timestamp() - interval '1 ms' where id = $1 returning id, expires_at)
         insert into entry_expiry select id, expires_at from c on conflict do nothing`,
      );
      return void note(id, 'expires', (state) => [{ ...state, expired: true }]);
    }
    case 'sweep': {
      await transact(open('ENGINE'), announceExpired);
      // Which ones it met is not told.
      for (const of of ids)
        note(of, 'sweep', (state) =>
          state.life === 'PENDING' && state.expired ? [{ ...state, life: 'REJECTED', lease: null, settledBy: null }, state] : [state],
        );
    }
  }
}

async function transactSql(text: string, parameters: unknown[], then?: string): Promise<{ n: number }[]> {
  return await transact(app.context(), async (ctx) => {
    const found = await select<{ n: number }>(ctx, text, parameters);
    if (then) await select(ctx, then, parameters);
    return found;
  });
}

test('PR10 Q5 Q8 Q9 10,000 interleaved moves of four clients: every answer is one that the documents explain, and no state goes back', {
  timeout: 240_000,
}, async () => {
  const operations = 10_000;
  const perGroup = 400;
  const all: string[] = [];
  for (let done = 0; done < operations; done += perGroup) {
    const group = await makeGroup(10);
    all.push(...group.ids);
    const client = async () => {
      for (let n = 0; n < perGroup / 4; n++) await step(group);
    };
    await Promise.all([client(), client(), client(), client()]);
    const rows = await app.sql('select id, state, viewed_at from communication where id = any($1)', [group.ids]);
    for (const { id, state, viewed_at } of rows) {
      const now = performance.now();
      const end: Seen<Model> = {
        from: now,
        to: now,
        what: `in the end ${state}`,
        after: (model) => (model.life === state && model.viewed === (viewed_at !== null) ? [model] : []),
      };
      const why = unexplained([...(group.seen.get(id) ?? []), end], fresh);
      expect(why, `entry ${id}`).toBeUndefined();
    }
  }
  // What subscribers are told is a chain, too: each change begins where the one before ended.
  await eventually(async () => (await app.sql('select 1 from change_outbox limit 1')).length === 0);
  const changes = await app.sql<{ id: string; was: Model['life']; state: Model['life'] }>(
    `select communication_id as id, data -> 'was' ->> 'state' as was, data ->> 'state' as state from change
     where communication_id = any($1) and kind = 'entry.changed' order by position`,
    [all],
  );
  const stands = new Map<string, Model['life']>();
  for (const { id, was, state } of changes) {
    expect(stands.get(id) ?? 'PENDING').toBe(was);
    if (was !== state) expect(follows[was]).toContain(state);
    stands.set(id, state);
  }
  expect(changes.length).toBeGreaterThan(all.length / 2);
});

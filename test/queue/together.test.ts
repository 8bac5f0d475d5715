import fc from 'fast-check';
import { Client } from 'pg';
import { beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../src/access/viewer.js';
import { publicId } from '../../src/graphql/node.js';
import { transact } from '../../src/graphql/request.js';
import type { Move } from '../../src/queue/move.js';
import { settle } from '../../src/queue/settle.js';
import { viewEntries } from '../../src/queue/view.js';
import { maySettleTogether, visibleEntries } from '../../src/queue/visible.js';
import { type Caller, openApp } from '../support/app.js';
import { addEntriesSql, buildInboxes, type TestInbox } from '../support/inbox.js';

const app = await openApp({ env: { ROLE: 'api' } });
let inbox: TestInbox;

beforeAll(async () => {
  inbox = await buildInboxes(app, { contacts: 3 });
  await app.sql(`insert into external_system (name, code, media, contact_inbox) values ('Gate', 'gate', '{DEVICE}', false)`);
});

async function addEntries(count: number, contact = 0): Promise<string[]> {
  const rows = await app.sql<{ id: string }>(addEntriesSql, [inbox.contentId, inbox.systemId, inbox.contactIds[contact], count]);
  return rows.map((each) => each.id);
}

const portal: Caller = ['EXTERNAL_SYSTEM', 'portal'];
const selection = 'results { id entry { id state viewedAt } error { code } }';
const mutations = {
  complete: `mutation ($id: ID!, $token: String) { completeQueueEntries(input: { entries: [{ id: $id, leaseToken: $token }] }) { ${selection} } }`,
  remove: `mutation ($id: ID!, $token: String) { removeQueueEntries(input: { entries: [{ id: $id, leaseToken: $token }] }) { ${selection} } }`,
  reject: `mutation ($id: ID!, $token: String) { rejectQueueEntries(input: { entries: [{ id: $id, leaseToken: $token, reason: "no" }] }) { ${selection} } }`,
  view: `mutation ($id: ID!) { viewQueueEntries(input: { ids: [$id] }) { ${selection} } }`,
};
const targets = { complete: 'COMPLETED', remove: 'COMPLETED_AND_REMOVED', reject: 'REJECTED' } as const;

const ask = async (kind: keyof typeof mutations, id: string, as: Caller, token: string | null = null) =>
  await app.ask(mutations[kind], { id: publicId('QueueEntry', id), ...(kind !== 'view' && { token }) }, as);

/** Transactions that wrote these communications last. */
async function writers(ids: string[]): Promise<number> {
  const [row] = await app.sql<{ count: number }>('select count(distinct xmin::text)::int as count from communication where id = any($1)', [
    ids,
  ]);
  return row?.count ?? 0;
}

test('J4 acknowledgements that come at the same time are committed together and answered one by one', async () => {
  const ids = await addEntries(120);
  const answers = await Promise.all(ids.map((id) => ask('complete', id, portal)));
  for (const [index, { data, errors }] of answers.entries()) {
    expect(errors).toBeUndefined();
    const id = publicId('QueueEntry', ids[index] ?? '');
    expect(data?.['completeQueueEntries'].results).toEqual([{ id, entry: { id, state: 'COMPLETED', viewedAt: null }, error: null }]);
  }
  // A handful where they are read at once; more where a busy machine hands them over one by one. Alone each has its own.
  expect(await writers(ids)).toBeLessThan(ids.length * 0.9);
  const changes = await app.sql(
    `select communication_id from (select * from change_outbox union all select 0, kind, contact_id, external_system_id, communication_id, run_id, data, at from change) c
     where kind = 'entry.changed' and communication_id = any($1)`,
    [ids],
  );
  expect(changes.length).toBe(ids.length);
});

test('the failure of one takes back its own settlement and no other', async () => {
  const ids = await addEntries(40);
  const broken = ids[7] ?? '';
  await app.sql('update communication set content_id = new_id() where id = $1', [broken]);
  const withBody = mutations.complete.replace('viewedAt', 'body');
  const answers = await Promise.all(ids.map((id) => app.ask(withBody, { id: publicId('QueueEntry', id), token: null }, portal)));
  for (const [index, { data, errors }] of answers.entries()) {
    if (ids[index] === broken) {
      expect(data).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
    } else {
      expect(errors).toBeUndefined();
      expect(data?.['completeQueueEntries'].results).toMatchObject([{ entry: { state: 'COMPLETED', body: 'x' }, error: null }]);
    }
  }
  const states = await app.sql<{ id: string; state: string }>('select id, state from communication where id = any($1)', [ids]);
  expect(states.filter((each) => each.state !== 'COMPLETED')).toEqual([{ id: broken, state: 'PENDING' }]);
});

test('answers that cannot fail are committed with their statement; beside others that can, the failure of one still takes back its own alone', async () => {
  const sure = mutations.complete.replace(selection, 'results { id error { code } }');
  const withBody = mutations.complete.replace('viewedAt', 'body');
  for (let round = 0; round < 4; round++) {
    const ids = await addEntries(40);
    const [broken = '', viewed = '', unseen = ''] = ids;
    const foreign = await addEntries(1, 1);
    await app.sql('update communication set content_id = new_id() where id = any($1)', [[broken, unseen]]);
    const asks: [text: string, id: string, as: Caller, token?: string | null][] = [
      [withBody, broken, portal],
      [mutations.view, viewed, portal],
      [mutations.view.replace('viewedAt', 'body'), unseen, portal],
      [sure, foreign[0] ?? '', ['CONTACT', inbox.externalIds[0] ?? '']],
      [sure, ids[3] ?? '', portal, '00000000-0000-0000-0000-000000000000'],
      ...ids.slice(4).map((id): [string, string, Caller] => [sure, id, portal]),
    ];
    const answers = await Promise.all(
      asks.map(([text, id, as, token = null]) =>
        app.ask(text, { id: publicId('QueueEntry', id), ...(text.includes('$token') && { token }) }, as),
      ),
    );
    const codes = answers.map(
      ({ data, errors }) => errors?.[0]?.extensions?.['code'] ?? Object.values<any>(data ?? {})[0].results[0].error?.code,
    );
    expect(codes.slice(0, 5)).toEqual(['INTERNAL', undefined, 'INTERNAL', 'NOT_FOUND', 'CONFLICT']);
    expect(codes.slice(5).filter(Boolean)).toEqual([]);
    const rows = await app.sql<{ id: string; state: string; seen: boolean }>(
      'select id, state, viewed_at is not null as seen from communication where id = any($1)',
      [[...ids, ...foreign]],
    );
    const settled = new Set(ids.slice(4));
    for (const { id, state, seen } of rows) {
      expect([id, state, seen]).toEqual([id, settled.has(id) ? 'COMPLETED' : 'PENDING', id === viewed]);
    }
  }
});

test('an answer that can fail by a directive is no sure one: the error takes the settlement back', async () => {
  for (const directive of ['@include', '@skip']) {
    const [id = ''] = await addEntries(1);
    const text = `mutation ($id: ID!, $x: Boolean = true) { completeQueueEntries(input: { entries: [{ id: $id }] }) { results ${directive}(if: $x) { id error { code } } } }`;
    expect((await app.ask(text, { id: publicId('QueueEntry', id), x: null }, portal)).data).toBeNull();
    expect(await app.sql('select state from communication where id = $1', [id])).toEqual([{ state: 'PENDING' }]);
  }
});

test('who waits for a row that another transaction holds keeps nobody else waiting', async () => {
  const ids = await addEntries(30);
  const holder = new Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from queue_entry where id = $1 for update', [ids[3]]);
  await holder.query('select 1 from communication where id = $1 for update', [ids[4]]);
  const answers = ids.map((id) => ask('complete', id, portal));
  const free = answers.filter((_, index) => index !== 3 && index !== 4);
  for (const { data } of await Promise.all(free)) expect(data?.['completeQueueEntries'].results[0].error).toBeNull();
  await holder.query('rollback');
  await holder.end();
  for (const { data } of await Promise.all(answers)) expect(data?.['completeQueueEntries'].results[0].error).toBeNull();
});

test('callers see and settle their own entries only, whoever is committed with them', async () => {
  const [annas, nikos] = [await addEntries(20, 0), await addEntries(20, 1)];
  const contact = (n: number): Caller => ['CONTACT', inbox.externalIds[n] ?? ''];
  const calls = [
    ...annas.map((id, n) => ({ id, as: n % 2 ? contact(0) : contact(1), fine: n % 2 === 1 })),
    ...nikos.map((id, n) => ({ id, as: n % 2 ? contact(1) : (['EXTERNAL_SYSTEM', 'gate'] as Caller), fine: n % 2 === 1 })),
  ];
  const answers = await Promise.all(calls.map(({ id, as }) => ask('complete', id, as)));
  for (const [index, { data }] of answers.entries()) {
    const [result] = data?.['completeQueueEntries'].results ?? [];
    expect(result).toMatchObject(
      calls[index]?.fine ? { entry: { state: 'COMPLETED' }, error: null } : { entry: null, error: { code: 'NOT_FOUND' } },
    );
  }
});

test('the rule for rows at hand and the rule in SQL say the same', async () => {
  const [entry] = await addEntries(1);
  const [owned] = await app.sql<{ contactExternalId: string; systemCode: string; contactInbox: boolean }>(
    `select k.external_id as "contactExternalId", s.code as "systemCode", s.contact_inbox as "contactInbox"
     from communication c join contact k on k.id = c.contact_id join external_system s on s.id = c.external_system_id where c.id = $1`,
    [entry],
  );
  if (!owned) throw new Error('no entry');
  for (const inInbox of [true, false]) {
    await app.sql('update external_system set contact_inbox = $1 where code = $2', [inInbox, 'portal']);
    for (const role of ['CONTACT', 'EXTERNAL_SYSTEM'] as const) {
      for (const subject of [...inbox.externalIds, 'portal', 'gate', 'nobody', '']) {
        const viewer: Viewer = { role, subject };
        const parameters: unknown[] = [entry];
        const sql = `select 1 from communication c where c.id = $1 and ${visibleEntries(viewer, parameters)}`;
        const seen = (await app.sql(sql, parameters)).length > 0;
        expect([viewer, maySettleTogether(viewer, { ...owned, contactInbox: inInbox })]).toEqual([viewer, seen]);
      }
    }
  }
  await app.sql('update external_system set contact_inbox = true');
  await app.sql(`update external_system set contact_inbox = false where code = 'gate'`);
});

test('a dry run, two fields, and what asks for more than its own rows are not committed with others, and answer the same', async () => {
  const ids = await addEntries(12);
  const [a = '', b = '', ...rest] = ids.map((id) => publicId('QueueEntry', id));
  const field = (id: string, alias = 'm') =>
    `${alias}: completeQueueEntries(input: { entries: [{ id: "${id}" }] }) { results { entry { state } } }`;
  const [dry, two, deep] = await Promise.all([
    app.call(`mutation @dryRun { ${field(a)} }`, {}, portal),
    app.call(`mutation { ${field(b)} ${field(rest[0] ?? '', 'n')} }`, {}, portal),
    app.call(`mutation { ${field(rest[1] ?? '').replace('state', 'state contact { name }')} }`, {}, portal),
    ...rest.slice(2).map((id) => app.call(`mutation { ${field(id)} }`, {}, portal)),
  ]);
  expect(dry.m.results[0].entry.state).toBe('COMPLETED');
  expect(two.n.results[0].entry.state).toBe('COMPLETED');
  expect(deep.m.results[0].entry).toEqual({ state: 'COMPLETED', contact: { name: 'Anna Example' } });
  const pending = await app.sql<{ id: string }>(`select id from communication where id = any($1) and state = 'PENDING'`, [ids]);
  expect(pending.map((each) => publicId('QueueEntry', each.id))).toEqual([a]);
});

/** What somebody does to an entry: each does one thing at a time, as a device or a portal would. */
const doings = fc.array(
  fc.record({
    kind: fc.constantFrom('complete', 'remove', 'reject', 'view') as fc.Arbitrary<keyof typeof mutations>,
    who: fc.constantFrom('portal', 'gate', 'own', 'other'),
    token: fc.constantFrom(null, 'wrong', 'right'),
  }),
  { minLength: 1, maxLength: 4 },
);

test('Q9 what is settled together ends as what is settled one after the other', { timeout: 120_000 }, async () => {
  const right = '11111111-1111-4111-8111-111111111111';
  const tokens = { wrong: '22222222-2222-4222-8222-222222222222', right };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ leased: fc.boolean(), doings }), { minLength: 5, maxLength: 25 }), async (entries) => {
      const [together, alone] = [await addEntries(entries.length), await addEntries(entries.length)];
      const leased = [...together, ...alone].filter((_, n) => entries[n % entries.length]?.leased);
      await app.sql(
        `update queue_entry set lease_token = $2, leased_by = 'EXTERNAL_SYSTEM portal', due_at = now() + interval '1 hour' where id = any($1)`,
        [leased, right],
      );
      const callers: Record<string, Caller> = {
        portal,
        gate: ['EXTERNAL_SYSTEM', 'gate'],
        own: ['CONTACT', inbox.externalIds[0] ?? ''],
        other: ['CONTACT', inbox.externalIds[1] ?? ''],
      };
      // All entries at once; for each, one thing after the other.
      const got = await Promise.all(
        entries.map(async (each, n) => {
          const codes: unknown[] = [];
          for (const { kind, who, token } of each.doings) {
            const { data, errors } = await ask(kind, together[n] ?? '', callers[who] ?? portal, token && tokens[token]);
            codes.push(errors?.[0]?.extensions.code ?? (Object.values(data ?? {})[0] as any).results[0].error?.code ?? 'OK');
          }
          return codes;
        }),
      );
      const expected: unknown[][] = [];
      for (const [n, each] of entries.entries()) {
        const codes: unknown[] = [];
        for (const { kind, who, token } of each.doings) {
          const [role, subject] = callers[who] as [Viewer['role'], string];
          if (kind === 'reject' && role === 'CONTACT') {
            codes.push('FORBIDDEN');
            continue;
          }
          const id = alone[n] ?? '';
          const [outcome] = await transact(app.context({ role, subject }), async (ctx) => {
            if (kind === 'view') return await viewEntries(ctx, [id]);
            const rejection = { code: 'EXTERNAL_SYSTEM', message: 'no' };
            const move: Move = { id, to: targets[kind], leaseToken: token && tokens[token], ...(kind === 'reject' && { rejection }) };
            return await settle(ctx, [move]);
          });
          codes.push(outcome?.error?.code ?? 'OK');
        }
        expected.push(codes);
      }
      expect(got).toEqual(expected);
      const end = async (ids: string[]) => {
        const rows = await app.sql(
          `select c.id, state, viewed_at is not null as viewed, rejection_code, completed_at is not null as completed, q.id is not null as queued,
             (select count(*)::int from (select communication_id from change_outbox union all select communication_id from change) x where x.communication_id = c.id) as changes
           from communication c left join queue_entry q on q.id = c.id where c.id = any($1)`,
          [ids],
        );
        const byId = new Map(rows.map(({ id, ...row }) => [id, row]));
        return ids.map((id) => byId.get(id));
      };
      expect(await end(together)).toEqual(await end(alone));
    }),
    { numRuns: 12 },
  );
});

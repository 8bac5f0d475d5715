import { beforeAll, expect, test } from 'vitest';
import { engine } from '../../src/access/viewer.js';
import type { Context } from '../../src/context.js';
import { rows } from '../../src/database/sql.js';
import { transact } from '../../src/graphql/request.js';
import { cancelCommunication } from '../../src/queue/cancel.js';
import { announceExpired } from '../../src/queue/expire.js';
import type { InboxEvent } from '../../src/queue/inbox/event.js';
import { inboxHub } from '../../src/queue/inbox/hub.js';
import { inboxStream } from '../../src/queue/inbox/stream.js';
import { settle } from '../../src/queue/settle.js';
import { viewEntries } from '../../src/queue/view.js';
import { viewAll } from '../../src/queue/viewAll.js';
import { eventually, openApp } from '../support/app.js';
import { buildContact, buildContent } from '../support/build.js';
import { addEntriesSql } from '../support/inbox.js';

// No process sweeps here: the steps are taken one by one.
const app = await openApp({ env: { ROLE: 'api' } });
let contentId: string;
let systemId: string;

beforeAll(async () => {
  contentId = (await buildContent(app, { body: 'x' }, { medium: 'DEVICE' })).id;
  const [system] = await app.sql<{ id: string }>(
    `insert into external_system (name, code, media, contact_inbox) values ('Portal', 'portal', '{DEVICE}', true) returning id`,
  );
  systemId = system?.id ?? '';
});

async function add(contactId: string, completed = false): Promise<string> {
  const [row] = await app.sql<{ id: string }>(addEntriesSql, [contentId, systemId, contactId, 1]);
  const id = row?.id ?? '';
  if (completed) await transact(app.context(), (ctx) => settle(ctx, [{ id, to: 'COMPLETED' }]));
  app.context().bells.changes();
  return id;
}

/** It expires after so many seconds; what is set by SQL is set before anybody locks the row. */
async function expireIn(id: string, seconds: number): Promise<void> {
  await app.sql(
    `with ending as (update communication set expires_at = clock_timestamp() + make_interval(secs => $2) where id = $1 returning id, expires_at),
       queued as (update queue_entry q set expires_at = e.expires_at from ending e where q.id = e.id)
     insert into entry_expiry select id, expires_at from ending`,
    [id, seconds],
  );
}

/** Does the work in a transaction that stays open until it is let go. */
async function holding(work: (ctx: Context) => Promise<unknown>): Promise<() => Promise<void>> {
  const { promise: done, resolve: isDone } = Promise.withResolvers<void>();
  const { promise: go, resolve: letGo } = Promise.withResolvers<void>();
  const whole = transact(app.context(), async (ctx) => {
    await work(ctx);
    isDone();
    await go;
  });
  await Promise.race([done, whole]);
  return async () => {
    letGo();
    await whole;
  };
}

const somebodyWaits = async () =>
  await eventually(
    async () =>
      (await app.sql(`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length > 0,
  );

/** What a device is told from now on until `last` comes. */
async function told(contactId: string, meanwhile: () => Promise<void>): Promise<string[]> {
  const ctx = app.context();
  const stream = inboxStream({ scope: { contactId, systemIds: undefined }, after: null, hub: inboxHub(ctx), open: () => ctx.open(engine) });
  while ((await stream.next()).value?.kind !== 'SYNCED');
  await meanwhile();
  const last = await add(contactId);
  const events: string[] = [];
  for (;;) {
    const { value } = (await stream.next()) as { value: InboxEvent };
    if (value.entryId === last) break;
    events.push(value.kind);
  }
  await stream.return?.();
  return events;
}

const doings: Record<string, (ctx: Context, id: string) => Promise<unknown>> = {
  viewed: (ctx, id) => viewEntries(ctx, [id]),
  removed: (ctx, id) => settle(ctx, [{ id, to: 'COMPLETED_AND_REMOVED' }]),
  retracted: (ctx, id) => cancelCommunication(ctx, id, null),
};

test.each(Object.keys(doings))(
  'XU9 PR15 an entry that is %s while its expiry is being announced leaves once, and nothing comes after',
  async (doing) => {
    const { id: contactId } = await buildContact(app);
    const id = await add(contactId, true);
    const events = await told(contactId, async () => {
      await expireIn(id, 0);
      const commit = await holding(announceExpired);
      const done = transact(app.context(), async (ctx) => await doings[doing]?.(ctx, id));
      await somebodyWaits();
      await commit();
      await done;
    });
    expect(events).toEqual(['REMOVED']);
    const log = await app.sql(`select kind, data from change where communication_id = $1 order by position`, [id]);
    const after = log.slice(log.findIndex((each) => each['kind'] === 'entry.expired') + 1);
    expect(after.filter((each) => !each['data'].was.gone)).toEqual([]);
  },
);

test.each([
  ['viewed', ['CHANGED', 'REMOVED']],
  ['removed', ['REMOVED']],
])(
  'XU9 PR15 an entry whose time is up while it is being %s is left for the next sweep, which waits for nobody, and leaves once',
  async (doing, expected) => {
    const { id: contactId } = await buildContact(app);
    const [id, other, waiting] = [await add(contactId, true), await add(contactId, true), await add(contactId)];
    const events = await told(contactId, async () => {
      for (const each of [id, other, waiting]) await expireIn(each, 0);
      const { promise: held, resolve: holds } = Promise.withResolvers<void>();
      const { promise: swept, resolve: isSwept } = Promise.withResolvers<void>();
      const client = transact(app.context(), async (ctx) => {
        await doings[doing]?.(ctx, id);
        holds();
        await swept;
        expect((await settle(ctx, [{ id: waiting, to: 'COMPLETED' }]))[0]?.error).toBeDefined();
      });
      await held;
      // Who holds one and goes on to another never meets a sweep that holds that one and waits for the first.
      await transact(app.context(), announceExpired);
      isSwept();
      await client;
      await transact(app.context(), announceExpired);
    });
    // Whether an expired entry is shown once more is the clock's business; that each leaves once, and last of all, is not.
    expect(events.filter((each) => each === 'REMOVED')).toHaveLength(3);
    expect(events.filter((each) => each === 'CHANGED').length).toBeLessThan(expected.length);
    expect(await app.sql('select 1 from entry_expiry where communication_id = any($1)', [[id, other, waiting]])).toEqual([]);
  },
);

test.each([
  ['completed by its system', 'queue_entry', 'COMPLETED', { role: 'EXTERNAL_SYSTEM', subject: 'portal' }],
  ['removed by its system', 'communication', 'COMPLETED_AND_REMOVED', { role: 'EXTERNAL_SYSTEM', subject: 'portal' }],
] as const)('Q12 PR15 an entry whose time passes while it waits to be %s is refused', async (_, table, to, viewer) => {
  const { id: contactId } = await buildContact(app);
  const id = await add(contactId);
  await expireIn(id, 1);
  // Somebody who only looks: a dry run, or what is rolled back.
  const letGo = await holding((ctx) => rows(ctx, `select from ${table} where id = $1 for update`, [id]));
  const settled = transact(app.context(viewer), (ctx) => settle(ctx, [{ id, to }]));
  await somebodyWaits();
  await eventually(
    async () => (await app.sql('select 1 from communication where id = $1 and expires_at <= clock_timestamp()', [id])).length > 0,
  );
  await letGo();
  expect((await settled)[0]?.error?.code).toBe('INVALID_STATE_TRANSITION');
  expect(await app.sql('select state from communication where id = $1', [id])).toEqual([{ state: 'PENDING' }]);
  await transact(app.context(), announceExpired);
});

test('E1x XU9 marking all as viewed says nothing of an entry that has left between the look and the lock', async () => {
  const { id: contactId } = await buildContact(app);
  const [first, second] = [await add(contactId, true), await add(contactId, true)];
  const events = await told(contactId, async () => {
    await expireIn(second, 1);
    // It has looked at both, and waits for the first; the second one's time passes meanwhile.
    const commit = await holding((ctx) => rows(ctx, 'select from communication where id = $1 for update', [first]));
    const viewed = transact(app.context(), (ctx) => viewAll(ctx, { contactId, systemIds: undefined }));
    await somebodyWaits();
    await eventually(
      async () => (await app.sql('select 1 from communication where id = $1 and expires_at <= clock_timestamp()', [second])).length > 0,
    );
    await transact(app.context(), announceExpired);
    await commit();
    expect(await viewed).toBe(1);
  });
  expect(events).toEqual(['REMOVED', 'CHANGED']);
});

import { Client } from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { engine } from '../../src/access/viewer.js';
import { type Change, changeColumns } from '../../src/changes/log.js';
import { transact } from '../../src/graphql/request.js';
import { announceExpired } from '../../src/queue/expire.js';
import type { InboxEvent } from '../../src/queue/inbox/event.js';
import { inboxHub } from '../../src/queue/inbox/hub.js';
import { Mailbox } from '../../src/queue/inbox/mailbox.js';
import { entriesOf } from '../../src/queue/inbox/read.js';
import { inboxStream } from '../../src/queue/inbox/stream.js';
import { settle } from '../../src/queue/settle.js';
import { updateExternalSystem } from '../../src/queue/system-write.js';
import { viewEntries } from '../../src/queue/view.js';
import { eventually, openApp } from '../support/app.js';
import { buildContact, buildContent } from '../support/build.js';
import { makeSystem } from '../support/queue.js';

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

const insertSql = `with made as (
    insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, expires_at)
    values ($1, 'DEVICE', 'TEST', 'PENDING', $2, 'en', $3, $4) returning id, seq, contact_id
  ), queued as (insert into queue_entry (id, seq, medium, external_system_id, expires_at) select id, seq, 'DEVICE', $3, $4 from made
  ), expiring as (insert into entry_expiry (communication_id, expires_at) select id, $4 from made where $4::timestamptz is not null)
  insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
  select 'entry.created', contact_id, $3, id, '{"state":"PENDING"}' from made returning communication_id as id`;

async function add(contactId: string, expiresAt: Date | null = null, of = systemId): Promise<string> {
  const [row] = await app.sql<{ id: string }>(insertSql, [contactId, contentId, of, expiresAt]);
  app.context().bells.changes();
  return row?.id ?? '';
}

async function move(id: string, to: 'COMPLETED' | 'COMPLETED_AND_REMOVED' | 'REJECTED'): Promise<void> {
  await transact(app.context(), (ctx) =>
    settle(ctx, [{ id, to, ...(to === 'REJECTED' && { rejection: { code: 'TEST', message: 'no' } }) }]),
  );
}

function follow(contactId: string, after?: string, systemIds?: string[]) {
  const ctx = app.context();
  return inboxStream({ scope: { contactId, systemIds }, after, hub: inboxHub(ctx), open: () => ctx.open(engine) });
}

/** Reads events up to one of that kind. */
async function until(stream: AsyncIterator<InboxEvent>, stop: (event: InboxEvent) => boolean): Promise<InboxEvent[]> {
  const events: InboxEvent[] = [];
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return events;
    events.push(value);
    if (stop(value)) return events;
  }
}

const short = (event: InboxEvent) => `${event.kind}${event.entry ? `:${event.entry.state}` : ''}`;

test('a listing comes first, oldest first, then SYNCED, then what happens', async () => {
  const { id: contactId } = await buildContact(app);
  const [a, b] = [await add(contactId), await add(contactId)];
  const stream = follow(contactId);
  const listed = await until(stream, (each) => each.kind === 'SYNCED');
  expect(listed.map((each) => each.entryId)).toEqual([a, b, null]);
  expect(listed.map((each) => each.pendingCount)).toEqual([2, 2, 2]);

  await move(a, 'COMPLETED');
  await transact(app.context(), (ctx) => viewEntries(ctx, [a]));
  await move(a, 'COMPLETED_AND_REMOVED');
  const c = await add(contactId);
  const live = await until(stream, (each) => each.entryId === c);
  expect(live.map(short)).toEqual(['CHANGED:COMPLETED', 'CHANGED:COMPLETED', 'REMOVED', 'ADDED:PENDING']);
  expect(live.map((each) => each.entry?.viewedAt != null)).toEqual([false, true, false, false]);
  await stream.return?.();
});

test('an entry that is viewed after it was removed does not leave a second time', async () => {
  const { id: contactId } = await buildContact(app);
  const [a, b] = [await add(contactId), await add(contactId)];
  const stream = follow(contactId);
  await until(stream, (each) => each.kind === 'SYNCED');
  await move(a, 'COMPLETED_AND_REMOVED');
  await transact(app.context(), (ctx) => viewEntries(ctx, [a]));
  await move(b, 'COMPLETED');
  expect((await until(stream, (each) => each.entryId === b)).map(short)).toEqual(['REMOVED', 'CHANGED:COMPLETED']);
  await stream.return?.();
});

test('an entry that was added and expired while nobody looked is not taken away from who never had it', async () => {
  const { id: contactId } = await buildContact(app);
  const before = follow(contactId);
  const synced = (await until(before, (each) => each.kind === 'SYNCED')).at(-1);
  await before.return?.();
  await add(contactId, new Date(Date.now() + 20));
  await new Promise((done) => setTimeout(done, 50));
  await transact(app.context(), announceExpired);
  const b = await add(contactId);
  const events = await until(follow(contactId, synced?.cursor), (each) => each.entryId === b);
  expect(events.map(short)).toEqual(['ADDED:PENDING']);
});

test('XU1 what was passed over because it had expired is not taken away later either, on whichever connection; with too many of them one begins anew', async () => {
  const { id: contactId } = await buildContact(app);
  const expire = async (count: number) => {
    const ids = await Promise.all(Array.from({ length: count }, () => add(contactId, new Date(Date.now() + 3_600_000))));
    await app.sql(
      `with ended as (update communication set expires_at = clock_timestamp() where id = any($1::uuid[]) returning id, expires_at)
       update entry_expiry e set expires_at = ended.expires_at from ended where e.communication_id = ended.id`,
      [ids],
    );
    return ids;
  };
  const shown = await add(contactId, new Date(Date.now() + 3_600_000));
  const before = (await until(follow(contactId), (each) => each.kind === 'SYNCED')).at(-1)?.cursor;
  await expire(3);
  // One listed without them, one was told of them too late; both come back before the announcement, and once more after it.
  const listed = await until(follow(contactId), (each) => each.kind === 'SYNCED');
  const replayed = await until(follow(contactId, before), (each) => each.kind === 'SYNCED');
  expect([listed.map(short), replayed.map(short)]).toEqual([['ADDED:PENDING', 'SYNCED'], ['SYNCED']]);
  const again = await Promise.all(
    [listed, replayed].map((each) => until(follow(contactId, each.at(-1)?.cursor), ({ kind }) => kind === 'SYNCED')),
  );
  await app.sql('update communication set expires_at = clock_timestamp() where id = $1', [shown]);
  await app.sql('update entry_expiry set expires_at = clock_timestamp() where communication_id = $1', [shown]);
  while (await transact(app.context(), announceExpired));
  for (const events of again) {
    const rest = await until(follow(contactId, events.at(-1)?.cursor), (each) => each.kind === 'SYNCED');
    expect(rest.map((each) => [each.kind, each.entryId])).toEqual([
      ['REMOVED', shown],
      ['SYNCED', null],
    ]);
  }

  const cursor = (await until(follow(contactId), (each) => each.kind === 'SYNCED')).at(-1)?.cursor;
  await expire(60);
  const many = (await until(follow(contactId, cursor), (each) => each.kind === 'SYNCED')).at(-1)?.cursor ?? '';
  expect(many.length).toBeLessThan(100);
  expect((await until(follow(contactId, many), (each) => each.kind === 'SYNCED')).map(short)).toEqual(['RESYNC', 'SYNCED']);
});

test('Q12 PR15 what expires while it waits for a slow reader is not shown any more: of a listing, of a replay, and live', async () => {
  const { id: contactId } = await buildContact(app);
  const before = (await until(follow(contactId), (each) => each.kind === 'SYNCED')).at(-1)?.cursor;
  const live = follow(contactId);
  await until(live, (each) => each.kind === 'SYNCED');
  const first = await add(contactId);
  const at = new Date(Date.now() + 700);
  await add(contactId, at);
  await eventually(async () => (await app.sql('select 1 from change_outbox')).length === 0);
  const [listing, replay] = [follow(contactId), follow(contactId, before)];
  expect([await listing.next(), await replay.next()].map(({ value }) => value?.entryId)).toEqual([first, first]);
  await eventually(async () => (await app.sql('select 1 where clock_timestamp() > $1', [at])).length > 0);
  const last = await add(contactId);
  for (const stream of [listing, replay]) {
    const rest = await until(stream, (each) => each.entryId === last);
    expect(rest.filter((each) => each.kind !== 'SYNCED').map((each) => each.entryId)).toEqual([last]);
    await stream.return?.();
  }
  expect((await until(live, (each) => each.entryId === last)).map((each) => each.entryId)).toEqual([first, last]);
  await live.return?.();
});

test('what was committed before the subscription comes before SYNCED, sequenced or not', async () => {
  const { id: contactId } = await buildContact(app);
  for (let round = 0; round < 3; round++) {
    const [row] = await app.sql<{ id: string }>(insertSql, [contactId, contentId, systemId, null]);
    // Nobody rang: only the poll finds it.
    const listed = await until(follow(contactId), (each) => each.kind === 'SYNCED');
    expect(listed.at(-2)?.entryId).toBe(row?.id);
  }
});

test('a cursor of a live event brings everything since, once and in order', async () => {
  const { id: contactId } = await buildContact(app);
  const a = await add(contactId);
  const first = follow(contactId);
  const synced = (await until(first, (each) => each.kind === 'SYNCED')).at(-1);
  await first.return?.();
  const b = await add(contactId);
  await move(a, 'COMPLETED');
  await move(b, 'REJECTED');
  const again = await until(follow(contactId, synced?.cursor), (each) => each.kind === 'SYNCED');
  expect(again.map((each) => [each.entryId, short(each)])).toEqual([
    [b, 'ADDED:PENDING'],
    [a, 'CHANGED:COMPLETED'],
    [b, 'REMOVED'],
    [null, 'SYNCED'],
  ]);
});

test('a listing that was cut is resumed as of its beginning, and what changed meanwhile comes after it', async () => {
  const { id: contactId } = await buildContact(app);
  const ids = [await add(contactId), await add(contactId), await add(contactId)];
  await eventually(async () => (await app.sql('select 1 from change_outbox')).length === 0);
  const first = follow(contactId);
  const one = (await first.next()).value as InboxEvent;
  expect(one.entryId).toBe(ids[0]);
  await first.return?.();
  // The listed one and a listed-later one change, one leaves, one is new: none of it may be lost, repeated or seen too early.
  await move(ids[0] ?? '', 'COMPLETED');
  await move(ids[1] ?? '', 'COMPLETED');
  await move(ids[2] ?? '', 'COMPLETED_AND_REMOVED');
  const late = await add(contactId);
  const rest = await until(follow(contactId, one.cursor), (each) => each.kind === 'SYNCED');
  expect(rest.map((each) => [each.entryId, short(each)])).toEqual([
    [ids[1], 'ADDED:PENDING'],
    [ids[2], 'ADDED:PENDING'],
    [ids[0], 'CHANGED:COMPLETED'],
    [ids[1], 'CHANGED:COMPLETED'],
    [ids[2], 'REMOVED'],
    [late, 'ADDED:PENDING'],
    [null, 'SYNCED'],
  ]);
});

test('a cursor of another history, or one that is no longer kept, begins anew with RESYNC', async () => {
  const { id: contactId } = await buildContact(app);
  const a = await add(contactId);
  const foreign = Buffer.from('otherepoch.5.0').toString('base64url');
  const events = await until(follow(contactId, foreign), (each) => each.kind === 'SYNCED');
  expect(events.map((each) => [each.kind, each.entryId])).toEqual([
    ['RESYNC', null],
    ['ADDED', a],
    ['SYNCED', null],
  ]);
});

test('XU1 a cursor of another contact, of other systems, from the future or of a log taken back gets RESYNC; its own goes on', async () => {
  const [{ id: anna }, { id: berta }] = [await buildContact(app), await buildContact(app)];
  const [a, b] = [await add(anna), await add(berta)];
  const cursor = (await until(follow(anna), (each) => each.kind === 'SYNCED')).at(-1)?.cursor ?? '';
  const kinds = async (contactId: string, after: string, systemIds?: string[]) =>
    (await until(follow(contactId, after, systemIds), (each) => each.kind === 'SYNCED')).map((each) => [each.kind, each.entryId]);
  const anew = (id: string) => [
    ['RESYNC', null],
    ['ADDED', id],
    ['SYNCED', null],
  ];
  expect(await kinds(anna, cursor)).toEqual([['SYNCED', null]]);
  expect(await kinds(berta, cursor)).toEqual(anew(b));
  expect(await kinds(anna, cursor, [systemId])).toEqual(anew(a));
  const [history = '', position = '', mark = ''] = Buffer.from(cursor, 'base64url').toString().split('.');
  const written = (...parts: string[]) => Buffer.from(parts.join('.')).toString('base64url');
  expect(await kinds(anna, written(history, '999999999999999', mark))).toEqual(anew(a));
  expect(await kinds(anna, written(history, position, mark))).toEqual([['SYNCED', null]]);
  // The disk was put back by a day and the log has grown past the cursor again: another change stands there.
  await app.sql(`update change set at = at - interval '1 day' where position = $1`, [position]);
  expect(await kinds(anna, cursor)).toEqual(anew(a));
  for (const garbage of ['', '%%%', 'x'.repeat(5_000), written(history, position), written(history, '-1', mark), written('', '', '')])
    await expect(until(follow(anna, garbage), () => true)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('PR15 of several sweeps at once one takes a COMPLETED entry out of the inboxes', async () => {
  const { id: contactId } = await buildContact(app);
  const ids = await Promise.all(Array.from({ length: 40 }, () => add(contactId, new Date(Date.now() + 3_600_000))));
  for (const id of ids.slice(0, 30)) await move(id, 'COMPLETED');
  const stream = follow(contactId);
  await until(stream, (each) => each.kind === 'SYNCED');
  await app.sql(
    `with ended as (update communication set expires_at = clock_timestamp() where id = any($1::uuid[]) returning id, expires_at)
     update entry_expiry e set expires_at = ended.expires_at from ended where e.communication_id = ended.id`,
    [ids],
  );
  await Promise.all(Array.from({ length: 4 }, () => transact(app.context(), announceExpired)));
  const last = await add(contactId);
  const events = await until(stream, (each) => each.entryId === last);
  expect(events.map((each) => `${each.kind} ${each.entryId}`).toSorted()).toEqual([
    `ADDED ${last}`,
    ...ids.map((id) => `REMOVED ${id}`).toSorted(),
  ]);
  await stream.return?.();
});

test('an expired entry leaves the inbox at once and is announced once', async () => {
  const { id: contactId } = await buildContact(app);
  const stream = follow(contactId);
  await until(stream, (each) => each.kind === 'SYNCED');
  const id = await add(contactId, new Date(Date.now() + 300));
  expect(short((await stream.next()).value as InboxEvent)).toBe('ADDED:PENDING');
  await eventually(
    async () =>
      (await app.sql('select 1 from entry_expiry where expires_at <= clock_timestamp() and communication_id = $1', [id])).length > 0,
  );
  // Before any sweep a new listing does not show it, and the later announcement does not confuse it.
  const other = follow(contactId);
  expect((await until(other, (each) => each.kind === 'SYNCED')).map(short)).toEqual(['SYNCED']);
  await transact(app.context(), announceExpired);
  const { value } = await stream.next();
  expect([value?.kind, value?.entryId, value?.pendingCount]).toEqual(['REMOVED', id, 0]);
  const next = await add(contactId);
  expect((await other.next()).value).toMatchObject({ kind: 'ADDED', entryId: next });
  const [row] = await app.sql<{ state: string; rejection_code: string }>('select state, rejection_code from communication where id = $1', [
    id,
  ]);
  expect(row).toEqual({ state: 'REJECTED', rejection_code: 'EXPIRED' });
  await Promise.all([stream.return?.(), other.return?.()]);
});

test('entries whose transactions commit out of order all arrive once, over random reconnects', async () => {
  const { id: contactId } = await buildContact(app);
  const writers = 8;
  const each = 40;
  const written = new Set<string>();
  const write = async () => {
    const client = new Client({ connectionString: app.databaseUrl });
    await client.connect();
    for (let n = 0; n < each; n++) {
      await client.query('begin');
      const { rows } = await client.query<{ id: string }>(insertSql, [contactId, contentId, systemId, null]);
      // Held open for a random while: ids become visible in another order than that of their numbers.
      await client.query('select pg_sleep($1)', [Math.random() * 0.02]);
      await client.query('commit');
      app.context().bells.changes();
      for (const row of rows) written.add(row.id);
    }
    await client.end();
  };
  const writing = Promise.all(Array.from({ length: writers }, write));
  const seen: string[] = [];
  let cursor: string | undefined;
  while (seen.length < writers * each) {
    const stream = follow(contactId, cursor);
    const rounds = 1 + Math.floor(Math.random() * 30);
    for (let n = 0; n < rounds && seen.length < writers * each; n++) {
      const { value } = await stream.next();
      if (!value) break;
      cursor = value.cursor;
      if (value.kind === 'ADDED' && value.entryId) seen.push(value.entryId);
    }
    await stream.return?.();
  }
  await writing;
  expect(new Set(seen).size).toBe(seen.length);
  expect(new Set(seen)).toEqual(written);
});

test('a reader that stops reading falls behind without a growing queue, and catches up from the log', async () => {
  const { id: contactId } = await buildContact(app);
  const stream = follow(contactId);
  await until(stream, (each) => each.kind === 'SYNCED');
  const ids: string[] = [];
  for (let n = 0; n < 600; n++) ids.push(await add(contactId));
  await eventually(async () => (await app.sql('select 1 from change_outbox')).length === 0);
  const events = await until(stream, (each) => each.entryId === ids.at(-1));
  expect(events.map((each) => each.entryId)).toEqual(ids);
  await stream.return?.();
});

test('XU1 a system that is switched on and off while a change is on its way: nothing is removed that was never there', async () => {
  const { id: contactId } = await buildContact(app);
  const switched = await makeSystem(app, { contactInbox: false });
  const feeds = async (contactInbox: boolean) =>
    await transact(app.context(), (ctx) => updateExternalSystem(ctx, { externalSystemId: switched.id, contactInbox }));
  const [shown, unseen] = [await add(contactId), await add(contactId, null, switched.row)];
  let box: Mailbox | undefined;
  const open = (of: string) => {
    box = new Mailbox(() => undefined, of);
    return box;
  };
  const stream = inboxStream({
    scope: { contactId, systemIds: undefined },
    after: undefined,
    hub: { open, size: 1 },
    open: () => app.context().open(engine),
  });
  await until(stream, ({ kind }) => kind === 'SYNCED');
  await move(unseen, 'REJECTED');
  const change = await eventually(async () => {
    const found = await app.sql<Change>(`select ${changeColumns} from change where communication_id = $1 and kind = 'entry.changed'`, [
      unseen,
    ]);
    return found[0];
  });
  await feeds(true);
  await feeds(false);
  const [entry] = await entriesOf(app.context(), [unseen]);
  box?.offer([{ change: { ...change, position: Number(change.position) }, entry, counts: [], events: undefined }]);
  const told = await until(stream, ({ kind }) => kind === 'SYNCED');
  expect(told.map(({ kind, entryId }) => [kind, entryId])).toEqual([
    ['RESYNC', null],
    ['ADDED', shown],
    ['SYNCED', null],
  ]);
  await stream.return?.();
});

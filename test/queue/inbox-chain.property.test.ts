import { beforeAll, expect, test } from 'vitest';
import { engine } from '../../src/access/viewer.js';
import { publicId } from '../../src/graphql/node.js';
import { transact } from '../../src/graphql/request.js';
import { cancelCommunication } from '../../src/queue/cancel.js';
import { announceExpired } from '../../src/queue/expire.js';
import type { InboxEvent } from '../../src/queue/inbox/event.js';
import { inboxHub } from '../../src/queue/inbox/hub.js';
import { inboxStream } from '../../src/queue/inbox/stream.js';
import { settle } from '../../src/queue/settle.js';
import { updateExternalSystem } from '../../src/queue/system-write.js';
import { viewEntries } from '../../src/queue/view.js';
import { viewAll } from '../../src/queue/viewAll.js';
import { eventually, openApp } from '../support/app.js';
import { buildContact, buildContent } from '../support/build.js';
import { makeSystem, type System } from '../support/queue.js';

// No process sweeps here: sweeps are among the things that happen in any order.
const app = await openApp({ env: { ROLE: 'api' } });
let contentId: string;
let steady: System;
let switched: System;

beforeAll(async () => {
  contentId = (await buildContent(app, { body: 'x' }, { medium: 'DEVICE' })).id;
  steady = await makeSystem(app, { contactInbox: true });
  switched = await makeSystem(app, { contactInbox: true });
});

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

async function add(contactId: string, { row }: System, expiresInMs: number | null): Promise<string> {
  const [made] = await app.sql<{ id: string }>(
    `with made as (
       insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, expires_at)
       values ($1, 'DEVICE', 'TEST', 'PENDING', $2, 'en', $3, clock_timestamp() + make_interval(secs => $4::float8 / 1000)) returning *
     ), queued as (
       insert into queue_entry (id, seq, medium, external_system_id, expires_at) select id, seq, 'DEVICE', $3, expires_at from made
     ), expiring as (insert into entry_expiry (communication_id, expires_at) select id, expires_at from made where expires_at is not null)
     insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
     select 'entry.created', contact_id, $3, id, '{"state":"PENDING"}' from made returning communication_id as id`,
    [contactId, contentId, row, expiresInMs],
  );
  app.context().bells.changes();
  return made?.id ?? '';
}

/** The inbox as the query answers it. */
async function inboxOf(contact: string): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { inbox }: any = await app.call(
      'query ($contact: String!, $after: String) { inbox(contactExternalId: $contact, first: 100, after: $after) { nodes { id state viewedAt } pageInfo { endCursor hasNextPage } } }',
      { contact, after },
    );
    found.push(...inbox.nodes.map((each: any) => `${each.id} ${each.state} ${each.viewedAt !== null}`));
    after = inbox.pageInfo.endCursor;
    more = inbox.pageInfo.hasNextPage;
  }
  return found.toSorted();
}

type Kept = { cursor: string | undefined; entries: Map<string, string> };

/** A device that is cut again and again, and checks that each event fits what it has. */
async function follow(contactId: string, over: () => boolean, reader: boolean): Promise<{ kept: Kept; wrong: string[]; resyncs: number }> {
  let kept: Kept = { cursor: undefined, entries: new Map() };
  const wrong: string[] = [];
  let resyncs = 0;
  for (let last = false; !last; ) {
    last = over();
    const ctx = app.context();
    const scope = { contactId, systemIds: reader ? [steady.row, switched.row] : undefined, reader };
    const stream = inboxStream({ scope, after: kept.cursor, hub: inboxHub(ctx), open: () => ctx.open(engine) });
    const most = 1 + Math.floor(Math.random() * 25);
    for (let n = 0; last || n < most; n++) {
      // While it waits for an event, the test may end.
      const cut = new AbortController();
      const ended = eventually(() => over() || cut.signal.aborted, { withinMs: 60_000, everyMs: 10 });
      const next = await Promise.race([stream.next(), last ? new Promise<never>(() => undefined) : ended.then(() => undefined)]);
      cut.abort();
      if (!next || next.done) break;
      const event = next.value as InboxEvent;
      const before = kept;
      kept = { cursor: event.cursor, entries: new Map(kept.entries) };
      const id = event.entryId ?? '';
      const known = kept.entries.has(id);
      if (event.kind === 'RESYNC') {
        kept.entries.clear();
        resyncs += 1;
      }
      if (event.kind === 'ADDED' && known) wrong.push(`ADDED again ${id}`);
      if ((event.kind === 'CHANGED' || event.kind === 'REMOVED') && !known) wrong.push(`${event.kind} of what it never had ${id}`);
      if (event.entry) kept.entries.set(id, `${event.entry.state} ${event.entry.viewedAt !== null}`);
      if (event.kind === 'REMOVED') kept.entries.delete(id);
      if (last && event.kind === 'SYNCED') break;
      // It dies before it has written down what it was told.
      if (!last && Math.random() < 0.1) {
        kept = before;
        break;
      }
    }
    await stream.return?.();
  }
  return { kept, wrong, resyncs };
}

test('XU1 XU9 whatever happens in whatever order: a device is told of nothing that it does not have, and ends with the inbox as it is', {
  timeout: 120_000,
}, async () => {
  let resyncs = 0;
  for (let round = 0; round < 6; round++) {
    const contact = await buildContact(app);
    const contactId = contact.id;
    const ids: string[] = [];
    let isOver = false;
    const devices = [false, false, true].map((reader) => follow(contactId, () => isOver, reader));
    const happen = async () => {
      for (let n = 0; n < 60; n++) {
        const what = pick([
          'add',
          'add',
          'add',
          'expiring',
          'expiring',
          'complete',
          'complete',
          'remove',
          'reject',
          'view',
          'viewAll',
          'retract',
          'sweep',
          'switch',
        ] as const);
        const id = pick(ids);
        if (what === 'add') ids.push(await add(contactId, pick([steady, switched]), null));
        else if (what === 'expiring') ids.push(await add(contactId, pick([steady, switched]), Math.random() * 120));
        else if (what === 'sweep') await transact(app.context(), announceExpired);
        else if (what === 'viewAll') await transact(app.context(), (ctx) => viewAll(ctx, { contactId, systemIds: undefined }));
        else if (what === 'switch') {
          await transact(app.context(), (ctx) =>
            updateExternalSystem(ctx, { externalSystemId: switched.id, contactInbox: Math.random() < 0.5 }),
          );
        } else if (id === undefined) n -= 1;
        else if (what === 'view') await transact(app.context(), (ctx) => viewEntries(ctx, [id]));
        else if (what === 'retract') await transact(app.context(), (ctx) => cancelCommunication(ctx, id, null)).catch(() => undefined);
        else {
          const to = { complete: 'COMPLETED', remove: 'COMPLETED_AND_REMOVED', reject: 'REJECTED' } as const;
          const rejection = { code: 'TEST', message: 'no' };
          await transact(app.context(), (ctx) => settle(ctx, [{ id, to: to[what], ...(what === 'reject' && { rejection }) }]));
        }
      }
    };
    await Promise.all([happen(), happen(), happen()]);
    await eventually(async () => {
      while (await transact(app.context(), announceExpired));
      return (
        (await app.sql('select 1 from entry_expiry e join communication c on c.id = e.communication_id where contact_id = $1', [contactId]))
          .length === 0
      );
    });
    isOver = true;
    const expected = await inboxOf(String(contact['external_id']));
    for (const { kept, wrong, resyncs: n } of await Promise.all(devices)) {
      expect(wrong).toEqual([]);
      expect([...kept.entries].map(([id, rest]) => `${publicId('QueueEntry', id)} ${rest}`).toSorted()).toEqual(expected);
      resyncs += n;
    }
  }
  expect(resyncs).toBeGreaterThan(0);
});

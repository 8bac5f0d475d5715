import { expect, test } from 'vitest';
import { pruneChanges } from '../../src/changes/prune.js';
import { transact } from '../../src/graphql/request.js';
import { eventually, openApp } from '../support/app.js';
import { addEntriesSql, buildInboxes, readInbox } from '../support/inbox.js';

const app = await openApp({ env: { ROLE: 'api' } });

test('XU1 changes are forgotten after their time, from the old end; a cursor from before gets RESYNC, a later one everything since', async () => {
  const inbox = await buildInboxes(app);
  const authorization = `Bearer ${await app.token('CONTACT', inbox.externalIds[0] ?? '')}`;
  const add = async (count: number) => {
    await app.sql(addEntriesSql, [inbox.contentId, inbox.systemId, inbox.contactIds[0], count]);
    app.context().bells.changes();
    await eventually(async () => (await app.sql('select 1 from change_outbox')).length === 0);
  };
  const cursorNow = async () => {
    const reader = await readInbox(app, authorization);
    await eventually(() => reader.synced());
    reader.line.socket.close();
    return reader.cursor();
  };
  const before = await cursorNow();
  await add(6_000);
  const between = await cursorNow();
  await add(10);
  const prune = async () => await transact(app.context(), pruneChanges);
  expect(await prune()).toBe(false);

  // All but the last ten are old, and so is one among those: it stays, or a cursor before it would miss its neighbours.
  await app.sql(`update change set at = at - interval '31 days' where position <= 6000 or position = 6005`);
  expect(await prune()).toBe(true);
  expect(await app.sql('select pruned_to::int, (select count(*)::int from change) as kept from change_log')).toEqual([
    { pruned_to: 5_000, kept: 1_010 },
  ]);
  expect(await prune()).toBe(true);
  expect(await prune()).toBe(false);
  expect(await app.sql('select pruned_to::int, (select min(position)::int from change) as first from change_log')).toEqual([
    { pruned_to: 6_000, first: 6_001 },
  ]);

  const late = await readInbox(app, authorization, before);
  await eventually(() => late.synced(), { withinMs: 20_000 });
  expect([late.resynced(), late.added.length]).toEqual([true, 6_010]);
  const inTime = await readInbox(app, authorization, between);
  await eventually(() => inTime.synced());
  expect([inTime.resynced(), inTime.added.length]).toEqual([false, 10]);
  for (const { line } of [late, inTime]) line.socket.close();
});

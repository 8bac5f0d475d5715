import { pino } from 'pino';
import { expect, test } from 'vitest';
import { publicId } from '../../src/graphql/node.js';
import { inboxHub } from '../../src/queue/inbox/hub.js';
import { eventually, openApp } from '../support/app.js';
import { addEntriesSql, buildInboxes, readInbox } from '../support/inbox.js';

const logged: string[] = [];
const app = await openApp({
  env: { ROLE: 'api' },
  overrides: {
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
    socketLimits: { slowMs: 1_000, graceMs: 20_000 },
  },
});
const batches = 28;
const perBatch = 250;

test('PR8 a subscriber that stops reading costs little, hurts nobody, is closed with 1013 and loses nothing', {
  timeout: 120_000,
}, async () => {
  const inbox = await buildInboxes(app, { body: 'x'.repeat(2_048) });
  const authorization = `Bearer ${await app.token('CONTACT', inbox.externalIds[0] ?? '')}`;
  const healthy = await Promise.all(Array.from({ length: 5 }, () => readInbox(app, authorization)));
  const stalled = await readInbox(app, authorization);
  await eventually(() => [...healthy, stalled].every((each) => each.synced()));
  stalled.line.socket.pause();

  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const written: string[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const rows = await app.sql<{ id: string }>(addEntriesSql, [inbox.contentId, inbox.systemId, inbox.contactIds[0], perBatch]);
    written.push(...rows.map((each) => publicId('QueueEntry', each.id)));
    app.context().bells.changes();
    // The healthy ones keep up while the stalled one waits; what they have read is thrown away as a phone would.
    await eventually(() => healthy.every((each) => each.added.length === written.length), { withinMs: 20_000, everyMs: 5 });
    for (const { line } of healthy) line.messages.length = 0;
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  for (const each of healthy) {
    expect(each.added).toEqual(written);
    expect(each.line.closed()).toBeUndefined();
  }
  await eventually(() => logged.some((line) => line.includes('Too slow')));
  expect(peak - before).toBeLessThan(160 * 1_048_576);

  // It wakes up: what had left for it, then the code that tells it to come back.
  const seen = stalled.added;
  stalled.line.socket.resume();
  expect(await eventually(() => stalled.line.closed())).toBe(1013);
  expect(seen.length).toBeLessThan(written.length);
  const resumed = await readInbox(app, authorization, stalled.cursor(), seen);
  await eventually(() => resumed.synced(), { withinMs: 20_000 });
  expect(seen).toEqual(written);

  for (const { line } of [...healthy, resumed]) line.socket.close();
  await eventually(() => inboxHub(app.context()).size === 0);
});

test('PR19 a server that stops tells its sockets 1001, and does not wait for those that do not read', { timeout: 30_000 }, async () => {
  const other = await openApp({ env: { ROLE: 'api' }, overrides: { socketLimits: { graceMs: 500 } } });
  const inbox = await buildInboxes(other, { body: 'x'.repeat(2_048) });
  const authorization = `Bearer ${await other.token('CONTACT', inbox.externalIds[0] ?? '')}`;
  const [awake, deaf] = [await readInbox(other, authorization), await readInbox(other, authorization)];
  await eventually(() => awake.synced() && deaf.synced());
  deaf.line.socket.pause();
  await other.sql(addEntriesSql, [inbox.contentId, inbox.systemId, inbox.contactIds[0], 8_000]);
  await eventually(() => awake.added.length === 8_000, { withinMs: 20_000 });
  const from = Date.now();
  await other.close();
  expect(Date.now() - from).toBeLessThan(8_000);
  expect(await eventually(() => awake.line.closed())).toBe(1001);
  deaf.line.socket.terminate();
});

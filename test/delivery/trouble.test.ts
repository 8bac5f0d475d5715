import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/delivery/provider.js';
import { eventually } from '../support/app.js';
import { buildContent, buildEntry } from '../support/build.js';
import { openDelivery, scripted } from '../support/delivery.js';
import { openSink } from '../support/smtp-sink.js';

const delivery = await openDelivery();
const { app, start, stateOf, settled, completed, buildEntries } = delivery;

describe('one bad entry', () => {
  test.each([
    ['has no text', '{}'],
    ['cannot be read', '{"en": null}'],
  ])('an entry whose content %s is REJECTED and holds nobody up', async (_, texts) => {
    const poison = await buildEntry(app, { content: await buildContent(app, undefined, { texts }), entry: { priority: 1 } });
    const others = await buildEntries(20);
    start();
    for (const { id } of others) await settled(id);
    await settled(poison.id);
    expect(await stateOf(poison.id)).toMatchObject({ state: 'REJECTED', code: 'RENDER_FAILED' });
    expect(delivery.sink.arrived).toHaveLength(20);
  });

  test('an entry whose send hangs takes one slot, and is in doubt in the end', async () => {
    const hung = scripted(async (message) =>
      message.to === 'hang@example.org' ? await new Promise<Outcome>(() => undefined) : { kind: 'sent' },
    );
    const poison = await buildEntry(app, { communication: { address: 'hang@example.org' }, entry: { priority: 1 } });
    const others = await buildEntries(50);
    start({ sendTimeoutMs: 1_500, attempts: 1 }, [hung]);
    for (const { id } of others) await settled(id);
    expect(await stateOf(poison.id)).toMatchObject({ state: 'PENDING' });
    await settled(poison.id);
    expect(await stateOf(poison.id)).toMatchObject({ state: 'REJECTED', code: 'IN_DOUBT' });
  });
});

describe('a provider that is away', () => {
  test('Q14 is left alone, costs no entry a try, and gets everything once it is back', async () => {
    let away = true;
    const flaky = scripted(() => (away ? { kind: 'retry', reason: 'connection refused', away: true } : { kind: 'sent' }));
    const entries = await buildEntries(40);
    start({ attempts: 1 }, [flaky]);
    await eventually(() => flaky.given.length >= 13);
    // What was under way when it opened, then one probe at a time.
    expect(flaky.given.length).toBeLessThan(25);
    away = false;
    for (const { id } of entries) await settled(id);
    expect(await completed()).toBe(40);
  });

  test('Q14 a real server that is down and comes back gets every message once', async () => {
    const { port } = delivery.sink;
    await delivery.sink.close();
    const entries = await buildEntries(15);
    start({ attempts: 1 });
    await eventually(async () => (await app.sql(`select from queue_entry where last_error like '%ECONNREFUSED%'`)).length > 0);
    delivery.sink = await openSink({ port });
    for (const { id } of entries) await settled(id);
    expect(delivery.sink.arrived).toHaveLength(15);
  });
});

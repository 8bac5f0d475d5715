import { describe, expect, test } from 'vitest';
import { eventually } from '../support/app.js';
import { buildContact, buildEntry } from '../support/build.js';
import { aged, openDelivery, scripted } from '../support/delivery.js';

const delivery = await openDelivery();
const { app, start, stateOf, entryOf, settled } = delivery;

describe('looking again before sending', () => {
  test('an expired entry is never sent', async () => {
    const { id } = await buildEntry(app, { communication: { expires_at: new Date(Date.now() - 1_000) } });
    const live = await buildEntry(app);
    start();
    await settled(live.id);
    expect(delivery.sink.arrived).toHaveLength(1);
    expect(await entryOf(id)).toMatchObject({ attempts: 0 });
  });

  test('an entry that expires while it is leased and waits is REJECTED as EXPIRED', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 1);
    const ahead = await buildEntry(app);
    const { id } = await buildEntry(app, { communication: { expires_at: new Date(Date.now() + 600) } });
    start({}, [slow]);
    await eventually(async () => (await entryOf(id))?.lease_token);
    await eventually(
      async () => (await app.sql('select from queue_entry where id = $1 and expires_at < clock_timestamp()', [id])).length === 1,
    );
    await aged();
    gate.resolve();
    await settled(ahead.id);
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'EXPIRED' });
    expect(slow.given).toHaveLength(1);
  });

  test('an entry without an address is REJECTED', async () => {
    const { id } = await buildEntry(app, { communication: { address: null } });
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'NO_ADDRESS' });
  });

  test.each([
    ['direct_marketing', 'applyDirectMarketing', true],
    ['affiliate_marketing', 'applyAffiliateMarketing', true],
    ['affiliate_marketing', 'applyDirectMarketing', false],
  ])('an opt-out of %s counts for a run with %s until the last moment', async (switchedOff, applied, refused) => {
    const [run] = await app.sql('insert into run (settings) values ($1) returning id', [JSON.stringify({ [applied]: true })]);
    const contact = await buildContact(app);
    const { id } = await buildEntry(app, { contact, communication: { run_id: run?.['id'] } });
    await app.sql(`update contact set ${switchedOff} = false where id = $1`, [contact.id]);
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject(refused ? { state: 'REJECTED', code: 'OPTED_OUT' } : { state: 'COMPLETED' });
    expect(delivery.sink.arrived).toHaveLength(refused ? 0 : 1);
  });

  test('an opt-out counts for entries that are leased and wait behind slow ones', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 1);
    const [run] = await app.sql(`insert into run (settings) values ('{"applyDirectMarketing": true}') returning id`);
    const contact = await buildContact(app, { email: 'second@example.org' });
    const ahead = await buildEntry(app);
    const { id } = await buildEntry(app, { contact, communication: { run_id: run?.['id'] } });
    start({}, [slow]);
    await eventually(async () => slow.given.length === 1 && (await entryOf(id))?.lease_token);
    await app.sql('update contact set direct_marketing = false where id = $1', [contact.id]);
    await aged();
    gate.resolve();
    await settled(ahead.id);
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'OPTED_OUT' });
    expect(slow.given).not.toContain('second@example.org');
  });
});

describe('leases', () => {
  test('a lease is extended while its message is being sent', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    });
    const { id } = await buildEntry(app);
    start({ leaseSeconds: 3, extendEveryMs: 50 }, [slow]);
    await eventually(() => slow.given.length === 1);
    const dueAt = async () => (await app.sql('select due_at from queue_entry where id = $1', [id]))[0]?.['due_at'] as Date;
    const before = await dueAt();
    await eventually(async () => (await dueAt()) > before);
    gate.resolve();
    await settled(id);
    expect(slow.given).toHaveLength(1);
  });

  test('an entry that another worker has taken meanwhile is not sent', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 1);
    const ahead = await buildEntry(app);
    const { id } = await buildEntry(app, { communication: { address: 'taken@example.org' } });
    const worker = start({}, [slow]);
    await eventually(async () => slow.given.length === 1 && (await entryOf(id))?.lease_token);
    await app.sql(`update queue_entry set lease_token = gen_random_uuid(), due_at = clock_timestamp() + interval '1 hour' where id = $1`, [
      id,
    ]);
    await aged();
    gate.resolve();
    await settled(ahead.id);
    await worker.stop();
    expect(slow.given).toEqual(['anna@example.org']);
    expect(await entryOf(id)).toMatchObject({ lease_token: expect.any(String) });
  });
});

import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Alarms, openAlarms } from '../../src/scheduler/alarms.js';
import { cloneDatabase, eventually } from '../support/app.js';
import { type Mongo, noMongo, openMongo } from './mongo.js';

const log = pino({ level: 'silent' });
const soon = (ms: number) => new Date(Date.now() + ms);

if (noMongo) console.warn(`Skipped: the alarms on MongoDB. ${noMongo}`);

describe.each([
  { store: 'PostgreSQL', skipped: false },
  { store: 'MongoDB', skipped: noMongo !== undefined },
])('alarms on $store', ({ store, skipped }) => {
  let databaseUrl = '';
  let mongo: Mongo | undefined;
  const opened = new Set<Alarms>();

  beforeAll(async () => {
    if (skipped) return;
    databaseUrl = await cloneDatabase();
    if (store === 'MongoDB') mongo = await openMongo();
  });
  afterAll(async () => {
    for (const each of opened) await each.close().catch(() => undefined);
    await mongo?.close();
  });

  /** Rings into `rung`; without it, the alarms only set, as an api process does. */
  async function open(rung?: string[]): Promise<Alarms> {
    const onRing = async (scheduleId: string) => void rung?.push(scheduleId);
    const alarms = await openAlarms({ databaseUrl, mongodbUrl: mongo?.url, log, ...(rung && { onRing }) });
    opened.add(alarms);
    return alarms;
  }

  async function close(alarms: Alarms): Promise<void> {
    opened.delete(alarms);
    await alarms.close();
  }

  test.skipIf(skipped)(
    'an alarm set by one process rings in another, not before its instant, once, and leaves nothing behind',
    async () => {
      const rung: string[] = [];
      const ringing = await open(rung);
      const setting = await open();
      const scheduleId = randomUUID();
      const at = soon(1_500);
      await setting.set(scheduleId, at);
      await eventually(() => rung.includes(scheduleId));
      expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
      await eventually(() => setting.isEmpty());
      expect(rung).toEqual([scheduleId]);
      await close(ringing);
      await close(setting);
    },
  );

  test.skipIf(skipped)('an alarm set anew rings at its new time only, and a forgotten one never', async () => {
    const rung: string[] = [];
    const alarms = await open(rung);
    const [moved, forgotten, last] = [randomUUID(), randomUUID(), randomUUID()];
    await alarms.set(moved, soon(3_600_000));
    await alarms.set(forgotten, soon(1_000));
    await alarms.set(forgotten, null);
    await alarms.set(moved, soon(1_000));
    await alarms.set(last, soon(1_200));
    await eventually(() => rung.includes(last));
    expect(rung.toSorted()).toEqual([moved, last].toSorted());
    await eventually(() => alarms.isEmpty());
    await close(alarms);
  });

  test.skipIf(skipped)('alarms outlive the process that set them', async () => {
    const scheduleId = randomUUID();
    const before = await open([]);
    await before.set(scheduleId, soon(2_500));
    await close(before);
    const rung: string[] = [];
    const after = await open(rung);
    expect(await after.isEmpty()).toBe(false);
    await eventually(() => rung.includes(scheduleId), { withinMs: 20_000 });
    await close(after);
  });

  test.skipIf(skipped)('a ring that fails leaves nothing behind either', async () => {
    let tried = 0;
    const alarms = await openAlarms({
      databaseUrl,
      mongodbUrl: mongo?.url,
      log,
      onRing: async () => {
        tried += 1;
        throw new Error('The database is away');
      },
    });
    opened.add(alarms);
    await alarms.set(randomUUID(), soon(0));
    await eventually(async () => tried === 1 && (await alarms.isEmpty()));
    await close(alarms);
  });

  test.skipIf(skipped)('all alarms are replaced by those of the table', async () => {
    const alarms = await open();
    await alarms.set(randomUUID(), soon(3_600_000));
    const kept = [randomUUID(), randomUUID()];
    await alarms.replaceAll(kept.map((scheduleId) => ({ scheduleId, at: soon(3_600_000) })));
    for (const scheduleId of kept) {
      expect(await alarms.isEmpty()).toBe(false);
      await alarms.set(scheduleId, null);
    }
    expect(await alarms.isEmpty()).toBe(true);
    await close(alarms);
  });
});

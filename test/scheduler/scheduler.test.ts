import { Client } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { alarms } from '../../src/generate/schedule-fire.js';
import { rebuildAlarms } from '../../src/scheduler/scheduler.js';
import { cloneDatabase, eventually, openApp, type TestApp } from '../support/app.js';
import { type Mongo, noMongo, openMongo } from './mongo.js';
import { makePlan, rowId, scheduleFields, schedulePlan } from './plan.js';

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

async function schedule(app: TestApp, planId: string, input: object): Promise<string> {
  const { schedulePlan: made } = await app.call(schedulePlan, { planId, schedule: input });
  return made.schedule.id;
}

/** Waits for the schedule's first run, generated to its end, and answers when it was due and when it began. */
async function firstRun(app: TestApp, id: string, withinMs = 15_000): Promise<{ scheduledFor: Date; startedAt: Date }> {
  const [run] =
    (await eventually(
      async () => {
        const found = await app.sql<{ scheduledFor: Date; startedAt: Date }>(
          `select scheduled_for as "scheduledFor", started_at as "startedAt" from run where schedule_id = $1 and state = 'COMPLETED' and generated = 1`,
          [rowId(id)],
        );
        return found.length > 0 && found;
      },
      { withinMs },
    )) || [];
  if (!run) throw new Error('There is no run');
  return run;
}

const alarmOf = (app: TestApp, id: string) =>
  app.sql<{ id: string; next_run_at: Date }>('select id, next_run_at from agenda_jobs where data @> $1', [{ scheduleId: rowId(id) }]);

describe('schedules, their alarms in PostgreSQL', () => {
  let app: TestApp;
  let planId = '';

  beforeAll(async () => {
    app = await openApp();
    planId = await makePlan(app);
  });

  test('a plan runs when it is due, not before, and leaves no alarm behind', async () => {
    const at = inMs(1_500);
    const id = await schedule(app, planId, { at });
    const run = await firstRun(app, id);
    expect(run.scheduledFor.toISOString()).toBe(at);
    expect(run.startedAt.getTime()).toBeGreaterThanOrEqual(Date.parse(at));
    expect(run.startedAt.getTime()).toBeLessThan(Date.parse(at) + 3_000);
    const { node } = await app.call(scheduleFields, { id });
    expect(node).toMatchObject({ active: false, nextRunAt: null, runs: { totalCount: 1 } });
    await eventually(async () => (await alarmOf(app, id)).length === 0);
  });

  test('a repeated plan has its next alarm set after each run', async () => {
    const id = await schedule(app, planId, { repeat: { every: { amount: 1, unit: 'HOUR' } } });
    const { scheduledFor } = await firstRun(app, id);
    const next = scheduledFor.getTime() + 3_600_000;
    await eventually(async () => (await alarmOf(app, id)).some((each) => each.next_run_at.getTime() === next));
  });

  test('runs are started by the sweep, too, after the alarms have been emptied', async () => {
    const id = await schedule(app, planId, { at: inMs(1_500) });
    await eventually(async () => (await alarmOf(app, id)).length === 1);
    await app.sql('delete from agenda_jobs');
    await firstRun(app, id);
  });

  test('connections that are cut end nothing: the next alarm rings', async () => {
    await app.sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name in ('carillon', 'carillon clocks')`);
    const id = await eventually(async () => await schedule(app, planId, { at: inMs(1_000) }).catch(() => undefined));
    await firstRun(app, id ?? '');
  });

  test('a paused schedule loses its alarm, a resumed one gets it back', async () => {
    const id = await schedule(app, planId, { at: inMs(3_600_000) });
    await eventually(async () => (await alarmOf(app, id)).length === 1);
    await app.call(`mutation ($id: ID!) { pauseSchedule(input: { scheduleId: $id }) { schedule { active } } }`, { id });
    await eventually(async () => (await alarmOf(app, id)).length === 0);
    await app.call(`mutation ($id: ID!) { resumeSchedule(input: { scheduleId: $id }) { schedule { active } } }`, { id });
    await eventually(async () => (await alarmOf(app, id)).length === 1);
    await app.call(`mutation ($id: ID!) { deleteSchedule(input: { scheduleId: $id }) { scheduleId } }`, { id });
    await eventually(async () => (await alarmOf(app, id)).length === 0);
  });

  test('`schedule rebuild` sets the alarms of all active schedules, and no others', async () => {
    const id = await schedule(app, planId, { at: inMs(3_600_000) });
    await app.sql('delete from agenda_jobs');
    await app.sql(
      `insert into agenda_jobs (name, next_run_at, data) values ('schedule.due', now() + interval '1 day', '{"scheduleId": "stale"}')`,
    );
    const { config, databaseUrl } = app;
    const ctx = app.context();
    const count = await rebuildAlarms({ config, databaseUrl, log: ctx.log, open: () => app.context(), alarms });
    const [active] = await app.sql('select count(*)::int as count from schedule where active');
    expect(active).toEqual({ count });
    expect(await app.sql('select count(*)::int as count from agenda_jobs')).toEqual([{ count }]);
    expect(await alarmOf(app, id)).toHaveLength(1);
  });
});

test('schedules outlive a restart; what was due meanwhile runs once, at once', async () => {
  const url = await cloneDatabase();
  const setting = await openApp({ env: { ROLE: 'api', DATABASE_URL: url } });
  const planId = await makePlan(setting);
  const due = await schedule(setting, planId, { repeat: { every: { amount: 1, unit: 'HOUR' } } });
  const waiting = await schedule(setting, planId, { at: inMs(3_600_000) });
  await setting.close();
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('delete from agenda_jobs');
  await client.query(`update schedule set next_run_at = next_run_at - interval '150 minutes' where id = $1`, [rowId(due)]);
  await client.end();

  const working = await openApp({ env: { DATABASE_URL: url } });
  await firstRun(working, due);
  // The store was empty: the alarms are set again.
  await eventually(async () => (await alarmOf(working, waiting)).length === 1);
  const { node } = await working.call(scheduleFields, { id: due });
  expect(node.runs.totalCount).toBe(1);
  expect(Date.parse(node.nextRunAt)).toBeGreaterThan(Date.now());
});

test('a MongoDB that is away neither kills nor blocks: schedules run by the sweep', async () => {
  const app = await openApp({ env: { MONGODB_URL: 'mongodb://127.0.0.1:1/away' } });
  const ready = await fetch(`${app.url}/readyz`);
  expect(ready.status).toBe(200);
  const id = await schedule(app, await makePlan(app), { at: inMs(500) });
  const run = await firstRun(app, id);
  expect(run.startedAt.getTime() - run.scheduledFor.getTime()).toBeLessThan(3_000);
});

describe('schedules, their alarms in MongoDB', () => {
  test.skipIf(noMongo !== undefined)('run when they are due, also while MongoDB is away, and after it has come back', async () => {
    const mongo: Mongo = await openMongo();
    try {
      const app = await openApp({ env: { MONGODB_URL: mongo.url } });
      const planId = await makePlan(app);
      await firstRun(app, await schedule(app, planId, { at: inMs(1_500) }));
      expect(await app.sql('select count(*)::int as count from agenda_jobs')).toEqual([{ count: 0 }]);
      if (!mongo.isOurs) return;
      await mongo.stop();
      await firstRun(app, await schedule(app, planId, { at: inMs(1_000) }));
      await mongo.start();
      await firstRun(app, await schedule(app, planId, { at: inMs(1_000) }));
      await app.close();
    } finally {
      await mongo.close();
    }
  });
});

if (noMongo) console.warn(`Skipped: schedules with MongoDB. ${noMongo}`);

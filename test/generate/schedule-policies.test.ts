import { beforeAll, describe, expect, test } from 'vitest';
import { startRunner } from '../../src/generate/runner.js';
import { fireOverdue, fireSchedule } from '../../src/generate/schedule-fire.js';
import { planSource } from '../../src/sources/plans/source.js';
import { makePlan, rowId, schedulePlan } from '../scheduler/plan.js';
import { eventually, openApp, type TestApp } from '../support/app.js';

const hourMs = 3_600_000;
const fields = `id name active nextRunAt lastRunAt isLate misfire missed repeat { every { amount unit } times }
  fires(first: 20) { nodes { dueAt outcome run { id scheduledFor } } totalCount } runs { totalCount }`;

describe('schedules that are late, missed, overlapping or changed', () => {
  let app: TestApp;
  let planId = '';

  beforeAll(async () => {
    // An `api` process: nothing here fires, or generates, by itself.
    app = await openApp({ env: { ROLE: 'api' } });
    planId = await makePlan(app);
  });

  const look = async (id: string) => (await app.call(`query ($id: ID!) { node(id: $id) { ... on Schedule { ${fields} } } }`, { id })).node;

  /** An hourly schedule whose next instant was so many hours ago. */
  async function hourlySince(hours: number, more: object = {}): Promise<{ id: string; row: string; due: Date }> {
    const { schedulePlan: made } = await app.call(schedulePlan, {
      planId,
      schedule: { repeat: { every: { amount: 1, unit: 'HOUR' } }, ...more },
    });
    const row = rowId(made.schedule.id);
    const [moved] = await app.sql<{ at: Date }>(
      `update schedule set next_run_at = date_trunc('milliseconds', clock_timestamp()) - make_interval(secs => $2) where id = $1 returning next_run_at as at`,
      [row, hours * 3_600],
    );
    const due = moved?.at ?? new Date(0);
    await app.sql(`update schedule set rule = jsonb_set(rule, '{start}', to_jsonb($2::text)) where id = $1`, [row, due.toISOString()]);
    return { id: made.schedule.id, row, due };
  }

  test.each([
    ['FIRE_ONCE', 1, 2],
    ['SKIP', 0, 3],
    ['FIRE_ALL', 3, 0],
  ])('PR17 %s after 3.5 periods: %i runs, %i instants without one, each logged', async (misfire, runs, missed) => {
    const { id, row, due } = await hourlySince(2.5, { misfire });
    expect(await look(id)).toMatchObject({ isLate: true, misfire });
    for (let n = 0; n < 4; n++) await fireOverdue(app.context());
    const schedule = await look(id);
    expect(schedule).toMatchObject({ isLate: false, missed, runs: { totalCount: runs } });
    expect(schedule.nextRunAt).toBe(new Date(due.getTime() + 3 * hourMs).toISOString());
    const fires = schedule.fires.nodes.toReversed();
    expect(fires.map((each: any) => each.dueAt)).toEqual([0, 1, 2].map((n) => new Date(due.getTime() + n * hourMs).toISOString()));
    expect(fires.filter((each: any) => each.outcome === 'FIRED' && each.run.scheduledFor === each.dueAt)).toHaveLength(runs);
    expect(fires.filter((each: any) => each.outcome === 'MISSED' && each.run === null)).toHaveLength(missed);
    expect(schedule.lastRunAt === null).toBe(runs === 0);
    await app.sql('delete from schedule where id = $1', [row]);
  });

  test('what is due while a run of the schedule has not begun is merged into it', async () => {
    const { id, row } = await hourlySince(0);
    expect(await fireSchedule(app.context(), row)).toBe(true);
    await app.sql('update schedule set next_run_at = now() where id = $1', [row]);
    expect(await fireSchedule(app.context(), row)).toBe(true);
    const { fires, runs, missed } = await look(id);
    expect({ runs: runs.totalCount, missed }).toEqual({ runs: 1, missed: 1 });
    expect(fires.nodes.map((each: any) => each.outcome)).toEqual(['MERGED', 'FIRED']);
    expect(fires.nodes[0].run.id).toBe(fires.nodes[1].run.id);
    await app.sql('delete from schedule where id = $1', [row]);
  });

  describe('Z9 editing', () => {
    const update = `mutation ($id: ID!, $name: String, $schedule: ScheduleInput) {
      updateSchedule(input: { scheduleId: $id, name: $name, schedule: $schedule }) { schedule { ${fields} } } }`;

    test('changes the rule and keeps the history', async () => {
      const { id, row } = await hourlySince(0, { misfire: 'SKIP' });
      await fireSchedule(app.context(), row);
      const at = new Date(Date.now() + hourMs).toISOString();
      const schedule = { at, repeat: { every: { amount: 2, unit: 'DAY' }, times: 4 } };
      const { updateSchedule } = await app.call(update, { id, name: 'Every other day', schedule });
      expect(updateSchedule.schedule).toMatchObject({
        id,
        name: 'Every other day',
        nextRunAt: at,
        active: true,
        misfire: 'SKIP',
        repeat: { every: { amount: 2, unit: 'DAY' }, times: 4 },
        runs: { totalCount: 1 },
        fires: { totalCount: 1 },
      });
      expect((await app.call(update, { id, schedule: { at, misfire: 'FIRE_ALL' } })).updateSchedule.schedule.name).toBe('Every other day');
    });

    test('leaves a paused one paused, and wakes one that had come to its end', async () => {
      const { schedulePlan: made } = await app.call(schedulePlan, { planId, schedule: { after: { amount: 1, unit: 'HOUR' } } });
      const id = made.schedule.id as string;
      await app.call('mutation ($id: ID!) { pauseSchedule(input: { scheduleId: $id }) { schedule { active } } }', { id });
      const schedule = { after: { amount: 2, unit: 'HOUR' } };
      expect((await app.call(update, { id, schedule })).updateSchedule.schedule).toMatchObject({ active: false, nextRunAt: null });
      const ended = await hourlySince(0, { repeat: { every: { amount: 1, unit: 'HOUR' }, times: 1 } });
      await fireSchedule(app.context(), ended.row);
      expect(await look(ended.id)).toMatchObject({ active: false });
      expect((await app.call(update, { id: ended.id, schedule })).updateSchedule.schedule).toMatchObject({ active: true });
    });

    test('leaves a paused one paused although all its instants have passed meanwhile', async () => {
      const { id, row } = await hourlySince(0, { repeat: { every: { amount: 1, unit: 'HOUR' }, times: 1 } });
      await app.call('mutation ($id: ID!) { pauseSchedule(input: { scheduleId: $id }) { schedule { paused } } }', { id });
      await app.sql(`update schedule set rule = jsonb_set(rule, '{start}', '"2020-01-01T00:00:00.000Z"') where id = $1`, [row]);
      const schedule = { after: { amount: 2, unit: 'HOUR' } };
      expect((await app.call(update, { id, schedule })).updateSchedule.schedule).toMatchObject({ active: false, nextRunAt: null });
      const resume = 'mutation ($id: ID!) { resumeSchedule(input: { scheduleId: $id }) { schedule { active paused nextRunAt } } }';
      expect((await app.call(resume, { id })).resumeSchedule.schedule).toEqual({
        active: true,
        paused: false,
        nextRunAt: expect.stringContaining('T'),
      });
    });

    test('with something wrong changes nothing', async () => {
      const { id } = await hourlySince(0);
      const before = await look(id);
      const answer = await app.ask(update, { id, name: 'Other', schedule: { repeat: { cron: 'nonsense' } } });
      expect(answer.errors?.[0]?.extensions.problems?.[0]?.path).toEqual(['schedule', 'repeat', 'cron']);
      expect(await look(id)).toEqual(before);
      expect((await app.ask(update, { id, name: 'x' }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    });
  });

  describe('Z9 runs that wait behind another of their schedule', () => {
    const runsOf = async (id: string): Promise<string[]> =>
      (await app.call('query ($id: ID!) { node(id: $id) { ... on Schedule { runs { nodes { state } } } } }', { id })).node.runs.nodes.map(
        (each: { state: string }) => each.state,
      );
    /** Works until nothing is left to do, as a worker does. */
    const work = async () => {
      const runner = startRunner({ log: app.context().log, open: app.context, sources: () => planSource });
      await eventually(async () => {
        const open = await app.sql(`select 1 from run r where r.state in ('SCHEDULED', 'RUNNING')
          and not exists (select from schedule s where s.id = r.schedule_id and s.paused)`);
        return open.length === 0;
      });
      await runner.stop();
    };
    const mutate = async (name: string, id: string) =>
      await app.call(`mutation ($id: ID!) { ${name}(input: { scheduleId: $id }) { __typename } }`, { id });

    test('do not begin while it is paused, and go on once it is resumed', async () => {
      await app.sql(`delete from run where state = 'SCHEDULED'`);
      const { id, row } = await hourlySince(2.5, { misfire: 'FIRE_ALL' });
      await fireSchedule(app.context(), row);
      expect(await runsOf(id)).toEqual(['SCHEDULED', 'SCHEDULED', 'SCHEDULED']);
      await mutate('pauseSchedule', id);
      await work();
      expect(await runsOf(id)).toEqual(['SCHEDULED', 'SCHEDULED', 'SCHEDULED']);
      await mutate('resumeSchedule', id);
      await work();
      expect(await runsOf(id)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
      await mutate('deleteSchedule', id);
    });

    test('are held, and let go, where the schedule itself has come to its end', async () => {
      const { id, row } = await hourlySince(0, { repeat: { every: { amount: 1, unit: 'HOUR' }, times: 1 } });
      await fireSchedule(app.context(), row);
      await mutate('pauseSchedule', id);
      await work();
      expect(await runsOf(id)).toEqual(['SCHEDULED']);
      await mutate('resumeSchedule', id);
      await work();
      expect(await runsOf(id)).toEqual(['COMPLETED']);
      expect(await look(id)).toMatchObject({ active: false, nextRunAt: null });
    });

    test('are cancelled with it: without it nothing would keep them from running at the same time', async () => {
      const { id, row } = await hourlySince(2.5, { misfire: 'FIRE_ALL' });
      await fireSchedule(app.context(), row);
      const ids = (await app.sql<{ id: string }>('select id from run where schedule_id = $1 order by seq', [row])).map((each) => each.id);
      // The first is under way: it goes on.
      await app.sql(`update run set state = 'RUNNING', messages = '[]' where id = $1`, [ids[0]]);
      await mutate('deleteSchedule', id);
      expect((await app.sql('select state from run where id = any($1) order by seq', [ids])).map((each) => each['state'])).toEqual([
        'RUNNING',
        'CANCELLED',
        'CANCELLED',
      ]);
      await app.sql('delete from run where id = $1', [ids[0]]);
    });
  });

  test('a schedule is named as asked for, else after its plan', async () => {
    const named = `mutation ($id: ID!) { schedulePlan(input: { planId: $id, name: "Nightly", schedule: { after: { amount: 1, unit: DAY } } }) { schedule { name } } }`;
    expect((await app.call(named, { id: planId })).schedulePlan.schedule.name).toBe('Nightly');
    const { schedulePlan: made } = await app.call(schedulePlan, { planId, schedule: { after: { amount: 1, unit: 'DAY' } } });
    expect(made.schedule.name).toMatch(/^Plan /);
  });

  describe('Z9 a run', () => {
    const remove = 'mutation ($id: ID!) { deleteRun(input: { runId: $id }) { runId } }';
    const start = async () =>
      (await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId })).runPlan.run.id;

    test('that has not begun can be deleted', async () => {
      const id = await start();
      expect(await app.call(remove, { id })).toEqual({ deleteRun: { runId: id } });
      expect((await app.call('query ($id: ID!) { run(id: $id) { id } }', { id })).run).toBeNull();
      expect((await app.ask(remove, { id })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    });

    test('that has begun cannot', async () => {
      const id = await start();
      await app.sql(`update run set state = 'RUNNING', messages = '[]' where id = $1`, [rowId(id)]);
      expect((await app.ask(remove, { id })).errors?.[0]?.extensions.code).toBe('INVALID_STATE_TRANSITION');
      expect((await app.ask(remove, { id }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    });
  });

  test('the metrics tell how many schedules are late', async () => {
    await hourlySince(1);
    const text = await (await fetch(`${app.url}/metrics`)).text();
    expect(Number(/^carillon_schedules_late (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
  });
});

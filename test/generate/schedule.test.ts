import { beforeAll, describe, expect, test } from 'vitest';
import { createSchedule } from '../../src/generate/schedule.js';
import { alarms, fireOverdue, fireSchedule } from '../../src/generate/schedule-fire.js';
import { inTransaction } from '../../src/graphql/request.js';
import { makePlan, rowId, scheduleFields, schedulePlan } from '../scheduler/plan.js';
import { eventually, openApp, type TestApp } from '../support/app.js';

const hourMs = 3_600_000;

describe('schedules', () => {
  let app: TestApp;
  let planId = '';

  beforeAll(async () => {
    // An `api` process: nothing here fires by itself.
    app = await openApp({ env: { ROLE: 'api', DEFAULT_TIME_ZONE: 'Europe/Nicosia' } });
    planId = await makePlan(app);
  });

  const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

  async function make(schedule: object): Promise<{ id: string; row: string; nextRunAt: string; nextRuns: string[]; active: boolean }> {
    const { schedulePlan: made } = await app.call(schedulePlan, { planId, schedule });
    return { ...made.schedule, row: rowId(made.schedule.id) };
  }

  /** Moves the schedule's rule and next run into the past. */
  async function missed(row: string, ms: number): Promise<Date> {
    const [moved] = await app.sql<{ at: Date }>(
      `update schedule set next_run_at = date_trunc('milliseconds', clock_timestamp()) - make_interval(secs => $2) where id = $1
       returning next_run_at as at`,
      [row, ms / 1_000],
    );
    if (!moved) throw new Error('There is no such schedule');
    await app.sql('update schedule set rule = jsonb_set(rule, $2, to_jsonb($3::text)) where id = $1', [
      row,
      ['start'],
      moved.at.toISOString(),
    ]);
    return moved.at;
  }

  const runsOf = (row: string) =>
    app.sql<{ scheduled_for: Date }>('select scheduled_for from run where schedule_id = $1 order by scheduled_for', [row]);

  describe('what is asked for', () => {
    test('P12 P16 Z2 at an instant, once', async () => {
      const at = inMs(hourMs);
      const { schedulePlan: made } = await app.call(schedulePlan, { planId, schedule: { at } });
      expect(made.schedule).toMatchObject({
        active: true,
        nextRunAt: at,
        nextRuns: [at],
        lastRunAt: null,
        repeat: null,
        timeZone: 'Europe/Nicosia',
      });
    });

    test('Z3 Z4 after a while, again and again, a number of times', async () => {
      const before = Date.now();
      const made = await make({ after: { amount: 2, unit: 'HOUR' }, repeat: { every: { amount: 30, unit: 'MINUTE' }, times: 3 } });
      const first = Date.parse(made.nextRunAt);
      expect(first).toBeGreaterThanOrEqual(before + 2 * hourMs - 1_000);
      expect(made.nextRuns.map((each) => Date.parse(each) - first)).toEqual([0, 1_800_000, 3_600_000]);
    });

    test('by cron, in a zone: the preview is what a weekday at 9 is there', async () => {
      const made = await make({ repeat: { cron: '0 9 * * 1-5' }, timeZone: 'America/New_York' });
      const shown = made.nextRuns.map((each) =>
        new Date(each).toLocaleString('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' }),
      );
      expect(shown).toEqual(Array(5).fill('09:00'));
    });

    test('with nothing at all: now', async () => {
      const made = await make({});
      expect(Math.abs(Date.parse(made.nextRunAt) - Date.now())).toBeLessThan(5_000);
    });

    test('every so often without a start begins now', async () => {
      const made = await make({ repeat: { every: { amount: 1, unit: 'DAY' } } });
      expect(Math.abs(Date.parse(made.nextRunAt) - Date.now())).toBeLessThan(5_000);
    });
  });

  describe('what is wrong', () => {
    test('is told all at once, each with its place, and nothing is kept', async () => {
      const [before] = await app.sql('select count(*)::int as count from schedule');
      const answer = await app.ask(schedulePlan, {
        planId,
        schedule: {
          at: '2020-01-01T00:00:00Z',
          after: { amount: 0, unit: 'DAY' },
          repeat: { every: { amount: -1, unit: 'DAY' }, cron: '61 * * * *', until: '2019-01-01T00:00:00Z', times: 0 },
          timeZone: 'Mars/Olympus',
        },
      });
      const { code, problems } = answer.errors?.[0]?.extensions ?? { code: '' };
      expect(code).toBe('BAD_USER_INPUT');
      expect(problems?.map((each) => `${each.path.join('.')} ${each.code}`).toSorted()).toEqual([
        'schedule.after CONTRADICTION',
        'schedule.after.amount OUT_OF_RANGE',
        'schedule.at IN_THE_PAST',
        'schedule.repeat EXACTLY_ONE',
        'schedule.repeat.cron INVALID_CRON',
        'schedule.repeat.every.amount OUT_OF_RANGE',
        'schedule.repeat.times OUT_OF_RANGE',
        'schedule.repeat.until BEFORE_START',
        'schedule.timeZone INVALID_TIME_ZONE',
      ]);
      expect(await app.sql('select count(*)::int as count from schedule')).toEqual([before]);
    });

    test.each([
      [{ repeat: {} }, 'schedule.repeat EXACTLY_ONE', 'neither'],
      [{ repeat: { cron: '* * * *' } }, 'schedule.repeat.cron INVALID_CRON', 'five fields'],
      [{ repeat: { cron: '61 * * * *' } }, 'schedule.repeat.cron INVALID_CRON', 'got value 61 expected range 0-59'],
      [{ repeat: { cron: 'H 3 * * *' } }, 'schedule.repeat.cron INVALID_CRON', 'H is not supported'],
      [{ repeat: { cron: '0 0 30 2 *' } }, 'schedule.repeat.cron INVALID_CRON', 'day of month'],
      [{ repeat: { cron: '0,'.repeat(101) } }, 'schedule.repeat.cron TOO_LONG', 'at most 200'],
      [{ repeat: { every: { amount: 11, unit: 'YEAR' } } }, 'schedule.repeat.every.amount OUT_OF_RANGE', '10 years'],
      [{ at: 'tomorrow' }, 'schedule.at INVALID_DATE_TIME', 'no instant'],
      [{ at: '2999-01-01T00:00:00Z' }, 'schedule.at OUT_OF_RANGE', '100 years'],
      [
        { at: '2030-01-01T00:00:00Z', repeat: { cron: '0 0 29 2 *', until: '2031-01-01T00:00:00Z' } },
        'schedule.repeat NEVER_RUNS',
        'never runs',
      ],
    ])('%#: %j', async (schedule, expected, words) => {
      const answer = await app.ask(schedulePlan, { planId, schedule });
      const [problem, ...others] = answer.errors?.[0]?.extensions.problems ?? [];
      expect(`${problem?.path.join('.')} ${problem?.code}`).toBe(expected);
      expect(problem?.message).toContain(words);
      expect(others).toEqual([]);
    });

    test("a caller's clock that is a few seconds behind is no mistake", async () => {
      expect((await make({ at: inMs(-3_000) })).active).toBe(true);
    });

    test('a preview of more than 100 runs', async () => {
      const { id } = await make({ repeat: { cron: '* * * * *' } });
      const preview = 'query ($id: ID!, $first: Int) { node(id: $id) { ... on Schedule { nextRuns(first: $first) } } }';
      expect((await app.call(preview, { id, first: 100 })).node.nextRuns).toHaveLength(100);
      expect((await app.ask(preview, { id, first: 101 })).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    });
  });

  describe('firing', () => {
    test('nothing before its time', async () => {
      const { row } = await make({ at: inMs(hourMs) });
      expect(await fireSchedule(app.context(), row)).toBe(false);
      expect(await runsOf(row)).toEqual([]);
    });

    test('Z6 a schedule that is due starts its run, as of the instant it was due, and waits for the next', async () => {
      const { row, id } = await make({ repeat: { every: { amount: 1, unit: 'HOUR' } } });
      const due = await missed(row, 1_000);
      expect(await fireSchedule(app.context(), row)).toBe(true);
      expect((await runsOf(row)).map((each) => each.scheduled_for)).toEqual([due]);
      const { node } = await app.call(scheduleFields, { id });
      expect(node.nextRunAt).toBe(new Date(due.getTime() + hourMs).toISOString());
      expect(node.runs).toMatchObject({ totalCount: 1, nodes: [{ scheduledFor: due.toISOString(), state: 'SCHEDULED' }] });
      expect(node.lastRunAt).not.toBeNull();
    });

    test('ten rings at the same time make one run', async () => {
      const { row } = await make({ repeat: { every: { amount: 1, unit: 'HOUR' } } });
      await missed(row, 1_000);
      const rings = Array.from({ length: 10 }, (_, n) => (n % 2 ? fireSchedule(app.context(), row) : fireOverdue(app.context())));
      await Promise.all(rings);
      expect(await runsOf(row)).toHaveLength(1);
    });

    test('a clock that is turned back does not run the same instant twice', async () => {
      const { row } = await make({ repeat: { every: { amount: 1, unit: 'HOUR' } } });
      const due = await missed(row, 1_000);
      await fireSchedule(app.context(), row);
      await app.sql('update schedule set next_run_at = $2 where id = $1', [row, due]);
      expect(await fireSchedule(app.context(), row)).toBe(true);
      expect(await runsOf(row)).toHaveLength(1);
    });

    test('runs missed over 3.5 periods are made up for by one (PR17: FIRE_ONCE), and it goes on in step', async () => {
      const { row, id } = await make({ repeat: { every: { amount: 1, unit: 'HOUR' } } });
      const due = await missed(row, 3.5 * hourMs);
      await fireOverdue(app.context());
      await fireOverdue(app.context());
      expect((await runsOf(row)).map((each) => each.scheduled_for)).toEqual([due]);
      const { node } = await app.call(scheduleFields, { id });
      expect(node.nextRunAt).toBe(new Date(due.getTime() + 4 * hourMs).toISOString());
    });

    test('after its last time it is no longer active', async () => {
      const { row, id } = await make({ repeat: { every: { amount: 1, unit: 'HOUR' }, times: 1 } });
      await missed(row, 1_000);
      await fireSchedule(app.context(), row);
      expect((await app.call(scheduleFields, { id })).node).toMatchObject({ active: false, nextRunAt: null, nextRuns: [] });
    });

    test('one that cannot be fired does not stop those behind it', async () => {
      const broken = await make({ repeat: { cron: '0 9 * * *' } });
      const sound = await make({});
      await app.sql(`update schedule set next_run_at = now() - interval '1 day', rule = rule || '{"cron": "nonsense"}' where id = $1`, [
        broken.row,
      ]);
      await expect(fireOverdue(app.context())).rejects.toThrow('could not be fired');
      expect(await runsOf(sound.row)).toHaveLength(1);
      await app.sql('delete from schedule where id = $1', [broken.row]);
    });

    test("a process whose own clock is ten minutes ahead fires nothing early (PR18): the database's counts", async () => {
      const ahead = await openApp({
        env: { ROLE: 'api', DATABASE_URL: app.databaseUrl },
        overrides: { now: () => new Date(Date.now() + 600_000) },
      });
      const { row, nextRunAt } = await make({ at: inMs(300_000) });
      expect(await fireSchedule(ahead.context(), row)).toBe(false);
      expect(await app.sql('select next_run_at from schedule where id = $1', [row])).toEqual([{ next_run_at: new Date(nextRunAt) }]);
    });
  });

  describe('pausing', () => {
    const act = (verb: string) =>
      `mutation ($id: ID!) { ${verb}Schedule(input: { scheduleId: $id }) { schedule { active nextRunAt nextRuns } } }`;

    test('a paused schedule starts nothing, and a resumed one goes on with what is still to come', async () => {
      const { row, id } = await make({ repeat: { every: { amount: 1, unit: 'HOUR' } } });
      const { pauseSchedule } = await app.call(act('pause'), { id });
      expect(pauseSchedule.schedule).toEqual({ active: false, nextRunAt: null, nextRuns: [] });
      expect(await fireSchedule(app.context(), row)).toBe(false);
      expect((await alarms(app.context())).map((each) => each.scheduleId)).not.toContain(row);
      const { resumeSchedule } = await app.call(act('resume'), { id });
      expect(resumeSchedule.schedule.active).toBe(true);
      expect(Date.parse(resumeSchedule.schedule.nextRunAt)).toBeGreaterThan(Date.now());
      expect(await runsOf(row)).toEqual([]);
    });

    test('pausing and resuming twice changes nothing', async () => {
      const { id } = await make({ at: inMs(hourMs) });
      const first = await app.call(act('pause'), { id });
      expect(await app.call(act('pause'), { id })).toEqual(first);
      const resumed = await app.call(act('resume'), { id });
      expect(await app.call(act('resume'), { id })).toEqual(resumed);
    });

    test('one that has come to its end cannot be resumed', async () => {
      const { row, id } = await make({});
      await missed(row, 1_000);
      await fireSchedule(app.context(), row);
      expect((await app.ask(act('resume'), { id })).errors?.[0]?.extensions.code).toBe('CONFLICT');
    });

    test('a deleted one is gone, its runs are not', async () => {
      const { row, id } = await make({});
      await missed(row, 1_000);
      await fireSchedule(app.context(), row);
      const [run] = await app.sql<{ id: string }>('select id from run where schedule_id = $1', [row]);
      const remove = 'mutation ($id: ID!) { deleteSchedule(input: { scheduleId: $id }) { scheduleId } }';
      expect(await app.call(remove, { id })).toEqual({ deleteSchedule: { scheduleId: id } });
      expect((await app.call(scheduleFields, { id })).node).toBeNull();
      expect(await app.sql('select count(*)::int as count from run where id = $1', [run?.id])).toEqual([{ count: 1 }]);
      expect((await app.ask(remove, { id })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    });

    test.each(['pause', 'resume', 'delete'])('an agent may not %s', async (verb) => {
      const { id } = await make({ at: inMs(hourMs) });
      const payload = verb === 'delete' ? 'scheduleId' : 'schedule { id }';
      const answer = await app.ask(`mutation ($id: ID!) { ${verb}Schedule(input: { scheduleId: $id }) { ${payload} } }`, { id }, 'AGENT');
      expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    });
  });

  describe('who sees them', () => {
    test('agents list them, newest first; a contact does not', async () => {
      const made = await make({ at: inMs(hourMs) });
      const list = '{ schedules(first: 1) { nodes { id } totalCount } }';
      expect((await app.call(list, {}, 'AGENT')).schedules.nodes).toEqual([{ id: made.id }]);
      expect((await app.ask(list, {}, 'CONTACT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
      expect((await app.call(scheduleFields, { id: made.id }, 'CONTACT')).node).toBeNull();
    });
  });

  test('an alarm is set once the schedule is committed, and never for one that is taken back', async () => {
    const alarmsOf = (row: string) => app.sql('select 1 from agenda_jobs where data @> $1', [{ scheduleId: row }]);
    const made: string[] = [];
    for (const kept of [false, true]) {
      await inTransaction(app.context(), async (ctx) => {
        const input = { at: inMs(hourMs) };
        made.push((await createSchedule(ctx, { planId: rowId(planId), input, path: [] })).id);
        return kept;
      });
    }
    const [takenBack = '', committed = ''] = made;
    await eventually(async () => (await alarmsOf(committed)).length === 1);
    expect(await alarmsOf(takenBack)).toEqual([]);
    expect(await app.sql('select id from schedule where id = any($1::uuid[])', [made])).toEqual([{ id: committed }]);
  });
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretsOf } from '../../src/access/secrets.js';
import { signToken } from '../../src/access/token.js';
import { readConfig } from '../../src/config.js';
import { eventually } from '../support/app.js';
import { type FakeClock, findFakeTime, makeFakeClock, startFakeServer } from './fake-clock.js';
import { type Program, startProgram } from './process.js';

const library = findFakeTime();
if (!library) console.warn('Skipped: schedules by a real clock. libfaketime is not installed (apt install faketime).');

const beginning = new Date('2027-01-01T00:00:00Z');
const secret = 'a secret of the clock tests, long enough';

/** The table of promises.md: how it is asked for, and when it must run. Each ends by `times`. */
const table: [name: string, schedule: object, expected: string[]][] = [
  [
    '03:30 daily, Nicosia, where 03:00 becomes 04:00',
    { at: '2027-03-27T12:00:00Z', repeat: { cron: '30 3 * * *' }, timeZone: 'Europe/Nicosia' },
    ['2027-03-28T01:30:00Z', '2027-03-29T00:30:00Z'],
  ],
  [
    '03:00 daily, the same night',
    { at: '2027-03-27T12:00:00Z', repeat: { cron: '0 3 * * *' }, timeZone: 'Europe/Nicosia' },
    ['2027-03-28T01:00:00Z', '2027-03-29T00:00:00Z'],
  ],
  [
    '03:30 daily, Nicosia, in the hour that comes twice',
    { at: '2027-10-30T12:00:00Z', repeat: { cron: '30 3 * * *' }, timeZone: 'Europe/Nicosia' },
    ['2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z'],
  ],
  [
    'every 30 minutes across it',
    { at: '2027-10-30T23:30:00Z', repeat: { every: { amount: 30, unit: 'MINUTE' } }, timeZone: 'Europe/Nicosia' },
    [
      '2027-10-30T23:30:00Z',
      '2027-10-31T00:00:00Z',
      '2027-10-31T00:30:00Z',
      '2027-10-31T01:00:00Z',
      '2027-10-31T01:30:00Z',
      '2027-10-31T02:00:00Z',
    ],
  ],
  [
    '02:30 daily, New York',
    { at: '2027-03-13T12:00:00Z', repeat: { cron: '30 2 * * *' }, timeZone: 'America/New_York' },
    ['2027-03-14T07:30:00Z', '2027-03-15T06:30:00Z'],
  ],
  [
    'monthly from the 31st',
    { at: '2027-01-31T09:00:00Z', repeat: { every: { amount: 1, unit: 'MONTH' } }, timeZone: 'UTC' },
    ['2027-01-31T09:00:00Z', '2027-02-28T09:00:00Z', '2027-03-31T09:00:00Z', '2027-04-30T09:00:00Z'],
  ],
  [
    'Z7 the first of each month at midnight, Apia',
    { at: '2027-01-15T00:00:00Z', repeat: { cron: '0 0 1 * *' }, timeZone: 'Pacific/Apia' },
    ['2027-01-31T11:00:00Z', '2027-02-28T11:00:00Z'],
  ],
  [
    'every two weeks',
    { at: '2027-01-04T08:00:00Z', repeat: { every: { amount: 2, unit: 'WEEK' } }, timeZone: 'UTC' },
    ['2027-01-04T08:00:00Z', '2027-01-18T08:00:00Z', '2027-02-01T08:00:00Z'],
  ],
  [
    '29 February, yearly',
    { at: '2028-02-29T07:00:00Z', repeat: { every: { amount: 1, unit: 'YEAR' } }, timeZone: 'UTC' },
    ['2028-02-29T07:00:00Z', '2029-02-28T07:00:00Z'],
  ],
  ['once, at an instant', { at: '2027-02-10T10:10:10Z' }, ['2027-02-10T10:10:10Z']],
];

describe.skipIf(!library)('schedules of real processes on a real database, by a clock set by hand', () => {
  let clock: FakeClock;
  let server: Awaited<ReturnType<typeof startFakeServer>>;
  let database: Client;
  let planId = '';
  let token = '';
  const programs: Program[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'carillon-clock-data-'));

  const start = async (env: Record<string, string> = {}) => {
    const program = await startProgram({ DATABASE_URL: server.url, SECRET_KEY: secret, DATA_DIR: dataDir, ...clock.env, ...env });
    programs.push(program);
    return program;
  };
  const stop = async (program: Program, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL') => {
    programs.splice(programs.indexOf(program), 1);
    await program.kill(signal);
  };
  async function call(query: string, variables: object = {}): Promise<any> {
    const response = await fetch(`${programs[0]?.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
  const schedule = async (name: string, input: object): Promise<string> => {
    const text = 'mutation ($input: SchedulePlanInput!) { schedulePlan(input: $input) { schedule { id } } }';
    const { schedulePlan } = await call(text, { input: { planId, name, schedule: input } });
    return schedulePlan.schedule.id;
  };
  /** Of the schedule with that name: when its runs were due, and how many seconds later they began. */
  const runsOf = async (name: string) =>
    (
      await database.query<{ due: Date; after: number }>(
        `select r.scheduled_for as due, extract(epoch from r.started_at - r.scheduled_for)::float8 as after
         from run r join schedule s on s.id = r.schedule_id where s.name = $1 and r.started_at is not null order by 1`,
        [name],
      )
    ).rows;
  const begun = async () => Number((await database.query('select count(*) as count from run')).rows[0].count);
  /** Longer than the sweep's and Agenda's periods. */
  const aWhile = async () => {
    const until = Date.now() + 1_300;
    await eventually(() => Date.now() > until);
  };

  beforeAll(async () => {
    clock = makeFakeClock(library ?? '');
    clock.set(beginning);
    server = await startFakeServer(clock);
    database = new Client({ connectionString: server.url });
    database.on('error', () => undefined);
    token = await signToken(secretsOf(readConfig({ SECRET_KEY: secret, DATA_DIR: dataDir })).jwt, 'ADMIN', 'clock', '20y');
    // Two workers whose own zones are odd.
    await start({ TZ: 'Asia/Kolkata' });
    await start({ TZ: 'America/St_Johns' });
    await database.connect();
    await database.query(`insert into contact (external_id, name) values ('C1', 'Anna')`);
    const { createSegment } = await call(
      'mutation { createSegment(input: { name: "All", contactExternalIds: ["C1"] }) { segment { id } } }',
    );
    const { createExternalSystem } = await call(
      'mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
    );
    const input = {
      name: 'P',
      includeSegmentIds: [createSegment.segment.id],
      messages: [
        { medium: 'DEVICE', externalSystemId: createExternalSystem.externalSystem.id, content: [{ language: 'en', body: 'Hello' }] },
      ],
    };
    planId = (await call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input })).createPlan.plan
      .id;
  }, 120_000);

  afterAll(async () => {
    await database?.end().catch(() => undefined);
    await Promise.all([...programs].map(async (each) => await stop(each)));
    await server?.stop();
  });

  test('PR18 the clock of the database and those of the processes are the same fake one', async () => {
    const { rows } = await database.query<{ now: Date }>('select clock_timestamp() as now');
    expect(Math.abs((rows[0]?.now.getTime() ?? 0) - clock.now().getTime())).toBeLessThan(2_000);
    const metrics = await (await fetch(`${programs[0]?.url}/metrics`)).text();
    const started = Number(/^process_start_time_seconds (\S+)$/m.exec(metrics)?.[1]);
    expect(Math.abs(started - beginning.getTime() / 1_000)).toBeLessThan(120);
  });

  test('PR16 every instant of the table, each once and none before its time, with kills and restarts between', {
    timeout: 400_000,
  }, async () => {
    for (const [name, input, expected] of table) {
      const { repeat } = input as { repeat?: object };
      await schedule(name, repeat ? { ...input, repeat: { ...repeat, times: expected.length } } : input);
    }
    const instants = [...new Set(table.flatMap(([, , expected]) => expected))].toSorted();
    for (const [index, instant] of instants.entries()) {
      const due = Date.parse(instant);
      const before = await begun();
      clock.set(new Date(due - 4_000));
      await aWhile();
      expect(await begun(), `before ${instant}`).toBe(before);
      // Now and then one process is killed, and another one started.
      if (index % 6 === 3 && programs[0]) {
        await stop(programs[0]);
        await start({ TZ: 'Pacific/Chatham' });
        clock.set(new Date(due - 2_000));
      }
      clock.set(new Date(due + 200));
      const wanted = table.filter(([, , expected]) => expected.includes(instant)).map(([name]) => name);
      for (const name of wanted) {
        await eventually(async () => (await runsOf(name)).some((each) => each.due.getTime() === due), { withinMs: 10_000 });
      }
    }
    clock.set(new Date('2030-01-01T00:00:00Z'));
    await aWhile();
    for (const [name, , expected] of table) {
      const runs = await runsOf(name);
      expect(
        runs.map((each) => each.due.toISOString()),
        name,
      ).toEqual(expected.map((each) => new Date(each).toISOString()));
      for (const { after } of runs) {
        expect(after).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThan(10);
      }
    }
    const { rows } = await database.query('select count(*)::int as count from schedule where active or missed > 0');
    expect(rows).toEqual([{ count: 0 }]);
  });

  test('PR17 down for 3.5 periods: FIRE_ONCE 1, SKIP 0, FIRE_ALL 3, each logged', { timeout: 60_000 }, async () => {
    const hour = 3_600_000;
    const from = Date.parse('2030-02-01T00:00:00Z');
    clock.set(new Date(from - 60_000));
    const policies = { FIRE_ONCE: [1], SKIP: [], FIRE_ALL: [1, 2, 3] };
    const ids: string[] = [];
    for (const misfire of Object.keys(policies)) {
      ids.push(await schedule(misfire, { at: new Date(from).toISOString(), repeat: { every: { amount: 1, unit: 'HOUR' } }, misfire }));
    }
    clock.set(new Date(from + 200));
    for (const name of Object.keys(policies)) await eventually(async () => (await runsOf(name)).length === 1);
    for (const program of [...programs]) await stop(program);
    clock.set(new Date(from + 3.5 * hour));
    await start();
    for (const [name, periods] of Object.entries(policies)) {
      await eventually(async () => (await runsOf(name)).length === 1 + periods.length);
    }
    await aWhile();
    for (const [index, [name, periods]] of Object.entries(policies).entries()) {
      const due = (await runsOf(name)).map((each) => (each.due.getTime() - from) / hour);
      expect(due, name).toEqual([0, ...periods]);
      const { node } = await call(
        'query ($id: ID!) { node(id: $id) { ... on Schedule { missed nextRunAt fires(first: 10) { nodes { outcome } } } } }',
        { id: ids[index] },
      );
      expect(node).toMatchObject({ missed: 3 - periods.length, nextRunAt: new Date(from + 4 * hour).toISOString() });
      expect(node.fires.nodes).toHaveLength(4);
    }
    await database.query('delete from schedule');
  });

  test.each([
    ['ahead', 600_000],
    ['behind', -600_000],
  ])('PR18 a process whose clock is ten minutes %s fires nothing early and loses nothing', { timeout: 60_000 }, async (name, skewMs) => {
    for (const program of [...programs]) await stop(program);
    const due = clock.now().getTime() + 86_400_000;
    const skewed = makeFakeClock(library ?? '');
    const set = (instant: number) => {
      clock.set(new Date(instant));
      skewed.set(new Date(instant + skewMs));
    };
    set(due - 1_200_000);
    await start(skewed.env);
    await schedule(name, { at: new Date(due).toISOString() });
    for (const early of [599_000, 300_000, 4_000]) {
      set(due - early);
      await aWhile();
      expect(await runsOf(name), `${early} ms before`).toEqual([]);
    }
    set(due + 200);
    await eventually(async () => (await runsOf(name)).length === 1, { withinMs: 5_000 });
    expect((await runsOf(name))[0]?.due.getTime()).toBe(due);
  });
});

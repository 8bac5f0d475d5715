import { afterEach, beforeAll, expect, test } from 'vitest';
import { startRunner } from '../../src/generate/runner.js';
import type { Loop } from '../../src/loop.js';
import { planSource } from '../../src/sources/plans/source.js';
import { rowId, schedulePlan } from '../scheduler/plan.js';
import { eventually, openApp } from '../support/app.js';
import { log } from '../support/delivery.js';

// An `api` process: the runners are started here.
const app = await openApp({ env: { ROLE: 'api' } });
const contacts = 22_000;
const chunks = 5;
let planId: string;
let runners: Loop[] = [];

beforeAll(async () => {
  await app.sql(`insert into contact (external_id, name) select 'C' || n, 'Contact ' || n from generate_series(1, $1::int) n`, [contacts]);
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "All", condition: { field: "contact.name", operator: IS_NOT_EMPTY } }) { segment { id } } }',
  );
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "P", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const messages = [
    { medium: 'DEVICE', externalSystemId: createExternalSystem.externalSystem.id, content: [{ language: 'en', body: 'Good day' }] },
  ];
  const input = { name: 'P', includeSegmentIds: [createSegment.segment.id], messages };
  planId = (await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input })).createPlan.plan
    .id;
});

afterEach(async () => {
  await Promise.all(runners.splice(0).map(async (each) => await each.stop()));
  await app.sql('truncate run, run_recipient, communication, queue_entry cascade');
});

const start = async () =>
  rowId((await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId })).runPlan.run.id);
const work = (count = 1) => {
  runners = Array.from({ length: count }, () => startRunner({ log, open: () => app.context(), sources: () => planSource }));
};
const allEnd = (count: number) =>
  eventually(async () => (await app.sql(`select from run where state = 'COMPLETED'`)).length === count, { withinMs: 25_000 });
/** Whose step came when: the first of a run is its matching, the others are its chunks. */
async function steps(names: Record<string, string>): Promise<string> {
  const found = await app.sql<{ run_id: string }>(
    `select run_id, 1 as unplaced, id from change_outbox where kind = 'run.changed'
     union all select run_id, 0, position from change where kind = 'run.changed' order by 2, 3`,
  );
  return found.flatMap((each) => names[each.run_id] ?? []).join('');
}

test('several runs take turns, a chunk each', async () => {
  const [a, b] = [await start(), await start()];
  work();
  await allEnd(2);
  expect(await steps({ [a]: 'A', [b]: 'B' })).toBe('AB'.repeat(chunks + 1));
});

test('E8x a notification run overtakes a campaign, and the campaign does not starve', async () => {
  const [campaign, urgent] = [await start(), await start()];
  // What matters is the kind of cause, not what it says.
  await app.sql('alter table run drop constraint run_notification_type_id_fkey');
  await app.sql('update run set notification_type_id = gen_random_uuid() where id = $1', [urgent]);
  work();
  await allEnd(2);
  const order = await steps({ [campaign]: 'c', [urgent]: 'N' });
  // The notification run is matched first and done long before the campaign, which had a chunk meanwhile.
  expect(order).toMatch(/^N/);
  const meanwhile = order.slice(0, order.lastIndexOf('N'));
  expect(meanwhile.split('c').length - 1).toBe(2);
});

test('runs of one schedule do not overlap, also with several workers', async () => {
  const { schedulePlan: made } = await app.call(schedulePlan, { planId, schedule: { after: { amount: 1, unit: 'DAY' } } });
  const ids = [await start(), await start(), await start()];
  await app.sql('update run set schedule_id = $1', [rowId(made.schedule.id)]);
  work(2);
  await allEnd(3);
  const runs = await app.sql<{ id: string; started_at: Date; finished_at: Date }>(
    'select id, started_at, finished_at from run order by started_at',
  );
  expect(runs.map((each) => each.id)).toEqual(ids);
  for (const [n, run] of runs.slice(1).entries()) {
    expect(run.started_at.getTime()).toBeGreaterThanOrEqual(runs[n]?.finished_at.getTime() ?? Number.POSITIVE_INFINITY);
  }
});

test('a run resumed after a long pause takes turns again: it does not make up for the pause', async () => {
  const [a, b] = [await start(), await start()];
  await app.sql(`update run set state = 'PAUSED' where id = $1`, [a]);
  await app.sql(`update run set turn = 1000, state = 'RUNNING' where id = $1`, [b]);
  await app.call('mutation ($id: ID!) { resumeRun(input: { runId: $id }) { run { id } } }', { id: publicId(a) });
  expect(await app.sql('select turn::int as turn from run where id = $1', [a])).toEqual([{ turn: 1000 }]);
  await app.sql('truncate run cascade');
});

function publicId(row: string): string {
  return `run_${row.replaceAll('-', '')}`;
}

test('what runs make is in the log with their commit: no position is missing, and no reader sees a later one first', async () => {
  await eventually(async () => (await app.sql('select from change_outbox')).length === 0);
  const [{ position: before = -1 } = {}] = await app.sql<{ position: number }>('select position from change_log');
  await start();
  await start();
  work(2);
  let ended = false;
  // Others change things meanwhile, and somebody reads on from where it was.
  const others = (async () => {
    while (!ended) await app.sql(`insert into change_outbox (kind, data) values ('queue.filled', '{}')`);
  })();
  const seen: number[] = [];
  const read = async () => {
    const next = await app.sql<{ position: number }>('select position from change where position > $1 order by position', [
      seen.at(-1) ?? before,
    ]);
    seen.push(...next.map((each) => Number(each.position)));
  };
  const reading = (async () => {
    while (!ended) await read();
  })();
  await allEnd(2);
  ended = true;
  await Promise.all([others, reading]);
  await eventually(async () => (await app.sql('select from change_outbox')).length === 0);
  await read();
  const [{ position = -1 } = {}] = await app.sql<{ position: number }>('select position from change_log');
  // Numbered without a gap, and read once each: nothing became visible behind a position that was read before.
  expect(seen).toEqual(Array.from({ length: Number(position) - Number(before) }, (_, index) => Number(before) + 1 + index));
  const [{ count } = {}] = await app.sql<{ count: number }>(
    `select count(distinct communication_id)::int as count from change where kind = 'entry.created' and position > $1`,
    [before],
  );
  expect(count).toBe(2 * contacts);
});

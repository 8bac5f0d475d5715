import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
// Some chunks: a worker must not be through with them before it is told to pause.
const contacts = 40_000;
let planId: string;

beforeAll(async () => {
  await app.sql(`insert into contact (external_id, name) select 'C' || n, 'Contact ' || n from generate_series(1, $1::int) n`, [contacts]);
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "All", condition: { field: "contact.name", operator: IS_NOT_EMPTY } }) { segment { id } } }',
  );
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "P", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'P',
      includeSegmentIds: [createSegment.segment.id],
      messages: [
        {
          medium: 'DEVICE',
          externalSystemId: createExternalSystem.externalSystem.id,
          content: [{ language: 'en', body: 'Dear #contact.name' }],
        },
      ],
    },
  });
  planId = createPlan.plan.id;
});

const figures = 'id state matched remaining generated pending finishedAt skipped { reason count }';
const start = async () =>
  (await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId })).runPlan.run.id as string;
const look = async (id: string) => (await app.call(`query ($id: ID!) { run(id: $id) { ${figures} } }`, { id })).run;
const control = async (name: 'pauseRun' | 'resumeRun' | 'cancelRun', id: string) =>
  (await app.call(`mutation ($id: ID!) { ${name}(input: { runId: $id }) { run { ${figures} } } }`, { id }))[name].run;

test('E17x a paused run generates nothing more, and a resumed one reaches everybody once', async () => {
  const id = await start();
  await eventually(async () => (await look(id)).generated > 0, { everyMs: 5 });
  const paused = await control('pauseRun', id);
  expect(paused).toMatchObject({ state: 'PAUSED', matched: contacts });
  expect(paused.generated + paused.remaining).toBe(contacts);
  expect(await control('pauseRun', id)).toEqual(paused);
  // Longer than a worker takes for a chunk, and than its poll.
  const until = Date.now() + 1_500;
  await eventually(() => Date.now() > until);
  expect(await look(id)).toEqual(paused);
  await control('resumeRun', id);
  await eventually(async () => (await look(id)).state === 'COMPLETED', { withinMs: 20_000 });
  const [rows] = await app.sql('select count(*)::int as rows, count(distinct contact_id)::int as contacts from communication');
  expect(rows).toEqual({ rows: contacts, contacts });
});

test('E17x a cancelled run has ended: whom it did not reach is skipped, and the sums add up', async () => {
  const id = await start();
  await eventually(async () => (await look(id)).matched > 0, { everyMs: 5 });
  await control('pauseRun', id);
  const run = await control('cancelRun', id);
  expect(run).toMatchObject({ state: 'CANCELLED', remaining: 0, matched: contacts });
  expect(run.finishedAt).not.toBeNull();
  const skipped = run.skipped.reduce((sum: number, each: { count: number }) => sum + each.count, 0);
  expect(run.generated + skipped).toBe(contacts);
  const answer = await app.ask('mutation ($id: ID!) { resumeRun(input: { runId: $id }) { run { id } } }', { id });
  expect(answer.errors?.[0]?.extensions.code).toBe('INVALID_STATE_TRANSITION');
  const unknown = await app.ask('mutation { pauseRun(input: { runId: "nonsense" }) { run { id } } }');
  expect(unknown.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('a run that cannot go on is FAILED, says so, and stands in the way of no other', async () => {
  await app.sql('alter table run_recipient rename to run_recipient_away');
  const id = await start();
  const failed = await eventually(async () => {
    const { run } = await app.call('query ($id: ID!) { run(id: $id) { state error } }', { id });
    return run.state === 'FAILED' ? run : undefined;
  });
  await app.sql('alter table run_recipient_away rename to run_recipient');
  expect(failed.error).toMatch(/our side/);
  const next = await start();
  await eventually(async () => (await look(next)).state === 'COMPLETED', { withinMs: 20_000 });
});

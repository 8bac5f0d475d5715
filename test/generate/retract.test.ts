import { afterEach, beforeAll, expect, test } from 'vitest';
import { startRetractions } from '../../src/generate/retract.js';
import { startRunner } from '../../src/generate/runner.js';
import type { Loop } from '../../src/loop.js';
import { planSource } from '../../src/sources/plans/source.js';
import { eventually, openApp } from '../support/app.js';
import { log } from '../support/delivery.js';
import { subscribe } from '../support/live.js';

// An `api` process: what works is started here.
const app = await openApp({ env: { ROLE: 'api' } });
const contacts = 2_600;
const working: Loop[] = [];
let planId = '';
const portal: [role: 'EXTERNAL_SYSTEM', subject: string] = ['EXTERNAL_SYSTEM', 'portal'];

beforeAll(async () => {
  await app.sql(
    `insert into contact (external_id, name, email) select 'C' || n, 'Contact ' || n, 'c' || n || '@example.org' from generate_series(1, $1::int) n`,
    [contacts],
  );
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "All", condition: { field: "contact.name", operator: IS_NOT_EMPTY } }) { segment { id } } }',
  );
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const input = {
    name: 'P',
    includeSegmentIds: [createSegment.segment.id],
    messages: [
      { medium: 'DEVICE', externalSystemId: createExternalSystem.externalSystem.id, content: [{ language: 'en', body: 'Wrong price' }] },
      { medium: 'EMAIL', content: [{ language: 'en', subject: 'S', body: 'Wrong price' }] },
    ],
  };
  planId = (await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input })).createPlan.plan
    .id;
});

afterEach(async () => {
  await Promise.all(working.splice(0).map(async (each) => await each.stop()));
  await app.sql('truncate run, run_recipient, run_tally, communication, queue_entry, entry_expiry, retraction_left cascade');
});

const figures = 'id state matched generated remaining pending completed rejected removed retracted retractRequestedAt retractFinishedAt';
const look = async (id: string) => (await app.call(`query ($id: ID!) { run(id: $id) { ${figures} } }`, { id })).run;
const retract = async (id: string) =>
  (await app.call(`mutation ($id: ID!) { retractRun(input: { runId: $id }) { run { ${figures} } } }`, { id })).retractRun.run;
function work(loop: Loop): Loop {
  working.push(loop);
  return loop;
}
const retractions = () => work(startRetractions({ log, open: () => app.context() }));

async function sent(): Promise<string> {
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId });
  const runner = work(startRunner({ log, open: () => app.context(), sources: () => planSource }));
  await eventually(async () => (await look(runPlan.run.id)).state === 'COMPLETED');
  await runner.stop();
  return runPlan.run.id;
}

async function entriesOf(names: string[], medium = 'DEVICE'): Promise<string[]> {
  const found = await app.sql<{ id: string }>(
    `select c.id from communication c join contact k on k.id = c.contact_id where k.external_id = any($1) and c.medium = $2 order by k.external_id`,
    [names, medium],
  );
  return found.map(({ id }) => `com_${id.replaceAll('-', '')}`);
}

test('E5x a retracted run leaves every inbox, live, and nothing of it is handed over any more', async () => {
  const id = await sent();
  const [first = '', second = ''] = await entriesOf(['C1', 'C2']);
  // One was read to its end, one is completed; the others wait.
  const settle = async (name: string, ids: string[]) =>
    await app.call(
      `mutation ($entries: [SettleEntryInput!]!) { ${name}(input: { entries: $entries }) { results { error { code message } } } }`,
      { entries: ids.map((entry) => ({ id: entry })) },
      portal,
    );
  await settle('completeQueueEntries', [first, second]);
  await settle('removeQueueEntries', [second]);
  const phone = await subscribe(app, 'subscription { inboxChanged { kind entryId pendingCount } }', {}, ['CONTACT', 'C1']);
  await phone.until((each) => each.kind === 'SYNCED');
  expect(await retract(id)).toMatchObject({ state: 'COMPLETED', retracted: 0, retractFinishedAt: null });
  retractions();
  const done = await eventually(async () => {
    const run = await look(id);
    return run.retractFinishedAt !== null && run;
  });
  expect(done).toMatchObject({
    generated: 2 * contacts,
    pending: 0,
    completed: 0,
    removed: 2,
    rejected: 2 * contacts - 2,
    retracted: 2 * contacts - 1,
  });
  await phone.until((each) => each.kind === 'REMOVED' && each.entryId === first);
  expect(
    await app.sql(`select rejection_code as code, count(*)::int as count from communication where state = 'REJECTED' group by 1`),
  ).toEqual([{ code: 'CANCELLED', count: 2 * contacts - 2 }]);
  expect(await app.sql('select count(*)::int as count from queue_entry')).toEqual([{ count: 0 }]);
  expect(await retract(id)).toEqual(done);
});

test('E5x a run under way is cancelled, and a worker that is stopped in between is carried on by another', async () => {
  const id = await sent();
  await retract(id);
  const stopped = retractions();
  await eventually(async () => (await look(id)).retracted > 0, { everyMs: 5 });
  await stopped.stop();
  const half = await look(id);
  expect(half.retracted).toBeLessThan(2 * contacts);
  retractions();
  const done = await eventually(async () => {
    const run = await look(id);
    return run.retractFinishedAt !== null && run;
  });
  expect(done).toMatchObject({ retracted: 2 * contacts, rejected: 2 * contacts, pending: 0 });
  // Generated no further: cancelled at once, with the sums still right.
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId });
  expect(await retract(runPlan.run.id)).toMatchObject({ state: 'CANCELLED', remaining: 0 });
});

test('E5x what somebody has in hands is left to them: it is taken back when it comes back, and stays sent where it was', async () => {
  const id = await sent();
  const { leaseQueueEntries } = await app.call(
    'mutation { leaseQueueEntries(input: { limit: 2, leaseSeconds: 600 }) { entries { id lease { token } } } }',
    {},
    portal,
  );
  const [kept, given] = leaseQueueEntries.entries;
  await retract(id);
  retractions();
  await eventually(async () => (await look(id)).pending === 2);
  expect((await look(id)).retractFinishedAt).toBeNull();
  const complete =
    'mutation ($entries: [SettleEntryInput!]!) { completeQueueEntries(input: { entries: $entries }) { results { error { code } } } }';
  await app.call(complete, { entries: [{ id: kept.id, leaseToken: kept.lease.token }] }, portal);
  await app.sql(`update queue_entry set due_at = now() where lease_token = $1`, [given.lease.token]);
  const done = await eventually(async () => {
    const run = await look(id);
    return run.retractFinishedAt !== null && run;
  });
  // Completed into the inbox, it left it; the other one was still waiting.
  expect(done).toMatchObject({ pending: 0, removed: 1, rejected: 2 * contacts - 1, retracted: 2 * contacts });
});

test('E5x all runs of a plan at once; only an administrator may', async () => {
  const ids = [await sent(), await sent()];
  const mutation = 'mutation ($id: ID!) { retractPlan(input: { planId: $id }) { runs { id } } }';
  expect((await app.ask(mutation, { id: planId }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  const { retractPlan } = await app.call(mutation, { id: planId });
  expect(retractPlan.runs.map((each: { id: string }) => each.id)).toEqual(ids.toReversed());
  expect((await app.call(mutation, { id: planId })).retractPlan.runs).toEqual([]);
  const unknown = await app.ask('mutation { retractRun(input: { runId: "nonsense" }) { run { id } } }');
  expect(unknown.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

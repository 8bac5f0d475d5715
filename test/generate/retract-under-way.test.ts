import { beforeAll, expect, test } from 'vitest';
import { startRetractions } from '../../src/generate/retract.js';
import { startRunner } from '../../src/generate/runner.js';
import { startSweeps } from '../../src/generate/sweep.js';
import { planSource } from '../../src/sources/plans/source.js';
import { eventually } from '../support/app.js';
import { log, openDelivery } from '../support/delivery.js';
import { subscribe } from '../support/live.js';

// The whole product at work, each duty started by the test: a campaign of two media is taken back in the middle.
const delivery = await openDelivery();
const { app } = delivery;
const contacts = 12_000;
const portal: [role: 'EXTERNAL_SYSTEM', subject: string] = ['EXTERNAL_SYSTEM', 'portal'];
let planId = '';

beforeAll(async () => {
  await app.sql(
    `insert into contact (external_id, name, email) select 'C' || n, 'Contact ' || n, 'c' || n || '@example.org' from generate_series(1, $1::int) n`,
    [contacts],
  );
  const made = await app.call(`mutation {
    createSegment(input: { name: "All", condition: { field: "contact.name", operator: IS_NOT_EMPTY } }) { segment { id } }
    createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } }
  }`);
  const input = {
    name: 'P',
    includeSegmentIds: [made.createSegment.segment.id],
    messages: [
      {
        medium: 'DEVICE',
        externalSystemId: made.createExternalSystem.externalSystem.id,
        content: [{ language: 'en', body: 'Wrong price' }],
      },
      { medium: 'EMAIL', content: [{ language: 'en', subject: 'S', body: 'Wrong price' }] },
    ],
  };
  planId = (await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input })).createPlan.plan
    .id;
});

const publicIdOf = (id: string) => `com_${id.replaceAll('-', '')}`;
const look = async (id: string) =>
  (
    await app.call(
      'query ($id: ID!) { run(id: $id) { id state matched remaining generated skipped { reason count } pending completed rejected removed retracted retractFinishedAt } }',
      { id },
    )
  ).run;
const settle = async (name: string, ids: string[], tokens: (string | undefined)[] = []) =>
  await app.call(
    `mutation ($entries: [SettleEntryInput!]!) { ${name}(input: { entries: $entries }) { results { error { code } } } }`,
    { entries: ids.map((id, index) => ({ id, ...(tokens[index] && { leaseToken: tokens[index] }) })) },
    portal,
  );

test('E5x E17x a campaign taken back in the middle: nobody gets it any more, every inbox is rid of it, and the sums add up', async () => {
  const runner = startRunner({ log, open: () => app.context(), sources: () => planSource });
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId });
  const runId: string = runPlan.run.id;
  const row = `${runId.slice(4, 12)}-${runId.slice(12, 16)}-${runId.slice(16, 20)}-${runId.slice(20, 24)}-${runId.slice(24)}`;
  // The worker dies in the middle.
  await eventually(async () => (await look(runId)).generated > 0, { everyMs: 5 });
  await runner.stop();
  const partly = await look(runId);
  expect([partly.state, partly.remaining > 0, partly.generated > 0]).toEqual(['RUNNING', true, true]);

  // Of what is there: one is in an inbox that is being watched, one was removed, one is leased, some e-mails have left, one was rejected and tried again.
  const { leaseQueueEntries } = await app.call(
    'mutation { leaseQueueEntries(input: { limit: 4, leaseSeconds: 600 }) { entries { id contact { externalId } lease { token } } } }',
    {},
    portal,
  );
  const [read, removed, leased, refused] = leaseQueueEntries.entries;
  await settle('completeQueueEntries', [read.id, removed.id], [read.lease.token, removed.lease.token]);
  await settle('removeQueueEntries', [removed.id]);
  await app.call(
    `mutation ($entries: [RejectEntryInput!]!) { rejectQueueEntries(input: { entries: $entries }) { results { error { code } } } }`,
    { entries: [{ id: refused.id, leaseToken: refused.lease.token, reason: 'broken' }] },
    portal,
  );
  const retry = 'mutation ($id: ID!) { retryCommunication(input: { communicationId: $id }) { communication { id } } }';
  const again: string = (await app.call(retry, { id: refused.id })).retryCommunication.communication.id;
  const phone = await subscribe(app, 'subscription { inboxChanged { kind entryId } }', {}, ['CONTACT', read.contact.externalId]);
  await phone.until((each) => each.kind === 'SYNCED');

  const taken = await app.call('mutation ($id: ID!) { retractRun(input: { runId: $id }) { run { state remaining } } }', { id: runId });
  expect(taken.retractRun.run).toEqual({ state: 'CANCELLED', remaining: 0 });
  const another = startRunner({ log, open: () => app.context(), sources: () => planSource });
  const sender = delivery.start();
  const retractions = startRetractions({ log, open: () => app.context() });
  const sweeps = startSweeps({ log, open: () => app.context() });
  await eventually(async () => (await look(runId)).pending === 1, { withinMs: 30_000 });
  // What an external system has in its hands is its own to settle, and comes back when its lease ends.
  await app.sql('update queue_entry set due_at = now() where lease_token = $1', [leased.lease.token]);
  const done = await eventually(async () => {
    const run = await look(runId);
    return run.retractFinishedAt === null ? undefined : run;
  });
  await Promise.all([another.stop(), sender.stop(), retractions.stop(), sweeps.stop()]);

  expect(done.generated).toBe(partly.generated);
  expect(done.skipped).toEqual([{ reason: 'CANCELLED', count: 2 * contacts - partly.generated }]);
  expect(done.matched).toBe(done.generated + done.skipped[0].count + done.remaining);
  expect(done.generated).toBe(done.pending + done.completed + done.rejected + done.removed);
  expect({ pending: done.pending, completed: done.completed, removed: done.removed }).toEqual({ pending: 0, completed: 0, removed: 2 });
  // None of it is left to be sent, and none of the engine's own was sent after the answer.
  expect(delivery.sink.arrived).toEqual([]);
  expect(await app.sql('select 1 from queue_entry')).toEqual([]);
  await phone.until((each) => each.kind === 'REMOVED' && each.entryId === read.id);
  const inboxes = await app.sql(
    `select count(*)::int as n from communication c join external_system s on s.id = c.external_system_id where s.contact_inbox and c.state in ('PENDING', 'COMPLETED')`,
  );
  expect(inboxes).toEqual([{ n: 0 }]);

  // What was tried again of it says the same, and is taken back with it; and it is not tried again any more.
  const [retried] = await app.sql('select state, rejection_code as code from communication where id::text = $1', [
    again.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  ]);
  expect(retried).toEqual({ state: 'REJECTED', code: 'CANCELLED' });
  const [other] = await app.sql<{ id: string }>(
    `select id from communication where run_id = $1 and state = 'REJECTED' and medium = 'EMAIL' limit 1`,
    [row],
  );
  for (const id of [again, publicIdOf(other?.id ?? '')].filter((each) => each !== 'com_')) {
    const { errors } = await app.ask(retry, { id });
    expect(errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['RETRACTED']);
  }
}, 90_000);

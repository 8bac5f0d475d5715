import { expect, test } from 'vitest';
import { startRunner } from '../../src/generate/runner.js';
import { startSweeps } from '../../src/generate/sweep.js';
import { planSource } from '../../src/sources/plans/source.js';
import { eventually } from '../support/app.js';
import { log, openDelivery } from '../support/delivery.js';
import { subscribe } from '../support/live.js';

const delivery = await openDelivery();
const portal: [role: 'EXTERNAL_SYSTEM', subject: string] = ['EXTERNAL_SYSTEM', 'portal'];

test('BS11 a campaign ends while entries wait: neither the engine nor the portal delivers them any more', async () => {
  const { app } = delivery;
  await app.sql(
    `insert into contact (external_id, name, email) select 'C' || n, 'Contact ' || n, 'c' || n || '@example.org' from generate_series(1, 20) n`,
  );
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "All", condition: { field: "contact.name", operator: IS_NOT_EMPTY } }) { segment { id } } }',
  );
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const end = Date.now() + 4_000;
  const input = {
    name: 'Summer sale',
    expiresAt: new Date(end).toISOString(),
    includeSegmentIds: [createSegment.segment.id],
    messages: [
      { medium: 'EMAIL', content: [{ language: 'en', subject: 'Sale', body: 'Until tonight' }] },
      { medium: 'DEVICE', externalSystemId: createExternalSystem.externalSystem.id, content: [{ language: 'en', body: 'Until tonight' }] },
    ],
  };
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input });
  const start = 'mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }';
  const { runPlan } = await app.call(start, { id: createPlan.plan.id });
  const runner = startRunner({ log, open: () => app.context(), sources: () => planSource });
  const look = async () =>
    (await app.call('query ($id: ID!) { run(id: $id) { state generated pending rejected } }', { id: runPlan.run.id })).run;
  await eventually(async () => (await look()).state === 'COMPLETED');
  await runner.stop();
  expect(await look()).toMatchObject({ generated: 40, pending: 40, rejected: 0 });
  const phone = await subscribe(app, 'subscription { inboxChanged { kind pendingCount } }', {}, ['CONTACT', 'C1']);
  await phone.until((each) => each.kind === 'SYNCED' && each.pendingCount === 1);

  await eventually(() => Date.now() > end);
  // From that instant, before anybody has announced it.
  const lease = 'mutation { leaseQueueEntries(input: { limit: 100 }) { entries { id } } }';
  expect((await app.call(lease, {}, portal)).leaseQueueEntries.entries).toEqual([]);
  expect((await app.call('{ queueEntries(states: [PENDING]) { totalCount } }', {}, portal)).queueEntries.totalCount).toBe(0);
  delivery.start();
  const sweeps = startSweeps({ log, open: () => app.context() });
  await eventually(async () => (await look()).rejected === 40);
  await phone.until((each) => each.kind === 'REMOVED' && each.pendingCount === 0);
  await sweeps.stop();
  expect(delivery.sink.arrived).toEqual([]);
  const codes = await app.sql('select distinct state, rejection_code as code from communication');
  expect(codes).toEqual([{ state: 'REJECTED', code: 'EXPIRED' }]);
  const again = await app.ask(start, { id: createPlan.plan.id });
  expect(again.errors?.[0]?.extensions.problems?.[0]?.code).toBe('EXPIRED');
});

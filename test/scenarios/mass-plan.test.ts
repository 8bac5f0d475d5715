import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

// The whole application: its worker generates, its clocks run schedules.
const app = await openApp();
const ids: Record<string, string> = {};

beforeAll(async () => {
  // Three in four are customers, one in ten of all has a special contract.
  await app.sql(`insert into contact (external_id, name, email, attributes) select 'C' || n, case when n % 4 = 0 then 'Prospect ' else 'Customer ' end || n,
    'c' || n || '@example.org', '{}' from generate_series(1, 200) n`);
  const segment = async (name: string, input: object) =>
    (
      await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
        input: { name, ...input },
      })
    ).createSegment.segment.id;
  ids['customers'] = await segment('Customers', { condition: { field: 'contact.name', operator: 'STARTS_WITH', value: 'Customer' } });
  ids['special'] = await segment('Special contracts', { contactExternalIds: Array.from({ length: 20 }, (_, n) => `C${(n + 1) * 10}`) });
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const input = {
    name: 'New prices',
    includeSegmentIds: [ids['customers']],
    excludeSegmentIds: [ids['special']],
    messages: [
      {
        medium: 'DEVICE',
        externalSystemId: createExternalSystem.externalSystem.id,
        content: [{ language: 'en', subject: 'Prices', body: 'Dear #contact.name, our prices change.' }],
      },
    ],
  };
  ids['plan'] = (
    await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input })
  ).createPlan.plan.id;
});

// 150 customers; of the 20 special ones every second number is divisible by four.
const reached = 150 - 10;

test('BS16 P24 a plan for segments: included less excluded, matched contacts before, now and later, and what was performed', async () => {
  const before = await app.call(
    `query ($plan: ID!, $count: AudienceCountInput!) {
      plan(id: $plan) { matchedContacts(first: 1) { totalCount } schedules { id } runs { totalCount } }
      audienceCount(input: $count) { included excluded reached }
      previewRun(input: { planId: $plan, samples: 1 }) { matched generated skipped { reason count } messages { samples { content { body } } } }
    }`,
    { plan: ids['plan'], count: { includeSegmentIds: [ids['customers']], excludeSegmentIds: [ids['special']] } },
  );
  expect(before.plan).toEqual({ matchedContacts: { totalCount: reached }, schedules: [], runs: { totalCount: 0 } });
  expect(before.audienceCount).toEqual({ included: 150, excluded: 10, reached });
  expect(before.previewRun).toMatchObject({ matched: 150, generated: reached, skipped: [{ reason: 'EXCLUDED_SEGMENT', count: 10 }] });
  expect(before.previewRun.messages[0].samples[0].content.body).toMatch(/^Dear Customer \d+, our prices change\.$/);

  // Now.
  await app.call('mutation ($plan: ID!) { runPlan(input: { planId: $plan }) { run { id } } }', { plan: ids['plan'] });
  const performed = async (count: number) =>
    await eventually(async () => {
      const { plan } = await app.call(
        'query ($plan: ID!) { plan(id: $plan) { runs { nodes { state matched generated pending skipped { reason count } scheduledFor startedAt finishedAt } } } }',
        { plan: ids['plan'] },
      );
      const done = plan.runs.nodes.filter((each: any) => each.state === 'COMPLETED');
      return done.length === count && done;
    });
  await performed(1);

  // At an instant, after a unit of time, and again and again.
  const schedule = async (input: object) =>
    (
      await app.call('mutation ($input: SchedulePlanInput!) { schedulePlan(input: $input) { schedule { id nextRuns(first: 3) } } }', {
        input: { planId: ids['plan'], schedule: input },
      })
    ).schedulePlan.schedule;
  const at = new Date(Date.now() + 1_500).toISOString();
  await schedule({ at });
  const monthly = await schedule({ repeat: { cron: '0 0 1 * *' }, timeZone: 'Europe/Nicosia' });
  const later = await schedule({ after: { amount: 2, unit: 'WEEK' } });
  const runs = await performed(2);
  expect(runs.map((each: any) => each.scheduledFor)).toContain(at);
  for (const run of runs) {
    expect(run).toMatchObject({ matched: 150, generated: reached, pending: reached, skipped: [{ reason: 'EXCLUDED_SEGMENT', count: 10 }] });
  }
  // When they run next is shown beside (Z7: the first of each month, there).
  const { plan } = await app.call('query ($plan: ID!) { plan(id: $plan) { schedules { id active nextRunAt } } }', { plan: ids['plan'] });
  expect(plan.schedules.filter((each: any) => each.active).map((each: any) => each.id)).toEqual([monthly.id, later.id]);
  expect(monthly.nextRuns).toHaveLength(3);
  for (const instant of monthly.nextRuns) {
    const there = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Nicosia', day: 'numeric', hour: '2-digit', minute: '2-digit' });
    expect(there.format(new Date(instant))).toBe('1, 00:00');
  }

  // P17: the results are in the list of communications.
  const { communications } = await app.call(
    'query ($plan: ID!) { communications(filter: { planId: $plan, states: [PENDING] }) { totalCount } }',
    { plan: ids['plan'] },
  );
  expect(communications.totalCount).toBe(2 * reached);
});

import { beforeAll, describe, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
let planId = '';
let everybody = '';
let some = '';

beforeAll(async () => {
  await app.sql(`insert into contact (external_id, name, email, preferred_language, direct_marketing)
    select 'C' || lpad(n::text, 2, '0'), 'Contact ' || n, case when n > 2 then 'c' || n || '@example.org' end,
      case when n % 2 = 0 then 'el' else 'en' end, n <> 5 from generate_series(1, 10) n`);
  const segment = async (name: string, condition: object) =>
    (
      await app.call(
        'mutation ($name: String!, $condition: ConditionInput!) { createSegment(input: { name: $name, condition: $condition }) { segment { id } } }',
        {
          name,
          condition,
        },
      )
    ).createSegment.segment.id;
  everybody = await segment('Everybody', { field: 'contact.name', operator: 'IS_NOT_EMPTY' });
  some = await segment('Some', { field: 'contact.name', operator: 'IN', value: ['Contact 9', 'Contact 10'] });
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true, characterLimit: 12 }) { externalSystem { id } } }',
  );
  const input = {
    name: 'P',
    includeSegmentIds: [everybody],
    excludeSegmentIds: [some],
    applyDirectMarketingPreference: true,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    messages: [
      {
        medium: 'EMAIL',
        content: [
          { language: 'en', subject: 'Hello', body: 'Dear #contact.name' },
          { language: 'el', subject: 'Γεια', body: 'Αγαπητέ #contact.name' },
        ],
      },
      {
        medium: 'DEVICE',
        externalSystemId: createExternalSystem.externalSystem.id,
        content: [{ language: 'en', body: 'Hi #contact.name' }],
      },
    ],
  };
  planId = (await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', { input })).createPlan.plan
    .id;
});

const preview = `query ($input: PreviewRunInput!) { previewRun(input: $input) {
  matched generated skipped { reason count }
  messages { medium matched generated skipped { reason count } samples { contact { name } address tooLong content { language subject body } } }
} }`;
const figures = {
  matched: 20,
  generated: 12,
  skipped: [
    { reason: 'EXCLUDED_SEGMENT', count: 4 },
    { reason: 'NO_ADDRESS', count: 2 },
    { reason: 'OPTED_OUT_DIRECT', count: 2 },
  ],
};
const stored = async () =>
  (
    await app.sql(`select (select count(*) from run)::int as runs, (select count(*) from run_recipient)::int as recipients,
      (select count(*) from communication)::int as communications, (select count(*) from change_outbox)::int + (select count(*) from change)::int as changes`)
  )[0];

describe('previewRun', () => {
  test('P8 P14 P19 tells whom a run would reach, by medium, and what some of them would get; nothing is stored', async () => {
    const before = await stored();
    const { previewRun } = await app.call(preview, { input: { planId, samples: 2 } }, 'AGENT');
    expect(previewRun).toMatchObject(figures);
    const [email, device] = previewRun.messages;
    expect(email).toMatchObject({ medium: 'EMAIL', matched: 10, generated: 5 });
    expect(email.samples).toHaveLength(2);
    const { previewRun: all } = await app.call(preview, { input: { planId, samples: 20 } });
    const byName = (name: string) => all.messages[0].samples.find((each: any) => each.contact.name === name);
    expect(all.messages[0].samples).toHaveLength(5);
    expect(byName('Contact 3')).toEqual({
      contact: { name: 'Contact 3' },
      address: 'c3@example.org',
      tooLong: false,
      content: { language: 'en', subject: 'Hello', body: 'Dear Contact 3' },
    });
    expect(byName('Contact 4').content).toEqual({ language: 'el', subject: 'Γεια', body: 'Αγαπητέ Contact 4' });
    expect(device).toMatchObject({ medium: 'DEVICE', matched: 10, generated: 7 });
    expect(device.samples[0]).toMatchObject({ address: null, tooLong: false, content: { body: expect.stringMatching(/^Hi Contact \d$/) } });
    expect(await stored()).toEqual(before);
  });

  test('at an instant behind the validity it cannot run; what is wrong is told all at once', async () => {
    const at = new Date(Date.now() + 2 * 86_400_000).toISOString();
    const late = await app.ask(preview, { input: { planId, at } });
    expect(late.errors?.[0]?.extensions.problems?.[0]).toMatchObject({ path: ['planId'], code: 'CANNOT_RUN' });
    const wrong = await app.ask(preview, { input: { samples: 21 } });
    expect(wrong.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['OUT_OF_RANGE', 'EXACTLY_ONE']);
    expect((await app.ask(preview, { input: { planId } }, 'CONTACT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

test('XU4 a dry run of runPlan matches at once, shows the figures of a real run, and keeps nothing', async () => {
  const selection = 'run { state matched generated remaining skipped { reason count } }';
  const before = await stored();
  const { runPlan: dry } = await app.call(`mutation ($id: ID!) @dryRun { runPlan(input: { planId: $id }) { ${selection} } }`, {
    id: planId,
  });
  expect(dry.run).toMatchObject({ ...figures, generated: 0, remaining: 12 });
  expect(await stored()).toEqual(before);
  const { runPlan: real } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId });
  const done = await eventually(async () => {
    const { run } = await app.call('query ($id: ID!) { run(id: $id) { state matched generated skipped { reason count } } }', {
      id: real.run.id,
    });
    return run.state === 'COMPLETED' && run;
  });
  expect(done).toMatchObject(figures);
  // A plan that cannot run says so in a dry run, too.
  await app.sql(`update plan set expires_at = now() - interval '1 second'`);
  const answer = await app.ask(`mutation ($id: ID!) @dryRun { runPlan(input: { planId: $id }) { ${selection} } }`, { id: planId });
  expect(answer.errors?.[0]?.extensions.problems?.[0]?.code).toBe('EXPIRED');
  await app.sql('update plan set expires_at = null');
});

describe('XU8 the audience is counted while a plan is edited', () => {
  const count = async (input: object) =>
    (
      await app.call(
        'query ($input: AudienceCountInput!) { audienceCount(input: $input) { included excluded optedOut reached } }',
        { input },
        'AGENT',
      )
    ).audienceCount;

  test('by segments, an unsaved condition and the switches; each contact once', async () => {
    expect(await count({})).toEqual({ included: 0, excluded: 0, optedOut: 0, reached: 0 });
    expect(await count({ includeSegmentIds: [everybody, some] })).toEqual({ included: 10, excluded: 0, optedOut: 0, reached: 10 });
    expect(await count({ includeSegmentIds: [everybody], excludeSegmentIds: [some], applyDirectMarketingPreference: true })).toEqual({
      included: 10,
      excluded: 2,
      optedOut: 1,
      reached: 7,
    });
    const condition = { field: 'contact.name', operator: 'IN', value: ['Contact 1', 'Contact 9'] };
    expect(await count({ includeSegmentIds: [some], condition })).toEqual({ included: 3, excluded: 0, optedOut: 0, reached: 3 });
  });

  test('with something wrong it tells all of it', async () => {
    const answer = await app.ask('query ($input: AudienceCountInput!) { audienceCount(input: $input) { reached } }', {
      input: { includeSegmentIds: ['seg_none'], condition: { field: 'contact.nmae', operator: 'EQ', value: 'x' } },
    });
    expect(answer.errors?.[0]?.extensions.problems?.map((each) => each.path[0])).toEqual(['includeSegmentIds', 'condition']);
  });
});

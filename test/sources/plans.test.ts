import { beforeAll, describe, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
const segments: Record<string, string> = {};
let portal = '';
let narrow = '';

const text = (body: string, language = 'en') => [{ language, subject: 'News', body }];
const emailOf = (body = 'Dear #contact.name') => ({ medium: 'EMAIL', content: text(body) });
const fields = `id name code description state expiresAt applyDirectMarketingPreference applyAffiliateMarketingPreference
  includeSegments { name } excludeSegments { name }
  messages { medium enabled addressType template { name } content { language body } externalSystem { name } category { name } }`;

const create = async (input: object, selection = fields) =>
  (
    await app.call(`mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { ${selection} } warnings { path code } } }`, {
      input,
    })
  ).createPlan;
const update = async (input: object) =>
  await app.ask(`mutation ($input: UpdatePlanInput!) { updatePlan(input: $input) { plan { ${fields} } warnings { path code } } }`, {
    input,
  });
const problemsOf = (answer: Awaited<ReturnType<typeof update>>) =>
  answer.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code]);
const run = async (planId: string) =>
  (await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: planId })).runPlan.run.id as string;
const ended = async (id: string) =>
  await eventually(async () => {
    const { run: found } = await app.call(
      'query ($id: ID!) { run(id: $id) { state error matched generated skipped { reason count } finishedAt } }',
      { id },
    );
    return ['COMPLETED', 'FAILED'].includes(found.state) && found;
  });

beforeAll(async () => {
  await app.sql(`insert into contact (external_id, name, email, phone, preferred_language, direct_marketing, affiliate_marketing)
    select 'C' || n, 'Contact ' || n, case when n <= 8 then 'c' || n || '@example.org' end, '+3579900000' || n % 10, 'en', n <> 2, n <> 3
    from generate_series(1, 10) n`);
  for (const [name, low] of [
    ['Everybody', 0],
    ['Some', 9],
  ] as const) {
    const listed = (await app.sql(`select external_id as id from contact where substr(external_id, 2)::int > $1 order by id`, [low])).map(
      ({ id }) => id,
    );
    const { createSegment } = await app.call(
      'mutation ($name: String!, $who: [String!]!) { createSegment(input: { name: $name, contactExternalIds: $who }) { segment { id } } }',
      { name, who: listed },
    );
    segments[name] = createSegment.segment.id;
  }
  const system = async (name: string, characterLimit: number | null) =>
    (
      await app.call(
        'mutation ($name: String!, $limit: Int) { createExternalSystem(input: { name: $name, media: [DEVICE, SMS], contactInbox: true, characterLimit: $limit }) { externalSystem { id } } }',
        { name, limit: characterLimit },
      )
    ).createExternalSystem.externalSystem.id;
  portal = await system('Portal', null);
  narrow = await system('Narrow', 20);
});

describe('a plan is kept as it was made', () => {
  test('P2 P3 P4 P7 P9 P11 P20 P21 every field of it', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const { plan } = await create({
      name: 'All of it',
      description: 'For people.',
      expiresAt,
      includeSegmentIds: [segments['Everybody']],
      excludeSegmentIds: [segments['Some']],
      applyAffiliateMarketingPreference: true,
      messages: [
        {
          medium: 'EMAIL',
          content: [{ language: 'en', subject: 'S', body: '<p><b>Rich</b> <a href="https://example.org/x">link</a></p>', format: 'HTML' }],
        },
        { medium: 'SMS', content: text('Hello'), addressType: 'WORK', enabled: false },
        { medium: 'DEVICE', content: text('Hello'), externalSystemId: portal },
      ],
    });
    expect(plan).toMatchObject({
      code: 'all-of-it',
      description: 'For people.',
      state: 'EFFECTIVE',
      expiresAt,
      applyDirectMarketingPreference: false,
      applyAffiliateMarketingPreference: true,
      includeSegments: [{ name: 'Everybody' }],
      excludeSegments: [{ name: 'Some' }],
    });
    expect(plan.messages.map((each: any) => [each.medium, each.enabled, each.addressType, each.externalSystem?.name])).toEqual([
      ['EMAIL', true, null, undefined],
      ['SMS', false, 'WORK', undefined],
      ['DEVICE', true, null, 'Portal'],
    ]);
  });

  test('P1 P5 P10 P23 what is wrong with one is told all at once', async () => {
    const answer = await app.ask('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
      input: { name: 'All of it', expiresAt: '2020-01-01T00:00:00Z', includeSegmentIds: [], excludeSegmentIds: ['seg_none'], messages: [] },
    });
    expect(problemsOf(answer)).toEqual([
      ['name', 'TAKEN'],
      ['code', 'TAKEN'],
      ['expiresAt', 'IN_THE_PAST'],
      ['includeSegmentIds', 'REQUIRED'],
      ['excludeSegmentIds.0', 'NOT_FOUND'],
      ['messages', 'REQUIRED'],
    ]);
  });

  test('P9 who may not receive affiliate marketing is left out', async () => {
    const { plan } = await create({
      name: 'Partners',
      includeSegmentIds: [segments['Everybody']],
      applyAffiliateMarketingPreference: true,
      messages: [emailOf()],
    });
    const done = await ended(await run(plan.id));
    expect(done).toMatchObject({ state: 'COMPLETED', matched: 10, generated: 7 });
    expect(done.skipped).toContainEqual({ reason: 'OPTED_OUT_AFFILIATE', count: 1 });
  });

  test('XU7 its texts are checked when it is saved, by the limit of the external system, too', async () => {
    const { warnings } = await create({
      name: 'Too long',
      includeSegmentIds: [segments['Everybody']],
      messages: [
        { medium: 'DEVICE', content: text('More than twenty characters, all by itself'), externalSystemId: narrow },
        { medium: 'EMAIL', content: text('About #job.number') },
      ],
    });
    expect(warnings).toContainEqual({ path: ['messages', '0', 'content', '0', 'body'], code: 'TOO_LONG' });
    expect(warnings).toContainEqual({ path: ['messages', '1', 'content', '0', 'body'], code: 'AMBIGUOUS_TAG' });
  });
});

describe('editing', () => {
  test('what is left out stays; messages and segments are replaced as a whole', async () => {
    const { plan } = await create({
      name: 'Edited',
      description: 'Old',
      includeSegmentIds: [segments['Everybody']],
      messages: [emailOf()],
    });
    const answer = await update({
      planId: plan.id,
      description: null,
      includeSegmentIds: [segments['Some']],
      messages: [{ medium: 'DEVICE', content: text('New'), externalSystemId: portal }],
      applyDirectMarketingPreference: true,
    });
    expect(answer.errors).toBeUndefined();
    expect(answer.data?.['updatePlan'].plan).toMatchObject({
      name: 'Edited',
      description: null,
      includeSegments: [{ name: 'Some' }],
      applyDirectMarketingPreference: true,
      messages: [{ medium: 'DEVICE', content: [{ body: 'New' }] }],
    });
  });

  test('a wrong one changes nothing, and an agent may not', async () => {
    const { plan } = await create({ name: 'Untouched', includeSegmentIds: [segments['Everybody']], messages: [emailOf()] });
    const answer = await update({ planId: plan.id, name: 'Edited', expiresAt: '2020-01-01T00:00:00Z', includeSegmentIds: [] });
    expect(problemsOf(answer)).toEqual([
      ['name', 'TAKEN'],
      ['expiresAt', 'IN_THE_PAST'],
      ['includeSegmentIds', 'REQUIRED'],
    ]);
    const { plan: same } = await app.call(`query ($id: ID!) { plan(id: $id) { ${fields} } }`, { id: plan.id });
    expect(same).toEqual(plan);
    const refused = await app.ask('mutation ($id: ID!) { updatePlan(input: { planId: $id }) { plan { id } } }', { id: plan.id }, 'AGENT');
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('AMB-24 only an EFFECTIVE plan runs; a DRAFT may be without segments', async () => {
    const { plan } = await create({ name: 'Draft', state: 'DRAFT', includeSegmentIds: [], messages: [emailOf()] });
    const start = 'mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }';
    expect(problemsOf(await app.ask(start, { id: plan.id }))).toEqual([['planId', 'NOT_EFFECTIVE']]);
    expect(problemsOf(await update({ planId: plan.id, state: 'EFFECTIVE' }))).toEqual([['includeSegmentIds', 'REQUIRED']]);
    const made = await update({ planId: plan.id, state: 'EFFECTIVE', includeSegmentIds: [segments['Some']] });
    expect(made.data?.['updatePlan'].plan.state).toBe('EFFECTIVE');
    expect((await ended(await run(plan.id))).state).toBe('COMPLETED');
    expect((await update({ planId: plan.id, state: 'DRAFT' })).errors?.[0]?.extensions.code).toBe('INVALID_STATE_TRANSITION');
    await update({ planId: plan.id, state: 'NOT_EFFECTIVE' });
    expect(problemsOf(await app.ask(start, { id: plan.id }))).toEqual([['planId', 'NOT_EFFECTIVE']]);
  });

  test('E8 a message that is switched off is not sent', async () => {
    const { plan } = await create({
      name: 'Switched',
      includeSegmentIds: [segments['Some']],
      messages: [
        { ...emailOf(), enabled: false },
        { medium: 'DEVICE', content: text('Hello'), externalSystemId: portal },
      ],
    });
    expect(await ended(await run(plan.id))).toMatchObject({ matched: 1, generated: 1, skipped: [] });
    await update({ planId: plan.id, messages: [{ ...emailOf(), enabled: false }] });
    expect(await ended(await run(plan.id))).toMatchObject({ state: 'FAILED', error: expect.stringContaining('switched off') });
  });

  test('P6 a copy has its messages, segments and switches, and none of its runs', async () => {
    const { plan } = await create({
      name: 'Original',
      includeSegmentIds: [segments['Some']],
      excludeSegmentIds: [segments['Everybody']],
      applyDirectMarketingPreference: true,
      messages: [emailOf('As it was')],
    });
    await run(plan.id);
    const { copyPlan } = await app.call(
      `mutation ($id: ID!) { copyPlan(input: { planId: $id, name: "The copy" }) { plan { ${fields} runs { totalCount } } } }`,
      { id: plan.id },
    );
    expect(copyPlan.plan).toEqual({
      ...plan,
      id: copyPlan.plan.id,
      name: 'The copy',
      code: 'the-copy',
      state: 'DRAFT',
      runs: { totalCount: 0 },
    });
    await update({ planId: plan.id, messages: [emailOf('Changed')] });
    const { plan: copy } = await app.call('query ($id: ID!) { plan(id: $id) { messages { content { body } } } }', { id: copyPlan.plan.id });
    expect(copy.messages[0].content[0].body).toBe('As it was');
  });

  test('a plan with an open run is not deleted; without, its schedules go and its runs and communications stay', async () => {
    const { plan } = await create({
      name: 'Deleted',
      includeSegmentIds: [segments['Some']],
      messages: [{ medium: 'DEVICE', content: text('Hi'), externalSystemId: portal }],
    });
    const id = await run(plan.id);
    await ended(id);
    const schedule =
      'mutation ($id: ID!) { schedulePlan(input: { planId: $id, schedule: { after: { amount: 1, unit: DAY } } }) { schedule { id } } }';
    const made = (await app.call(schedule, { id: plan.id })).schedulePlan.schedule.id;
    const remove = 'mutation ($id: ID!) { deletePlan(input: { planId: $id }) { planId } }';
    await app.sql(`insert into run (plan_id, state, messages) select id, 'PAUSED', '[]' from plan where code = 'deleted'`);
    expect((await app.ask(remove, { id: plan.id })).errors?.[0]?.extensions.code).toBe('CONFLICT');
    expect((await app.call('query ($id: ID!) { node(id: $id) { id } }', { id: made })).node).not.toBeNull();
    await app.sql(`delete from run where state = 'PAUSED'`);
    expect(await app.call(remove, { id: plan.id })).toEqual({ deletePlan: { planId: plan.id } });
    expect((await app.call('query ($id: ID!) { plan(id: $id) { id } }', { id: plan.id })).plan).toBeNull();
    expect((await app.call('query ($id: ID!) { node(id: $id) { id } }', { id: made })).node).toBeNull();
    const { run: kept, communications } = await app.call(
      'query ($id: ID!) { run(id: $id) { generated } communications(filter: { runId: $id }) { totalCount } }',
      { id },
    );
    expect({ kept, communications }).toEqual({ kept: { generated: 1 }, communications: { totalCount: 1 } });
    expect((await app.ask(remove, { id: plan.id })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

describe('finding', () => {
  test('P18 by name, code, segment, medium, state and date, and all of them', async () => {
    await create({
      name: 'Searched one',
      code: 'FIND-1',
      includeSegmentIds: [segments['Some']],
      messages: [{ medium: 'SMS', content: text('Hi') }],
    });
    const found = async (filter: object) =>
      (await app.call('query ($filter: PlanFilter) { plans(filter: $filter, first: 100) { nodes { name } totalCount } }', { filter }))
        .plans;
    const names = async (filter: object) => (await found(filter)).nodes.map((each: { name: string }) => each.name);
    expect(await names({ name: 'searched ONE' })).toEqual(['Searched one']);
    expect(await names({ code: 'find-1' })).toEqual(['Searched one']);
    expect(await names({ search: 'FIND', media: ['SMS'], states: ['EFFECTIVE'], segmentId: segments['Some'] })).toEqual(['Searched one']);
    expect(await names({ search: 'FIND', media: ['EMAIL'] })).toEqual([]);
    expect(await names({ name: '%' })).toEqual([]);
    expect(await names({ createdBefore: '2020-01-01T00:00:00Z' })).toEqual([]);
    const all = await found({});
    expect(all.totalCount).toBe(all.nodes.length);
    expect((await found({ createdAfter: '2020-01-01T00:00:00Z' })).totalCount).toBe(all.totalCount);
  });

  test('P13 P17 what a plan performed: its runs with their figures, and its communications in the list', async () => {
    const { plan } = await create({
      name: 'Performed',
      includeSegmentIds: [segments['Some']],
      messages: [{ medium: 'DEVICE', content: text('Hi'), externalSystemId: portal }],
    });
    for (let n = 0; n < 2; n++) await ended(await run(plan.id));
    const { plan: performed, communications } = await app.call(
      `query ($id: ID!) {
        plan(id: $id) { runs { totalCount nodes { state matched generated pending scheduledFor startedAt finishedAt } } }
        communications(filter: { planId: $id }) { totalCount nodes { medium subject } }
      }`,
      { id: plan.id },
    );
    expect(performed.runs.totalCount).toBe(2);
    expect(performed.runs.nodes[0]).toMatchObject({
      state: 'COMPLETED',
      matched: 1,
      generated: 1,
      pending: 1,
      finishedAt: expect.any(String),
    });
    expect(communications).toEqual({ totalCount: 2, nodes: Array(2).fill({ medium: 'DEVICE', subject: 'News' }) });
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { notifying } from '../support/notify.js';

// XU5: why somebody did, or did not, get something.
const app = await openApp();
const { upsert, template, type, start, ended } = notifying(app);
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const explanation = `included basis at outcomes {
  included reason medium objectType externalId number contact { externalId } communication { state }
  steps { __typename label passed saw ... on CriterionStep { kind path } ... on ConsentStep { marketing applied } ... on SegmentStep { excludes }
    ... on LanguageStep { language } ... on AddressStep { medium addressType address } } }`;
const explain = async (input: object) =>
  (await app.call(`query ($input: ExplainRecipientInput!) { explainRecipient(input: $input) { ${explanation} } }`, { input }))
    .explainRecipient;
const refused = async (input: object) =>
  (await app.ask(`query ($input: ExplainRecipientInput!) { explainRecipient(input: $input) { included } }`, { input })).errors?.[0]
    ?.extensions.problems;
const kinds = (outcome: any) =>
  Object.fromEntries(outcome.steps.filter((each: any) => each.kind).map((each: any) => [each.kind, [each.passed, each.saw]]));

let unsettled: string;
let runId: string;

beforeAll(async () => {
  const accounts = [
    { id: 'debtor', classification: 'Normal', bill: '45.50', address: true },
    { id: 'exactly', classification: null, bill: '10', address: true },
    { id: 'nearly', classification: 'Normal', bill: '9.99', address: true },
    { id: 'vip', classification: 'VIP', bill: '500', address: true },
    { id: 'silent', classification: 'Normal', bill: '70', address: false },
  ];
  await upsert({
    contacts: [
      ...accounts.map(({ id, address }) => ({ externalId: id, name: id, emails: address ? [{ address: `${id}@example.org` }] : [] })),
      { externalId: 'nobody', name: 'No account at all' },
    ],
    accounts: accounts.map(({ id, classification }) => ({
      externalId: id,
      contact: id,
      number: `AR-${id}`,
      currency: 'EUR',
      classification,
    })),
    objects: accounts.map(({ id, bill }) => ({
      type: 'bill',
      externalId: `b-${id}`,
      account: id,
      number: `B-${id}`,
      fields: { amount: bill, outstanding_amount: bill, due_date: day(-5) },
    })),
  });
  unsettled = await type({
    name: 'Unsettled bills',
    classification: 'FINANCIAL',
    about: 'bill',
    templateId: await template('No. #notification.number: #notification.total_notified_amount', { objectType: 'notification' }),
    criteria: {
      outstandingAmount: { moreThan: '10' },
      accountClassifications: { notIn: ['VIP'] },
      history: [{ all: [{ notified: false, withinDays: 30 }] }],
      totalPerNotification: { moreThan: '20' },
    },
  });
});

describe('XU5 before a run', () => {
  test('every criterion is told in order, with the value that it saw', async () => {
    const told = await explain({ notificationTypeId: unsettled, contactExternalId: 'debtor' });
    expect(told).toMatchObject({ included: true, basis: 'COMPUTED' });
    const [outcome] = told.outcomes;
    expect(outcome).toMatchObject({
      included: true,
      reason: null,
      medium: 'EMAIL',
      objectType: 'bill',
      externalId: 'b-debtor',
      number: 'B-debtor',
    });
    expect(outcome.steps.map((each: any) => each.kind ?? each.__typename)).toEqual([
      'ACCOUNT_CLASSIFICATION',
      'OUTSTANDING_AMOUNT',
      'HISTORY',
      'TOTAL_PER_NOTIFICATION',
      'ConsentStep',
      'ConsentStep',
      'LanguageStep',
      'AddressStep',
    ]);
    expect(kinds(outcome)).toMatchObject({ OUTSTANDING_AMOUNT: [true, 45.5], ACCOUNT_CLASSIFICATION: [true, 'Normal'] });
    expect(outcome.steps.at(-1)).toMatchObject({ address: 'debtor@example.org', passed: true });
    expect(outcome.steps.find((each: any) => each.marketing === 'DIRECT')).toMatchObject({ applied: false, passed: true });
  });

  test.each([
    ['nearly', 'OUTSTANDING_AMOUNT', 9.99],
    ['vip', 'ACCOUNT_CLASSIFICATION', 'VIP'],
  ])('%s is left out by %s, and everything else is told as well', async (contact, kind, saw) => {
    const { included, outcomes } = await explain({ notificationTypeId: unsettled, contactExternalId: contact });
    expect(included).toBe(false);
    expect(outcomes[0].reason).toBe('NOT_MATCHED');
    expect(kinds(outcomes[0])[kind]).toEqual([false, saw]);
    expect(outcomes[0].steps.length).toBeGreaterThan(6);
  });

  test('exactly 10 meets the criterion and misses the total', async () => {
    const { outcomes } = await explain({ notificationTypeId: unsettled, object: { type: 'bill', externalId: 'b-exactly' } });
    expect(kinds(outcomes[0])).toMatchObject({ OUTSTANDING_AMOUNT: [true, 10], TOTAL_PER_NOTIFICATION: [false, expect.anything()] });
  });

  test('who meets all and has no address is left out for that', async () => {
    const { included, outcomes } = await explain({ notificationTypeId: unsettled, contactExternalId: 'silent' });
    expect([included, outcomes[0].reason]).toEqual([false, 'NO_ADDRESS']);
    expect(outcomes[0].steps.at(-1)).toMatchObject({ __typename: 'AddressStep', passed: false, saw: null });
  });

  test('who has nothing that it is about is told so', async () => {
    const { outcomes } = await explain({ notificationTypeId: unsettled, contactExternalId: 'nobody' });
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ included: false, reason: 'NOT_MATCHED', externalId: null });
    expect(kinds(outcomes[0])).toEqual({ CANDIDATES: [false, null] });
  });

  test('an instant of choice: what is due then', async () => {
    await upsert({
      contacts: [{ externalId: 'later', name: 'later', emails: [{ address: 'later@example.org' }] }],
      accounts: [{ externalId: 'later', contact: 'later', currency: 'EUR' }],
      objects: [
        { type: 'bill', externalId: 'b-later', account: 'later', fields: { amount: '40', outstanding_amount: '40', due_date: day(20) } },
      ],
    });
    expect((await explain({ notificationTypeId: unsettled, contactExternalId: 'later' })).included).toBe(false);
    const at = new Date(Date.now() + 21 * 86_400_000).toISOString();
    expect(await explain({ notificationTypeId: unsettled, contactExternalId: 'later', at })).toMatchObject({ included: true, at });
  });
});

describe('XU5 of a run', () => {
  beforeAll(async () => {
    runId = await start(unsettled);
    await ended(runId);
  });

  test('what it wrote down is told, not what holds now', async () => {
    await upsert({ accounts: [{ externalId: 'debtor', classification: 'VIP' }] });
    const told = await explain({ runId, contactExternalId: 'debtor' });
    expect(told).toMatchObject({ included: true, basis: 'RECORDED' });
    expect(told.outcomes).toHaveLength(1);
    expect(told.outcomes[0].communication).not.toBeNull();
    expect(kinds(told.outcomes[0]).ACCOUNT_CLASSIFICATION).toEqual([true, null]);
    await upsert({ accounts: [{ externalId: 'debtor', classification: 'Normal' }] });
  });

  test('who was skipped is told with the reason', async () => {
    const told = await explain({ runId, contactExternalId: 'silent' });
    expect(told).toMatchObject({ included: false, basis: 'RECORDED', outcomes: [{ reason: 'NO_ADDRESS', communication: null }] });
  });

  test('whom it did not meet is computed, as of its instant', async () => {
    const told = await explain({ runId, contactExternalId: 'vip' });
    expect(told).toMatchObject({ included: false, basis: 'COMPUTED', outcomes: [{ reason: 'NOT_MATCHED' }] });
  });

  test('its funnel: how many were left after each criterion, down to what it generated', async () => {
    const { run } = await app.call('query ($id: ID!) { run(id: $id) { matched generated funnel { kind left label } } }', { id: runId });
    expect(run.funnel.map((each: any) => [each.kind, each.left])).toEqual([
      ['CANDIDATES', 6],
      ['ACCOUNT_CLASSIFICATION', 5],
      ['OUTSTANDING_AMOUNT', 3],
      ['HISTORY', 3],
      ['TOTAL_PER_NOTIFICATION', 2],
      ['MATCHED', 2],
      ['NO_ADDRESS', 1],
    ]);
    expect(run).toMatchObject({ matched: 2, generated: 1 });
  });

  test('each skipped recipient is listed with its reason', async () => {
    const { run } = await app.call(
      `query ($id: ID!) { run(id: $id) {
        skipped: recipients(skipped: true) { totalCount nodes { reason medium contact { externalId } } }
        reached: recipients(skipped: false) { nodes { reason address language contact { externalId } } }
        opted: recipients(reasons: ["OPTED_OUT_DIRECT"]) { totalCount } } }`,
      { id: runId },
    );
    expect(run.skipped).toEqual({ totalCount: 1, nodes: [{ reason: 'NO_ADDRESS', medium: 'EMAIL', contact: { externalId: 'silent' } }] });
    expect(run.reached.nodes).toEqual([{ reason: null, address: 'debtor@example.org', language: 'en', contact: { externalId: 'debtor' } }]);
    expect(run.opted.totalCount).toBe(0);
  });
});

describe('XU5 of a plan', () => {
  let planId: string;
  beforeAll(async () => {
    const segment = async (name: string, contactExternalIds: string[]) =>
      (
        await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
          input: { name, contactExternalIds },
        })
      ).createSegment.segment.id;
    const made = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
      input: {
        name: 'Autumn',
        messages: [{ medium: 'EMAIL', content: [{ language: 'en', subject: 'Hello', body: 'Hello' }] }],
        includeSegmentIds: [await segment('Everyone', ['debtor', 'vip', 'silent', 'exactly'])],
        excludeSegmentIds: [await segment('Important', ['vip'])],
        applyDirectMarketingPreference: true,
      },
    });
    planId = made.createPlan.plan.id;
    await upsert({ contacts: [{ externalId: 'exactly', directMarketing: false }] });
  });

  test.each([
    ['debtor', true, null],
    ['nearly', false, 'NOT_MATCHED'],
    ['vip', false, 'EXCLUDED_SEGMENT'],
    ['exactly', false, 'OPTED_OUT_DIRECT'],
    ['silent', false, 'NO_ADDRESS'],
  ])('%s: %s', async (contact, included, reason) => {
    const told = await explain({ planId, contactExternalId: contact });
    expect([told.included, told.outcomes[0].reason]).toEqual([included, reason]);
    expect(told.outcomes[0].steps[0]).toMatchObject({
      __typename: 'SegmentStep',
      excludes: false,
      saw: contact === 'nearly' ? [] : ['Everyone'],
    });
  });

  test('a plan that cannot run says so', async () => {
    await app.sql(`update plan set state = 'DRAFT'`);
    const told = await explain({ planId, contactExternalId: 'debtor' });
    expect(told.outcomes[0]).toMatchObject({ reason: 'CANNOT_RUN', medium: null });
    expect(told.outcomes[0].steps[0]).toMatchObject({ __typename: 'CauseStep', passed: false });
    await app.sql(`update plan set state = 'EFFECTIVE'`);
  });

  test('its run adds up to the same', async () => {
    const { runPlan } = await app.call('mutation ($input: RunPlanInput!) { runPlan(input: $input) { run { id } } }', { input: { planId } });
    await ended(runPlan.run.id);
    const { run } = await app.call('query ($id: ID!) { run(id: $id) { funnel { kind left } } }', { id: runPlan.run.id });
    const contacts = Number((await app.sql('select count(*) as count from contact'))[0]?.count);
    expect(run.funnel).toEqual([
      { kind: 'CANDIDATES', left: contacts },
      { kind: 'MATCHED', left: 4 },
      { kind: 'EXCLUDED_SEGMENT', left: 3 },
      { kind: 'OPTED_OUT_DIRECT', left: 2 },
      { kind: 'NO_ADDRESS', left: 1 },
    ]);
    expect(await explain({ runId: runPlan.run.id, contactExternalId: 'exactly' })).toMatchObject({
      basis: 'RECORDED',
      outcomes: [{ reason: 'OPTED_OUT_DIRECT' }],
    });
  });
});

describe('XU5 of a rule', () => {
  let ruleId: string;
  beforeAll(async () => {
    const { createRule } = await app.call('mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } } }', {
      input: {
        name: 'Large bills',
        objectType: 'bill',
        events: ['created'],
        conditions: [
          { field: 'bill.outstanding_amount', operator: 'GTE', value: '40' },
          { field: 'account.classification', operator: 'EQ', value: 'VIP' },
        ],
        applyDirectMarketingPreference: true,
        messages: [{ medium: 'EMAIL', content: [{ language: 'en', subject: 'Bill', body: '#bill.number' }] }],
      },
    });
    ruleId = createRule.rule.id;
  });

  test.each([
    ['b-debtor', true, [true, false], null],
    ['b-vip', true, [true, true], null],
    ['b-nearly', false, [false, false], 'NOT_MATCHED'],
    ['b-silent', false, [true, false], 'NO_ADDRESS'],
  ])('%s: %s', async (externalId, included, passed, reason) => {
    const told = await explain({ ruleId, object: { type: 'bill', externalId } });
    expect([told.included, told.outcomes[0].reason]).toEqual([included, reason]);
    const conditions = told.outcomes[0].steps.filter((each: any) => each.kind === 'CONDITION');
    expect(conditions.map((each: any) => each.passed)).toEqual(passed);
  });

  test('each condition shows what it saw', async () => {
    const { outcomes } = await explain({ ruleId, object: { type: 'bill', externalId: 'b-vip' } });
    expect(outcomes[0].steps.slice(0, 2).map((each: any) => each.saw)).toEqual([
      { 'bill.outstanding_amount': { a: '500', c: 'EUR' } },
      { 'account.classification': 'VIP' },
    ]);
  });

  test('a rule that is off says so', async () => {
    await app.call('mutation ($id: ID!) { disableRule(input: { ruleId: $id }) { rule { id } } }', { id: ruleId });
    expect((await explain({ ruleId, contactExternalId: 'debtor' })).outcomes[0]).toMatchObject({ included: false, reason: 'CANNOT_RUN' });
  });
});

test('XU5 the funnel of a run that there is not yet', async () => {
  const { previewRun } = await app.call(
    'query ($input: PreviewRunInput!) { previewRun(input: $input) { matched generated funnel { kind left } } }',
    {
      input: { notificationTypeId: unsettled, samples: 0 },
    },
  );
  expect(previewRun.funnel.at(0)).toEqual({ kind: 'CANDIDATES', left: 6 });
  expect(previewRun.funnel.at(-1).left).toBe(previewRun.generated);
  expect(previewRun.funnel.find((each: any) => each.kind === 'HISTORY').left).toBe(2);
});

test('XU5 bad input is told all at once', async () => {
  expect(await refused({})).toMatchObject([{ code: 'EXACTLY_ONE' }, { code: 'REQUIRED' }]);
  expect(await refused({ runId, at: new Date().toISOString(), contactExternalId: 'no such' })).toMatchObject([
    { path: ['at'], code: 'CONTRADICTION' },
    { path: ['contactExternalId'], code: 'NOT_FOUND' },
  ]);
  expect(await refused({ notificationTypeId: unsettled, object: { type: 'job', externalId: 'x' } })).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('XU5 a contact and an external system may not ask', async () => {
  const query = 'query ($input: ExplainRecipientInput!) { explainRecipient(input: $input) { included } }';
  for (const role of ['CONTACT', 'EXTERNAL_SYSTEM'] as const)
    expect((await app.ask(query, { input: { runId, contactExternalId: 'debtor' } }, [role, 'debtor'])).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
});

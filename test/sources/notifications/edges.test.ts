import { beforeAll, describe, expect, test } from 'vitest';
import { openApp, type TestApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';
import { statementsOf } from '../../support/statements.js';

const app = await openApp();
const { upsert, template, type, run, of, told, problems, start, ended } = notifying(app);
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const person = (externalId: string, more: object = {}) => ({
  externalId,
  name: externalId,
  emails: [{ address: `${externalId}@example.org` }],
  ...more,
});
const account = (externalId: string, more: object = {}) => ({
  externalId,
  contact: externalId,
  number: `A-${externalId}`,
  currency: 'EUR',
  ...more,
});
const bill = (of: string, id: string, amount: string, due: string | null = day(0)) => ({
  type: 'bill',
  externalId: id,
  number: id,
  account: of,
  fields: { outstanding_amount: amount, due_date: due },
});
const explain = async (input: object, at: TestApp = app) =>
  (
    await at.call(
      `query ($input: ExplainRecipientInput!) { explainRecipient(input: $input) { included basis outcomes { included reason externalId
         steps { label passed saw ... on CriterionStep { kind } } } } }`,
      { input },
    )
  ).explainRecipient;
const update = async (input: object) =>
  await app.ask('mutation ($input: UpdateNotificationTypeInput!) { updateNotificationType(input: $input) { notificationType { id } } }', {
    input,
  });

describe('N12 AMB-6 the day of the run is that of the system’s zone', () => {
  test.each([
    // Half an hour before and after midnight there; in UTC it is another day for hours.
    ['Pacific/Auckland', '2027-03-31T10:30:00Z', '2027-03-31T11:30:00Z'],
    ['Pacific/Honolulu', '2027-04-01T09:30:00Z', '2027-04-01T10:30:00Z'],
    ['UTC', '2027-03-31T23:30:00Z', '2027-04-01T00:30:00Z'],
  ])('in %s', async (zone, before, after) => {
    const there = await openApp({ env: { DEFAULT_TIME_ZONE: zone } });
    const zoned = notifying(there);
    const dues = ['2027-02-28', '2027-03-01', '2027-03-31', '2027-04-01', '2027-04-30', '2027-05-01'];
    await zoned.upsert({
      contacts: dues.map((each) => person(each)),
      accounts: dues.map((each) => account(each)),
      objects: dues.map((each) => bill(each, `B${each}`, '10', each)),
    });
    const owing = async (outstandingAmount: object, at: string) => {
      const notificationTypeId = await zoned.type({
        classification: 'FINANCIAL',
        about: 'bill',
        criteria: { outstandingAmount: { moreThan: '10', ...outstandingAmount } },
      });
      const found: string[] = [];
      for (const contactExternalId of dues)
        if ((await explain({ notificationTypeId, contactExternalId, at }, there)).included) found.push(contactExternalId);
      return found;
    };
    expect(await owing({}, before)).toEqual(dues.slice(0, 3));
    expect(await owing({}, after)).toEqual(dues.slice(0, 4));
    expect(await owing({ dueByEndOfMonth: true }, before)).toEqual(dues.slice(0, 3));
    expect(await owing({ dueByEndOfMonth: true }, after)).toEqual(dues.slice(0, 5));
    // A month before 31 March is the last day of February, a month after it the last of April.
    expect(await owing({ dueMonthsAgo: 1 }, before)).toEqual(dues.slice(0, 1));
    expect(await owing({ dueMonthsAgo: 1 }, after)).toEqual(dues.slice(0, 2));
    expect(await owing({ dueInMonths: 1 }, before)).toEqual(dues.slice(0, 5));
    expect(await owing({ dueInMonths: 1 }, after)).toEqual(dues.slice(0, 6));
    expect(await owing({ dueInDays: 30 }, before)).toEqual(dues.slice(0, 5));
  });
});

test('N11 N12 N29 at the cent: 10 is more than 10, 9.995 is not, credit and nothing owed are amounts as well', async () => {
  const cases: [string, string[]][] = [
    ['ten', ['10']],
    ['parts', ['4.995', '5.005']],
    ['short', ['9.995']],
    ['credit', ['-10']],
    ['evened', ['15', '-15']],
    ['unknown', []],
  ];
  const names = cases.map(([name]) => name);
  await upsert({
    contacts: names.map((each) => person(each)),
    accounts: cases.map(([name, amounts]) => account(name, { balance: amounts[0] ?? null })),
    objects: [
      ...cases.flatMap(([name, amounts]) => amounts.map((amount, place) => bill(name, `${name}-${place}`, amount))),
      ...names.map((each) => ({ type: 'invoice', externalId: `I-${each}`, account: each })),
    ],
  });
  const who = async (criteria: object) =>
    (await told(await type({ classification: 'FINANCIAL', about: 'invoice', criteria }))).map((each) => each.contact.externalId).toSorted();
  expect(await who({ outstandingAmount: { moreThan: '10' } })).toEqual(['parts', 'ten']);
  expect(await who({ outstandingAmount: { lessThan: '10' } })).toEqual(['credit', 'evened', 'short', 'unknown']);
  expect(await who({ outstandingAmount: { lessThan: '0' } })).toEqual(['credit']);
  expect(await who({ outstandingAmount: { moreThan: '0', lessThan: '9.995' } })).toEqual(['evened', 'unknown']);
  expect(await who({ outstandingAmount: { moreThan: '-10', lessThan: '-9.99' } })).toEqual(['credit']);
  expect(await who({ accountBalance: { moreThan: '9.995', lessThan: '10' } })).toEqual(['short']);
  expect(await who({ accountBalance: { lessThan: '0' } })).toEqual(['credit']);
});

test('N11 N14 N22 a range that nothing lies in is refused, wherever it stands, with every other problem', async () => {
  const range = { moreThan: '10', lessThan: '9.995' };
  const found = await problems({
    classification: 'FINANCIAL',
    about: 'wallet',
    criteria: {
      accountBalance: range,
      outstandingAmount: range,
      walletBalance: range,
      productConsumption: range,
      totalPerNotification: range,
      estimatedConsumptionDays: { moreThan: 5, lessThan: 5 },
      productEstimatedConsumptionDays: { moreThan: 6, lessThan: 5 },
      expiringAmount: { withinDays: 1, withinMonths: 1 },
      accountClassifications: { in: ['VIP'], notIn: ['VIP'] },
      subscriptionTypes: [],
      billingTermSchemes: [' '],
      history: [],
    },
  });
  const paths = ['accountBalance', 'outstandingAmount', 'walletBalance', 'productConsumption', 'totalPerNotification'];
  const days = ['estimatedConsumptionDays', 'productEstimatedConsumptionDays'];
  expect(found.toSorted()).toEqual(
    [
      ...[...paths, ...days].map((each) => `criteria.${each} EMPTY_RANGE`),
      'criteria.accountClassifications EXACTLY_ONE',
      'criteria.expiringAmount EXACTLY_ONE',
      'criteria.subscriptionTypes EMPTY',
      'criteria.billingTermSchemes.0 EMPTY',
      'criteria.history EMPTY',
    ].toSorted(),
  );
  expect(
    await problems({ classification: 'REWARD', about: 'reward_offer', criteria: { awardedStates: ['CLOSE_TO_BE_AWARDED'], progress: {} } }),
  ).toEqual(['criteria.progress EMPTY']);
});

describe('XU5 somebody with very many objects', () => {
  let notificationTypeId: string;
  beforeAll(async () => {
    await upsert({
      contacts: [person('many')],
      accounts: [account('many')],
      objects: Array.from({ length: 60 }, (_, n) => bill('many', `M${String(n).padStart(2, '0')}`, n === 59 ? '500' : '1')),
    });
    notificationTypeId = await type({
      classification: 'FINANCIAL',
      about: 'bill',
      criteria: { condition: { field: 'bill.outstanding_amount', operator: 'GTE', value: 100 }, outstandingAmount: { moreThan: '500' } },
    });
  });

  test('the final word is that of all of them, however few are shown', async () => {
    const before = await explain({ notificationTypeId, contactExternalId: 'many' });
    expect(before.outcomes).toHaveLength(50);
    expect(before.included).toBe(true);
    expect(before.outcomes[0]).toMatchObject({ externalId: 'M59', included: true });
    expect((await explain({ notificationTypeId, object: { type: 'bill', externalId: 'M00' } })).included).toBe(false);
    expect((await told(notificationTypeId)).map((each) => each.items.map((item) => item.externalId))).toEqual([['M59']]);
  });
});

test('XU5 whoever a run skipped is told the recorded reason by each of the objects, too', async () => {
  await upsert({
    contacts: [{ externalId: 'mute', name: 'Mute' }],
    accounts: [account('mute', { classification: 'Mute' })],
    objects: [bill('mute', 'MU1', '10')],
  });
  const id = await type({ classification: 'FINANCIAL', about: 'bill', criteria: { accountClassifications: { in: ['Mute'] } } });
  const { id: runId, generated } = await run(id);
  expect(generated).toBe(0);
  await upsert({ contacts: [person('mute')] });
  for (const who of [{ contactExternalId: 'mute' }, { object: { type: 'bill', externalId: 'MU1' } }])
    expect(await explain({ runId, ...who })).toMatchObject({ included: false, basis: 'RECORDED', outcomes: [{ reason: 'NO_ADDRESS' }] });
});

test('XU5 at instants far away: an answer, not an error', async () => {
  await upsert({ contacts: [person('far')], accounts: [account('far')], objects: [bill('far', 'F1', '10', '2027-06-01')] });
  const id = await type({
    classification: 'FINANCIAL',
    about: 'bill',
    criteria: { outstandingAmount: { moreThan: '10', dueInMonths: 36_500 }, history: [{ all: [{ notified: false, withinDays: 36_500 }] }] },
  });
  for (const at of ['1970-01-01T00:00:00Z', '2027-02-28T23:59:59Z', '9999-12-31T23:59:59Z'])
    expect((await explain({ notificationTypeId: id, contactExternalId: 'far', at })).outcomes).toHaveLength(1);
});

test('N4 R5 a type and a template that are changed while a run is held: the run ends with the words and to the people that it began with', async () => {
  await app.sql(`insert into contact (external_id, name, email) values ('frozen', 'Frozen', 'frozen@example.org')`);
  await app.sql(`insert into business_object (type, external_id, contact_id, number) select 'lead', 'L' || n, (select id from contact where external_id = 'frozen'), 'L' || n
    from generate_series(1, 12000) n`);
  const templateId = await template('Old words #lead.number');
  const id = await type({ classification: 'CUSTOMER_CARE', about: 'lead', templateId });
  const runId = await start(id);
  // Once it has matched it may be held wherever it is.
  const act = async (action: string) =>
    await app.ask(`mutation ($id: ID!) { ${action}(input: { runId: $id }) { run { state } } }`, { id: runId });
  for (;;) {
    const { run: now } = await app.call('query ($id: ID!) { run(id: $id) { startedAt } }', { id: runId });
    if (now.startedAt !== null) break;
  }
  await act('pauseRun');
  await app.call('mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { id } } }', {
    input: { templateId, content: [{ language: 'en', subject: 'New', body: 'New words' }] },
  });
  const changed = await update({
    notificationTypeId: id,
    name: 'Renamed',
    active: false,
    criteria: { condition: { field: 'contact.name', operator: 'EQ', value: 'Nobody' } },
  });
  expect(changed.errors).toBeUndefined();
  await act('resumeRun');
  expect(await ended(runId)).toMatchObject({ state: 'COMPLETED', generated: 12_000 });
  const [newest, oldest] = [
    await of(runId),
    await app.call('query ($runId: ID!) { notifications(runId: $runId, first: 1) { nodes { communication { body } } totalCount } }', {
      runId,
    }),
  ];
  expect(
    [newest.at(-1)?.communication.body, oldest.notifications.nodes[0].communication.body].every((each) => /^Old words L\d+$/.test(each)),
  ).toBe(true);
  expect(oldest.notifications.totalCount).toBe(12_000);
});

test('O8 a page of notifications with all that hangs on them costs the same number of statements, whatever they say', async () => {
  const query = `query ($runId: ID!, $first: Int!) { notifications(runId: $runId, first: $first) { nodes { id number state classification accountInformation currency totalNotifiedAmount
    totals { amount } type { name active template { name medium } externalSystem { name } schedules { id } } run { state matched generated skipped { reason } }
    contact { name preferredLanguage } items { number amount outstandingAmount }
    communication { subject body to medium state contact { name } notification { number } template { name } } } } }`;
  const people = Array.from({ length: 12 }, (_, n) => `page${n}`);
  await upsert({
    contacts: people.map((each) => person(each)),
    accounts: people.map((each) => account(each, { classification: 'Page' })),
    objects: people.flatMap((each) => [bill(each, `${each}-1`, '10'), bill(each, `${each}-2`, '11')]),
  });
  const { id } = await run(
    await type({ classification: 'FINANCIAL', about: 'bill', criteria: { accountClassifications: { in: ['Page'] } } }),
  );
  const statements = async (first: number) => {
    const executed = await statementsOf(async () => await app.call(query, { runId: id, first }));
    return executed.filter((each) =>
      /notified_item|from contact|from communication|notification_type t|from run |from template|from content|from schedule/.test(each),
    );
  };
  // The engine asks meanwhile, too; but whatever is asked once for each of twelve stands there twelve times.
  const most = (texts: string[]) =>
    Math.max(
      ...Map.groupBy(texts, (each) => each)
        .values()
        .map((each) => each.length),
    );
  const executed = await statements(12);
  expect(executed.length).toBeGreaterThan(6);
  expect(most(executed)).toBeLessThan(6);
});

test.each(['Pacific/Auckland', 'Pacific/Honolulu'])(
  'N9 within N days of %s: the day of the notification and those after it until midnight there',
  async (zone) => {
    const there = await openApp({ env: { DEFAULT_TIME_ZONE: zone } });
    const zoned = notifying(there);
    await zoned.upsert({ contacts: [person('once')], objects: [{ type: 'job', externalId: 'J', contact: 'once' }] });
    const notificationTypeId = await zoned.type({
      classification: 'CUSTOMER_CARE',
      about: 'job',
      criteria: { history: [{ all: [{ notified: false, withinDays: 3 }] }] },
    });
    expect(await zoned.told(notificationTypeId)).toHaveLength(1);
    // Midnight there, three days after the day on which the notification was made.
    const [made] = await there.sql<{ midnight: Date }>(
      `select ((created_at at time zone $1)::date + 3)::timestamp at time zone $1 as midnight from notification`,
      [zone],
    );
    const included = async (minutes: number) => {
      const at = new Date((made?.midnight.getTime() ?? 0) + minutes * 60_000).toISOString();
      return (await explain({ notificationTypeId, contactExternalId: 'once', at }, there)).included;
    };
    expect([await included(-1), await included(0), await included(1)]).toEqual([false, true, true]);
  },
);

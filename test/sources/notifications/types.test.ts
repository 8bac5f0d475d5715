import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';

const app = await openApp();
const { upsert, template, type, tryType, problems, start, ended } = notifying(app);

const system = async (name: string, media: string[]) =>
  (
    await app.call('mutation ($input: CreateExternalSystemInput!) { createExternalSystem(input: $input) { externalSystem { id } } }', {
      input: { name, media },
    })
  ).createExternalSystem.externalSystem.id as string;
const update = async (input: object) =>
  await app.ask(
    'mutation ($input: UpdateNotificationTypeInput!) { updateNotificationType(input: $input) { notificationType { id name active addressType criteria externalSystem { name } template { name } } } }',
    { input },
  );
const remove = async (notificationTypeId: string) =>
  await app.ask('mutation ($id: ID!) { deleteNotificationType(input: { notificationTypeId: $id }) { notificationTypeId } }', {
    id: notificationTypeId,
  });

beforeAll(async () => {
  await upsert({
    contacts: [{ externalId: 'C1', name: 'Eleni', emails: [{ address: 'eleni@example.org' }] }],
    accounts: [{ externalId: 'A1', contact: 'C1', number: 'AR1', currency: 'EUR' }],
    objects: [{ type: 'job', externalId: 'J1', contact: 'C1', number: 'JB1', fields: { type: 'Installation' } }],
  });
});

test('N1 the classification is chosen when a type is made, and there is no way to change it or what it is about', async () => {
  const answer = await tryType({ name: 'Jobs done', classification: 'CUSTOMER_CARE', about: 'job', templateId: await template() });
  expect(answer.data?.['createNotificationType'].notificationType).toMatchObject({
    name: 'Jobs done',
    classification: 'CUSTOMER_CARE',
    about: 'job',
    active: true,
    criteria: {},
  });
  for (const field of ['classification: FINANCIAL', 'about: "bill"']) {
    const refused = await app.ask(
      `mutation { updateNotificationType(input: { notificationTypeId: "x", ${field} }) { notificationType { id } } }`,
    );
    expect(refused.errors?.[0]?.message).toContain('is not defined by type');
  }
});

test('N2 what it is about is limited by the classification (AMB-5, AMB-9)', async () => {
  for (const about of ['subscription_action', 'service_request', 'buy_in_advance_request', 'award_expiration_transaction', 'lead'])
    expect(await problems({ classification: 'CUSTOMER_CARE', about })).toEqual([]);
  for (const about of ['wallet', 'wallet_product_consumption', 'wallet_transaction', 'bill', 'invoice', 'job', 'buy_in_advance_request'])
    expect(await problems({ classification: 'FINANCIAL', about })).toEqual([]);
  for (const [classification, about] of [
    ['CUSTOMER_CARE', 'bill'],
    ['CUSTOMER_CARE', 'wallet'],
    ['FINANCIAL', 'activity'],
    ['FINANCIAL', 'contact'],
    ['REWARD', 'rewards_participant'],
    ['REWARD', 'nonsense'],
  ] as const)
    expect(await problems({ classification, about })).toEqual(['about FORBIDDEN_FOR_CLASSIFICATION']);
  const answer = await tryType({ classification: 'FINANCIAL', about: 'bil', templateId: await template() });
  expect(answer.errors?.[0]?.message).toContain('bill');
});

test('N3 it has a unique name', async () => {
  await type({ name: 'Only one', classification: 'CUSTOMER_CARE', about: 'job' });
  expect(await problems({ name: 'Only one', classification: 'CUSTOMER_CARE', about: 'job' })).toEqual(['name TAKEN']);
  expect(await problems({ name: ' ', classification: 'CUSTOMER_CARE', about: 'job' })).toEqual(['name INVALID']);
  // Two at once: one of them.
  const templateId = await template();
  const answers = await Promise.all(
    [1, 2].map(async () => await tryType({ name: 'Race', classification: 'CUSTOMER_CARE', about: 'job', templateId })),
  );
  expect(answers.map((each) => each.errors?.[0]?.extensions.problems?.[0]?.code).toSorted()).toEqual(['TAKEN', undefined]);
});

test('N4 T9 the template is effective, of a medium that queues, and about what the type can tell of', async () => {
  const of = async (templateId: string, more = {}) =>
    await problems({ classification: 'CUSTOMER_CARE', about: 'job', templateId, ...more });
  expect(await of(await template('x', { effective: false }))).toEqual(['templateId NOT_EFFECTIVE']);
  expect(await of(await template('x', { medium: 'LETTER' }))).toEqual(['templateId NOT_QUEUED']);
  expect(await of('tpl_00000000000000000000000000000000')).toEqual(['templateId NOT_FOUND']);
  expect(await of(await template('x', { medium: 'SMS' }))).toEqual([]);
  expect(await of(await template('x', { objectType: 'job' }))).toEqual([]);
  expect(await of(await template('x', { objectType: 'notification' }))).toEqual([]);
  expect(await of(await template('x', { objectType: 'bill' }))).toEqual(['templateId WRONG_OBJECT_TYPE']);
  expect(await of(await template('x', { objectType: 'account' }), { classification: 'FINANCIAL' })).toEqual([]);
});

test('N4 the external system processes the medium of the template', async () => {
  const device = await system('Devices only', ['DEVICE']);
  const given = { classification: 'CUSTOMER_CARE', about: 'job', externalSystemId: device };
  expect(await problems(given)).toEqual(['externalSystemId UNSUPPORTED_MEDIUM']);
  expect(await problems({ ...given, templateId: await template('x', { medium: 'DEVICE' }) })).toEqual([]);
  expect(await problems({ ...given, externalSystemId: 'xsy_nonsense' })).toEqual(['externalSystemId NOT_FOUND']);
});

test('N5 N6 a type of address must be had by who is notified', async () => {
  await upsert({
    contacts: [
      { externalId: 'billing', name: 'B', emails: [{ address: 'a@example.org' }, { type: 'BILLING', address: 'b@example.org' }] },
      {
        externalId: 'mobile',
        name: 'M',
        phones: [
          { type: 'HOME', number: '+35722000001' },
          { type: 'MOBILE', number: '+35799000001' },
        ],
      },
    ],
    objects: ['billing', 'mobile'].map((contact) => ({ type: 'activity', externalId: `V-${contact}`, contact })),
  });
  const sent = async (input: object) => {
    const { id } = await ended(await start(await type({ classification: 'CUSTOMER_CARE', about: 'activity', ...input })));
    const { communications } = await app.call('query ($id: ID!) { communications(filter: { runId: $id }) { nodes { to } } }', { id });
    return communications.nodes.map((each: { to: string }) => each.to);
  };
  expect(await sent({ addressType: 'billing' })).toEqual(['b@example.org']);
  expect(await sent({ addressType: 'HOME', templateId: await template('x', { medium: 'SMS' }) })).toEqual(['+35722000001']);
  expect(await sent({})).toEqual(['a@example.org']);
  expect(
    await problems({
      classification: 'CUSTOMER_CARE',
      about: 'job',
      addressType: 'WORK',
      templateId: await template('x', { medium: 'DEVICE' }),
    }),
  ).toEqual(['addressType UNEXPECTED']);
});

test('N2 criteria of another classification are refused, all problems at once', async () => {
  const found = await problems({
    name: '',
    classification: 'CUSTOMER_CARE',
    about: 'bill',
    templateId: 'tpl_x',
    criteria: {
      segmentIds: ['seg_x'],
      accountBalance: { moreThan: '5' },
      awardedStates: ['AWARDED'],
      totalPerNotification: { moreThan: '10', lessThan: '10' },
      condition: { field: 'job.nothing', operator: 'EQ', value: 1 },
      history: [{ all: [] }, { all: [{ notified: true, notificationTypeId: 'nty_x', withinDays: 0 }] }],
    },
  });
  expect(found.toSorted()).toEqual([
    'about FORBIDDEN_FOR_CLASSIFICATION',
    'criteria.accountBalance FORBIDDEN_FOR_CLASSIFICATION',
    'criteria.awardedStates FORBIDDEN_FOR_CLASSIFICATION',
    'criteria.condition.field UNKNOWN_FIELD',
    'criteria.history.0.all EMPTY',
    'criteria.history.1.all.0.notificationTypeId NOT_FOUND',
    'criteria.history.1.all.0.withinDays OUT_OF_RANGE',
    'criteria.segmentIds.0 NOT_FOUND',
    'criteria.totalPerNotification EMPTY_RANGE',
    'criteria.totalPerNotification FORBIDDEN_FOR_CLASSIFICATION',
    'name INVALID',
    'templateId NOT_FOUND',
  ]);
  expect(await app.sql(`select from notification_type where name = ''`)).toEqual([]);
});

test('N3 a type is changed: a field left out keeps its value, null clears what may be missing', async () => {
  const id = await type({
    name: 'Before',
    classification: 'CUSTOMER_CARE',
    about: 'job',
    addressType: 'WORK',
    criteria: { condition: { field: 'job.type', operator: 'EQ', value: 'X' } },
  });
  const first = await update({ notificationTypeId: id, name: 'After' });
  expect(first.data?.['updateNotificationType'].notificationType).toMatchObject({
    name: 'After',
    addressType: 'WORK',
    criteria: { condition: { field: 'job.type' } },
  });
  const second = await update({ notificationTypeId: id, name: null, addressType: null, criteria: null, active: false });
  expect(second.data?.['updateNotificationType'].notificationType).toMatchObject({
    name: 'After',
    addressType: null,
    criteria: {},
    active: false,
  });
  const refused = await update({ notificationTypeId: id, criteria: { accountBalance: { moreThan: 1 } } });
  expect(refused.errors?.[0]?.extensions.problems?.[0]?.code).toBe('FORBIDDEN_FOR_CLASSIFICATION');
  const gone = await update({ notificationTypeId: 'nty_x', name: 'Nobody' });
  expect(gone.errors?.[0]).toMatchObject({ message: 'There is no such notification type.', extensions: { code: 'NOT_FOUND' } });
});

test('N4 a type whose template was retired since can be renamed and made inactive; its runs fail with the reason', async () => {
  const templateId = await template('x');
  const id = await type({ classification: 'CUSTOMER_CARE', about: 'job', templateId });
  await app.call('mutation ($id: ID!) { updateTemplate(input: { templateId: $id, effective: false }) { template { id } } }', {
    id: templateId,
  });
  expect(await ended(await start(id))).toMatchObject({ state: 'FAILED', error: expect.stringContaining('not effective') });
  expect((await update({ notificationTypeId: id, name: 'Retired', active: false })).errors).toBeUndefined();
  const refused = await update({ notificationTypeId: id, templateId });
  expect(refused.errors?.[0]?.extensions.problems?.[0]?.code).toBe('NOT_EFFECTIVE');
});

test('N35 an inactive type cannot run, and a run that was waiting for it fails with the reason', async () => {
  const id = await type({ classification: 'CUSTOMER_CARE', about: 'job' });
  await update({ notificationTypeId: id, active: false });
  const refused = await app.ask('mutation ($id: ID!) { runNotifications(input: { notificationTypeId: $id }) { run { id } } }', { id });
  expect(refused.errors?.[0]?.extensions.problems).toMatchObject([{ path: ['notificationTypeId'], code: 'NOT_ACTIVE' }]);
  const [row] = await app.sql<{ id: string }>(
    `insert into run (notification_type_id) select id from notification_type where not active limit 1 returning 'run_' || replace(id::text, '-', '') as id`,
  );
  expect(await ended(row?.id ?? '')).toMatchObject({ state: 'FAILED', error: expect.stringContaining('not active') });
});

test('O11 a type that has run is not deleted, nor one that a history names; any other is, with its schedules', async () => {
  const id = await type({ name: 'Deletable', classification: 'CUSTOMER_CARE', about: 'job' });
  const naming = await type({
    name: 'Naming',
    classification: 'CUSTOMER_CARE',
    about: 'job',
    criteria: { history: [{ all: [{ notified: false, notificationTypeId: id }] }] },
  });
  expect((await remove(id)).errors?.[0]?.message).toContain('"Naming"');
  await remove(naming);
  await app.call(
    'mutation ($id: ID!) { scheduleNotifications(input: { notificationTypeId: $id, name: "Daily", schedule: { repeat: { cron: "0 0 * * *" } } }) { schedule { id } } }',
    { id },
  );
  expect((await remove(id)).data?.['deleteNotificationType'].notificationTypeId).toBe(id);
  expect(await app.sql(`select from schedule where name = 'Daily'`)).toEqual([]);
  const ran = await type({ classification: 'CUSTOMER_CARE', about: 'job' });
  await ended(await start(ran));
  expect((await remove(ran)).errors?.[0]?.extensions.code).toBe('CONFLICT');
});

test('N4 N7 a template and a segment that a type names are not deleted', async () => {
  const templateId = await template('x', { name: 'Held' });
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "Held", contactExternalIds: ["C1"] }) { segment { id } } }',
  );
  const id = await type({
    name: 'Holder',
    classification: 'CUSTOMER_CARE',
    about: 'job',
    templateId,
    criteria: { segmentIds: [createSegment.segment.id] },
  });
  const deleted = async () => [
    (await app.ask('mutation ($id: ID!) { deleteTemplate(input: { templateId: $id }) { templateId } }', { id: templateId })).errors?.[0]
      ?.message,
    (await app.ask('mutation ($id: ID!) { deleteSegment(input: { segmentId: $id }) { segmentId } }', { id: createSegment.segment.id }))
      .errors?.[0]?.message,
  ];
  expect(await deleted()).toEqual([
    'The template "Held" is used by the notification type Holder.',
    'The segment "Held" is used by the notification type Holder.',
  ]);
  await remove(id);
  expect(await deleted()).toEqual([undefined, undefined]);
});

test('R1 types are found by their classification and by words', async () => {
  await type({ name: 'Findable 50%', classification: 'FINANCIAL', about: 'bill' });
  const find = async (args: string) =>
    (await app.call(`{ notificationTypes(first: 100, ${args}) { totalCount nodes { name classification } } }`, {}, 'AGENT'))
      .notificationTypes;
  const financial = await find('classification: FINANCIAL');
  expect(financial.nodes.every((each: { classification: string }) => each.classification === 'FINANCIAL')).toBe(true);
  expect(financial.totalCount).toBe(financial.nodes.length);
  expect((await find('search: "50%"')).nodes).toEqual([{ name: 'Findable 50%', classification: 'FINANCIAL' }]);
  expect((await find('search: "findable", classification: REWARD')).nodes).toEqual([]);
});

test('N1 contacts and external systems see no types; agents see them and change none', async () => {
  const id = await type({ classification: 'CUSTOMER_CARE', about: 'job' });
  for (const caller of [
    ['CONTACT', 'C1'],
    ['EXTERNAL_SYSTEM', 'devices-only'],
  ] as const) {
    expect((await app.ask('{ notificationTypes { totalCount } }', {}, [...caller])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await app.ask('query ($id: ID!) { node(id: $id) { id } }', { id }, [...caller])).data?.['node']).toBeNull();
  }
  const refused = await app.ask(
    'mutation ($id: ID!) { runNotifications(input: { notificationTypeId: $id }) { run { id } } }',
    { id },
    'AGENT',
  );
  expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  const found = await app.call(
    'query ($id: ID!) { node(id: $id) { id ... on NotificationType { template { name } schedules { id } runs { totalCount } } } }',
    { id },
    'AGENT',
  );
  expect(found.node).toMatchObject({ id, schedules: [], runs: { totalCount: 0 } });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { openApp, type TestApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';
import { makeSystem } from '../../support/queue.js';

const app = await openApp();
const { upsert, template, type, told, run, ended } = notifying(app);
const people = ['anna', 'bob', 'cleo', 'dora', 'eve'];
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  await upsert({
    contacts: people.map((externalId) => ({ externalId, name: externalId, emails: [{ address: `${externalId}@example.org` }] })),
    accounts: people.map((externalId) => ({ externalId, contact: externalId, currency: 'EUR' })),
    objects: people.map((contact) => ({ type: 'job', externalId: `J-${contact}`, number: `JB-${contact}`, contact })),
  });
});

describe('R10 a definition of runs', () => {
  const words = 'id name code description active nextRunAt runs(first: 10) { nodes { id state scheduledFor } }';
  const schedule = async (more: object) => {
    const notificationTypeId = await type({ classification: 'CUSTOMER_CARE', about: 'job' });
    return await app.ask(
      `mutation ($input: ScheduleNotificationsInput!) { scheduleNotifications(input: $input) { schedule { ${words} } } }`,
      { input: { notificationTypeId, name: 'Notify unsettled subscriptions', ...more } },
    );
  };
  const made = async (more: object) => (await schedule(more)).data?.['scheduleNotifications'].schedule ?? {};
  const update = async (input: object) =>
    await app.ask(`mutation ($input: UpdateScheduleInput!) { updateSchedule(input: $input) { schedule { ${words} } } }`, { input });
  const act = async (mutation: string, scheduleId: string) =>
    (
      await app.call(`mutation ($id: ID!) { ${mutation}(input: { scheduleId: $id }) { schedule { active nextRunAt } } }`, {
        id: scheduleId,
      })
    )[mutation].schedule;
  const at = '2030-03-01T07:00:00Z';

  test('R10 it has a unique code and a description, which can be changed and taken away', async () => {
    const first = await made({ code: ' UNSETTLED-1 ', description: 'Monthly reminder', schedule: { at } });
    expect(first).toMatchObject({ code: 'UNSETTLED-1', description: 'Monthly reminder' });
    expect(Date.parse(first.nextRunAt)).toBe(Date.parse(at));
    const taken = await schedule({ code: 'UNSETTLED-1', schedule: { at } });
    expect(taken.errors?.[0]?.extensions.problems).toMatchObject([{ path: ['code'], code: 'TAKEN' }]);
    const wrong = await schedule({ code: 'two words', description: 'x'.repeat(2_001), schedule: { at } });
    expect(wrong.errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')} ${each.code}`)).toEqual([
      'code INVALID',
      'description TOO_LONG',
    ]);
    const other = await made({ schedule: { at } });
    expect(other).toMatchObject({ code: null, description: null });
    expect((await update({ scheduleId: other.id, code: 'UNSETTLED-1' })).errors?.[0]?.extensions.problems?.[0]?.code).toBe('TAKEN');
    expect((await update({ scheduleId: first.id, code: 'UNSETTLED-1', name: 'Other' })).data?.['updateSchedule'].schedule).toMatchObject({
      name: 'Other',
      code: 'UNSETTLED-1',
      description: 'Monthly reminder',
    });
    expect((await update({ scheduleId: first.id, code: null, description: ' ' })).data?.['updateSchedule'].schedule).toMatchObject({
      code: null,
      description: null,
    });
  });

  test('R10 two who take one code at the same time: one of them', async () => {
    const answers = await Promise.all([1, 2].map(async () => await schedule({ code: 'RACE', schedule: { at } })));
    expect(answers.map((each) => each.errors?.[0]?.extensions.problems?.[0]?.code).toSorted()).toEqual(['TAKEN', undefined]);
  });

  test('R10 it is effective or not; while it is not, nothing is due', async () => {
    const { id } = await made({ schedule: { at } });
    expect(await act('pauseSchedule', id)).toEqual({ active: false, nextRunAt: null });
    const again = await act('resumeSchedule', id);
    expect([again.active, Date.parse(again.nextRunAt)]).toEqual([true, Date.parse(at)]);
  });

  test('R10 its runs are logged with the date that they were due; one that has begun is not deleted, one that has not is', async () => {
    const { id } = await made({ schedule: {} });
    const read = async () => (await app.call(`query ($id: ID!) { node(id: $id) { ... on Schedule { ${words} } } }`, { id })).node;
    let logged = await read();
    while (logged.runs.nodes.length === 0) logged = await read();
    const [{ id: runId }] = logged.runs.nodes;
    expect((await ended(runId)).state).toBe('COMPLETED');
    const remove = async (runId: string, at: TestApp = app) =>
      await at.ask('mutation ($id: ID!) { deleteRun(input: { runId: $id }) { runId } }', { id: runId });
    expect((await remove(runId)).errors?.[0]?.extensions.code).toBe('INVALID_STATE_TRANSITION');

    // Where no worker is there, a run waits, and can be taken back.
    const idle = await openApp({ env: { ROLE: 'api' } });
    const waiting = notifying(idle);
    const notificationTypeId = await waiting.type({ classification: 'CUSTOMER_CARE', about: 'job' });
    const waits = await waiting.start(notificationTypeId);
    expect((await remove(waits, idle)).data).toEqual({ deleteRun: { runId: waits } });
    const runs = 'query ($id: ID!) { notificationType(id: $id) { runs(first: 5) { totalCount } } }';
    expect((await idle.call(runs, { id: notificationTypeId })).notificationType.runs.totalCount).toBe(0);
    // As if it had never been asked for: its type can be deleted as well.
    await idle.call('mutation ($id: ID!) { deleteNotificationType(input: { notificationTypeId: $id }) { notificationTypeId } }', {
      id: notificationTypeId,
    });
  });
});

test('Q19 O3 AMB-12 the notification’s state follows the queue entry through every move, also in lists and counts: notification state follows the queue entry', async () => {
  const system = await makeSystem(app, { media: ['DEVICE'], contactInbox: true });
  const id = await type({
    classification: 'CUSTOMER_CARE',
    about: 'job',
    externalSystemId: system.id,
    templateId: await template('#job.number', { medium: 'DEVICE' }),
  });
  const notifications = await told(id);
  const of = (name: string) => notifications.find((each) => each.contact.externalId === name)?.communication.id ?? '';
  const settle = async (action: 'complete' | 'reject' | 'remove', entry: object) => {
    const name = `${action}QueueEntries`;
    const type = `${action[0]?.toUpperCase()}${name.slice(1, action.length)}QueueEntriesInput`;
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { results { error { code } } } }`;
    return (await app.call(query, { input: { entries: [entry] } }, system.as))[name].results[0].error;
  };
  const states = async () => {
    const { notifications: list } = await app.call(
      'query ($id: ID!) { notifications(notificationTypeId: $id, first: 50) { nodes { state contact { externalId } communication { state } } } }',
      { id },
    );
    for (const each of list.nodes) expect(each.state).toBe(each.communication.state);
    return Object.fromEntries(list.nodes.map((each: any) => [each.contact.externalId, each.state]));
  };
  expect(await states()).toEqual(Object.fromEntries(people.map((each) => [each, 'PENDING'])));
  expect(await settle('complete', { id: of('anna') })).toBeNull();
  expect(await settle('reject', { id: of('bob'), reason: 'Not at home' })).toBeNull();
  expect(await settle('complete', { id: of('cleo') })).toBeNull();
  expect(await settle('remove', { id: of('cleo') })).toBeNull();
  // It expires, with nobody having swept it yet or after.
  await app.sql(
    `with c as (update communication set expires_at = clock_timestamp() - interval '1 ms' where id = (select n.id from notification n
       join contact k on k.id = n.contact_id where k.external_id = 'dora' order by n.seq desc limit 1) returning id, expires_at),
     q as (update queue_entry set expires_at = c.expires_at from c where queue_entry.id = c.id)
     insert into entry_expiry select id, expires_at from c on conflict do nothing`,
  );
  const after = { anna: 'COMPLETED', bob: 'REJECTED', cleo: 'COMPLETED_AND_REMOVED', dora: 'REJECTED', eve: 'PENDING' };
  expect(await states()).toEqual(after);
  // What came too late changes nothing.
  expect(await settle('complete', { id: of('dora') })).not.toBeNull();
  expect(await settle('reject', { id: of('anna'), reason: 'No' })).not.toBeNull();
  expect(await states()).toEqual(after);
  for (const state of ['PENDING', 'COMPLETED', 'REJECTED', 'COMPLETED_AND_REMOVED'] as const) {
    const { notifications: list } = await app.call(
      'query ($id: ID!, $state: LifeCycleState!) { notifications(notificationTypeId: $id, states: [$state], first: 50) { totalCount nodes { contact { externalId } } } }',
      { id, state },
    );
    const expected = people.filter((each) => after[each as keyof typeof after] === state);
    expect([list.totalCount, list.nodes.map((each: any) => each.contact.externalId).toSorted()]).toEqual([expected.length, expected]);
  }
});

test('J2 notifications by the API: one by its id or by its communication, those of a type or a run, and a contact’s latest that wait', async () => {
  const id = await type({ classification: 'CUSTOMER_CARE', about: 'job' });
  const { id: runId } = await run(id);
  const { byType, byRun } = await app.call(
    `query ($id: ID!, $runId: ID!) { byType: notifications(notificationTypeId: $id, first: 50) { totalCount nodes { id number communication { id } } }
       byRun: notifications(runId: $runId, contactExternalId: "anna", states: [PENDING, COMPLETED], first: 1) { totalCount nodes { id contact { externalId } items { number } } } }`,
    { id, runId },
  );
  expect([byType.totalCount, byRun.totalCount, byRun.nodes[0].items]).toEqual([5, 1, [{ number: 'JB-anna' }]]);
  for (const { id: own, number, communication } of byType.nodes) {
    const { shown, told: said } = await app.call(
      'query ($id: ID!, $communication: ID!) { shown: notification(id: $id) { number } told: communication(id: $communication) { notification { number } } }',
      { id: own, communication: communication.id },
    );
    expect([shown.number, said.notification.number]).toEqual([number, number]);
  }
  expect((await app.ask('{ notifications(first: 1) { totalCount } }', {}, 'CONTACT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await app.call('{ notification(id: "nope") { id } }')).notification).toBeNull();
});

test('R6 into the queue, to be sent by the engine, or by the external system that the type names and no other', async () => {
  const [own, other] = [await makeSystem(app, { media: ['EMAIL'] }), await makeSystem(app, { media: ['EMAIL'] })];
  const queued = async (as: [role: 'EXTERNAL_SYSTEM', subject: string]) =>
    (await app.call('{ queueEntries(first: 50) { nodes { id } } }', {}, as)).queueEntries.nodes.length;
  expect(await run(await type({ classification: 'CUSTOMER_CARE', about: 'job', externalSystemId: own.id }))).toMatchObject({
    generated: 5,
  });
  expect([await queued(own.as), await queued(other.as)]).toEqual([5, 0]);
  const { id } = await run(await type({ classification: 'CUSTOMER_CARE', about: 'job' }));
  expect(
    await app.sql(
      `select count(*)::int as count, count(external_system_id)::int as systems from communication where run_id = (select id from run order by seq desc limit 1)`,
    ),
  ).toEqual([{ count: 5, systems: 0 }]);
  expect(id).toBeTruthy();
  expect([await queued(own.as), await queued(other.as)]).toEqual([5, 0]);
});

test('N15 N17 days until wallets are used up or expire: today is 0, N days are N, what lies behind is less than none', async () => {
  const days = [-1, 0, 3, 4, 31];
  await upsert({
    objects: days.map((each, place) => ({
      type: 'wallet',
      externalId: `W${each}`,
      account: people[place],
      fields: { estimated_consumption_date: day(each), expires_on: day(each), expiring_amount: '10' },
    })),
  });
  const wallets = async (criteria: object) =>
    (await told(await type({ classification: 'FINANCIAL', about: 'wallet', criteria }))).flatMap((each) =>
      each.items.map((item) => item.externalId),
    );
  const among = async (moreThan: number | null, lessThan: number | null) =>
    (await wallets({ estimatedConsumptionDays: { moreThan, lessThan } })).toSorted();
  expect(await among(0, 1)).toEqual(['W0']);
  expect(await among(3, 4)).toEqual(['W3']);
  expect(await among(-1, 0)).toEqual(['W-1']);
  expect(await among(4, null)).toEqual(['W31', 'W4']);
  expect(await among(null, 3)).toEqual(['W-1', 'W0']);
  const expiring = async (more: object) => (await wallets({ expiringAmount: more })).toSorted();
  expect(await expiring({ withinDays: 0 })).toEqual(['W0']);
  expect(await expiring({ withinDays: 3, moreThan: '10' })).toEqual(['W0', 'W3']);
  expect(await expiring({ withinDays: 3, moreThan: '10.01' })).toEqual([]);
  expect(await expiring({ withinMonths: 0 })).toEqual(['W0']);
});

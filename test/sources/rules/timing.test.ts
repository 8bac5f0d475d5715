import { DateTime } from 'luxon';
import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../../support/app.js';
import { type Json, rulesOf, text } from './support.js';

const app = await openApp({ env: { DEFAULT_TIME_ZONE: 'America/New_York' } });
const { create, record, upsert, outcomes } = rulesOf(app);
let portal: string;

beforeAll(async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna Brown', timeZone: 'Europe/Nicosia', emails: [{ address: 'anna@example.org' }] },
      { externalId: 'bob', name: 'Bob Green', emails: [{ address: 'bob@example.org' }] },
    ],
    objects: [
      { type: 'payment', externalId: 'anna', contact: 'anna', fields: { amount: '5' } },
      { type: 'payment', externalId: 'bob', contact: 'bob', fields: { amount: '6' } },
    ],
  });
  const made = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  portal = made.createExternalSystem.externalSystem.id;
});

const ruleOf = (name: string, event: string, more: object = {}) =>
  create({
    name,
    objectType: 'payment',
    events: [event],
    messages: [{ medium: 'DEVICE', externalSystemId: portal, content: text('#payment.amount for #contact.name') }],
    ...more,
  });
const happen = async (externalId: string, event: string, more: object = {}) =>
  (await record({ object: { type: 'payment', externalId }, event, ...more }))[0] ?? '';
/** The time of what that rule holds has come; what is left of its life stays. */
const arrive = async (name: string) =>
  await app.sql(
    `update rule_outcome set due_at = clock_timestamp(), expires_at = clock_timestamp() + (expires_at - due_at)
     where state = 'HELD' and rule_id = (select id from rule where name = $1)`,
    [name],
  );
const settled = async (event: string): Promise<Json[]> =>
  await eventually(async () => {
    const found = await outcomes(event);
    return found.length > 0 && found.every((each) => each['state'] !== 'HELD') ? found : undefined;
  });

test('E5 Z8 AMB-21 at a time of day: the next one where the contact lives, else in the system’s zone', async () => {
  await ruleOf('Morning', 'posted', { timing: { timeOfDay: '09:30' } });
  for (const [externalId, zone] of [
    ['anna', 'Europe/Nicosia'],
    ['bob', 'America/New_York'],
  ] as const) {
    const event = await happen(externalId, 'posted');
    const [outcome] = await outcomes(event);
    const { recordedAt } = (await app.call('query ($id: ID!) { event(id: $id) { recordedAt } }', { id: event })).event;
    const at = DateTime.fromISO(recordedAt, { zone });
    const today = at.set({ hour: 9, minute: 30, second: 0, millisecond: 0 });
    expect(outcome).toMatchObject({ state: 'HELD', communication: null });
    expect(new Date(outcome?.['dueAt']).toISOString()).toBe((today > at ? today : today.plus({ days: 1 })).toUTC().toISO());
  }
});

test('E5 so long after the event: real hours, and days by the clock on the wall', async () => {
  await ruleOf('Hours', 'failed', { timing: { after: { amount: 3, unit: 'HOUR' } } });
  await ruleOf('Days', 'cancelled', { timing: { after: { amount: 1, unit: 'DAY' } } });
  // The clocks of Nicosia were put forward in the night between.
  const occurredAt = '2026-03-28T10:00:00.000Z';
  const [hours] = await outcomes(await happen('anna', 'failed', { occurredAt }));
  expect(hours?.['dueAt']).toBe('2026-03-28T13:00:00.000Z');
  const event = await happen('anna', 'cancelled', { occurredAt });
  const [days] = await outcomes(event);
  expect(days?.['dueAt']).toBe('2026-03-29T09:00:00.000Z');
  expect((await settled(event))[0], 'its time has passed, so it is sent at once').toMatchObject({ state: 'CREATED' });
});

test('AMB-3 what waits is frozen, invisible and no part of any queue; at its time it is made with the values of the event', async () => {
  await ruleOf('Later', 'created', { timing: { after: { amount: 2, unit: 'HOUR' } }, expiresAfter: { amount: 1, unit: 'HOUR' } });
  const event = await happen('anna', 'created');
  expect(await outcomes(event)).toMatchObject([{ state: 'HELD' }]);
  await upsert({
    contacts: [{ externalId: 'anna', name: 'Anna White' }],
    objects: [{ type: 'payment', externalId: 'anna', fields: { amount: '99' } }],
  });
  const queued = async () =>
    (
      await app.call('query ($id: ID!) { queueEntries(externalSystemId: $id) { nodes { body } } }', { id: portal })
    ).queueEntries.nodes.filter((each: Json) => each['body'] === '5.00 for Anna Brown').length;
  const before = await queued();
  await arrive('Later');
  const [outcome] = await settled(event);
  expect(outcome).toMatchObject({ state: 'CREATED', communication: { body: '5.00 for Anna Brown', state: 'PENDING' } });
  const lives = new Date(outcome?.['communication'].expiresAt).getTime() - Date.now();
  expect(lives).toBeGreaterThan(3_500_000);
  expect(lives).toBeLessThanOrEqual(3_600_000);
  expect(await queued()).toBe(before + 1);
});

test('G88 AMB-3 what waits tells the day on which it will expire, counted from its time, and expires then', async () => {
  const said = [{ medium: 'DEVICE', externalSystemId: portal, content: text('Until #communication.expires_on', null) }];
  const lifetime = async (hours: number | null) =>
    await app.call(
      'mutation ($hours: Int) { updateSettings(input: { media: [{ medium: DEVICE, lifetimeHours: $hours }] }) { settings { smsMaxSegments } } }',
      { hours },
    );
  const day = (at: Date) => DateTime.fromJSDate(at, { zone: 'Europe/Nicosia' }).toFormat('LLL d, yyyy');
  const after = { amount: 10, unit: 'DAY' };
  const rules = [
    { name: 'Own lifetime', hours: 72, more: { timing: { after }, expiresAfter: { amount: 3, unit: 'DAY' } } },
    { name: 'Of the medium', hours: 48, more: { timing: { after } } },
  ];
  for (const { name, hours, more } of rules) {
    await lifetime(48);
    const { id } = await ruleOf(name, 'failed', { ...more, messages: said });
    const { previewRule } = await app.call('query ($input: PreviewRuleInput!) { previewRule(input: $input) { messages { body dueAt } } }', {
      input: { ruleId: id, object: { type: 'payment', externalId: 'anna' } },
    });
    const event = await happen('anna', 'failed');
    const [held] = (await outcomes(event)).filter((each) => each['rule'].name === name);
    const end = new Date(new Date(held?.['dueAt']).getTime() + hours * 3_600_000);
    expect(previewRule.messages[0].body).toBe(`Until ${day(end)}`);
    // What the settings say later changes nothing of what was frozen.
    await lifetime(1);
    await app.sql(
      `update rule_outcome set due_at = clock_timestamp() where state = 'HELD' and rule_id = (select id from rule where name = $1)`,
      [name],
    );
    const made = await eventually(async () =>
      (await outcomes(event)).find((each) => each['rule'].name === name && each['state'] === 'CREATED'),
    );
    expect(made['communication'].body).toBe(`Until ${day(end)}`);
    expect(Math.abs(new Date(made['communication'].expiresAt).getTime() - end.getTime())).toBeLessThan(2_000);
    const { id: communication } = (await app.sql('select id from communication order by seq desc limit 1'))[0] ?? {};
    expect(
      await app.sql(
        `select q.expires_at = c.expires_at and x.expires_at = c.expires_at as same from communication c join queue_entry q on q.id = c.id
         join entry_expiry x on x.communication_id = c.id where c.id = $1`,
        [communication],
      ),
    ).toEqual([{ same: true }]);
    await app.call('mutation ($id: ID!) { deleteRule(input: { ruleId: $id }) { ruleId } }', { id });
  }
  await lifetime(null);
});

test('C16 Q12 what expired while nobody was there to send it is not sent late', async () => {
  const { id } = await ruleOf('Too late', 'failed', {
    timing: { after: { amount: 2, unit: 'HOUR' } },
    expiresAfter: { amount: 1, unit: 'HOUR' },
  });
  const event = await happen('anna', 'failed');
  await outcomes(event);
  await app.sql(
    `update rule_outcome set expires_at = clock_timestamp() - interval '1 second' where state = 'HELD' and rule_id = (select id from rule where name = 'Too late')`,
  );
  await arrive('Too late');
  const outcome = await eventually(async () =>
    (await outcomes(event)).find((each) => each['rule'].name === 'Too late' && each['state'] !== 'HELD'),
  );
  expect(outcome).toMatchObject({ state: 'SKIPPED', reason: 'EXPIRED', communication: null });
  await app.call('mutation ($id: ID!) { deleteRule(input: { ruleId: $id }) { ruleId } }', { id });
});

test('A6 whoever opts out while it waits gets nothing', async () => {
  await ruleOf('Offer later', 'updated', { timing: { after: { amount: 2, unit: 'HOUR' } }, applyDirectMarketingPreference: true });
  const event = await happen('bob', 'updated');
  expect(await outcomes(event)).toMatchObject([{ state: 'HELD' }]);
  await upsert({ contacts: [{ externalId: 'bob', directMarketing: false }] });
  await arrive('Offer later');
  expect(await settled(event)).toMatchObject([{ state: 'SKIPPED', reason: 'OPTED_OUT_DIRECT', communication: null }]);
});

test('E5 what a rule holds is not sent once the rule is off, and is gone with it', async () => {
  const timing = { after: { amount: 2, unit: 'HOUR' } };
  const { id } = await ruleOf('Off', 'state_changed', { timing });
  const event = await happen('anna', 'state_changed');
  await outcomes(event);
  await app.call('mutation ($id: ID!) { disableRule(input: { ruleId: $id }) { rule { id } } }', { id });
  await arrive('Off');
  expect(await settled(event)).toMatchObject([{ state: 'SKIPPED', reason: 'RULE_OFF' }]);
  await app.call('mutation ($id: ID!) { enableRule(input: { ruleId: $id }) { rule { id } } }', { id });
  const between = await happen('anna', 'state_changed');
  expect(await outcomes(between)).toMatchObject([{ state: 'HELD' }]);
  // Off and on again before its time: it stays off for what had happened, and is on for what comes.
  await app.call('mutation ($id: ID!) { disableRule(input: { ruleId: $id }) { rule { id } } }', { id });
  await app.call('mutation ($id: ID!) { enableRule(input: { ruleId: $id }) { rule { id } } }', { id });
  await arrive('Off');
  expect(await settled(between)).toMatchObject([{ state: 'SKIPPED', reason: 'RULE_OFF' }]);
  expect(await outcomes(await happen('anna', 'state_changed'))).toMatchObject([{ state: 'HELD' }]);
  await app.call('mutation ($id: ID!) { deleteRule(input: { ruleId: $id }) { ruleId } }', { id });
  expect(await app.sql("select 1 from rule_outcome where rule_id not in (select id from rule) and state = 'HELD'")).toEqual([]);
});

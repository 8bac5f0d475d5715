import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../../support/app.js';
import { type Json, rulesOf, text } from './support.js';

const app = await openApp();
const { create, record, upsert, done, outcomes } = rulesOf(app);
const ids: Record<string, string> = {};
const email = (body: string, more: object = {}) => ({ medium: 'EMAIL', content: text(body), ...more });
const object = (type: string, externalId: string) => ({ type, externalId });
const off = async (id: string) => await app.call('mutation ($id: ID!) { disableRule(input: { ruleId: $id }) { rule { id } } }', { id });
/** Makes a rule that is gone after the test. */
const during = async (input: object, work: (rule: Json) => Promise<void>) => {
  const rule = await create(input);
  try {
    await work(rule);
  } finally {
    await off(rule['id']);
  }
};
const payments = (name: string, more: object = {}) => ({
  name,
  objectType: 'payment',
  events: ['posted'],
  messages: [email('#payment.amount')],
  ...more,
});
const posted = async (externalId: string, payload: object = {}) =>
  (await record({ object: object('payment', externalId), event: 'posted', payload }))[0] ?? '';

beforeAll(async () => {
  await upsert({
    contacts: [
      {
        externalId: 'anna',
        name: 'Anna Brown',
        preferredLanguage: 'el-CY',
        timeZone: 'Europe/Nicosia',
        emails: [{ address: 'anna@example.org' }, { type: 'BILLING', address: 'bills@example.org' }],
        phones: [{ number: '+35799123456' }],
        attributes: { tier: 'gold' },
      },
      { externalId: 'boss', name: 'Boss Big', emails: [{ address: 'boss@example.org' }] },
      { externalId: 'out', name: 'Out Otto', directMarketing: false, emails: [{ address: 'out@example.org' }] },
      { externalId: 'mute', name: 'Mute Mary' },
    ],
    accounts: [
      { externalId: 'a-anna', contact: 'anna', currency: 'EUR', balance: '10', parentAccount: 'a-boss' },
      { externalId: 'a-boss', contact: 'boss', currency: 'EUR', balance: '1000' },
      { externalId: 'a-own', contact: 'anna', currency: 'EUR', balance: '1', parentAccount: 'a-anna' },
    ],
    objects: [
      { type: 'payment', externalId: 'p-anna', account: 'a-anna', number: 'P1', fields: { amount: '12.5' } },
      { type: 'payment', externalId: 'p-own', account: 'a-own', number: 'P2', fields: { amount: '7' } },
      { type: 'payment', externalId: 'p-boss', account: 'a-boss', number: 'P3', fields: { amount: '500' } },
      { type: 'payment', externalId: 'p-out', contact: 'out', number: 'P4', fields: { amount: '5' } },
      { type: 'payment', externalId: 'p-mute', contact: 'mute', number: 'P5', fields: { amount: '5' } },
      { type: 'service_request', externalId: 'sr1', contact: 'anna', number: 'SR1', fields: { status: 'Open' } },
      { type: 'subscription', externalId: 's1', contact: 'anna', number: 'S1', fields: { type: 'Sports', state: 'ACTIVE' } },
    ],
  });
  const made = await app.call(`mutation {
    portal: createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } }
    category: createCategory(input: { name: "Payments" }) { category { id } }
    template: createTemplate(input: { name: "Thanks", medium: EMAIL, objectType: "payment", content: [{ language: "en", subject: "Thanks", body: "Template #payment.number" }] }) { template { id } }
  }`);
  ids['portal'] = made.portal.externalSystem.id;
  ids['category'] = made.category.category.id;
  ids['template'] = made.template.template.id;
});

test('E2 E6 E15 a rule listens to several events of its entity, and to no others', async () => {
  await during(payments('Both', { events: ['posted', 'cancelled'] }), async () => {
    const [first = '', second = '', third = '', contact = ''] = await record(
      { object: object('payment', 'p-anna'), event: 'posted' },
      { object: object('payment', 'p-anna'), event: 'cancelled' },
      { object: object('payment', 'p-anna'), event: 'failed' },
      { object: object('contact', 'anna'), event: 'portal_registered' },
    );
    expect(await outcomes(first)).toMatchObject([{ state: 'CREATED', rule: { name: 'Both' }, communication: { body: '€12.50' } }]);
    expect(await outcomes(second)).toMatchObject([{ state: 'CREATED' }]);
    expect(await outcomes(third)).toEqual([]);
    expect(await outcomes(contact)).toEqual([]);
  });
});

test('E7 at least one condition must be met: on the object, its account, its contact, other objects and what came with the event', async () => {
  const conditions = [
    {
      all: [
        { field: 'payment.amount', operator: 'GT', value: 100 },
        { field: 'account.balance', operator: 'GTE', value: 1000 },
      ],
    },
    {
      all: [
        { field: 'contact.attributes.tier', operator: 'EQ', value: 'gold' },
        { field: 'subscription.state', operator: 'EQ', value: 'ACTIVE' },
      ],
    },
    { field: 'event.payload.channel', operator: 'IN', value: ['web', 'app'] },
    { field: 'event.name', operator: 'EQ', value: 'failed' },
  ];
  await during(payments('Conditions', { events: ['posted', 'failed'], conditions }), async () => {
    const met = async (externalId: string, payload: object = {}, event = 'posted') => {
      const [id = ''] = await record({ object: object('payment', externalId), event, payload });
      const [outcome] = await outcomes(id);
      return [outcome?.['state'], outcome?.['conditions']];
    };
    expect(await met('p-boss')).toEqual(['CREATED', [true, false, false, false]]);
    expect(await met('p-anna')).toEqual(['CREATED', [false, true, false, false]]);
    expect(await met('p-out')).toEqual(['NOT_MET', [false, false, false, false]]);
    expect(await met('p-out', { channel: 'web' })).toEqual(['CREATED', [false, false, true, false]]);
    expect(await met('p-out', { channel: 'shop' })).toEqual(['NOT_MET', [false, false, false, false]]);
    expect(await met('p-out', {}, 'failed')).toEqual(['CREATED', [false, false, false, true]]);
  });
});

test('E7 conditions on a change: from, to, what changed, and the values before and after', async () => {
  const rule = {
    name: 'Closed',
    objectType: 'service_request',
    events: ['state_changed'],
    conditions: [
      {
        all: [
          { field: 'event.from', operator: 'EQ', value: 'Open' },
          { field: 'event.to', operator: 'EQ', value: 'Closed' },
        ],
      },
    ],
    messages: [email('#service_request.number is #service_request.status .')],
  };
  const low = {
    name: 'Low balance',
    objectType: 'account',
    events: ['updated'],
    conditions: [
      {
        all: [
          { field: 'event.changed', operator: 'CONTAINS', value: 'balance' },
          { field: 'event.old.balance', operator: 'GTE', value: 5 },
          { field: 'event.new.balance', operator: 'LT', value: 5 },
        ],
      },
    ],
    messages: [email('Only #account.balance left')],
  };
  await during(rule, async () => {
    await during(low, async () => {
      const status = (value: string) => upsert({ objects: [{ type: 'service_request', externalId: 'sr1', fields: { status: value } }] });
      await status('Waiting');
      await status('Open');
      await status('Closed');
      const balance = (value: string) => upsert({ accounts: [{ externalId: 'a-own', balance: value }] });
      await balance('8');
      await balance('4');
      await balance('3');
      await done();
      const said = await app.call('{ communications(first: 2) { nodes { body } } }');
      expect(said.communications.nodes.map((each: Json) => each['body']).toSorted()).toEqual(['Only €4.00 left', 'SR1 is Closed .']);
      const states = await app.sql(
        "select o.state, count(*)::int as n from rule_outcome o join rule r on r.id = o.rule_id where r.name in ('Closed', 'Low balance') group by 1 order by 1",
      );
      expect(states).toEqual([
        { state: 'CREATED', n: 2 },
        { state: 'NOT_MET', n: 4 },
      ]);
    });
  });
});

test('AMB-3 what is said is that of the event, however late the rule comes to it', async () => {
  const messages = [email('#service_request.status and #account.balance')];
  await during({ name: 'Frozen', objectType: 'service_request', events: ['state_changed'], messages }, async () => {
    // Two changes in one transaction: the worker sees the rows only as the last one left them.
    const status = (value: string, balance: string) => `upsertCrmRecords(input: {
      accounts: [{ externalId: "a-anna", balance: "${balance}" }]
      objects: [{ type: "service_request", externalId: "sr1", account: "a-anna", fields: { status: "${value}" } }] }) { updated }`;
    await app.call(`mutation { one: ${status('First', '21')} two: ${status('Second', '22')} three: ${status('Third', '23')} }`);
    await done();
    const said = await app.call('{ communications(first: 3) { nodes { body } } }');
    expect(said.communications.nodes.map((each: Json) => each['body']).toSorted()).toEqual([
      'First and €21.00',
      'Second and €22.00',
      'Third and €23.00',
    ]);
  });
});

test('E8 E9 E10 E11 E12 E13 E14 each medium has its category, system, type of address, subject and content per language', async () => {
  const messages = [
    {
      medium: 'EMAIL',
      addressType: 'billing',
      categoryId: ids['category'],
      content: [
        { language: 'en', subject: 'Thank you, #contact.name', body: 'You paid #payment.amount' },
        { language: 'el', subject: 'Ευχαριστούμε, #contact.name', body: 'Πληρώσατε #payment.amount' },
      ],
    },
    { medium: 'SMS', content: [{ language: 'en', body: 'Paid #payment.amount by #param.channel' }] },
    { medium: 'DEVICE', externalSystemId: ids['portal'], content: text('Paid', 'Paid') },
    { medium: 'WHATSAPP', enabled: false, content: [{ language: 'en', body: 'Switched off' }] },
  ];
  await during(payments('Three media', { messages }), async () => {
    const [mail, sms, device, ...others] = await outcomes(await posted('p-anna', { channel: 'card' }));
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      medium: 'EMAIL',
      communication: {
        to: 'bills@example.org',
        subject: 'Ευχαριστούμε, Anna Brown',
        body: 'Πληρώσατε 12,50\u00a0€',
        category: { name: 'Payments' },
      },
    });
    expect(sms).toMatchObject({ medium: 'SMS', communication: { to: '+35799123456', body: 'Paid €12.50 by card', category: null } });
    expect(device).toMatchObject({ medium: 'DEVICE', communication: { state: 'PENDING', subject: 'Paid' } });
    const { queueEntries } = await app.call('query ($id: ID!) { queueEntries(externalSystemId: $id, first: 1) { nodes { state } } }', {
      id: ids['portal'],
    });
    expect(queueEntries.nodes).toEqual([{ state: 'PENDING' }]);
    // Nobody else has an address of that type, nor a phone.
    expect(await outcomes(await posted('p-out'))).toMatchObject([
      { medium: 'EMAIL', state: 'SKIPPED', reason: 'NO_ADDRESS', communication: null },
      { medium: 'SMS', state: 'SKIPPED', reason: 'NO_ADDRESS' },
      { medium: 'DEVICE', state: 'CREATED' },
    ]);
  });
});

test('AMB-13 a rule may name a template, and takes its text as it is at the event; it fails alone once the template is out of effect', async () => {
  await during(payments('By template', { messages: [{ medium: 'EMAIL', templateId: ids['template'] }] }), async ({ id }) => {
    expect(await outcomes(await posted('p-anna'))).toMatchObject([{ communication: { subject: 'Thanks', body: 'Template P1' } }]);
    const update = (input: object) =>
      app.call('mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { id } } }', {
        input: { templateId: ids['template'], ...input },
      });
    await update({ content: text('Rewritten #payment.number') });
    expect(await outcomes(await posted('p-anna'))).toMatchObject([{ communication: { body: 'Rewritten P1' } }]);
    await update({ state: 'NOT_EFFECTIVE' });
    await during(payments('Beside it'), async () => {
      const found = await outcomes(await posted('p-anna'));
      expect(found.map((each) => [each['rule'].name, each['state']]).toSorted()).toEqual([
        ['Beside it', 'CREATED'],
        ['By template', 'FAILED'],
      ]);
    });
    const { rule } = await app.call('query ($id: ID!) { rule(id: $id) { lastError lastErrorAt } }', { id });
    expect(rule.lastError).toContain('not effective');
    expect(rule.lastErrorAt).not.toBeNull();
  });
});

test('E4 the parent account is told additionally, where the account stands in a group and the parent is another contact', async () => {
  await during(
    payments('Group', { notifyParentAccount: true, messages: [email('#contact.name : #payment.amount , #account.balance')] }),
    async () => {
      const found = await outcomes(await posted('p-anna'));
      expect(found.map((each) => [each['toParent'], each['contact'].externalId, each['communication'].body.split(' :')[0]])).toEqual([
        [false, 'anna', 'Anna Brown'],
        [true, 'boss', 'Boss Big'],
      ]);
      // What it speaks of is still the account of the one who paid.
      expect(new Set(found.map((each) => each['communication'].body.split(', ')[1])).size).toBe(1);
      expect(await outcomes(await posted('p-own')), 'the parent is the same contact').toHaveLength(1);
      expect(await outcomes(await posted('p-boss')), 'no parent').toHaveLength(1);
    },
  );
});

test('A6 marketing switches are asked only where the rule applies them, and asked again before it is sent', async () => {
  await during(payments('Marketing', { applyDirectMarketingPreference: true }), async () => {
    expect(await outcomes(await posted('p-out'))).toMatchObject([{ state: 'SKIPPED', reason: 'OPTED_OUT_DIRECT' }]);
    expect(await outcomes(await posted('p-anna'))).toMatchObject([{ state: 'CREATED' }]);
  });
  await during(payments('Important'), async () => {
    expect(await outcomes(await posted('p-out'))).toMatchObject([{ state: 'CREATED' }]);
    expect(await outcomes(await posted('p-mute'))).toMatchObject([{ state: 'SKIPPED', reason: 'NO_ADDRESS' }]);
  });
});

test('E8x C16 what a rule makes goes before campaigns, and lives as long as the rule says', async () => {
  await during(
    payments('Urgent', {
      priority: 1,
      expiresAfter: { amount: 2, unit: 'HOUR' },
      messages: [{ medium: 'DEVICE', externalSystemId: ids['portal'], content: text('x') }],
    }),
    async ({ id }) => {
      const [outcome] = await outcomes(await posted('p-anna'));
      const lives = new Date(outcome?.['communication'].expiresAt).getTime() - Date.now();
      expect(lives).toBeGreaterThan(7_100_000);
      expect(lives).toBeLessThanOrEqual(7_200_000);
      const { rule } = await app.call('query ($id: ID!) { rule(id: $id) { communications { nodes { expiresAt } totalCount } } }', { id });
      expect(rule.communications.totalCount).toBe(1);
      expect(
        await app.sql(
          'select priority from queue_entry q join communication c on c.id = q.id where c.rule_id is not null order by c.seq desc limit 1',
        ),
      ).toEqual([{ priority: 1 }]);
    },
  );
});

test('a rule that was turned off, and one that came later, have nothing to do with an event', async () => {
  await during(payments('Gone soon'), async ({ id }) => {
    await off(id);
    const event = await posted('p-anna');
    await during(payments('Came later'), async () => {
      expect(await outcomes(event)).toEqual([]);
    });
  });
});

test('an event that does harm fails alone: other events of the rule and other rules go on', async () => {
  const conditions = [{ field: 'payment.amount', operator: 'GT', value: 1 }];
  await during(payments('Strict', { conditions }), async ({ id }) => {
    await during(payments('Easy'), async () => {
      await upsert({ objects: [{ type: 'payment', externalId: 'p-bad', contact: 'anna', fields: { amount: '1' } }] });
      await app.sql(`update business_object set fields = '{"amount": "poison"}' where external_id = 'p-bad'`);
      const events = await record(
        ...['p-anna', 'p-boss', 'p-bad', 'p-own', 'p-out'].map((each) => ({ object: object('payment', each), event: 'posted' })),
      );
      const states = new Map<string, string[]>();
      for (const event of events) {
        for (const each of await outcomes(event)) states.set(each['rule'].name, [...(states.get(each['rule'].name) ?? []), each['state']]);
      }
      expect(states.get('Strict')).toEqual(['CREATED', 'CREATED', 'FAILED', 'CREATED', 'CREATED']);
      expect(states.get('Easy')?.filter((each) => each === 'CREATED').length).toBeGreaterThanOrEqual(4);
      const { ruleLog } = await app.call(
        'query ($id: ID!) { ruleLog(ruleId: $id, states: [FAILED]) { nodes { state reason event { objectExternalId } } totalCount } }',
        { id },
      );
      expect(ruleLog).toMatchObject({
        totalCount: 1,
        nodes: [{ event: { objectExternalId: 'p-bad' }, reason: expect.stringContaining('our side') }],
      });
      await app.sql(`delete from business_object where external_id = 'p-bad'`);
    });
  });
});

test('the log of a rule is paged, the latest first, and needs a rule or an event', async () => {
  await during(payments('Logged', { conditions: [{ field: 'payment.amount', operator: 'GT', value: 10 }] }), async ({ id }) => {
    await record(...['p-anna', 'p-own', 'p-boss'].map((each) => ({ object: object('payment', each), event: 'posted' })));
    await done();
    const log = async (after?: string) =>
      (
        await app.call(
          'query ($id: ID!, $after: String) { ruleLog(ruleId: $id, first: 2, after: $after) { nodes { state event { objectExternalId } } pageInfo { endCursor hasNextPage } totalCount } }',
          { id, after },
        )
      ).ruleLog;
    const first = await log();
    expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    const second = await log(first.pageInfo.endCursor);
    const all = [...first.nodes, ...second.nodes].map((each: Json) => [each['event'].objectExternalId, each['state']]).toSorted();
    expect(all).toEqual([
      ['p-anna', 'CREATED'],
      ['p-boss', 'CREATED'],
      ['p-own', 'NOT_MET'],
    ]);
  });
  expect((await app.ask('{ ruleLog { totalCount } }')).errors?.[0]?.extensions.problems).toMatchObject([{ code: 'REQUIRED' }]);
});

test('a communication never causes events: rules cannot lead to themselves, and those who report a circle are stopped', async () => {
  const rules = [
    payments('Any payment', { events: ['created', 'updated', 'posted'] }),
    { name: 'Any contact', objectType: 'contact', events: ['created', 'updated', 'state_changed'], messages: [email('Hello')] },
  ];
  const made = [await create(rules[0] ?? {}), await create(rules[1] ?? {})];
  const before = (await app.sql<{ n: number }>('select count(*)::int as n from event'))[0]?.n ?? 0;
  let event = await posted('p-anna');
  await done();
  await eventually(
    async () => (await app.sql("select 1 from communication where state = 'PENDING' and external_system_id is null")).length === 0,
  );
  expect(await app.sql('select count(*)::int as n from event'), 'sent and settled, and no event but the one').toEqual([{ n: before + 1 }]);
  const states: string[] = [];
  for (let round = 0; round < 8; round++) {
    const [outcome] = await outcomes(event);
    states.push(`${outcome?.['state']} ${outcome?.['reason'] ?? ''}`.trim());
    const [last] = (await app.call('query ($id: ID!) { event(id: $id) { outcomes { communication { id } } } }', { id: event })).event
      .outcomes;
    [event = ''] = await record({ object: object('payment', 'p-anna'), event: 'posted', causedBy: last.communication?.id ?? null });
  }
  expect(states.slice(0, 7)).toEqual(['CREATED', 'CREATED', 'CREATED', 'CREATED', 'CREATED', 'CREATED', 'SKIPPED LOOP']);
  const { rule } = await app.call('query ($id: ID!) { rule(id: $id) { lastError } }', { id: made[0]?.['id'] });
  expect(rule.lastError).toContain('Stopped');
  for (const each of made) await off(each['id']);
});

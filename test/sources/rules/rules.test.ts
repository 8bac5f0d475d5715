import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../../support/app.js';
import { enableLinks, ourLinks } from '../../support/links.js';
import { type Json, rulesOf, text } from './support.js';

// What can be said of a rule and what cannot; nothing is carried out.
const app = await openApp({ env: { ROLE: 'api' } });
const { create, refused, upsert } = rulesOf(app);
const ids: Record<string, string> = {};
const email = (body = 'Thank you for #payment.amount , #contact.name .') => ({ medium: 'EMAIL', content: text(body) });
const basic = (name: string, more: object = {}) => ({ name, objectType: 'payment', events: ['posted'], messages: [email()], ...more });
const fields =
  'id name code description objectType events conditions enabled priority notifyParentAccount applyDirectMarketingPreference timing { timeOfDay after { amount unit } } expiresAfter { amount unit } messages { medium addressType externalSystemId categoryId template { name } content { language subject body } }';
const rule = async (id: string): Promise<Json> => (await app.call(`query ($id: ID!) { rule(id: $id) { ${fields} } }`, { id })).rule;

beforeAll(async () => {
  const made = await app.call(`mutation {
    portal: createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } }
    category: createCategory(input: { name: "Payments" }) { category { id } }
    template: createTemplate(input: { name: "Thanks", medium: EMAIL, objectType: "payment", content: [{ language: "en", subject: "Thanks", body: "For #payment.amount ." }] }) { template { id } }
    bill: createTemplate(input: { name: "Bill", medium: EMAIL, objectType: "bill", content: [{ language: "en", subject: "Bill", body: "#bill.number" }] }) { template { id } }
    draft: createTemplate(input: { name: "Draft", medium: EMAIL, state: DRAFT, content: [{ language: "en", body: "Draft" }] }) { template { id } }
  }`);
  ids['portal'] = made.portal.externalSystem.id;
  ids['category'] = made.category.category.id;
  for (const name of ['template', 'bill', 'draft']) ids[name] = made[name].template.id;
});

test('E1 E8 to E14 a rule keeps its name, code, description and a message for each medium', async () => {
  const { id } = await create({
    ...basic('Payment received'),
    description: 'Thanks for paying',
    messages: [
      { medium: 'EMAIL', templateId: ids['template'], categoryId: ids['category'], addressType: 'BILLING' },
      { medium: 'SMS', content: [{ language: 'en', body: 'Thanks #contact.first_name' }] },
      { medium: 'DEVICE', externalSystemId: ids['portal'], content: text('Paid #payment.amount', 'Paid') },
    ],
    timing: { timeOfDay: '09:30' },
    expiresAfter: { amount: 2, unit: 'DAY' },
    applyDirectMarketingPreference: true,
  });
  expect(await rule(id)).toMatchObject({
    name: 'Payment received',
    code: 'payment-received',
    description: 'Thanks for paying',
    objectType: 'payment',
    events: ['posted'],
    conditions: [],
    enabled: true,
    priority: 2,
    applyDirectMarketingPreference: true,
    timing: { timeOfDay: '09:30', after: null },
    expiresAfter: { amount: 2, unit: 'DAY' },
    messages: [
      { medium: 'EMAIL', template: { name: 'Thanks' }, addressType: 'BILLING', categoryId: ids['category'], content: [] },
      { medium: 'SMS', template: null, content: [{ language: 'en', subject: null, body: 'Thanks #contact.first_name' }] },
      { medium: 'DEVICE', externalSystemId: ids['portal'] },
    ],
  });
  expect(await refused('createRule', basic('Payment received', { code: 'other' }))).toEqual(['name: TAKEN']);
  expect(await refused('createRule', basic('Other', { code: 'payment-received' }))).toEqual(['code: TAKEN']);
});

test('E2 E6 E7 E10 E14 every problem of a rule is told at once, and nothing is kept', async () => {
  const before = await app.sql('select count(*)::int as n from rule');
  expect(
    await refused('createRule', {
      name: ' ',
      objectType: 'payment',
      events: ['postd', 'posted'],
      conditions: [
        { field: 'payment.amont', operator: 'GT', value: 1 },
        { field: 'event.nothing', operator: 'EQ', value: 'x' },
      ],
      messages: [
        { medium: 'EMAIL', content: text('#payment.amont and #bill.number') },
        { medium: 'EMAIL', templateId: ids['bill'] },
        { medium: 'SMS', templateId: ids['template'], externalSystemId: ids['portal'] },
        { medium: 'DEVICE', templateId: ids['draft'] },
        { medium: 'LETTER', content: text('x') },
      ],
      timing: { timeOfDay: '25:00', after: { amount: 1, unit: 'HOUR' } },
      expiresAfter: { amount: 0, unit: 'DAY' },
      priority: 12,
    }),
  ).toEqual([
    'conditions.0.field: UNKNOWN_FIELD',
    'conditions.1.field: UNKNOWN_FIELD',
    'events.0: UNKNOWN_EVENT',
    'expiresAfter.amount: OUT_OF_RANGE',
    'messages.0.content.0.body: UNKNOWN_TAG',
    'messages.0.content.0.body: UNREACHABLE_TAG',
    'messages.1.medium: DUPLICATE',
    'messages.1.templateId: WRONG_TYPE',
    'messages.2.externalSystemId: UNSUPPORTED_MEDIUM',
    'messages.2.templateId: WRONG_MEDIUM',
    'messages.3.templateId: NOT_EFFECTIVE',
    'messages.3.templateId: WRONG_MEDIUM',
    'messages.4.medium: NOT_QUEUED',
    'name: INVALID',
    'priority: OUT_OF_RANGE',
    'timing.timeOfDay: INVALID_TIME',
    'timing: EXACTLY_ONE',
  ]);
  expect(await refused('createRule', basic('No type', { objectType: 'paymnt' }))).toContain('objectType: UNKNOWN_TYPE');
  expect(await refused('createRule', basic('Empty', { events: [], messages: [] }))).toEqual(['events: REQUIRED', 'messages: REQUIRED']);
  const ofContact = { objectType: 'contact', events: ['created'], notifyParentAccount: true, messages: [email('Hello')] };
  expect(await refused('createRule', basic('Contact', ofContact))).toEqual(['notifyParentAccount: NOT_ALLOWED']);
  expect(await app.sql('select count(*)::int as n from rule')).toEqual(before);
});

test('XU7 what may go wrong with the texts of a rule is told, and it is kept', async () => {
  const { createRule } = await app.call(
    'mutation ($input: CreateRuleInput!) { createRule(input: $input) { rule { id } warnings { code path message } } }',
    { input: basic('Long', { messages: [email(), { medium: 'SMS', content: [{ language: 'en', body: 'x'.repeat(200) }] }] }) },
  );
  expect(createRule.warnings).toMatchObject([{ code: 'TOO_LONG', path: ['messages', '1', 'content', '0', 'body'] }]);
});

test('E3 a copy begins with everything of another rule, off, and both go their own ways', async () => {
  const conditions = [{ field: 'payment.amount', operator: 'GT', value: 5 }];
  const source = await create(basic('Source', { conditions, timing: { after: { amount: 1, unit: 'HOUR' } } }));
  const { copyRule } = await app.call(`mutation ($input: CopyRuleInput!) { copyRule(input: $input) { rule { ${fields} } } }`, {
    input: { ruleId: source['id'], name: 'Copy' },
  });
  const { id: _, ...original } = await rule(source['id']);
  expect(copyRule.rule).toMatchObject({ ...original, name: 'Copy', code: 'copy', enabled: false });
  await app.call('mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id } } }', {
    input: {
      ruleId: copyRule.rule.id,
      messages: [email('Changed')],
      conditions: [],
      timing: null,
      priority: 5,
      events: ['posted', 'failed'],
    },
  });
  expect(await rule(copyRule.rule.id)).toMatchObject({
    conditions: [],
    timing: null,
    priority: 5,
    events: ['posted', 'failed'],
    messages: [{ content: [{ body: 'Changed' }] }],
  });
  expect(await rule(source['id'])).toMatchObject({ ...original, name: 'Source' });
  expect(await refused('copyRule', { ruleId: source['id'], name: 'Copy' })).toEqual(['code: TAKEN', 'name: TAKEN']);
});

test('a field that is left out of an update keeps its value', async () => {
  const { id } = await create(basic('Kept', { description: 'Stays', conditions: [{ field: 'contact.name', operator: 'IS_NOT_EMPTY' }] }));
  const { id: __, ...before } = await rule(id);
  await app.call('mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id } } }', {
    input: { ruleId: id, name: 'Renamed' },
  });
  expect(await rule(id)).toMatchObject({ ...before, name: 'Renamed', code: 'kept' });
  expect(await refused('updateRule', { ruleId: id, name: 'Source', events: ['nope'] })).toEqual(['events.0: UNKNOWN_EVENT', 'name: TAKEN']);
});

test('a rule is turned on and off, found by text, type and switch, and deleted', async () => {
  const { id } = await create(basic('Switch me', { enabled: false }));
  const found = async (filter: object) =>
    (await app.call('query ($filter: RuleFilter) { rules(filter: $filter) { nodes { name } totalCount } }', { filter })).rules.nodes.map(
      (each: Json) => each['name'],
    );
  expect(await found({ search: 'switch', enabled: false })).toEqual(['Switch me']);
  expect(await found({ search: 'switch', objectType: 'bill' })).toEqual([]);
  await app.call('mutation ($id: ID!) { enableRule(input: { ruleId: $id }) { rule { enabled } } }', { id });
  expect(await found({ search: 'switch', enabled: true, objectType: 'payment' })).toEqual(['Switch me']);
  const off = await app.call('mutation ($id: ID!) @dryRun { disableRule(input: { ruleId: $id }) { rule { enabled } } }', { id });
  expect(off.disableRule.rule.enabled).toBe(false);
  expect(await found({ search: 'switch', enabled: true })).toEqual(['Switch me']);
  await app.call('mutation ($id: ID!) { deleteRule(input: { ruleId: $id }) { ruleId } }', { id });
  expect(await rule(id)).toBeNull();
  const again = await app.ask('mutation ($id: ID!) { deleteRule(input: { ruleId: $id }) { ruleId } }', { id });
  expect(again.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('E9 E10 T4 a template, category or external system that a rule uses is not deleted', async () => {
  const { id } = await create(basic('User', { messages: [{ medium: 'EMAIL', templateId: ids['template'], categoryId: ids['category'] }] }));
  const template = await app.ask('mutation ($id: ID!) { deleteTemplate(input: { templateId: $id }) { templateId } }', {
    id: ids['template'],
  });
  expect(template.errors?.[0]).toMatchObject({ extensions: { code: 'CONFLICT' }, message: expect.stringContaining('the rule User') });
  const category = await app.ask('mutation ($id: ID!) { deleteCategory(input: { categoryId: $id }) { categoryId } }', {
    id: ids['category'],
  });
  expect(category.errors?.[0]).toMatchObject({ extensions: { code: 'CONFLICT' }, message: expect.stringContaining('the rule User') });
  const spare = await app.call('mutation { createExternalSystem(input: { name: "Spare", media: [SMS] }) { externalSystem { id } } }');
  const system = { id: spare.createExternalSystem.externalSystem.id };
  const messages = [{ medium: 'SMS', externalSystemId: system.id, content: [{ language: 'en', body: 'x' }] }];
  await app.call('mutation ($input: UpdateRuleInput!) { updateRule(input: $input) { rule { id } } }', { input: { ruleId: id, messages } });
  const remove = 'mutation ($id: ID!) { deleteExternalSystem(input: { externalSystemId: $id }) { externalSystemId } }';
  expect((await app.ask(remove, system)).errors?.[0]).toMatchObject({
    extensions: { code: 'CONFLICT' },
    message: expect.stringContaining('the rule User'),
  });
  await app.call('mutation ($id: ID!) { deleteRule(input: { ruleId: $id }) { ruleId } }', { id });
  expect((await app.ask(remove, system)).errors).toBeUndefined();
});

test('agents read rules and change none; contacts do not see that there are rules', async () => {
  const { id } = await create(basic('Guarded'));
  expect((await app.ask('query ($id: ID!) { rule(id: $id) { name } }', { id }, 'AGENT')).data?.['rule']).toEqual({ name: 'Guarded' });
  const change = await app.ask('mutation ($id: ID!) { disableRule(input: { ruleId: $id }) { rule { id } } }', { id }, 'AGENT');
  expect(change.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  const asContact = await app.ask('query ($id: ID!) { rule(id: $id) { name } node(id: $id) { id } }', { id }, ['CONTACT', 'anna']);
  expect(asContact.data).toEqual({ rule: null, node: null });
});

test('XU5 E13x a preview says which conditions hold and what would be said, and keeps nothing', async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna Brown', timeZone: 'Europe/Nicosia', emails: [{ address: 'anna@example.org' }] },
      { externalId: 'mute', name: 'Mute Mary' },
    ],
    objects: [
      { type: 'payment', externalId: 'p1', contact: 'anna', fields: { amount: '12.5' } },
      { type: 'payment', externalId: 'p2', contact: 'mute', fields: { amount: '12.5' } },
    ],
  });
  const conditions = [
    { field: 'payment.amount', operator: 'GT', value: 100 },
    { field: 'event.payload.channel', operator: 'EQ', value: 'web' },
  ];
  const messages = [email('Paid #payment.amount by #param.channel .')];
  const { id } = await create(basic('Preview', { enabled: false, conditions, messages, timing: { timeOfDay: '09:00' } }));
  const counts = () =>
    app.sql(
      'select (select count(*)::int from event) as e, (select count(*)::int from rule_outcome) as o, (select count(*)::int from communication) as c',
    );
  const before = await counts();
  const preview = async (externalId: string, payload: object = {}, more: object = {}) =>
    await app.ask(
      `query ($input: PreviewRuleInput!) { previewRule(input: $input) { met conditions messages { medium contact { externalId } skipReason to subject body language dueAt } } }`,
      { input: { ruleId: id, object: { type: 'payment', externalId }, payload, ...more } },
      'AGENT',
    );
  expect((await preview('p1')).data?.['previewRule']).toEqual({ met: false, conditions: [false, false], messages: [] });
  const met = (await preview('p1', { channel: 'web' })).data?.['previewRule'];
  expect(met).toMatchObject({
    met: true,
    conditions: [false, true],
    messages: [{ contact: { externalId: 'anna' }, skipReason: null, to: 'anna@example.org', body: 'Paid 12.50 by web .', language: 'en' }],
  });
  const due = new Date(met.messages[0].dueAt);
  expect(new Intl.DateTimeFormat('en', { timeZone: 'Europe/Nicosia', timeStyle: 'short', hourCycle: 'h23' }).format(due)).toBe('09:00');
  expect(due.getTime() - Date.now()).toBeGreaterThan(0);
  expect(due.getTime() - Date.now()).toBeLessThanOrEqual(86_400_000);
  expect((await preview('p2', { channel: 'web' })).data?.['previewRule'].messages).toMatchObject([
    { skipReason: 'NO_ADDRESS', body: null },
  ]);
  expect((await preview('p9')).errors?.[0]?.extensions.problems).toMatchObject([{ path: ['object', 'externalId'], code: 'NOT_FOUND' }]);
  expect((await preview('p1', {}, { event: 'failed' })).errors?.[0]?.extensions.problems).toMatchObject([{ code: 'NOT_LISTENED' }]);
  expect(await counts()).toEqual(before);
});

test('XU5 E13x D17 a preview uses no number, tells what the queue would refuse, and holds no link that answers for the contact', async () => {
  await enableLinks(app);
  await upsert({
    contacts: [{ externalId: 'linked', name: 'Linked', emails: [{ address: 'l@example.org' }], phones: [{ number: '+35799123456' }] }],
    objects: [{ type: 'payment', externalId: 'p5', contact: 'linked', fields: { amount: '1' } }],
  });
  const messages = [
    { medium: 'EMAIL', content: [{ language: 'en', subject: 'x', body: 'No more: #dynamic_link.opt_out_direct_marketing' }] },
    { medium: 'SMS', content: [{ language: 'en', body: 'long '.repeat(60) }] },
  ];
  const { id } = await create(basic('Refused', { enabled: false, messages }));
  const number = async () => (await app.sql('select last_value, is_called from communication_seq_seq'))[0];
  const before = await number();
  const { previewRule } = await app.call(
    'query ($input: PreviewRuleInput!) { previewRule(input: $input) { messages { medium to body rejection dueAt } } }',
    { input: { ruleId: id, object: { type: 'payment', externalId: 'p5' } } },
  );
  const [mail, sms] = previewRule.messages;
  expect(mail).toMatchObject({ medium: 'EMAIL', to: 'l@example.org', rejection: null, dueAt: null });
  expect(sms).toMatchObject({ medium: 'SMS', to: '+35799123456', rejection: 'TOO_LONG', dueAt: null });
  expect(await number()).toEqual(before);
  const [link = ''] = ourLinks(mail.body);
  expect(link).not.toBe('');
  await fetch(link.replace(/^https?:\/\/[^/]+/, app.url), { method: 'POST' });
  await app.ask('mutation ($token: String!) { followDynamicLink(input: { token: $token }) { __typename } }', {
    token: link.split('/').at(-1),
  });
  expect((await app.call('{ contact(externalId: "linked") { directMarketing } }')).contact).toEqual({ directMarketing: true });
});

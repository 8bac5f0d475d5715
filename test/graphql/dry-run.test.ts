import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLField, type GraphQLObjectType, getNamedType } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { type Caller, eventually, openApp } from '../support/app.js';
import { enableLinks, ourLinks } from '../support/links.js';
import { fill, lease, makeContacts, makeSystem, settle, write } from '../support/queue.js';

// No worker: whatever changes, a mutation has changed.
const app = await openApp({ env: { ROLE: 'api' } });

const mutations = (buildSchema(readFileSync('schema.graphql', 'utf8')).getMutationType() as GraphQLObjectType).getFields();
const content = [{ language: 'en', subject: 'Hello', body: 'Good day, #contact.name' }];
/** What each mutation is asked in a dry run; where it is a pair, by whom. */
let inputs: Record<string, object | [input: object, as: Caller]>;

/** Asks for the ids of what the mutation made, the first there is. */
async function make(name: string, input: object, thing?: string): Promise<string> {
  const fields = Object.values(payloadOf(name).getFields());
  const made = thing ?? fields.find((each) => 'getFields' in getNamedType(each.type))?.name ?? '';
  return (await app.call(`mutation ($input: ${inputOf(name)}!) { out: ${name}(input: $input) { ${made} { id } } }`, { input })).out[made]
    .id;
}

function mutation(name: string): GraphQLField<unknown, unknown> {
  const found = mutations[name];
  if (!found) throw new Error(`There is no mutation ${name}`);
  return found;
}

function payloadOf(name: string): GraphQLObjectType {
  return getNamedType(mutation(name).type) as GraphQLObjectType;
}

function inputOf(name: string): string {
  return mutation(name)
    .args.map((each) => getNamedType(each.type).name)
    .join();
}

beforeAll(async () => {
  await makeContacts(app, 'anna', 'ben', 'cleo');
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { objects: [{ type: 'bill', externalId: 'b-1', contact: 'anna', number: 'B1', fields: { amount: '10' } }] },
  });
  await enableLinks(app);
  const linked = await app.call(
    `mutation { createCommunication(input: { contactExternalId: "anna", medium: LETTER, body: "#dynamic_link.opt_out_direct_marketing" }) { communication { body } } }`,
  );
  const [link = ''] = ourLinks(linked.createCommunication.communication.body);
  const token = link.split('/').at(-1);

  await app.call('mutation { updateSettings(input: { tracking: { enabled: true } }) { settings { tracking { enabled } } } }');
  const mail = await write(
    app,
    { contactExternalId: 'anna', medium: 'EMAIL', subject: 'x', format: 'HTML', body: '<p>Seen</p>' },
    'id body',
  );
  const code = /\/t\/([\w-]+)\.gif/.exec(mail.body)?.[1];

  const system = await makeSystem(app, { name: 'Portal', contactInbox: true });
  const engine = await makeSystem(app, { name: 'Workers' });
  const entries = await fill(app, engine, 5);
  const [, second = '', third = '', fourth = ''] = entries;
  const leased = await lease(app, engine.as, { limit: 1 });
  const viewed = (await write(app, { contactExternalId: 'anna', externalSystemId: system.id })).id;
  const draft = (await write(app, { contactExternalId: 'anna', medium: 'LETTER', saveAsDraft: true })).id;
  const called = (await write(app, { contactExternalId: 'anna', medium: 'PHONE' })).id;
  const waiting = (await write(app, { contactExternalId: 'anna', medium: 'EMAIL' })).id;
  const [, , , , rejected = ''] = entries;
  await settle(app, engine.as, 'reject', [{ id: rejected, reason: 'no' }]);

  const category = await make('createCategory', { name: 'Calls' });
  const unused = await make('createExternalSystem', { name: 'Unused', media: ['SMS'] });
  const systemToken = await make('createExternalSystemToken', { externalSystemId: engine.id }, 'externalSystemToken');
  const segment = await make('createSegment', { name: 'Anna', contactExternalIds: ['anna', 'ben'] });
  const spare = await make('createSegment', { name: 'Spare', contactExternalIds: ['ben'] });
  const template = await make('createTemplate', { name: 'Words', medium: 'EMAIL', effective: true, content });
  const spareTemplate = await make('createTemplate', { name: 'Spare words', medium: 'EMAIL', effective: true, content });
  const message = { medium: 'EMAIL', content };
  const plan = await make('createPlan', { name: 'Plan', includeSegmentIds: [segment], messages: [message] });
  const sparePlan = await make('createPlan', { name: 'Spare', includeSegmentIds: [segment], messages: [message] });
  const rule = await make('createRule', { name: 'Rule', objectType: 'bill', events: ['created', 'updated'], messages: [message] });
  const off = await make('createRule', { name: 'Off', enabled: false, objectType: 'bill', events: ['created'], messages: [message] });
  const type = await make('createNotificationType', { name: 'Bills', classification: 'FINANCIAL', about: 'bill', templateId: template });
  const run = await make('runPlan', { planId: plan });
  const paused = await make('runPlan', { planId: plan });
  await make('pauseRun', { runId: paused });
  const far = { schedule: { after: { amount: 1, unit: 'DAY' } } };
  const schedule = await make('schedulePlan', { planId: plan, ...far });
  const resting = await make('schedulePlan', { planId: plan, ...far });
  await make('pauseSchedule', { scheduleId: resting });
  const settled = (id: string) => ({ entries: [{ id }] });

  inputs = {
    addNote: { communicationId: draft, body: 'a note' },
    addSegmentMembers: { segmentId: segment, contactExternalIds: ['cleo'] },
    cancelCommunication: { communicationId: waiting },
    cancelRun: { runId: run },
    completeQueueEntries: [settled(second), engine.as],
    copyPlan: { planId: plan, name: 'Another' },
    copyRule: { ruleId: rule, name: 'Another' },
    copyTemplate: { templateId: template, name: 'Another' },
    createCategory: { name: 'Mails' },
    createCommunication: [{ contactExternalId: 'anna', medium: 'EMAIL', subject: 'x', body: 'y' }, 'AGENT'],
    createExternalSystem: { name: 'Other', media: ['SMS'] },
    createExternalSystemToken: { externalSystemId: system.id },
    createNotificationType: { name: 'Others', classification: 'CUSTOMER_CARE', about: 'job', templateId: template },
    createPlan: { name: 'New', includeSegmentIds: [segment], messages: [message] },
    createRule: { name: 'New', objectType: 'bill', events: ['created'], messages: [message] },
    createSegment: { name: 'New', contactExternalIds: ['ben'] },
    createTemplate: { name: 'New', medium: 'EMAIL', content },
    declareEvent: { objectType: 'bill', name: 'torn', labels: [{ language: 'en', text: 'Torn' }] },
    declareField: { objectType: 'bill', name: 'colour', kind: 'TEXT', labels: [{ language: 'en', text: 'Colour' }] },
    declareObjectType: { name: 'boat', labels: [{ language: 'en', text: 'Boat' }] },
    deleteCategory: { categoryId: category },
    deleteDraft: [{ communicationId: draft }, 'AGENT'],
    deleteExternalSystem: { externalSystemId: unused },
    deleteNotificationType: { notificationTypeId: type },
    deletePlan: { planId: sparePlan },
    deleteRule: { ruleId: rule },
    deleteRun: { runId: run },
    deleteSchedule: { scheduleId: schedule },
    deleteSegment: { segmentId: spare },
    deleteTemplate: { templateId: spareTemplate },
    disableRule: { ruleId: rule },
    enableRule: { ruleId: off },
    extendLeases: [{ entries: [{ id: leased[0]?.id, leaseToken: leased[0]?.lease.token }], leaseSeconds: 600 }, engine.as],
    followDynamicLink: { token },
    followUpCommunication: { communicationId: called, followUp: { contactExternalId: 'anna', medium: 'EMAIL', subject: 'x', body: 'y' } },
    leaseQueueEntries: [{ limit: 2 }, engine.as],
    pauseRun: { runId: run },
    pauseSchedule: { scheduleId: schedule },
    recordEvents: { events: [{ object: { type: 'bill', externalId: 'b-1' }, event: 'updated' }] },
    recordTracking: { code },
    rejectQueueEntries: [{ entries: [{ id: third, reason: 'no' }] }, engine.as],
    removeQueueEntries: [settled(fourth), engine.as],
    removeSegmentMembers: { segmentId: segment, contactExternalIds: ['anna'] },
    resumeRun: { runId: paused },
    resumeSchedule: { scheduleId: resting },
    retractPlan: { planId: plan },
    retractRun: { runId: run },
    retryCommunication: { communicationId: rejected },
    revokeExternalSystemToken: { tokenId: systemToken },
    rotateExternalSystemToken: { externalSystemId: engine.id, overlapSeconds: 0 },
    rotateLinkKey: {},
    runNotifications: { notificationTypeId: type },
    runPlan: { planId: plan },
    saveCommunicationAsTemplate: { communicationId: called, name: 'Call' },
    savePlanAsTemplate: { planId: plan, medium: 'EMAIL', name: 'Of the plan' },
    scheduleNotifications: { notificationTypeId: type, name: 'Each day', ...far },
    schedulePlan: { planId: plan, ...far },
    sendTest: { contactExternalId: 'anna', templateId: template, to: 'test@example.org' },
    updateCategory: { categoryId: category, name: 'Phone calls' },
    updateCommunication: { communicationId: draft, body: 'other words', saveAsDraft: false },
    updateExternalSystem: { externalSystemId: system.id, name: 'The portal' },
    updateNotificationType: { notificationTypeId: type, name: 'Invoices' },
    updatePlan: { planId: plan, name: 'The plan' },
    updateRule: { ruleId: rule, name: 'The rule' },
    updateSchedule: { scheduleId: schedule, schedule: { after: { amount: 2, unit: 'DAY' } } },
    updateSegment: { segmentId: segment, name: 'The one' },
    updateSettings: { smsMaxSegments: 3 },
    updateTemplate: { templateId: template, name: 'The words' },
    upsertCrmRecords: {
      contacts: [
        { externalId: 'anna', name: 'Another name' },
        { externalId: 'new', name: 'New' },
      ],
    },
    viewAllQueueEntries: [{}, ['CONTACT', 'anna']],
    viewQueueEntries: [{ ids: [viewed] }, ['CONTACT', 'anna']],
  };
});

/** Every row of every table, as one word. */
async function fingerprint(): Promise<Record<string, string>> {
  const tables = await app.sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1`,
  );
  const parts = tables.map(
    ({ name }) => `select '${name}' as name, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as rows from ${name} t`,
  );
  return Object.fromEntries((await app.sql(parts.join(' union all '))).map(({ name, rows }) => [name, rows]));
}

/** Once what follows the commits of before (positions, alarms) is done. */
async function quiet(): Promise<Record<string, string>> {
  let last = '';
  return await eventually(
    async () => {
      const now = await fingerprint();
      const same = JSON.stringify(now) === last;
      last = JSON.stringify(now);
      return same ? now : undefined;
    },
    { everyMs: 300 },
  );
}

test('XU4 every mutation there is has a dry run, which answers and leaves no row, no change and no alarm', async () => {
  // A mutation that is new: give it an input above.
  expect(Object.keys(inputs).toSorted()).toEqual(Object.keys(mutations).toSorted());
  const before = await quiet();
  for (const [name, given] of Object.entries(inputs)) {
    const [input, as] = Array.isArray(given) ? given : [given, 'ADMIN' as const];
    const payload = payloadOf(name);
    // What is settled in bulk answers for each item: a refusal would leave no row either.
    const ask = payload.getFields()['results'] ? 'results { error { code } }' : '__typename';
    const answer = await app.ask(`mutation ($input: ${inputOf(name)}!) @dryRun { out: ${name}(input: $input) { ${ask} } }`, { input }, as);
    const { __typename = payload.name, results = [{ error: null }] } = answer.data?.['out'] ?? {};
    expect([name, answer.errors, __typename, results]).toEqual([name, undefined, payload.name, [{ error: null }]]);
  }
  expect(await quiet()).toEqual(before);
});

/** What people and programs send by mistake, or to see what happens. */
const odd = ['', 'a\u0000b', '\ud800', 'x'.repeat(20_000), 'constructor', '2030-02-30T00:00:00Z', null, -1, {}];

/** The input with each odd value at each of its places, one at a time. */
function* spoiled(value: unknown): Generator<unknown> {
  if (Array.isArray(value))
    for (const [index, each] of value.entries())
      for (const wrong of spoiled(each)) yield value.map((old, at) => (at === index ? wrong : old));
  else if (typeof value === 'object' && value !== null)
    for (const [name, each] of Object.entries(value)) for (const wrong of spoiled(each)) yield { ...value, [name]: wrong };
  else yield* odd;
}

test('what is wrong with the input of a mutation is told in words, however odd it is', async () => {
  const ours: string[] = [];
  for (const [name, given] of Object.entries(inputs)) {
    const [input, as] = Array.isArray(given) ? given : [given, 'ADMIN' as const];
    for (const wrong of spoiled(input)) {
      const answer = await app.ask(
        `mutation ($input: ${inputOf(name)}!) @dryRun { ${name}(input: $input) { __typename } }`,
        { input: wrong },
        as,
      );
      if (answer.errors?.some((each) => each.extensions.code === 'INTERNAL')) ours.push(`${name} ${JSON.stringify(wrong).slice(0, 300)}`);
    }
  }
  expect(ours).toEqual([]);
}, 120_000);

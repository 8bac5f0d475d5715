import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.js';
import { comparisonSql } from '../../src/catalogue/comparison-sql.js';
import type { Condition } from '../../src/catalogue/condition.js';
import { withCatalogue } from '../../src/catalogue/current.js';
import { pushTo } from '../../src/catalogue/field-sql.js';
import { resolvePath } from '../../src/catalogue/path.js';
import { importFile } from '../../src/cli/import/import-file.js';
import { eventually, openApp, type TestApp } from '../support/app.js';

// Two servers on one database: what one declares, the other knows with its next operation.
const app = await openApp();
const other = await openApp({ env: { DATABASE_URL: app.databaseUrl, ROLE: 'api' } });

/** On a database of its own. */
const alone = await openApp();

const declareType =
  'mutation ($input: DeclareObjectTypeInput!) { declareObjectType(input: $input) { objectType { name label declared relations { name to } } } }';
const declareField =
  'mutation ($input: DeclareFieldInput!) { declareField(input: $input) { objectType { name fields { name kind label example declared indexed } } } }';
const upsert = 'mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted updated } }';
const label = (en: string, el?: string) => [{ language: 'en', text: en }, ...(el ? [{ language: 'el', text: el }] : [])];

async function type(name: string, more: object = {}, at: TestApp = app) {
  return (await at.call(declareType, { input: { name, labels: label(name), ...more } })).declareObjectType.objectType;
}
async function field(objectType: string, name: string, kind: string, more: object = {}, at: TestApp = app) {
  const input = { objectType, name, kind, labels: label(name), ...more };
  const { fields } = (await at.call(declareField, { input })).declareField.objectType;
  return fields.find((each: { name: string }) => each.name === name);
}
async function problems(query: string, input: object, at: TestApp = app) {
  const answer = await at.ask(query, { input });
  return answer.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code]);
}
const preview = async (body: string, more: object = {}, at: TestApp = other) =>
  (
    await at.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { body unresolvedTags } }', {
      input: { content: [{ language: 'en', body }], contactExternalId: 'C1', ...more },
    })
  ).previewContent;

beforeAll(async () => {
  await app.call(upsert, {
    input: {
      contacts: [
        { externalId: 'C1', name: 'Eleni', preferredLanguage: 'en' },
        { externalId: 'C2', name: 'Tom' },
      ],
      accounts: [{ externalId: 'A1', contact: 'C1', number: 'AR1', currency: 'EUR' }],
      objects: [{ type: 'subscription', externalId: 'S1', contact: 'C1', account: 'A1', number: 'SB1' }],
    },
  });
});

test('AMB-17 a declared type works everywhere at once, in another process too', async () => {
  expect(await type('device', { labels: label('Device', 'Συσκευή'), relations: ['subscription'] })).toEqual({
    name: 'device',
    label: 'Device',
    declared: true,
    relations: [
      { name: 'account', to: 'account' },
      { name: 'contact', to: 'contact' },
      { name: 'subscription', to: 'subscription' },
    ],
  });
  expect(await field('device', 'model', 'TEXT', { labels: label('Model', 'Μοντέλο'), example: 'Box 3' }, other)).toEqual({
    name: 'model',
    kind: 'TEXT',
    label: 'Model',
    example: 'Box 3',
    declared: true,
    indexed: false,
  });
  await field('device', 'price', 'MONEY');
  await field('device', 'warranty_until', 'DATE');
  await field('device', 'extras', 'LIST', {}, other);

  const fields = { model: 'Box 3', price: 99.5, warranty_until: '2027-03-31', extras: ['Cable', 'Remote'], subscription: 'S1' };
  const object = { type: 'device', externalId: 'D1', contact: 'C1', account: 'A1', number: 'DV1', fields };
  expect((await other.call(upsert, { input: { objects: [object] } })).upsertCrmRecords).toEqual({ inserted: 1, updated: 0 });
  expect(await problems(upsert, { objects: [{ ...object, fields: { modle: 'x', price: 'dear' } }] }, other)).toEqual([
    ['objects.0.fields.modle', 'UNKNOWN_FIELD'],
    ['objects.0.fields.price', 'WRONG_TYPE'],
  ]);

  expect(
    await preview('#device.number|#device.model|#Device.Price|#device.warranty_until|#device.extras|#device.subscription.number'),
  ).toEqual({
    body: 'DV1|Box 3|€99.50|Mar 31, 2027|Cable, Remote|SB1',
    unresolvedTags: [],
  });
  const tags = '{ tags(prefix: "#device.m", language: "el") { name label example objectType } }';
  expect((await other.call(tags)).tags).toEqual([
    { name: 'device.model', label: 'Συσκευή: Μοντέλο', example: 'Box 3', objectType: 'device' },
  ]);
  expect(
    (await other.call('{ tags(prefix: "device", objectType: "device", first: 100) { name } }')).tags.map((each: any) => each.name),
  ).toContain('device.subscription.type');
  const condition = {
    all: [
      { field: 'device.model', operator: 'EQ', value: 'Box 3' },
      { field: 'device.price', operator: 'GT', value: 99 },
    ],
  };
  const { createSegment } = await other.call(
    'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { size } } }',
    { input: { name: 'Box owners', condition } },
  );
  expect(createSegment.segment.size).toBe(1);
  const template = { name: 'Device', medium: 'SMS', objectType: 'device', content: [{ language: 'en', body: 'Your #device.model' }] };
  await other.call('mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', { input: template });
  const { objectTypes } = await other.call('{ objectTypes(language: "el-CY") { name label declared fields { name operators } } }');
  const shown = objectTypes.find((each: any) => each.name === 'device');
  expect(shown).toMatchObject({ label: 'Συσκευή', declared: true });
  expect(shown.fields.map((each: any) => each.name)).toEqual(['number', 'model', 'price', 'warranty_until', 'extras', 'subscription']);
  const { createCommunication } = await app.call(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { body } } }',
    {
      input: {
        contactExternalId: 'C1',
        medium: 'LETTER',
        body: 'About #device.number',
        referringTo: { type: 'device', externalId: 'D1' },
      },
    },
  );
  expect(createCommunication.communication.body).toBe('About DV1');
});

test('AMB-17 a built-in type takes further fields, and a plan run by a worker goes by them', async () => {
  await field('subscription', 'speed', 'NUMBER', {}, other);
  await app.call(upsert, { input: { objects: [{ type: 'subscription', externalId: 'S1', fields: { speed: 200 } }] } });
  expect((await preview('#subscription.speed')).body).toBe('200');
  const { createSegment } = await other.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input: { name: 'Fast', condition: { field: 'subscription.speed', operator: 'GTE', value: 200 } },
  });
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "App", code: "app", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const { createPlan } = await other.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Fast ones',
      includeSegmentIds: [createSegment.segment.id],
      messages: [
        {
          medium: 'DEVICE',
          externalSystemId: createExternalSystem.externalSystem.id,
          content: [{ language: 'en', subject: 'Hi', body: 'You have #subscription.speed' }],
        },
      ],
    },
  });
  await other.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  const entry = await eventually(async () => {
    const { inbox } = await app.call('{ inbox { nodes { body } } }', {}, ['CONTACT', 'C1']);
    return inbox.nodes.find((each: { body: string }) => each.body.startsWith('You have'));
  });
  expect(entry.body).toBe('You have 200');
});

test('the import knows declared fields by their columns', async () => {
  await type('meter');
  await field('meter', 'active', 'BOOLEAN');
  const file = join(await mkdtemp(join(tmpdir(), 'carillon-import-')), 'meters.csv');
  writeFileSync(file, 'externalId,contact,number,active\nM1,C1,MT1,yes\n');
  expect(await importFile(() => app.context(), { file, type: 'meter' })).toMatchObject({ inserted: 1, problemCount: 0 });
  expect((await preview('#meter.active')).body).toBe('Yes');
});

test('AMB-17 declarations are checked like the built-in ones', async () => {
  expect(await problems(declareType, { name: 'Bad-Name', labels: [] })).toEqual([
    ['name', 'INVALID_NAME'],
    ['labels', 'EMPTY'],
  ]);
  for (const name of ['bill', 'contact', 'param', 'accounts_receivable', 'notification']) {
    expect(await problems(declareType, { name, labels: label('x') })).toEqual([['name', 'NAME_TAKEN']]);
  }
  const relations = ['nothing', 'contact'];
  expect(await problems(declareType, { name: 'thing', labels: [...label(' '), ...label('x')], relations })).toEqual([
    ['labels.0.text', 'INVALID_TEXT'],
    ['labels.1.language', 'DUPLICATE'],
    ['relations.0', 'UNKNOWN_TYPE'],
    ['relations.1', 'NAME_TAKEN'],
  ]);
  const good = { objectType: 'bill', name: 'tariff', kind: 'TEXT', labels: label('Tariff') };
  for (const name of ['number', 'amount', 'account', 'accounts_receivable', 'attributes']) {
    expect(await problems(declareField, { ...good, name })).toEqual([['name', 'NAME_TAKEN']]);
  }
  expect(await problems(declareField, { ...good, objectType: 'bil' })).toEqual([['objectType', 'UNKNOWN_TYPE']]);
  expect(await problems(declareField, { ...good, kind: 'ANY' })).toEqual([['kind', 'NOT_ALLOWED']]);
  expect(await problems(declareField, { ...good, kind: 'DATE', example: 'tomorrow' })).toEqual([['example', 'WRONG_TYPE']]);
  for (const as of ['AGENT', ['CONTACT', 'C1'], ['EXTERNAL_SYSTEM', 'app']] as const) {
    const answer = await app.ask(declareField, { input: good }, as as never);
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
});

test('a kind stays for ever; labels, example and index may change, and relations may be added', async () => {
  await type('parcel');
  await field('parcel', 'weight', 'NUMBER', { example: '7' });
  expect(await problems(declareField, { objectType: 'parcel', name: 'weight', kind: 'TEXT', labels: label('w') }, other)).toEqual([
    ['kind', 'KIND_CHANGED'],
  ]);
  expect(await field('parcel', 'weight', 'NUMBER', { labels: [{ language: 'de', text: 'Gewicht' }] }, other)).toMatchObject({
    label: 'Gewicht',
    example: '7',
  });
  const again = await type('parcel', { labels: label('Parcel'), relations: ['bill'] });
  expect(again.label).toBe('Parcel');
  expect(again.relations).toContainEqual({ name: 'bill', to: 'bill' });
  expect((await type('parcel', { relations: ['job'] })).relations).toHaveLength(4);
  expect(await problems(declareType, { name: 'parcel', labels: label('x'), relations: ['weight'] })).toEqual([
    ['relations.0', 'UNKNOWN_TYPE'],
  ]);
});

test('what is declared and used in one operation is taken back with it', async () => {
  const both = (directive: string) => `mutation ${directive} {
    declareObjectType(input: { name: "ghost", labels: [{ language: "en", text: "Ghost" }] }) { objectType { name } }
    declareField(input: { objectType: "ghost", name: "age", kind: NUMBER, labels: [{ language: "en", text: "Age" }] }) { objectType { name } }
    upsertCrmRecords(input: { objects: [{ type: "ghost", externalId: "G1", contact: "C1", fields: { age: 300 } }] }) { inserted }
  }`;
  const known = async () =>
    (await app.call('{ objectTypes { name } }')).objectTypes.some((each: { name: string }) => each.name === 'ghost');
  expect((await app.call(both('@dryRun'))).upsertCrmRecords.inserted).toBe(1);
  expect(await known()).toBe(false);
  expect((await app.call(both(''))).upsertCrmRecords.inserted).toBe(1);
  expect(await known()).toBe(true);
});

test('declarations from many sides at once are all kept', async () => {
  await type('crowd');
  await Promise.all(Array.from({ length: 12 }, (_, index) => field('crowd', `f${index}`, 'TEXT', {}, index % 2 ? app : other)));
  const { objectTypes } = await other.call('{ objectTypes { name fields { name } } }');
  expect(objectTypes.find((each: any) => each.name === 'crowd').fields).toHaveLength(13);
});

test('the same key declares once', async () => {
  const input = { name: 'keyed', labels: label('Keyed'), idempotencyKey: 'k1' };
  const first = await app.call(declareType, { input });
  expect(await other.call(declareType, { input })).toEqual(first);
});

const kinds = [
  ['TEXT', '"x7"', 'EQ', 'x7'],
  ['NUMBER', '7', 'BETWEEN', [7, 7]],
  ['MONEY', '"7.50"', 'GT', 7],
  ['DATE', '"2027-03-28"', 'LTE', '2027-03-28'],
  ['DATE_TIME', '"2027-03-28T01:30:00Z"', 'GTE', '2027-03-28T03:30:00+02:00'],
  ['BOOLEAN', 'true', 'EQ', true],
  ['LIST', '["a", "b"]', 'IN', ['b', 'c']],
  ['LOCALE', '"el-CY"', 'EQ', 'EL-cy'],
  ['TIME_ZONE', '"Europe/Nicosia"', 'IN', ['Europe/Nicosia']],
] as const;

test('an index is built for each kind that asks, used by conditions, and dropped when nobody asks', async () => {
  await type('probe');
  for (const [kind] of kinds) await field('probe', `f_${kind.toLowerCase()}`, kind, { indexed: true });
  const fields = Object.fromEntries(kinds.map(([kind, value]) => [`f_${kind.toLowerCase()}`, JSON.parse(value)]));
  await app.call(upsert, { input: { objects: [{ type: 'probe', externalId: 'P1', contact: 'C1', fields }] } });
  await app.sql(
    `insert into business_object (type, external_id, contact_id, fields) select 'probe', 'x' || n, id, '{}' from contact, generate_series(1, 200) n where external_id = 'C2'`,
  );
  const built = async () =>
    (
      await app.sql<{ count: number }>(
        `select count(*)::int as count from pg_index i join pg_class c on c.oid = i.indexrelid where i.indisvalid and i.indrelid = 'business_object'::regclass and c.relname like 'declared_field_%'`,
      )
    )[0]?.count;
  // The worker of the first server does it by itself.
  await eventually(async () => (await built()) === kinds.length, { withinMs: 20_000 });
  for (const [kind, , operator, value] of kinds) {
    const { createSegment } = await app.call(
      'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { size contacts { nodes { externalId } } } } }',
      { input: { name: `Probe ${kind}`, condition: { field: `probe.f_${kind.toLowerCase()}`, operator, value } } },
    );
    expect([kind, createSegment.segment.contacts.nodes]).toEqual([kind, [{ externalId: 'C1' }]]);
    expect([kind, await planOf({ field: `probe.f_${kind.toLowerCase()}`, operator, value })]).toEqual([
      kind,
      expect.stringContaining('declared_field_'),
    ]);
  }
  for (const [kind] of kinds) expect((await field('probe', `f_${kind.toLowerCase()}`, kind, { indexed: false })).indexed).toBe(false);
  await eventually(async () => (await built()) === 0, { withinMs: 20_000 });
});

test('a server stops at once although the index that it builds waits for an old transaction, and the next one builds it', async () => {
  await alone.sql('begin isolation level repeatable read');
  await alone.sql('select from business_object');
  await field('bill', 'tariff', 'TEXT', { indexed: true }, alone);
  const building = async () =>
    (await app.sql(`select from pg_stat_activity where application_name = 'carillon indexes' and wait_event_type = 'Lock'`)).length > 0;
  await eventually(building, { withinMs: 20_000 });
  const from = Date.now();
  await alone.close();
  expect(Date.now() - from).toBeLessThan(5_000);
  expect(await building()).toBe(false);
  await alone.sql('commit');
  const index = async () =>
    (
      await alone.sql(
        `select indisvalid as valid from pg_index where indexrelid::regclass::text like 'declared_field_%' and indrelid = 'business_object'::regclass`,
      )
    )[0];
  expect((await index())?.['valid']).not.toBe(true);
  const next = await createApp({ ...alone.config, role: 'worker', port: 0 }, { log: pino({ level: 'silent' }) });
  await eventually(async () => (await index())?.['valid'], { withinMs: 20_000 });
  await next.close();
});

/** How PostgreSQL can find the objects that meet a comparison. */
async function planOf(leaf: Condition): Promise<string> {
  const path = await withCatalogue(app.context(), async () => resolvePath(leaf.field ?? '')?.path);
  if (!path) throw new Error(`${leaf.field} is unknown`);
  const parameters: unknown[] = [];
  const sql = comparisonSql(path, leaf, { alias: 'o', contact: 'o', timeZone: 'UTC', push: pushTo(parameters) });
  // In so small a table the planner likes to read all of it: whether it could use the index is what is asked.
  await app.sql('set enable_seqscan = off');
  await app.sql('analyze business_object');
  const plan = await app.sql(`explain select o.id from business_object o where o.type = 'probe' and ${sql}`, parameters);
  return JSON.stringify(plan);
}

test('a type may be called what every object of JavaScript has, and is a type like others', async () => {
  const call = async (name: string, input: object) =>
    await app.call(`mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`, {
      input,
    });
  await call('declareObjectType', { name: 'constructor', labels: [{ language: 'en', text: 'Constructor' }] });
  await call('upsertCrmRecords', {
    contacts: [{ externalId: 'builder', name: 'Bob' }],
    objects: [{ type: 'constructor', externalId: 'k1', contact: 'builder', number: 'K1' }],
  });
  await call('recordEvents', { events: [{ object: { type: 'constructor', externalId: 'k1' }, event: 'created' }] });
  const { previewContent } = await app.call(
    `{ previewContent(input: { medium: LETTER, contactExternalId: "builder", object: { type: "constructor", externalId: "k1" }, content: [{ language: "en", body: "#constructor.number" }] }) { body } }`,
  );
  expect(previewContent.body).toBe('K1');
});

import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { importFile } from '../../src/cli/import/import-file.js';
import { eventually, openApp } from '../support/app.js';

// Contacts and accounts take declared fields as business objects do (AMB-17).
const app = await openApp();
const upsert = 'mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted updated unchanged } }';

async function declare(objectType: string, name: string, kind: string, more: object = {}) {
  await app.call('mutation ($input: DeclareFieldInput!) { declareField(input: $input) { objectType { name } } }', {
    input: { objectType, name, kind, labels: [{ language: 'en', text: name }], ...more },
  });
}
async function preview(body: string): Promise<string> {
  const { previewContent } = await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { body } }', {
    input: { content: [{ language: 'en', body }], contactExternalId: 'C1' },
  });
  return previewContent.body;
}
async function members(condition: object): Promise<string[]> {
  const { createSegment } = await app.call(
    'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { contacts { nodes { externalId } } } } }',
    { input: { name: JSON.stringify(condition), condition } },
  );
  return createSegment.segment.contacts.nodes.map((each: { externalId: string }) => each.externalId);
}

beforeAll(async () => {
  await declare('contact', 'loyalty_tier', 'TEXT', { indexed: true });
  await declare('contact', 'credit', 'MONEY');
  await declare('contact', 'born_on', 'DATE');
  await declare('account', 'paperless', 'BOOLEAN');
  await declare('account', 'score', 'NUMBER');
  await app.call(upsert, {
    input: {
      contacts: [
        {
          externalId: 'C1',
          name: 'Eleni',
          attributes: { loyalty_tier: 'from before' },
          fields: { loyalty_tier: 'gold', credit: '7.5', born_on: '1990-02-28' },
        },
        { externalId: 'C2', name: 'Tom', fields: { loyalty_tier: 'silver' } },
      ],
      accounts: [{ externalId: 'A1', contact: 'C1', currency: 'GBP', fields: { paperless: true, score: 12.5 } }],
      objects: [{ type: 'bill', externalId: 'B1', contact: 'C1', account: 'A1' }],
    },
  });
});

test('AMB-17 declared fields of contacts and accounts are tags, apart from open attributes of the same name', async () => {
  expect(await preview('#contact.loyalty_tier|#contact.attributes.loyalty_tier|#contact.credit|#contact.born_on')).toBe(
    'gold|from before|£7.50|Feb 28, 1990',
  );
  expect(await preview('#account.paperless|#bill.account.score|#bill.contact.credit')).toBe('Yes|12.5|£7.50');
  const { tags } = await app.call('{ tags(prefix: "contact.loy") { name label } }');
  expect(tags).toEqual([{ name: 'contact.loyalty_tier', label: 'Contact: loyalty_tier' }]);
});

test('AMB-17 conditions compare them by their kind', async () => {
  expect(await members({ field: 'contact.loyalty_tier', operator: 'EQ', value: 'gold' })).toEqual(['C1']);
  expect(await members({ field: 'contact.born_on', operator: 'LT', value: '1990-03-01' })).toEqual(['C1']);
  expect(await members({ field: 'contact.credit', operator: 'IS_EMPTY' })).toEqual(['C2']);
  expect(
    await members({
      all: [
        { field: 'account.score', operator: 'GTE', value: '12.50' },
        { field: 'account.paperless', operator: 'EQ', value: true },
      ],
    }),
  ).toEqual(['C1']);
});

test('AMB-17 they are checked when they come, and joined with those kept', async () => {
  const answer = await app.ask(upsert, {
    input: {
      contacts: [{ externalId: 'C1', fields: { credit: 'much', loyalty_teir: 'x', name: 'y', attributes: {} } }],
      accounts: [{ externalId: 'A1', fields: { score: 'high' } }],
    },
  });
  expect(answer.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code])).toEqual([
    ['contacts.0.fields.attributes', 'UNKNOWN_FIELD'],
    ['contacts.0.fields.credit', 'WRONG_TYPE'],
    ['contacts.0.fields.loyalty_teir', 'UNKNOWN_FIELD'],
    ['contacts.0.fields.name', 'UNKNOWN_FIELD'],
    ['accounts.0.fields.score', 'WRONG_TYPE'],
  ]);
  expect(answer.errors?.[0]?.extensions.problems?.[2]?.message).toContain('loyalty_tier');
  const change = async (fields: object | null) =>
    (await app.call(upsert, { input: { contacts: [{ externalId: 'C2', fields }] } })).upsertCrmRecords;
  const kept = async () => (await app.call('{ contact(externalId: "C2") { fields } }')).contact.fields;
  expect(await change({ credit: 1 })).toMatchObject({ updated: 1 });
  expect(await kept()).toEqual({ loyalty_tier: 'silver', credit: '1' });
  expect(await change({ credit: '1.00' })).toMatchObject({ unchanged: 1 });
  await change({ loyalty_tier: null });
  expect(await kept()).toEqual({ credit: '1' });
  await change(null);
  expect(await kept()).toEqual({});
  const { contact } = await app.call('{ contact(externalId: "C1") { accounts { nodes { fields } } } }');
  expect(contact.accounts.nodes).toEqual([{ fields: { paperless: true, score: '12.5' } }]);
});

test('AMB-17 the import knows them by their columns', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'carillon-import-')), 'contacts.csv');
  writeFileSync(file, 'externalId,name,loyalty_tier,born_on\nC9,Nina,bronze,1999-12-31\n');
  expect(await importFile(() => app.context(), { file, type: 'contact' })).toMatchObject({ inserted: 1, problemCount: 0 });
  expect(await members({ field: 'contact.loyalty_tier', operator: 'IN', value: ['bronze'] })).toEqual(['C9']);
});

test('AMB-17 an index of a contact field is built and used', { timeout: 90_000 }, async () => {
  const name = await eventually(
    async () => {
      const [found] = await app.sql<{ name: string }>(
        `select indexrelid::regclass::text as name from pg_index where indrelid = 'contact'::regclass and indisvalid and indexrelid::regclass::text like 'declared_field_%'`,
      );
      return found?.name;
    },
    { withinMs: 40_000 },
  );
  await app.sql('set enable_seqscan = off');
  const plan = await app.sql(`explain select id from contact c where (c.fields ->> 'loyalty_tier') = 'gold'`);
  expect(JSON.stringify(plan)).toContain(name);
  await declare('contact', 'loyalty_tier', 'TEXT', { indexed: false });
  await eventually(async () => (await app.sql(`select from pg_class where relname = '${name}'`)).length === 0, { withinMs: 40_000 });
});

test('AMB-17 names that contacts have already are not declared again', async () => {
  for (const [objectType, name] of [
    ['contact', 'email'],
    ['contact', 'attributes'],
    ['account', 'wallet'],
    ['account', 'contact'],
  ]) {
    const answer = await app.ask('mutation ($input: DeclareFieldInput!) { declareField(input: $input) { objectType { name } } }', {
      input: { objectType, name, kind: 'TEXT', labels: [{ language: 'en', text: 'x' }] },
    });
    expect(answer.errors?.[0]?.extensions.problems?.[0]?.code).toBe('NAME_TAKEN');
  }
});

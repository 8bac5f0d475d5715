import { expect, test } from 'vitest';
import { segmentMembersSql } from '../../src/audience/segment.js';
import { openApp } from '../support/app.js';

const app = await openApp();
await app.call(`mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }`, {
  input: {
    contacts: [
      { externalId: 'en', name: 'Ann', preferredLanguage: 'en', attributes: { tier: 'gold' } },
      { externalId: 'el', name: 'Eleni', preferredLanguage: 'el' },
      { externalId: 'el-CY', name: 'Maria', preferredLanguage: 'el-CY' },
      { externalId: 'none', name: 'Nemo' },
    ],
    accounts: [
      { externalId: 'en', contact: 'en', outstandingAmount: '10' },
      { externalId: 'el', contact: 'el', outstandingAmount: '0' },
    ],
  },
});

const create = `mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id name description condition size contacts { totalCount nodes { externalId } } } } }`;

async function made(input: Record<string, unknown>) {
  const { createSegment } = await app.call(create, { input });
  const { contacts, ...segment } = createSegment.segment;
  expect(contacts.totalCount).toBe(segment.size);
  return { ...segment, members: contacts.nodes.map((each: any) => each.externalId).toSorted() };
}

async function problemsOf(input: Record<string, unknown>): Promise<string[]> {
  const { errors } = await app.ask(create, { input });
  expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  return (errors?.[0]?.extensions.problems ?? []).map((each) => `${each.path.join('.')}: ${each.code}`);
}

const greek = { field: 'contact.preferred_language', operator: 'STARTS_WITH', value: 'el' };

test('SG1 SG5 its members are those who meet the condition, whenever it is asked', async () => {
  const segment = await made({ name: 'Greek', description: 'Two\nlines', condition: greek });
  expect(segment).toMatchObject({ name: 'Greek', description: 'Two\nlines', size: 2, members: ['el', 'el-CY'] });
  expect(segment.condition).toEqual(greek);
  await app.call(
    `mutation { upsertCrmRecords(input: { contacts: [{ externalId: "later", name: "L", preferredLanguage: "el" }] }) { inserted } }`,
  );
  const { node } = await app.call(`query ($id: ID!) { node(id: $id) { ... on Segment { name size } } }`, { id: segment.id });
  expect(node).toEqual({ name: 'Greek', size: 3 });
});

test('SG1 SG5 its members are those listed', async () => {
  expect(await made({ name: 'Listed', contactExternalIds: ['none', 'en', 'en'] })).toMatchObject({
    size: 2,
    members: ['en', 'none'],
    condition: null,
  });
});

test('SG1 with a list and a condition its members are those of either', async () => {
  const condition = { field: 'account.outstanding_amount', operator: 'GT', value: '0' };
  expect(await made({ name: 'Both', condition, contactExternalIds: ['none', 'en'] })).toMatchObject({ size: 2, members: ['en', 'none'] });
});

test('SG5 members come in pages', async () => {
  const { id } = await made({ name: 'Everybody', condition: { field: 'contact.name', operator: 'IS_NOT_EMPTY' } });
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { node }: any = await app.call(
      `query ($id: ID!, $after: String) { node(id: $id) { ... on Segment { contacts(first: 2, after: $after) { nodes { externalId } pageInfo { hasNextPage endCursor } } } } }`,
      { id, after },
    );
    seen.push(...node.contacts.nodes.map((each: any) => each.externalId));
    after = node.contacts.pageInfo.hasNextPage ? node.contacts.pageInfo.endCursor : null;
  } while (after);
  expect(seen.toSorted()).toEqual(['el', 'el-CY', 'en', 'later', 'none']);
});

test('SG2 several segments are one condition for a run', async () => {
  const rows = await app.sql(
    'select id, condition, exists (select from segment_contact m where m.segment_id = s.id) as listed from segment s where name in ($1, $2)',
    ['Greek', 'Listed'],
  );
  const parameters: unknown[] = ['kept'];
  const sql = segmentMembersSql(rows as any, parameters, 'c', 'UTC');
  const found = await app.sql(`select external_id from contact c where $1 = 'kept' and ${sql} order by 1`, parameters);
  expect(found.map((each) => each['external_id']).toSorted()).toEqual(['el', 'el-CY', 'en', 'later', 'none']);
  expect(segmentMembersSql([], parameters, 'c', 'UTC')).toBe('false');
});

test.each<[what: string, input: Record<string, unknown>, problems: string[]]>([
  ['neither condition nor list', { name: 'x' }, [': REQUIRED']],
  ['an empty list alone', { name: 'x', contactExternalIds: [] }, [': REQUIRED']],
  ['an empty name', { name: ' ', contactExternalIds: ['en'] }, ['name: EMPTY']],
  ['a name that is too long', { name: 'x'.repeat(201), contactExternalIds: ['en'] }, ['name: TOO_LONG']],
  ['a taken name', { name: 'Greek', contactExternalIds: ['en', 'nobody'] }, ['name: TAKEN', 'contactExternalIds.1: UNKNOWN_CONTACT']],
  [
    'unknown contacts',
    { name: 'x', contactExternalIds: ['en', 'nobody', 'x\u0000'] },
    ['contactExternalIds.1: UNKNOWN_CONTACT', 'contactExternalIds.2: UNKNOWN_CONTACT'],
  ],
  [
    'an unknown field',
    { name: 'x', condition: { field: 'contact.langauge', operator: 'EQ', value: 'el' } },
    ['condition.field: UNKNOWN_FIELD'],
  ],
  ['an empty condition', { name: 'x', condition: {} }, ['condition: EXACTLY_ONE']],
])('%s is refused, and no segment made', async (_what, input, problems) => {
  expect(await problemsOf(input)).toEqual(problems);
  expect(await app.sql(`select 1 from segment where name = 'x'`)).toEqual([]);
});

test('of two segments with one name made at the same time one is refused', async () => {
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => app.ask(create, { input: { name: 'Race', contactExternalIds: ['en'] } })),
  );
  expect(answers.filter((each) => !each.errors)).toHaveLength(1);
  expect(new Set(answers.flatMap((each) => each.errors ?? []).map((each) => each.extensions.problems?.[0]?.code))).toEqual(
    new Set(['TAKEN']),
  );
});

test('the same key gives the same segment again', async () => {
  const input = { name: 'Keyed', contactExternalIds: ['en'], idempotencyKey: 'seg' };
  expect((await made(input)).id).toBe((await made(input)).id);
});

test('administrators make segments, agents look at them, nobody else does either', async () => {
  const input = { name: 'Agent', contactExternalIds: ['en'] };
  expect((await app.ask(create, { input }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  const { segments } = await app.call('{ segments(first: 1) { totalCount nodes { id name } } }', {}, 'AGENT');
  expect(segments.totalCount).toBeGreaterThan(3);
  expect((await app.ask('{ segments { totalCount } }', {}, ['CONTACT', 'en'])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect(await app.call('query ($id: ID!) { node(id: $id) { id } }', { id: segments.nodes[0].id }, ['CONTACT', 'en'])).toEqual({
    node: null,
  });
});

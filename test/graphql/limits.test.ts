import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
const code = async (query: string, variables = {}) => (await app.ask(query, variables)).errors?.[0]?.extensions.code;

test('what costs too much is refused before it is executed', async () => {
  const aliases = (n: number, field: string) => `{ ${Array.from({ length: n }, (_, i) => `a${i}: ${field}`).join(' ')} }`;
  expect(await code(aliases(101, 'me { role }'))).toBe('QUERY_TOO_COMPLEX');
  expect(await code(aliases(1_000, '__typename'))).toBe('QUERY_TOO_COMPLEX');
  expect(await code(`{ ${'me { role } '.repeat(600)} }`)).toBe('QUERY_TOO_COMPLEX');
  expect(await code(`{ me { role ${'@include(if: true) '.repeat(100)} } }`)).toMatch(/QUERY_TOO_COMPLEX|GRAPHQL_VALIDATION_FAILED/);
  expect(
    await code(
      `{ contacts(first: 100) { nodes { ${'communications(first: 100) { nodes { contact { '.repeat(2)} id ${'} } }'.repeat(2)} } } }`,
    ),
  ).toMatch(/QUERY_TOO_COMPLEX|GRAPHQL_VALIDATION_FAILED/);
  expect(await code(`{ ${'me { role } '.repeat(20_000)} }`)).toMatch(/GRAPHQL_PARSE_FAILED|BAD_REQUEST/);
  expect(await code('{ me { role } }')).toBeUndefined();
});

test('fragments that refer to each other are refused, and not unfolded for ever', async () => {
  expect(await code('query { ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a ...a me { role } }')).toBe(
    'GRAPHQL_VALIDATION_FAILED',
  );
});

test('a page has at most 100 rows', async () => {
  const answer = await app.ask('{ contacts(first: 101) { nodes { id } } }');
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', problems: [{ path: ['first'], code: 'OUT_OF_RANGE' }] });
});

test('a body that is too large is refused with the limit', async () => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await app.token('ADMIN', 'a')}` },
    body: JSON.stringify({ query: `{ me { role } } #${'x'.repeat(5_000_000)}` }),
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'TOO_LARGE' }] } }] });
});

test('a request that a foreign page could send without asking is refused', async () => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '{"query":"{ me { role } }"}',
  });
  expect(response.status).toBeGreaterThanOrEqual(400);
});

test('no answer shows a stack', async () => {
  for (const query of ['{', '{ nope }', '{ contact(externalId: 5) { id } }']) {
    expect(JSON.stringify(await app.ask(query))).not.toMatch(/stacktrace|node_modules|at .*\.[jt]s:\d/);
  }
});

test('a character that the database cannot keep is named where it stands, and never an error of ours', async () => {
  const search = await app.ask('query ($text: String!) { communications(filter: { text: $text }) { nodes { id } } }', { text: 'a\0b' });
  expect(search.errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    problems: [{ path: ['filter', 'text'], code: 'INVALID_CHARACTER' }],
  });
});

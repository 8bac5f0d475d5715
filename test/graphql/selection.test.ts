import { buildSchema, type GraphQLResolveInfo, graphqlSync } from 'graphql';
import { expect, test } from 'vitest';
import { selects, selectsOnly } from '../../src/graphql/selection.js';

const schema = buildSchema('type Query { a: A } type A { results: [R!]! } type R { id: ID entry: E } type E { id: ID }');

function answered(query: string, ask: (info: GraphQLResolveInfo) => boolean): boolean | undefined {
  let found: boolean | undefined;
  const rootValue = {
    a: (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
      found = ask(info);
      return null;
    },
  };
  expect(graphqlSync({ schema, source: query, rootValue }).errors).toBeUndefined();
  return found;
}

const asked = (query: string) => answered(query, (info) => selects(info, 'results', 'entry'));
const askedOnly = (query: string) => answered(query, (info) => selectsOnly(info, ['results'], ['__typename', 'id']));

test('a field is found below aliases and fragments, and only at its own place', () => {
  expect(asked('{ a { results { entry { id } } } }')).toBe(true);
  expect(asked('{ b: a { c: results { d: entry { id } } } }')).toBe(true);
  expect(asked('{ a { ...F } } fragment F on A { results { ... on R { ...G } } } fragment G on R { entry { id } }')).toBe(true);
  expect(asked('{ a { results { id } } a { results { entry { id } } } }')).toBe(true);
  expect(asked('{ a { results { id } } }')).toBe(false);
  expect(asked('{ a { results { entry: id } } }')).toBe(false);
});

test('nothing but some fields is asked for, wherever the others may hide', () => {
  expect(askedOnly('{ a { results { id } } }')).toBe(true);
  expect(askedOnly('{ b: a { c: results { __typename d: id } } }')).toBe(true);
  expect(askedOnly('{ a { ...F } } fragment F on A { results { ... on R { id } } }')).toBe(true);
  expect(askedOnly('{ a { results { id entry { id } } } }')).toBe(false);
  expect(askedOnly('{ a { results { id: entry { id } } } }')).toBe(false);
  expect(askedOnly('{ a { results { id } c: results { entry { id } } } }')).toBe(false);
  expect(askedOnly('{ a { results { id } } a { results { entry { id } } } }')).toBe(false);
  expect(askedOnly('{ a { ...F } } fragment F on A { results { ...G } } fragment G on R { entry { id } }')).toBe(false);
});

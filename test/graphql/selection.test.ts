import { buildSchema, type GraphQLResolveInfo, graphqlSync } from 'graphql';
import { expect, test } from 'vitest';
import { selects } from '../../src/graphql/selection.js';

const schema = buildSchema('type Query { a: A } type A { results: [R!]! } type R { id: ID entry: E } type E { id: ID }');

function asked(query: string): boolean | undefined {
  let found: boolean | undefined;
  const rootValue = {
    a: (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
      found = selects(info, 'results', 'entry');
      return null;
    },
  };
  expect(graphqlSync({ schema, source: query, rootValue }).errors).toBeUndefined();
  return found;
}

test('a field is found below aliases and fragments, and only at its own place', () => {
  expect(asked('{ a { results { entry { id } } } }')).toBe(true);
  expect(asked('{ b: a { c: results { d: entry { id } } } }')).toBe(true);
  expect(asked('{ a { ...F } } fragment F on A { results { ... on R { ...G } } } fragment G on R { entry { id } }')).toBe(true);
  expect(asked('{ a { results { id } } a { results { entry { id } } } }')).toBe(true);
  expect(asked('{ a { results { id } } }')).toBe(false);
  expect(asked('{ a { results { entry: id } } }')).toBe(false);
});

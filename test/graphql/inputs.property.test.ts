import fc from 'fast-check';
import { buildSchema, coerceInputValue, type GraphQLInputType, getOperationAST, parse, typeFromAST } from 'graphql';
import { expect, test } from 'vitest';
import { coerceVariables } from '../../src/graphql/inputs.js';

const schema = buildSchema(`
  scalar X
  enum E { A B }
  input O @oneOf { a: ID b: String }
  input I { id: ID! s: String d: String = "dd" n: Int = 3 l: [ID!] ll: [[String]!] e: E x: X o: O i: I req: String! = "r" li: [I!] }
  type Query { a(i: I): Int }
`);
const types = ['I!', 'I', '[I!]!', '[I]', '[[ID!]]', 'ID', 'String!', '[String]', 'O', '[E]'];
const names = ['id', 's', 'd', 'n', 'l', 'll', 'e', 'x', 'o', 'i', 'req', 'li', 'a', 'b', '__proto__', 'constructor', 'zz'];
const leaf = fc.oneof(fc.constantFrom(null, 'a', '', 'A', 1, 1.5, true), fc.string());
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }).map((each) => JSON.parse(JSON.stringify(each)) as unknown),
    fc.record(
      {
        id: fc.constantFrom('1', 2),
        s: fc.constantFrom('x', null),
        l: fc.constantFrom(['1'], '1', null, [null]),
        ll: fc.constantFrom([['a', null]], [null], [], ['x']),
        i: fc.option(tie('value')),
        req: fc.constantFrom('q', null),
      },
      { requiredKeys: [] },
    ),
  ),
}));

test('what is plainly right is coerced as graphql coerces it, and nothing else is taken for it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), value, (typeName, given) => {
      fc.pre(given !== null || !typeName.endsWith('!'));
      const operation = getOperationAST(parse(`query ($v: ${typeName}) { a }`));
      const type = operation?.variableDefinitions?.[0] && typeFromAST(schema, operation.variableDefinitions[0].type);
      if (!operation || !type) throw new Error('The operation has a variable');
      let isWrong = false;
      const expected = coerceInputValue(given, type as GraphQLInputType, () => {
        isWrong = true;
      });
      if (isWrong) expect(() => coerceVariables(schema, operation, { v: given })).toThrow();
      else expect(JSON.stringify(coerceVariables(schema, operation, { v: given })['v'])).toBe(JSON.stringify(expected));
    }),
    { numRuns: 3_000 },
  );
});

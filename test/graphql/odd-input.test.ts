import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredInputField,
} from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { scalarProblem } from '../../src/graphql/scalars.js';
import { openApp } from '../support/app.js';
import { makeContacts, write } from '../support/queue.js';

const app = await openApp({ env: { ROLE: 'api' } });
const queries = (buildSchema(readFileSync('schema.graphql', 'utf8')).getQueryType() as GraphQLObjectType).getFields();
let someId = '';

beforeAll(async () => {
  await makeContacts(app, 'anna', 'ben');
  someId = (await write(app, { contactExternalId: 'anna', medium: 'PHONE', body: 'called' })).id;
});

const odd: unknown[] = [
  '',
  'a\u0000b',
  '\ud800',
  `'; drop table contact; -- %_\\`,
  ':* & | ! ( )',
  'x'.repeat(3_000),
  'x '.repeat(3_000),
  'CM99999999999999999999999999',
  'com_00000000000000000000000000000000',
  'constructor',
  -1,
  2_147_483_647,
  '2030-02-30T00:00:00Z',
  '9999-12-31T23:59:59-15:59',
  '0001-01-01T00:00:00Z',
  '1e400',
];

type Value = Record<string, unknown>;

/** Something right for a type, as little as it takes. */
function sound(type: GraphQLInputType): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [sound(bare.ofType)];
  if (isEnumType(bare)) return bare.getValues()[0]?.name;
  if (isInputObjectType(bare)) {
    const fields = Object.values(bare.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(fields.map((each) => [each.name, sound(each.type)]));
  }
  const scalars: Value = {
    Int: 1,
    Boolean: true,
    ID: someId,
    DateTime: '2030-01-01T00:00:00Z',
    Locale: 'en',
    TimeZone: 'UTC',
    JSONObject: {},
  };
  return scalars[bare.name] ?? 'anna';
}

/** The same with the odd value at each of its places, one at a time. */
function* spoiled(type: GraphQLInputType, wrong: unknown, depth = 0): Generator<unknown> {
  const bare = getNullableType(type);
  if (isListType(bare)) for (const each of spoiled(bare.ofType, wrong, depth)) yield [each];
  else if (isInputObjectType(bare)) {
    if (depth === 3) return;
    for (const field of Object.values(bare.getFields()))
      for (const each of spoiled(field.type, wrong, depth + 1)) yield { ...(sound(bare) as Value), [field.name]: each };
  } else yield wrong;
}

test('every argument of every query, however odd: an answer or a problem in words, and never an error of ours', async () => {
  const ours: string[] = [];
  let asked = 0;
  for (const { name, type, args } of Object.values(queries)) {
    const named = getNamedType(type);
    const inner = isObjectType(named) && named.getFields()['nodes'] ? 'nodes { __typename } totalCount' : '__typename';
    const head = args.length > 0 ? `query (${args.map((each) => `$${each.name}: ${each.type}`).join(', ')})` : 'query';
    const given = args.length > 0 ? `(${args.map((each) => `${each.name}: $${each.name}`).join(', ')})` : '';
    const text = `${head} { ${name}${given} { ${inner} } }`;
    const base = Object.fromEntries(
      args
        .filter((each) => getNullableType(each.type) !== each.type && each.defaultValue === undefined)
        .map((each) => [each.name, sound(each.type)]),
    );
    for (const arg of args) {
      for (const wrong of odd) {
        for (const value of spoiled(arg.type, wrong)) {
          asked += 1;
          const { errors } = await app.ask(text, { ...base, [arg.name]: value });
          if (errors?.some((each) => each.extensions.code === 'INTERNAL'))
            ours.push(`${name}(${arg.name}: ${JSON.stringify(value)?.slice(0, 200)})`);
        }
      }
    }
  }
  expect(ours).toEqual([]);
  expect(asked).toBeGreaterThan(1_000);
}, 120_000);

test('an instant lies on a day of the calendar, within the years and offsets that the database has', () => {
  const right = ['2027-03-28T01:30:00Z', '2028-02-29T23:59:59.123456789+14:00', '0001-01-01T00:00:00Z', '2027-01-01 00:00:00-12:00'];
  expect(right.map((each) => scalarProblem('DateTime', each))).toEqual(right.map(() => undefined));
  const wrong = [
    '2027-02-30T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-04-31T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2027-01-01T00:00:00+16:00',
    '2027-01-01T00:00:00+05:60',
    '2027-01-01T00:00:00',
    '2027-01-01',
  ];
  expect(wrong.map((each) => scalarProblem('DateTime', each)?.code)).toEqual(wrong.map(() => 'INVALID_DATE_TIME'));
});

import {
  execute,
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { expect, test } from 'vitest';
import type { Viewer } from '../../src/access/viewer.js';
import type { Context } from '../../src/context.js';
import { NotFound } from '../../src/errors.js';
import { makeDocuments } from '../../src/graphql/documents.js';
import { results, type Shareable } from '../../src/graphql/shared.js';
import { stepOf } from '../../src/graphql/step.js';
import { subscribeOperation } from '../../src/graphql/subscribe.js';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });

interface Tick extends Shareable {
  n: number;
}
let answered = 0;
const parts = new GraphQLObjectType({
  name: 'Tick',
  fields: {
    n: {
      type: GraphQLInt,
      resolve: async ({ n }: Tick) => {
        answered += 1;
        return n;
      },
    },
    mood: {
      type: new GraphQLEnumType({ name: 'Mood', values: { GOOD: { value: 'GOOD' }, BAD: { value: 'BAD' } } }),
      resolve: ({ n }: Tick) => (n % 2 === 0 ? 'GOOD' : 'BAD'),
    },
    who: { type: GraphQLString, resolve: (_tick: Tick, _args, { viewer }: Context) => `${viewer.role} ${viewer.subject}` },
    times: {
      type: new GraphQLNonNull(new GraphQLList(GraphQLInt)),
      args: { by: { type: GraphQLInt } },
      resolve: ({ n }: Tick, { by }: { by?: number }) => [n, n * (by ?? 1)],
    },
    broken: {
      type: GraphQLString,
      resolve: () => {
        throw new Error('the secret of the database');
      },
    },
    missing: {
      type: new GraphQLNonNull(GraphQLString),
      resolve: () => {
        throw new NotFound('tick');
      },
    },
    never: { type: new GraphQLNonNull(GraphQLString), resolve: () => null },
  },
});

let ticks: Tick[] = [];
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { yes: { type: GraphQLBoolean } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      tick: {
        type: parts,
        args: { after: { type: GraphQLString } },
        async *subscribe() {
          yield* ticks;
        },
        resolve: (tick: Tick) => tick,
      },
    },
  }),
});
const documents = makeDocuments(schema, true);

async function texts(query: string, viewer: Viewer, variables: Record<string, unknown> = {}): Promise<string[]> {
  const document = documents.read(query);
  if (!('kind' in document)) throw new Error(String(document));
  const result = await subscribeOperation({ schema, document, variables, viewer, open: (each) => app.context(each) });
  if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(result));
  return await collect(result);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const anna: Viewer = { role: 'CONTACT', subject: 'anna', expiresAt: new Date(Date.now() + 60_000) };
const annaElsewhere: Viewer = { role: 'CONTACT', subject: 'anna', apiKeyId: 'another token of hers' };
const shared = (count: number): Tick[] => Array.from({ length: count }, (_, n) => ({ n, [results]: new Map() }));

test('XU9 an event that all devices of a contact get is answered once for all of them', async () => {
  const query = 'subscription ($after: String) { tick(after: $after) { n who } }';
  ticks = shared(3);
  answered = 0;
  const first = await texts(query, anna, { after: 'one' });
  const second = await texts(query, annaElsewhere, { after: 'two' });
  expect(answered).toBe(3);
  expect(second).toEqual(first);
  expect(first[2]).toBe('{"data":{"tick":{"n":2,"who":"CONTACT anna"}}}');
});

test('nobody gets what was answered for another viewer, another text or other variables', async () => {
  ticks = shared(1);
  const query = 'subscription { tick { n who } }';
  const viewers: Viewer[] = [
    anna,
    { role: 'CONTACT', subject: 'nikos' },
    { role: 'ADMIN', subject: 'anna' },
    { role: 'CONTACT', subject: 'anna', unit: 'another' } as Viewer,
  ];
  for (const viewer of viewers) {
    answered = 0;
    expect(await texts(query, viewer)).toEqual([`{"data":{"tick":{"n":0,"who":"${viewer.role} ${viewer.subject}"}}}`]);
    expect(answered).toBe(1);
  }
  ticks = shared(1);
  (ticks[0] as Tick).n = 5;
  const withVariables = 'subscription ($x: Int, $more: Boolean!) { tick { times(by: $x) who @include(if: $more) } }';
  expect(await texts(withVariables, anna, { x: 2, more: false })).toEqual(['{"data":{"tick":{"times":[5,10]}}}']);
  expect(await texts(withVariables, anna, { x: 3, more: false })).toEqual(['{"data":{"tick":{"times":[5,15]}}}']);
  expect(await texts(withVariables, anna, { x: 3, more: true })).toEqual(['{"data":{"tick":{"times":[5,15],"who":"CONTACT anna"}}}']);
  expect(await texts('subscription { other: tick { n } }', anna)).toEqual(['{"data":{"other":{"n":5}}}']);
});

test('events that are not shared are answered each for itself', async () => {
  ticks = [{ n: 1 }];
  answered = 0;
  await texts('subscription { tick { n } }', anna);
  await texts('subscription { tick { n } }', anna);
  expect(answered).toBe(2);
});

test('what is compiled answers as what is interpreted, errors, nulls and masking included', async () => {
  const selections = [
    '{ n mood who }',
    '{ again: n times(by: $x) ...F } ',
    '{ n broken }',
    '{ n missing }',
    '{ n never }',
    '{ n @skip(if: true) who @include(if: $yes) __typename }',
  ];
  for (const selection of selections) {
    const fragment = selection.includes('...F') ? 'fragment F on Tick { mood ... on Tick { who } }' : '';
    const query = `subscription ($x: Int = 7, $yes: Boolean = true) { tick ${selection} } ${fragment}`;
    const document = parse(query);
    const step = stepOf(schema, document, null);
    const context = app.context(anna);
    for (let n = 0; n < 20; n++) {
      const plain = await execute({ schema, document, rootValue: { n }, contextValue: context });
      const stepped = await step({ n }, context, { x: 7, yes: true });
      expect(JSON.parse(JSON.stringify(stepped))).toEqual(JSON.parse(JSON.stringify(plain)));
    }
  }
  ticks = Array.from({ length: 20 }, (_, n) => ({ n }));
  const answers = (await texts('subscription { tick { n broken } }', anna)).map((each) => JSON.parse(each));
  for (const [n, answer] of answers.entries()) {
    expect(answer.data).toEqual({ tick: { n, broken: null } });
    expect(answer.errors).toMatchObject([{ path: ['tick', 'broken'], extensions: { code: 'INTERNAL' } }]);
    expect(JSON.stringify(answer)).not.toContain('secret');
  }
});

import fc from 'fast-check';
import {
  execute,
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  parse,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import { schemaOf } from '../../src/api.js';
import { hotField } from '../../src/graphql/hot-field.js';
import { DateTimeScalar, JsonScalar } from '../../src/graphql/scalars.js';
import { writerOf } from '../../src/graphql/writer.js';
import { inboxChanged } from '../../web/client/src/operations.js';

const named = new GraphQLInterfaceType({ name: 'Named', fields: { name: { type: GraphQLString } }, resolveType: () => 'Part' });
const mood = new GraphQLEnumType({ name: 'Mood', values: { GOOD: { value: 'GOOD' }, BAD: { value: 2 } } });
const always = (type: GraphQLOutputType) => ({ type: new GraphQLNonNull(type) });
const values = {
  name: { type: GraphQLString },
  sure: always(GraphQLString),
  id: always(GraphQLID),
  count: { type: GraphQLInt },
  share: { type: GraphQLFloat },
  open: { type: GraphQLBoolean },
  mood: { type: mood },
  at: { type: DateTimeScalar },
  data: { type: JsonScalar },
  loud: hot((root: { name?: unknown }) => (typeof root.name === 'string' ? root.name.toUpperCase() : undefined)),
};
function hot(read: (root: any) => unknown) {
  const { hot: resolve, ...extensions } = hotField(read);
  return { type: GraphQLString, resolve, extensions };
}
const other = new GraphQLObjectType({ name: 'Other', interfaces: [named], fields: { name: { type: GraphQLString } } });
const part: GraphQLObjectType = new GraphQLObjectType({
  name: 'Part',
  interfaces: [named],
  fields: () => ({
    ...values,
    part: { type: part },
    own: always(part),
    list: { type: new GraphQLList(GraphQLInt) },
    named: { type: named },
    asked: { type: GraphQLInt, args: { by: { type: GraphQLInt } }, resolve: () => 4 },
  }),
});
const itself = hotField((event: unknown) => event);
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { yes: { type: GraphQLBoolean } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: { tick: { type: part, args: { of: { type: GraphQLInt } }, resolve: itself.hot, extensions: { atHand: itself.atHand } } },
  }),
  types: [other],
});

/** What events are made of: mostly right, sometimes not. */
const leaf = (right: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 12, arbitrary: right },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined, 7, 1e99, 'x', '2', [], {}, Number.NaN) },
  );
const own = {
  name: leaf(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\u2028', '\ud800', 'é'))),
  sure: leaf(fc.string()),
  id: leaf(fc.uuid()),
  count: leaf(fc.integer()),
  share: leaf(fc.double({ noNaN: true, noDefaultInfinity: true })),
  open: leaf(fc.boolean()),
  mood: leaf(fc.constantFrom('GOOD', 2)),
  at: leaf(fc.date({ noInvalidDate: true })),
  data: leaf(fc.jsonValue()),
};
const { event } = fc.letrec((tie) => ({
  event: fc.record({
    ...own,
    part: fc.option(tie('event'), { maxDepth: 2, depthSize: 'small' }),
    own: fc.option(tie('event'), { maxDepth: 2, depthSize: 'small' }),
    list: fc.constant([1]),
  }),
}));

/** Selections, some of which ask for more than values. */
const { selection } = fc.letrec<{ selection: string; field: string }>((tie) => ({
  selection: fc.array(tie('field'), { minLength: 1, maxLength: 5 }).map((fields) => `{ ${fields.join(' ')} }`),
  field: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 8,
      arbitrary: fc.constantFrom(...Object.keys(values), '__typename', 'a: name', 'b: count', '__proto__: name', '...F', '...G'),
    },
    { weight: 1, arbitrary: fc.constantFrom('list', 'asked(by: 1)', 'named { name }', 'name @include(if: true)', 'sure @skip(if: true)') },
    { weight: 3, arbitrary: tie('selection').map((each) => `part ${each}`) },
    { weight: 1, arbitrary: tie('selection').map((each) => `own ${each}`) },
    { weight: 2, arbitrary: tie('selection').map((each) => `... on Part ${each}`) },
    { weight: 1, arbitrary: tie('selection').map((each) => `... ${each}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('... on Named { name ... on Other { name: name } }', '... on Named { ... on Other { c: name } }'),
    },
  ),
}));

test('what is written is what graphql answers, and nothing is written where that has errors', () => {
  let [written, left] = [0, 0];
  fc.assert(
    fc.property(selection, event, (asked, root) => {
      const document = parse(
        `subscription { tick(of: 1) ${asked} } fragment F on Part { count part { id mood } } fragment G on Named { name __typename }`,
        { noLocation: true },
      );
      fc.pre(validate(schema, document).every((each) => each.message.startsWith('Fragment "')));
      const text = writerOf(schema, document)?.(root);
      if (text === undefined) {
        left += 1;
        return;
      }
      written += 1;
      expect(text).toBe(JSON.stringify(execute({ schema, document, rootValue: root })));
    }),
    { numRuns: 1_500 },
  );
  expect(written).toBeGreaterThan(left / 4);
});

test.each([
  ['our own client', inboxChanged({}).query],
  ['Apollo Client, which asks for the names of types', 'subscription { inboxChanged { kind entry { id body __typename } __typename } }'],
  [
    'Relay, which spreads fragments',
    'subscription { inboxChanged { ...E cursor } } fragment E on InboxEvent { entryId entry { ...N ... on QueueEntry { subject } } } fragment N on Node { id }',
  ],
])('the subscription of %s is written', (_name, query) => {
  const now = new Date('2027-01-02T03:04:05.678Z');
  const entry = {
    id: '0199aaaa-0000-7000-8000-000000000000',
    medium: 'DEVICE',
    state: 'PENDING',
    viewedAt: null,
    createdAt: now,
    expiresAt: null,
  };
  const removed = { kind: 'REMOVED', cursor: 'c', entryId: entry.id, entry: null, pendingCount: 1, unviewedCount: 0 };
  const document = parse(query);
  const whole = schemaOf();
  const text = writerOf(whole, document)?.(removed);
  expect(text).toBe(JSON.stringify(execute({ schema: whole, document, rootValue: removed })));
  expect(JSON.parse(text ?? '').data.inboxChanged.entry).toBeNull();
  // Its content is not at hand.
  expect(writerOf(whole, document)?.({ ...removed, entry })).toBeUndefined();
});

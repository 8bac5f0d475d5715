import {
  DirectiveLocation,
  GraphQLDirective,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
  specifiedDirectives,
} from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { roleCheck } from './authorize.js';
import { guardRootFields } from './execute.js';
import type { HotField } from './hot-field.js';
import { showPublicIds } from './node.js';

const dryRun = new GraphQLDirective({
  name: 'dryRun',
  description:
    'Runs the mutation for real inside a transaction, answers, and takes it back: nothing is kept, queued, announced or scheduled, and idempotency keys are neither read nor kept.',
  locations: [DirectiveLocation.MUTATION],
});

export type ResolverClass = new () => object;

/** type-graphql asks for one; every subscription of ours brings a source that pulls the change log instead. */
const none: PubSub = {
  publish() {
    throw new Error('Nothing is published: append to the change log');
  },
  subscribe() {
    throw new Error('Give the subscription a `subscribe` of its own');
  },
};

/** The executable schema of these resolvers. */
export function makeSchema(resolvers: NonEmptyArray<ResolverClass>): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    // type-graphql takes the list as the whole list: without graphql's own, @include and @skip would be unknown.
    directives: [...specifiedDirectives, dryRun],
    authChecker: roleCheck,
    validate: false,
    pubSub: none,
    emitSchemaFile: false,
    nullableByDefault: false,
  });
  return guardRootFields(showPublicIds(hotFields(describe(schema))));
}

/** Says what goes without saying, so that nothing in the schema is without a description: `input: XInput!` is what XInput is. */
function describe(schema: GraphQLSchema): GraphQLSchema {
  const roots = [
    [schema.getQueryType(), 'What can be asked.'],
    [schema.getMutationType(), 'What can be changed. An operation is one transaction: with several fields all hold or none.'],
    [schema.getSubscriptionType(), 'What can be watched, over WebSocket (graphql-transport-ws).'],
  ] as const;
  for (const [type, description] of roots) if (type) type.description ??= description;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const arg of Object.values(type.getFields()).flatMap((field) => field.args)) {
      const named = getNamedType(arg.type);
      if (isInputObjectType(named)) arg.description ??= named.description;
    }
  }
  return schema;
}

/**
 * type-graphql sorts, converts and wraps the parameters of a method whenever it is called (measured: a third of what is allocated for a delivered entry).
 * Fields that every delivered entry meets are answered without. Their methods have no `@Authorized`: it would not be asked.
 */
function hotFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const { hot } = field.extensions as Partial<HotField<unknown>>;
      if (hot) field.resolve = hot;
    }
  }
  return schema;
}

/** schema.graphql: sorted, so that a change of the code's order is no change of the file. */
export function printed(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

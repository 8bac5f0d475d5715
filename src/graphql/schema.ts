import { DirectiveLocation, GraphQLDirective, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { roleCheck } from './authorize.js';
import { guardRootFields } from './execute.js';
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
    directives: [dryRun],
    authChecker: roleCheck,
    validate: false,
    pubSub: none,
    emitSchemaFile: false,
    nullableByDefault: false,
  });
  return guardRootFields(showPublicIds(schema));
}

/** schema.graphql: sorted, so that a change of the code's order is no change of the file. */
export function printed(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

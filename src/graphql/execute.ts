import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isNullableType,
  isObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import { collectFields } from 'graphql/execution/collectFields.js';
import { anonymous } from '../access/viewer.js';
import type { Context } from '../context.js';
import { CallerError, Conflict, Forbidden, Invalid, Unauthenticated } from '../errors.js';
import { type Compiled, compiledOf, isHot } from './compiled.js';
import { isDryRun } from './dry-run.js';
import { toPublicError } from './errors.js';
import { MustBeAlone } from './gather.js';
import { type EarlierAnswer, keepAnswer, takeKey } from './idempotency.js';
import { inTurn } from './in-turn.js';
import { coerceVariables, joinProblems, scalarProblems, unstorable } from './inputs.js';
import { loadNode, publicId } from './node.js';
import { inTransaction, requestIdOf } from './request.js';
import { commitTogether, isSure, mayBeTogether } from './together.js';

export interface Operation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: Readonly<Record<string, unknown>> | null | undefined;
  context: Context;
}

/** What the wrapper of a mutation's root field leaves for the end of the operation. */
interface RootOutcome {
  mutation: string;
  key: string;
  info: GraphQLResolveInfo;
  refs?: Record<string, unknown>;
  earlier?: EarlierAnswer;
}

const outcomes = new WeakMap<Context, Map<string, RootOutcome>>();

/** The one way in for queries and mutations, over HTTP and WebSocket alike. Never throws: what goes wrong is in `errors`. */
export async function executeOperation(operation: Operation): Promise<ExecutionResult> {
  const { schema, document, context } = operation;
  const node = getOperationAST(document, operation.operationName);
  if (!node) return { errors: [publicError(context, new GraphQLError('Name one operation of the document in `operationName`.'))] };
  try {
    const variables = coerceVariables(schema, node, operation.variables ?? {});
    return withPublicErrors(context, await executeNode(operation, node, variables));
  } catch (error) {
    return { errors: [publicError(context, error)] };
  }
}

async function executeNode(
  operation: Operation,
  node: OperationDefinitionNode,
  variables: Record<string, unknown>,
): Promise<ExecutionResult> {
  const { schema, document, context } = operation;
  const within = async (ctx: Context, work: () => Promise<ExecutionResult>) => await ctx.within(ctx, work);
  if (node.operation !== 'mutation') return await within(context, async () => await run(operation, variables, context));
  const alone = async (ctx: Context) =>
    await within(ctx, async () => await executeMutation({ ...operation, context: ctx }, node, variables));
  // A fresh context: what the first try has loaded may not be so any more.
  const again = async () => await alone(context.open(context.viewer));
  const compiled = isHot(schema, node) ? compiledOf(schema, document) : undefined;
  if (mayBeTogether(schema, document, node, context.viewer.role)) {
    const runHot = async () => (compiled ? await runCompiled(compiled, variables, context) : await run(operation, variables, context));
    return await commitTogether({
      context,
      isSure: isSure(schema, node),
      run: async () => await within(context, runHot),
      alone: again,
    });
  }
  return await inTurn(schema, node, context, async () => {
    if (!compiled) return await alone(context);
    const result = await within(context, async () => await executeMutation(operation, node, variables, compiled));
    return result.errors ? await again() : result;
  });
}

/** In a transaction with others: what goes wrong is done again alone, by graphql itself, which says what it was. */
async function runCompiled(compiled: Compiled, variables: Record<string, unknown>, context: Context): Promise<ExecutionResult> {
  const result = await compiled(undefined, context, variables);
  if (!result.errors) return result;
  return { errors: [new GraphQLError('To be done again.', { originalError: new MustBeAlone() })] };
}

/**
 * One transaction around the whole operation, payload included: any error takes all of it back. `@dryRun` (XU4) is the same
 * transaction, taken back although it went well.
 */
async function executeMutation(
  operation: Operation,
  node: OperationDefinitionNode,
  variables: Record<string, unknown>,
  compiled?: Compiled,
): Promise<ExecutionResult> {
  const dry = isDryRun(node);
  let result: ExecutionResult = {};
  const work = async (context: Context) => {
    if (!dry) outcomes.set(context, new Map());
    result = await (compiled ? compiled(undefined, context, variables) : run(operation, variables, context));
    const roots = outcomes.get(context);
    if (roots && roots.size > 0) result = await settleKeys(context, operation, variables, result, roots);
    return !dry && !result.errors?.length;
  };
  const committed = await inTransaction(operation.context, work, {
    isLast: compiled !== undefined && isSure(operation.schema, node),
  });
  if (!committed && result.errors?.length) return { errors: result.errors, data: null };
  return result;
}

async function run(
  { schema, document, operationName }: Operation,
  variables: Record<string, unknown>,
  contextValue: Context,
): Promise<ExecutionResult> {
  // Variables are coerced again from what is coerced already: our scalars take their own values unchanged.
  return await execute({ schema, document, operationName: operationName ?? null, variableValues: variables, contextValue });
}

/** Keeps the answers of new keys, and puts earlier answers in place of what was resolved anew. */
async function settleKeys(
  context: Context,
  { schema }: Operation,
  variables: Record<string, unknown>,
  result: ExecutionResult,
  roots: Map<string, RootOutcome>,
): Promise<ExecutionResult> {
  const replayed = new Set([...roots].filter(([, each]) => each.earlier?.sameSelection).map(([name]) => name));
  const errors = result.errors?.filter((each) => !replayed.has(String(each.path?.[0])));
  if (errors?.length) return { ...result, errors };
  const data: Record<string, unknown> = { ...result.data };
  for (const [name, each] of roots) {
    if (each.earlier?.sameSelection) data[name] = each.earlier.answer;
    else if (!each.earlier) await keepAnswer(context, each.mutation, each.key, firstNode(each.info), data[name], each.refs ?? {});
  }
  return { data: inOrder(schema, variables, roots, data) };
}

/** The root fields in the order in which they were asked, as the specification wants them. */
function inOrder(
  schema: GraphQLSchema,
  variables: Record<string, unknown>,
  roots: Map<string, RootOutcome>,
  data: Record<string, unknown>,
) {
  const info = [...roots.values()][0]?.info;
  const type = schema.getMutationType();
  if (!info || !type) return data;
  const names = collectFields(schema, info.fragments, variables, type, info.operation.selectionSet).keys();
  return Object.fromEntries([...names].map((name) => [name, data[name]]));
}

/**
 * Puts around each root field what all of them share: every scalar of the arguments is checked (all problems in one answer),
 * and a mutation's idempotency key is honoured.
 */
export function guardRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const types = new Map<string, GraphQLInputType>(field.args.map((each) => [each.name, each.type]));
      const isMutation = type === schema.getMutationType();
      // What the caller may not see does not exist: a query by id answers null to whoever may not ask at all, too.
      const byId = !isMutation && isNullableType(field.type) && field.args.some((each) => each.name === 'id');
      const { resolve, subscribe } = field;
      if (subscribe) {
        field.subscribe = async (root, args: Record<string, unknown>, context: Context, info) => {
          requireCaller(context);
          refuse(scalarProblems(args, types));
          return await subscribe(root, args, context, info);
        };
      } else if (resolve) {
        field.resolve = async (root, args: Record<string, unknown>, context: Context, info) => {
          requireCaller(context);
          const problems = scalarProblems(args, types);
          if (!isMutation) refuse(problems);
          try {
            const payload: unknown = isMutation
              ? await withKey(context, info, args['input'] as Record<string, unknown>, async () => await resolve(root, args, context, info))
              : await resolve(root, args, context, info);
            refuse(problems);
            return payload;
          } catch (error) {
            if (byId && error instanceof Forbidden) return null;
            throw joinProblems(problems, explained(error, args));
          }
        };
      }
    }
  }
  return schema;
}

function requireCaller({ viewer }: Context): void {
  if (viewer === anonymous) throw new Unauthenticated();
}

/** A statement that failed for a character in the arguments is the caller's mistake, and says where. */
function explained(error: unknown, { input, ...args }: Record<string, unknown>): unknown {
  if (error instanceof CallerError) return error;
  const problems = [...unstorable(args), ...unstorable(input)];
  return problems.length > 0 ? new Invalid(problems) : error;
}

function refuse(problems: Invalid['problems']): void {
  if (problems.length > 0) throw new Invalid(problems);
}

async function withKey(
  context: Context,
  info: GraphQLResolveInfo,
  input: Record<string, unknown> | undefined,
  resolve: () => Promise<unknown>,
): Promise<unknown> {
  const key = keyOf(input);
  const roots = outcomes.get(context);
  if (key === undefined || !roots) return await resolve();
  const outcome: RootOutcome = { mutation: info.fieldName, key, info };
  const earlier = await takeKey(context, info.fieldName, key, input, firstNode(info));
  roots.set(String(info.path.key), outcome);
  if (earlier) {
    outcome.earlier = earlier;
    // The answer that was given is given again whole; another selection is read anew.
    return await fromRefs(context, earlier, key);
  }
  const payload = await resolve();
  outcome.refs = toRefs(info, payload as Record<string, unknown>);
  return payload;
}

/** The key of the input, or of the input that it wraps: a follow-up carries that of the communication to make. */
function keyOf(input: Record<string, unknown> | undefined): string | undefined {
  for (const each of [input, ...Object.values(input ?? {})]) {
    const key = (each as { idempotencyKey?: unknown } | null | undefined)?.idempotencyKey;
    if (typeof key === 'string') return key;
  }
  return undefined;
}

/** What a payload points at: `{ $node: publicId }` for things with an id, other values as they are. */
function toRefs(info: GraphQLResolveInfo, payload: Record<string, unknown>): Record<string, unknown> {
  const type = getNamedType(info.returnType);
  if (!isObjectType(type)) return {};
  const refs: Record<string, unknown> = {};
  for (const field of Object.values(type.getFields())) {
    const named = getNamedType(field.type);
    const isNode = isObjectType(named) && named.getInterfaces().some((each) => each.name === 'Node');
    const toRef = (value: unknown) => (isNode && value ? { $node: publicId(named.name, (value as { id: string }).id) } : value);
    const value = payload[field.name];
    refs[field.name] = Array.isArray(value) ? value.map(toRef) : toRef(value);
  }
  return refs;
}

async function fromRefs(context: Context, { refs, sameSelection }: EarlierAnswer, key: string): Promise<Record<string, unknown>> {
  const load = async (value: unknown) => {
    const id = (value as { $node?: string } | null)?.$node;
    if (id === undefined) return value;
    const node = await loadNode(context, id);
    if (node === null && !sameSelection)
      throw new Conflict(`What the idempotency key ${JSON.stringify(key)} made is not there any more; take a new key.`);
    return node;
  };
  const entries = Object.entries(refs).map(
    async ([name, value]) => [name, Array.isArray(value) ? await Promise.all(value.map(load)) : await load(value)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function firstNode(info: GraphQLResolveInfo) {
  const node = info.fieldNodes[0];
  if (!node) throw new Error('A resolved field has a node');
  return node;
}

function withPublicErrors(context: Context, result: ExecutionResult): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((each) => publicError(context, each)) };
}

function publicError(context: Context, error: unknown): GraphQLError {
  return toPublicError(error, context.log, requestIdOf(context));
}

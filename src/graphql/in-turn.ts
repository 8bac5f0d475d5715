import { type ExecutionResult, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import type { Context } from '../context.js';

/**
 * Put into the `extensions` of a mutation that callers take turns with. An operation waits for its turn before its transaction is begun: one that
 * waited within would keep a connection from those whose turn it is.
 */
export interface TakesTurns {
  inTurn(context: Context, work: () => Promise<ExecutionResult>): Promise<ExecutionResult>;
}

const known = new WeakMap<OperationDefinitionNode, Partial<TakesTurns>>();

/** Carries out the operation when it is its turn: at once, where none of its mutations takes turns. A fragment at the root is not looked into. */
export async function inTurn(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  context: Context,
  work: () => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  let turns = known.get(operation);
  if (!turns) {
    turns = turnsOf(schema, operation) ?? {};
    known.set(operation, turns);
  }
  return await (turns.inTurn ? turns.inTurn(context, work) : work());
}

function turnsOf(schema: GraphQLSchema, { selectionSet: { selections } }: OperationDefinitionNode): TakesTurns | undefined {
  const mutations = schema.getMutationType()?.getFields();
  for (const each of selections) {
    const extensions = each.kind === Kind.FIELD ? mutations?.[each.name.value]?.extensions : undefined;
    if (extensions?.['inTurn']) return extensions as unknown as TakesTurns;
  }
  return undefined;
}

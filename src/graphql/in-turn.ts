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

/** Carries out the operation when it is its turn: at once, unless such a mutation is all that it asks for. Others may wait for more than their turn's work. */
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
  const [field, ...more] = selections;
  if (field?.kind !== Kind.FIELD || more.length > 0) return undefined;
  const extensions = schema.getMutationType()?.getFields()[field.name.value]?.extensions;
  return extensions?.['inTurn'] ? (extensions as unknown as TakesTurns) : undefined;
}

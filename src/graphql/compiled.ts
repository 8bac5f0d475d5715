import { type DocumentNode, type ExecutionResult, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../context.js';

/** What graphql-jit makes of a document: answers at once where nothing has to be waited for. */
export type Compiled = (root: unknown, context: Context, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult;

interface Kept {
  /** Times that it was met while it is interpreted. */
  met: number;
  query?: Compiled;
  refused: boolean;
}

/** Compiling costs as much as interpreting some hundred events: a text that is met only now and then stays interpreted. */
const warmUp = 16;
/** Compiled texts at most, so that many different ones cannot grow the process. The one that was longest unused goes. */
const mostCompiled = 256;
const kept = new Map<DocumentNode, Kept>();

let latest: DocumentNode | undefined;

/**
 * A document with one operation, compiled once it is worth it; undefined while it is not. What goes wrong in it must be told by
 * graphql itself, so that errors, nulls and masking are the same: whoever meets `errors` executes the document again, interpreted.
 */
export function compiledOf(schema: GraphQLSchema, document: DocumentNode): Compiled | undefined {
  const entry = kept.get(document) ?? { met: 0, refused: operationsIn(document) !== 1 };
  // The latest stands at the end of the line already: one event is for many with the same text.
  if (document !== latest) {
    latest = document;
    kept.delete(document);
    kept.set(document, entry);
    const [oldest] = kept.keys();
    if (kept.size > mostCompiled && oldest) kept.delete(oldest);
  }
  entry.met += 1;
  if (entry.query || entry.refused || entry.met <= warmUp) return entry.query;
  const compiled = compileQuery(schema, document, undefined, { disablingCapturingStackErrors: true });
  if (isCompiledQuery(compiled)) entry.query = (root, context, variables) => compiled.query(root, context, variables);
  else entry.refused = true;
  return entry.query;
}

export function operationsIn({ definitions }: DocumentNode): number {
  return definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION).length;
}

/** Put into the `extensions` of a mutation that is called so often that it pays to compile it. */
export interface HotMutation {
  hotMutation: true;
}

/** Whether that is so of an operation: one such mutation, alone and without directives. */
export function isHot(schema: GraphQLSchema, { selectionSet: { selections }, directives }: OperationDefinitionNode): boolean {
  const [field, ...more] = selections;
  if (field?.kind !== Kind.FIELD || more.length > 0 || directives?.length || field.directives?.length) return false;
  return schema.getMutationType()?.getFields()[field.name.value]?.extensions['hotMutation'] === true;
}

import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, Kind } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../context.js';

/** What happens for each event of a subscription: the source's event becomes a result, at once where nothing has to be waited for. */
export type Step = (event: unknown, context: Context, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult;

interface Kept {
  /** Events met while it is interpreted. */
  met: number;
  query?:
    | ((event: unknown, context: unknown, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult)
    | undefined;
  refused?: boolean;
}

/** Compiling costs as much as interpreting some hundred events: a text that is met only now and then stays interpreted. */
const warmUp = 16;
/** Compiled texts at most, so that many different ones cannot grow the process. The one that was longest unused goes. */
const mostCompiled = 256;
const kept = new Map<DocumentNode, Kept>();
/** The steps of documents with one operation: all that subscribe with one text have the same. A document belongs to one schema. */
const steps = new WeakMap<DocumentNode, Step>();

/** The step of a document, compiled by graphql-jit once it is worth it. All subscribers of one text share what is compiled. */
export function stepOf(schema: GraphQLSchema, document: DocumentNode, operationName: string | null): Step {
  const known = steps.get(document);
  if (known) return known;
  const compilable = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION).length === 1;
  const interpret: Step = async (rootValue, contextValue, variableValues) =>
    await execute({ schema, document, operationName, rootValue, contextValue, variableValues });
  if (!compilable) return interpret;
  const step: Step = (event, context, variables) => {
    const { query } = lookUp(schema, document);
    if (!query) return interpret(event, context, variables);
    // What goes wrong is told by graphql itself: the same errors, the same nulls, the same masking. Steps only read.
    const checked = (result: ExecutionResult) => (result.errors ? interpret(event, context, variables) : result);
    const result = query(event, context, variables);
    return result instanceof Promise ? result.then(checked) : checked(result);
  };
  steps.set(document, step);
  return step;
}

function lookUp(schema: GraphQLSchema, document: DocumentNode): Kept {
  const entry = kept.get(document) ?? { met: 0 };
  kept.delete(document);
  kept.set(document, entry);
  const [oldest] = kept.keys();
  if (kept.size > mostCompiled && oldest) kept.delete(oldest);
  entry.met += 1;
  if (entry.query || entry.refused || entry.met <= warmUp) return entry;
  const compiled = compileQuery(schema, document, undefined, { disablingCapturingStackErrors: true });
  if (isCompiledQuery(compiled)) entry.query = (root, context, variables) => compiled.query(root, context, variables);
  else entry.refused = true;
  return entry;
}

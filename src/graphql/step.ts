import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import type { Context } from '../context.js';
import { compiledOf, operationsIn } from './compiled.js';

/** What happens for each event of a subscription: the source's event becomes a result, at once where nothing has to be waited for. */
export type Step = (event: unknown, context: Context, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult;

/** The steps of documents with one operation: all that subscribe with one text have the same. A document belongs to one schema. */
const steps = new WeakMap<DocumentNode, Step>();

/** The step of a document, compiled by graphql-jit once it is worth it. All subscribers of one text share what is compiled. */
export function stepOf(schema: GraphQLSchema, document: DocumentNode, operationName: string | null): Step {
  const known = steps.get(document);
  if (known) return known;
  const interpret: Step = async (rootValue, contextValue, variableValues) =>
    await execute({ schema, document, operationName, rootValue, contextValue, variableValues });
  if (operationsIn(document) !== 1) return interpret;
  const step: Step = (event, context, variables) => {
    const query = compiledOf(schema, document);
    if (!query) return interpret(event, context, variables);
    // What goes wrong is told by graphql itself: the same errors, the same nulls, the same masking. Steps only read.
    const checked = (result: ExecutionResult) => (result.errors ? interpret(event, context, variables) : result);
    const result = query(event, context, variables);
    return result instanceof Promise ? result.then(checked) : checked(result);
  };
  steps.set(document, step);
  return step;
}

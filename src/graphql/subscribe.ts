import { createSourceEventStream, type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Context } from '../context.js';
import { toPublicError } from './errors.js';
import { coerceVariables } from './inputs.js';
import { requestIdOf } from './request.js';

export interface SubscribeOptions {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** A fresh context for the subscription itself and for each event: an entity manager must not live for hours. */
  open: () => Context;
}

/** Source events become results one at a time, as the socket takes them: nothing is pushed into a queue. */
export async function subscribeOperation(options: SubscribeOptions): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const { schema, document, open } = options;
  const context = open();
  try {
    const node = getOperationAST(document, options.operationName);
    const variableValues = node ? coerceVariables(schema, node, options.variables ?? {}) : {};
    const operationName = options.operationName ?? null;
    const source = await createSourceEventStream({ schema, document, operationName, variableValues, contextValue: context });
    if (!(Symbol.asyncIterator in source)) return shown(context, source);
    return resultsOf(source, {
      toResult: async (event) => {
        const contextValue = open();
        const args = { schema, document, operationName, variableValues, contextValue, rootValue: event };
        return shown(contextValue, await contextValue.within(contextValue, async () => await execute(args)));
      },
      toError: (error) => ({ errors: [toPublicError(error, context.log, requestIdOf(context))] }),
    });
  } catch (error) {
    return { errors: [toPublicError(error, context.log, requestIdOf(context))] };
  }

  function shown(of: Context, result: ExecutionResult): ExecutionResult {
    if (!result.errors) return result;
    return { ...result, errors: result.errors.map((each) => toPublicError(each, of.log, requestIdOf(of))) };
  }
}

interface Translate {
  toResult(event: unknown): Promise<ExecutionResult>;
  toError(error: unknown): ExecutionResult;
}

/**
 * Not a generator: `return` must end the source at once, even while `next` waits for an event. A source that fails says so in
 * a last result and ends: thrown on, it would close the whole socket with a code that clients never retry.
 */
function resultsOf(source: AsyncIterable<unknown>, { toResult, toError }: Translate): AsyncIterableIterator<ExecutionResult> {
  const events = source[Symbol.asyncIterator]();
  let failed = false;
  return {
    async next() {
      if (failed) return { done: true, value: undefined };
      try {
        const { done, value } = await events.next();
        return done ? { done: true, value: undefined } : { done: false, value: await toResult(value) };
      } catch (error) {
        failed = true;
        return { done: false, value: toError(error) };
      }
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

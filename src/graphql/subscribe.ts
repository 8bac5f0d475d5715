import { setTimeout as delay } from 'node:timers/promises';
import { createSourceEventStream, type DocumentNode, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Viewer } from '../access/viewer.js';
import type { Context } from '../context.js';
import { isAway, toPublicError } from './errors.js';
import { coerceVariables } from './inputs.js';
import { requestIdOf } from './request.js';
import { results, type Shareable } from './shared.js';
import { type Step, stepOf } from './step.js';
import { type Selection, selectionOf } from './variables.js';

export interface SubscribeOptions {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** A fresh context for the subscription itself and for each event: an entity manager must not live for hours. */
  open: () => Context;
}

/** An event is not given up for a database that is away for a moment: its subscriber would never hear of it again. */
const patienceMs = 30_000;
const retryMs = 250;

type Source = AsyncIterable<unknown> | ExecutionResult;

/**
 * Source events become results, as JSON text, one at a time as the socket takes them: nothing is pushed into a queue. An event
 * that several subscribers get is answered once for those of one viewer with one document (see Shareable).
 */
export async function subscribeOperation(options: SubscribeOptions): Promise<AsyncIterableIterator<string> | ExecutionResult> {
  const { schema, document, open } = options;
  const node = getOperationAST(document, options.operationName);
  const operationName = options.operationName ?? null;
  const context = open();
  try {
    const variables = node ? coerceVariables(schema, node, options.variables ?? {}) : {};
    const source: Source = await createSourceEventStream({
      schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: context,
    });
    if (!(Symbol.asyncIterator in source)) return withPublicErrors(context, source);
    const key = scopeOf(context.viewer, selectionOf(document, node), variables);
    return textsOf(source, answering({ step: stepOf(schema, document, operationName), variables, open, key }));
  } catch (error) {
    return { errors: [toPublicError(error, context.log, requestIdOf(context))] };
  }
}

interface Answering {
  step: Step;
  variables: Record<string, unknown>;
  open: () => Context;
  key: string;
}

/** Who shares a result: the same rights (whatever token shows them), the same selection with the same variables in it. */
function scopeOf({ expiresAt: _end, apiKeyId: _key, ...rights }: Viewer, selection: Selection, variables: Record<string, unknown>): string {
  return JSON.stringify([rights, selection.id, selection.variables.map((name) => variables[name] ?? null)]);
}

/** Lives as long as the subscription, and holds nothing of the request that began it. */
function answering({ step, variables, open, key }: Answering): Translate {
  const answer = async (event: unknown): Promise<string> => {
    for (const until = Date.now() + patienceMs; ; await delay(retryMs)) {
      const context = open();
      try {
        const result = await context.within(context, async () => await step(event, context, variables));
        if (result.errors?.some((each) => isAway(each.originalError)) && Date.now() < until) continue;
        return JSON.stringify(withPublicErrors(context, result));
      } catch (error) {
        if (!isAway(error) || Date.now() >= until) throw error;
      }
    }
  };
  return {
    toText(event) {
      const shared = (event as Shareable | null)?.[results];
      if (!shared) return answer(event);
      const text = shared.get(key) ?? answer(event);
      shared.set(key, text);
      return text;
    },
    toError(error) {
      const context = open();
      return JSON.stringify({ errors: [toPublicError(error, context.log, requestIdOf(context))] });
    },
  };
}

function withPublicErrors(of: Context, result: ExecutionResult): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((each) => toPublicError(each, of.log, requestIdOf(of))) };
}

interface Translate {
  toText(event: unknown): Promise<string>;
  toError(error: unknown): string;
}

/**
 * Not a generator: `return` must end the source at once, even while `next` waits for an event. A source that fails says so in
 * a last result and ends: thrown on, it would close the whole socket with a code that clients never retry.
 */
function textsOf(source: AsyncIterable<unknown>, { toText, toError }: Translate): AsyncIterableIterator<string> {
  const events = source[Symbol.asyncIterator]();
  let failed = false;
  return {
    async next() {
      if (failed) return { done: true, value: undefined };
      try {
        const { done, value } = await events.next();
        return done ? { done: true, value: undefined } : { done: false, value: await toText(value) };
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

import { setTimeout as delay } from 'node:timers/promises';
import { createSourceEventStream, type DocumentNode, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Viewer } from '../access/viewer.js';
import type { Context } from '../context.js';
import { type AtHand, askNext, atHand, type Live, notYet, type Waiter } from './at-hand.js';
import { isAway, toPublicError } from './errors.js';
import { coerceVariables } from './inputs.js';
import { requestIdOf } from './request.js';
import { results, type Shareable } from './shared.js';
import { type Step, stepOf } from './step.js';
import { type Selection, selectionOf } from './variables.js';
import { type Writer, writerOf } from './writer.js';

export interface SubscribeOptions {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: Readonly<Record<string, unknown>> | null | undefined;
  viewer: Viewer;
  /** A fresh context for the subscription itself and for each event: an entity manager must not live for hours. */
  open: (viewer: Viewer) => Context;
}

/** An event is not given up for a database that is away for a moment: its subscriber would never hear of it again. */
const patienceMs = 30_000;
const retryMs = 250;

type Source = AsyncIterable<unknown> | ExecutionResult;

/**
 * Source events become results, as JSON text, one at a time as the socket takes them: nothing is pushed into a queue. An event
 * that several subscribers get is answered once for those of one viewer with one document (see Shareable).
 */
export async function subscribeOperation(
  options: SubscribeOptions,
): Promise<(AsyncIterableIterator<string> & AtHand<string>) | ExecutionResult> {
  const { schema, document, viewer, open } = options;
  const node = getOperationAST(document, options.operationName);
  const operationName = options.operationName ?? null;
  const context = open(viewer);
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
    const answers = new Answers(
      writerOf(schema, document),
      stepOf(schema, document, operationName),
      selectionOf(document, node),
      variables,
      viewer,
      open,
    );
    return new Texts(source[Symbol.asyncIterator](), answers);
  } catch (error) {
    return { errors: [toPublicError(error, context.log, requestIdOf(context))] };
  }
}

/** Who shares a result: the same rights (whatever token shows them), the same selection with the same variables in it. */
function scopeOf({ expiresAt: _end, apiKeyId: _key, ...rights }: Viewer, selection: Selection, variables: Record<string, unknown>): string {
  return JSON.stringify([rights, selection.id, selection.variables.map((name) => variables[name] ?? null)]);
}

/** Lives as long as the subscription, and holds nothing of the request that began it. */
class Answers {
  /** With whom a result is shared; worked out when the first event is. */
  private key: string | undefined = undefined;

  constructor(
    private readonly writer: Writer | undefined,
    private readonly step: Step,
    private readonly selection: Selection,
    private readonly variables: Record<string, unknown>,
    private readonly viewer: Viewer,
    private readonly open: (viewer: Viewer) => Context,
  ) {}

  /** The event's result as JSON: at once, where nothing has to be waited for and nothing goes wrong. */
  toText(event: unknown): Promise<string> | string {
    const shared = (event as Shareable | null)?.[results];
    if (!shared) return this.answer(event);
    this.key ??= scopeOf(this.viewer, this.selection, this.variables);
    const { key } = this;
    const known = shared.get(key) ?? this.answer(event);
    shared.set(key, known);
    return known;
  }

  toError(error: unknown): string {
    const context = this.open(this.viewer);
    return JSON.stringify({ errors: [toPublicError(error, context.log, requestIdOf(context))] });
  }

  private answer(event: unknown): Promise<string> | string {
    const written = this.writer?.(event);
    if (written !== undefined) return written;
    const context = this.open(this.viewer);
    const result = this.execute(event, context);
    return result instanceof Promise || result.errors ? this.patiently(event, context, result) : JSON.stringify(result);
  }

  private execute(event: unknown, context: Context): Promise<ExecutionResult> | ExecutionResult {
    return context.within(context, () => this.step(event, context, this.variables));
  }

  /** Again and again while the database is away. */
  private async patiently(event: unknown, first: Context, begun: Promise<ExecutionResult> | ExecutionResult): Promise<string> {
    let [context, result] = [first, begun];
    for (const until = Date.now() + patienceMs; ; await delay(retryMs)) {
      try {
        const answered = await result;
        if (!answered.errors?.some((each) => isAway(each.originalError)) || Date.now() >= until)
          return JSON.stringify(withPublicErrors(context, answered));
      } catch (error) {
        if (!isAway(error) || Date.now() >= until) throw error;
      }
      context = this.open(this.viewer);
      result = this.execute(event, context);
    }
  }
}

function withPublicErrors(of: Context, result: ExecutionResult): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((each) => toPublicError(each, of.log, requestIdOf(of))) };
}

/**
 * Not a generator: `return` must end the source at once, even while `next` waits for an event. A source that fails says so in
 * a last result and ends: thrown on, it would close the whole socket with a code that clients never retry.
 */
class Texts implements AsyncIterableIterator<string>, AtHand<string> {
  private failed = false;
  /** The answer of an event that was taken and has to be waited for. */
  private underWay: Promise<string> | undefined = undefined;

  constructor(
    private readonly events: Live<unknown>,
    private readonly answers: Answers,
  ) {}

  [atHand](waiter: Waiter): string | typeof notYet | typeof askNext {
    if (this.failed) return askNext;
    try {
      const event = this.events[atHand]?.(waiter) ?? askNext;
      if (event === notYet || event === askNext) return event;
      const text = this.answers.toText(event);
      if (typeof text === 'string') return text;
      this.underWay = text;
      // Whoever asks hears of it if it fails.
      text.catch(() => undefined);
      return askNext;
    } catch (error) {
      return this.fail(error);
    }
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    if (this.failed) return { done: true, value: undefined };
    try {
      const { underWay } = this;
      this.underWay = undefined;
      if (underWay) return { done: false, value: await underWay };
      const { done, value } = await this.events.next();
      return done ? { done: true, value: undefined } : { done: false, value: await this.answers.toText(value) };
    } catch (error) {
      return { done: false, value: this.fail(error) };
    }
  }

  private fail(error: unknown): string {
    this.failed = true;
    // It may be the answer that failed, and the source go on.
    void Promise.resolve(this.events.return?.()).catch(() => undefined);
    return this.answers.toError(error);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.events.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<never> {
    await this.events.return?.();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

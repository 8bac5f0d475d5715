import { type ExecutionResult, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { anonymous, type Viewer } from '../access/viewer.js';
import { type AtHand, askNext, atHand, notYet, type Waiter } from '../graphql/at-hand.js';
import { executeOperation } from '../graphql/execute.js';
import { subscribeOperation } from '../graphql/subscribe.js';
import type { Line } from './line.js';
import type { Asked } from './message.js';

/** Results of a subscription as JSON, one at a time. */
type Texts = AsyncIterator<string> & AtHand<string>;

/**
 * What a client asked for, from `subscribe` to `complete`. A subscription writes its results to the socket itself, as they come
 * and while the socket takes them; where it does not, the source keeps the rest (or leaves it in the log). Idle it holds no
 * promise and no closure.
 */
export class Operation implements Waiter {
  /** Its client has heard `complete`, or has said it: nothing more is sent. */
  private over = false;
  private texts: Texts | undefined = undefined;

  constructor(
    private readonly line: Line,
    /** The client's id for it, as JSON. */
    readonly id: string,
  ) {}

  /** Carries it out. What is wrong with what was asked is told as its error, and leaves the socket alone. */
  async run({ query, operationName, variables }: Asked): Promise<void> {
    const { schema, documents, open } = this.line.room;
    const viewer: Viewer = this.line.viewer ?? anonymous;
    const document = documents.read(query);
    const node = 'kind' in document ? getOperationAST(document, operationName) : undefined;
    if (!('kind' in document)) {
      this.fail(document);
    } else if (!node) {
      this.fail([unnamed()]);
    } else if (node.operation === OperationTypeNode.SUBSCRIPTION) {
      const result = await subscribeOperation({ schema, document, operationName, variables, viewer, open });
      if (Symbol.asyncIterator in result) this.start(result);
      else await this.answer(result);
    } else {
      await this.answer(await executeOperation({ schema, document, operationName, variables, context: open(viewer) }));
    }
  }

  private start(texts: Texts): void {
    this.texts = texts;
    // It may have been ended while it began.
    if (this.over) void this.stopSource();
    else this.wake();
  }

  /** Answers with errors in place of results. */
  fail(errors: readonly GraphQLError[]): void {
    if (this.over) return;
    this.leave();
    void this.line.send(`{"id":${this.id},"type":"error","payload":${JSON.stringify(errors)}}`);
  }

  /** Ends it without a word: its client has completed it, or is gone. */
  end(): void {
    if (this.over) return;
    this.leave();
    void this.stopSource();
  }

  /** Sends what is at hand, and waits where something has to be read or the socket is full. */
  wake(): void {
    const { texts } = this;
    while (!this.over && texts) {
      const text = texts[atHand](this);
      if (text === notYet) return;
      const sent = text === askNext ? this.ask(texts) : this.next(text);
      if (!sent) continue;
      sent.then(
        () => this.wake(),
        (error: unknown) => this.break(error),
      );
      return;
    }
  }

  private async ask(texts: Texts): Promise<void> {
    const { done, value } = await texts.next();
    if (done) this.complete();
    else if (!this.over) await this.next(value);
  }

  private async answer(result: ExecutionResult): Promise<void> {
    if (this.over) return;
    await this.next(JSON.stringify(result));
    this.complete();
  }

  private next(text: string): Promise<void> | undefined {
    return this.line.send(`{"id":${this.id},"type":"next","payload":${text}}`);
  }

  private complete(): void {
    if (this.over) return;
    this.leave();
    void this.line.send(`{"id":${this.id},"type":"complete"}`);
  }

  private leave(): void {
    this.over = true;
    const { operations } = this.line;
    const at = operations.indexOf(this);
    if (at >= 0) operations.splice(at, 1);
  }

  /** A fault of ours: sources tell theirs in a last result. */
  private break(error: unknown): void {
    if (this.over) return;
    this.line.room.log.error({ err: error }, 'a subscription failed');
    this.fail([new GraphQLError('Something went wrong on our side.', { extensions: { code: 'INTERNAL' } })]);
    void this.stopSource();
  }

  private async stopSource(): Promise<void> {
    try {
      await this.texts?.return?.();
    } catch (error) {
      this.line.room.log.error({ err: error }, 'a subscription was not ended cleanly');
    }
  }
}

function unnamed(): GraphQLError {
  return new GraphQLError('Name one operation of the document in `operationName`.', { extensions: { code: 'BAD_REQUEST' } });
}

import { type AtHand, askNext, atHand, notYet, type Waiter } from '../graphql/at-hand.js';
import type { Line } from './line.js';

type Texts = AsyncIterableIterator<string> & Partial<AtHand<string>>;

/**
 * Writes a subscription's results to the socket itself: graphql-ws would parse the text to write it again. What it sees is a
 * subscription that says nothing until it ends; starting, completing and closing stay its business.
 */
export function pump(line: Line, id: string, texts: Texts): AsyncIterableIterator<never> {
  return new Pump(line, `{"id":${JSON.stringify(id)},"type":"next","payload":`, texts);
}

type End = IteratorReturnResult<undefined>;

class Pump implements AsyncIterableIterator<never>, Waiter {
  private over = false;
  private ended: { done(end: End): void; failed(error: unknown): void } | undefined;

  constructor(
    private readonly line: Line,
    private readonly prefix: string,
    private readonly texts: Texts,
  ) {}

  /** One promise for the life of the subscription. */
  next(): Promise<End> {
    return new Promise((done, failed) => {
      this.ended = { done, failed };
      this.wake();
    });
  }

  /** Sends what is at hand while the socket takes it. Where it does not, the source keeps the rest (or leaves it in the log). */
  wake(): void {
    while (!this.over) {
      const text = this.texts[atHand]?.(this) ?? askNext;
      if (text === notYet) return;
      const sent = text === askNext ? this.ask() : this.send(text);
      if (!sent) continue;
      sent.then(
        () => this.wake(),
        (error: unknown) => this.ended?.failed(error),
      );
      return;
    }
    this.ended?.done({ done: true, value: undefined });
  }

  private async ask(): Promise<void> {
    const { done, value } = await this.texts.next();
    if (done) this.over = true;
    else if (!this.over) await this.send(value);
  }

  private send(text: string): Promise<void> | void {
    return this.line.send(`${this.prefix}${text}}`);
  }

  async return(): Promise<End> {
    this.over = true;
    await this.texts.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<never> {
    this.over = true;
    await this.texts.return?.();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

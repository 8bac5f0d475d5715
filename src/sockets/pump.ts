import type { Line } from './line.js';

/**
 * Writes a subscription's results to the socket itself: graphql-ws would parse the text to write it again. What it sees is a
 * subscription that says nothing until it ends; starting, completing and closing stay its business.
 */
export function pump(line: Line, id: string, texts: AsyncIterableIterator<string>): AsyncIterableIterator<never> {
  const prefix = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  let over = false;
  return {
    async next() {
      for (;;) {
        const { done, value } = await texts.next();
        if (done || over) return { done: true, value: undefined };
        const sent = line.send(`${prefix}${value}}`);
        if (sent) await sent;
      }
    },
    async return() {
      over = true;
      await texts.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      over = true;
      await texts.return?.();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

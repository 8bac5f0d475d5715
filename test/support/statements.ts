import { Client } from 'pg';

let heard: string[] | undefined;

// Connections keep the function that they found when they were opened, so it is replaced once, before the application opens any.
const original = Client.prototype.query;
Client.prototype.query = function (this: unknown, ...args: unknown[]) {
  heard?.push(String((args[0] as { text?: string }).text ?? args[0]));
  return (original as (...all: unknown[]) => unknown).apply(this, args);
} as typeof original;

/** The statements that this process sends while the work is done, the engine's own among them. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  heard = [];
  try {
    await work();
    return heard;
  } finally {
    heard = undefined;
  }
}

import type { Logger } from 'pino';
import { isAway } from '../graphql/errors.js';

export interface BatchOptions<Item> {
  /** For the log. */
  name: string;
  log: Logger;
  /** Writes them all, or throws and wrote none. */
  write(items: readonly Item[]): Promise<void>;
  /** They have been written, or given up after the log said so. */
  done(items: readonly Item[]): void;
  most?: number;
}

/** Collects what is to be written while a write is under way, and writes it together. */
export interface Batch<Item> {
  add(item: Item): void;
  /** Once nothing waits any more. */
  idle(): Promise<void>;
  /** Gives up waiting for a database that is away. */
  stop(): void;
}

const tries = 3;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * While the database is away a batch waits for it: what happened outside must not be forgotten. An item that cannot be
 * written although the database is there is tried alone, so that it takes no other with it.
 */
export function makeBatch<Item>({ name, log, write, done, most = 500 }: BatchOptions<Item>): Batch<Item> {
  const waiting: Item[] = [];
  let running: Promise<void> | undefined;
  let stopped = false;
  let wake: (() => void) | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0 && !stopped) await writeAll(waiting.splice(0, most));
    running = undefined;
  }

  async function writeAll(items: readonly Item[]): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        await write(items);
        return done(items);
      } catch (error) {
        failures += 1;
        log.warn({ err: error, batch: name, items: items.length, failures }, 'could not be written');
        if (stopped) return done(items);
        if (!isAway(error) && failures >= tries) return await separate(items, error);
        await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** failures));
      }
    }
  }

  async function separate(items: readonly Item[], error: unknown): Promise<void> {
    const [only] = items;
    if (items.length > 1) {
      for (const item of items) await writeAll([item]);
    } else if (only !== undefined) {
      log.error({ err: error, batch: name, item: only }, 'given up: it cannot be written');
      done(items);
    }
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resume) => {
      const timer = setTimeout(resume, ms);
      wake = () => {
        clearTimeout(timer);
        resume();
      };
    });
  }

  return {
    add(item) {
      waiting.push(item);
      running ??= drain();
    },
    idle: async () => await running,
    stop() {
      stopped = true;
      wake?.();
    },
  };
}

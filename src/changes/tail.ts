import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { HasEntityManager } from '../database/sql.js';
import { type Loop, startLoop } from '../loop.js';
import { type Change, followChanges, logState, skipChanges } from './log.js';

/** Hears of every change of the log, in order, once this process has started. One for each process. */
export interface Tail {
  /** The last position that was handed to the listeners. */
  readonly position: number;
  /**
   * `listener` gets each batch in order, and is waited for before the next. Answers how to stop. While all are `idle` the log is
   * not read: a run writes a million changes that nobody may be waiting for.
   */
  listen(listener: Listener, idle?: () => boolean): () => void;
  /** A change was committed here: look now, and tell others. */
  ring(): void;
  /** Others have told of a change: look now. */
  heard(): void;
  stop(): Promise<void>;
}

type Listener = (batch: readonly Change[]) => Promise<void> | void;

/** How late changes are given positions by a process in which nobody waits for them: many at a time cost less, and whoever waits elsewhere was told. */
const idleMs = 50;
/**
 * A pause after a batch, in milliseconds: the larger it was, the more come at once, and the less each costs when the next batch is large, too. The
 * few of quiet times wait for nothing.
 */
function restAfter(changes: number): number {
  return Math.min(Math.floor(changes / 10), 5);
}

/** How soon it looks again where another process was giving positions. */
const againMs = 2;
/** Heals a lost bell (promises.md PR5): a change is seen this late at worst. */
const pollMs = 500;

/** Sequences and tails the log: rung by the doorbell, and polling beside it. */
export async function startTail(log: Logger, open: () => HasEntityManager, tellOthers: () => void): Promise<Tail> {
  let position = (await logState(open())).position;
  const listeners = new Map<Listener, () => boolean>();
  const nobodyListens = () => [...listeners.values()].every((idle) => idle());

  const loop: Loop = startLoop({
    name: 'change log',
    log,
    everyMs: pollMs,
    async round() {
      if (nobodyListens()) {
        const { moved, end, more } = await skipChanges(open());
        placed(moved);
        // Whoever began to listen meanwhile hears of all that came after.
        if (nobodyListens()) position = Math.max(position, end);
        return more || !nobodyListens();
      }
      const { moved, batch, more } = await followChanges(open(), position);
      placed(moved);
      if (batch.length === 0) return more;
      for (const listener of listeners.keys()) await listener(batch);
      position = batch.at(-1)?.position ?? position;
      const rest = more ? 0 : restAfter(batch.length);
      if (rest > 0) await delay(rest);
      return more;
    },
  });

  function placed(moved: number): void {
    if (moved > 0) tellOthers();
    // Another process is giving positions, and may have begun before there was what rang here.
    else if (moved < 0) setTimeout(() => loop.ring(), againMs).unref();
  }

  let later: NodeJS.Timeout | undefined;
  function heard(): void {
    if (!nobodyListens()) {
      loop.ring();
      return;
    }
    later ??= setTimeout(() => {
      later = undefined;
      loop.ring();
    }, idleMs).unref();
  }

  return {
    get position() {
      return position;
    },
    listen(listener, idle = () => false) {
      listeners.set(listener, idle);
      return () => listeners.delete(listener);
    },
    ring() {
      // Where somebody waits here, others are told once there are positions: until then there is nothing for them to read.
      if (nobodyListens()) tellOthers();
      heard();
    },
    heard,
    async stop() {
      clearTimeout(later);
      await loop.stop();
    },
  };
}

import type { Context, Part, Work } from '../context.js';
import { setGathering } from './request.js';

/** Thrown to an operation that cannot be committed with others: it is done again, alone. */
export class MustBeAlone extends Error {}

/** Operations of one transaction that do the same things at the same time. */
export interface Gathering {
  /** Runs an operation as one of them; the others wait for its parts until it ends. */
  of<T>(context: Context, run: () => Promise<T>): Promise<T>;
  /** Whether work that was done for the operation may have changed something. */
  hasChanged(context: Context): boolean;
}

interface Call {
  name: string;
  part: Part<unknown>;
  work: Work<unknown, unknown>;
  context: Context;
  done(outcomes: readonly unknown[]): void;
  failed(error: unknown): void;
}

/**
 * What each operation hands to `ctx.together` is kept until all of them have handed in something or have ended; then it is
 * done at once, by name, in the order in which the operations came.
 */
export function gather(contexts: readonly Context[]): Gathering {
  let calls: Call[] = [];
  let running = contexts.length;
  const changed = new Set<Context['em']>();

  function flushIfAll(): void {
    if (calls.length === 0 || calls.length < running) return;
    const now = calls;
    calls = [];
    void (async () => {
      for (const [, same] of Map.groupBy(now, (each) => each.name)) await doAll(same);
    })();
  }

  async function doAll(same: readonly Call[]): Promise<void> {
    const [first] = same;
    if (!first) return;
    try {
      const outcomes = await first.work(
        first.context,
        same.map((each) => each.part),
      );
      for (const [index, call] of same.entries()) {
        const outcome = outcomes[index];
        if (!outcome) {
          call.failed(new MustBeAlone());
          continue;
        }
        changed.add(call.context.em);
        call.done(outcome);
      }
    } catch (error) {
      // The transaction is broken for all of them.
      for (const call of same) {
        changed.add(call.context.em);
        call.failed(error);
      }
    }
  }

  for (const context of contexts) {
    setGathering(context, {
      together: async (name, items, work) =>
        await new Promise((done, failed) => {
          const call = { name, part: { viewer: context.viewer, items }, work, context, done, failed };
          calls.push(call as unknown as Call); // One name is one type of items and outcomes.
          flushIfAll();
        }),
    });
  }

  return {
    async of(context, run) {
      try {
        return await run();
      } finally {
        setGathering(context, undefined);
        running -= 1;
        flushIfAll();
      }
    },
    hasChanged: ({ em }) => changed.has(em),
  };
}

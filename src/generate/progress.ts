import type { Context } from '../context.js';
import { loadRun, type Run } from './run.js';

const ended: ReadonlySet<Run['state']> = new Set(['COMPLETED', 'FAILED', 'CANCELLED']);

/**
 * A run as it is, then after each change, until it has ended. It is read when the subscriber asks for the next, so a slow
 * one sees fewer steps and never an old one.
 */
export function progressOf({ tail, open, viewer }: Pick<Context, 'tail' | 'open' | 'viewer'>, runId: string): AsyncIterableIterator<Run> {
  let changed = true;
  let over = false;
  let wake: (() => void) | undefined;
  const stopListening = tail.listen((batch) => {
    if (!batch.some((each) => each.runId === runId)) return;
    changed = true;
    wake?.();
  });
  const end = (): IteratorResult<Run> => {
    over = true;
    stopListening();
    wake?.();
    return { done: true, value: undefined };
  };
  return {
    async next() {
      while (!changed && !over) {
        await new Promise<void>((done) => {
          wake = done;
        });
      }
      if (over) return end();
      changed = false;
      const run = await loadRun(open(viewer), runId);
      if (!run) return end();
      const retracting = run.retractRequestedAt !== null && run.retractFinishedAt === null;
      if (ended.has(run.state) && !retracting) {
        over = true;
        stopListening();
      }
      return { done: false, value: run };
    },
    async return() {
      return end();
    },
    async throw(error) {
      end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

import { recordSightings, type Sighting } from '../communications/tracking.js';
import type { Context } from '../context.js';
import { startLoop } from '../loop.js';

/** What waits to be written, and what one statement takes. Beyond that it is forgotten: tracking never costs mail anything (PR22). */
const mostWaiting = 10_000;
const mostAtOnce = 1_000;
/** Heals a lost bell. */
const everyMs = 5_000;

export interface Recorder {
  /** Remembers it, to be written after the answer; takes no time. */
  add(what: Sighting['what'], machine: boolean): void;
  /** Writes what waits. */
  stop(): Promise<void>;
}

/** Writes what readers did, beside the answers that they get: many at once under load, and whether or not the database is there. */
export function startRecorder({ log, open }: Pick<Context, 'log'> & { open: () => Context }): Recorder {
  const waiting: (Pick<Sighting, 'what' | 'machine'> & { since: number })[] = [];
  let forgotten = 0;
  const write = async () => {
    const taken = waiting.slice(0, mostAtOnce);
    if (taken.length === 0) return false;
    const now = performance.now();
    const sightings = taken.map(({ what, machine, since }) => ({ what, machine, ageMs: now - since }));
    await recordSightings(open(), sightings);
    waiting.splice(0, taken.length);
    if (forgotten > 0) log.warn({ forgotten }, 'more was tracked than could be written');
    forgotten = 0;
    return waiting.length > 0;
  };
  const loop = startLoop({ name: 'tracking', log, everyMs, round: write });
  return {
    add(what, machine) {
      if (waiting.length >= mostWaiting) {
        forgotten += 1;
        return;
      }
      waiting.push({ what, machine, since: performance.now() });
      loop.ring();
    },
    async stop() {
      await loop.stop();
      try {
        for (let more = true; more; ) more = await write();
      } catch (error) {
        log.warn({ err: error, lost: waiting.length }, 'what was tracked last could not be written');
      }
    },
  };
}

import type { Logger } from 'pino';

/** A background duty that can be rung and stopped. */
export interface Loop {
  /** Looks for work now, or right after the round that is going on. */
  ring(): void;
  /** Lets the round that is going on end, and starts no other. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  name: string;
  log: Logger;
  /** Milliseconds between rounds when nobody rings: heals a lost bell. */
  everyMs: number;
  /** One round; true asks for another at once, because there is more. */
  round(): Promise<boolean>;
}

const longestPauseMs = 5_000;

/** Runs `round` again and again, one at a time. A round that throws is logged, and tried again after a growing pause. */
export function startLoop({ name, log, everyMs, round }: LoopOptions): Loop {
  let stopped = false;
  let rung = false;
  let failures = 0;
  let wake: (() => void) | undefined;

  const pause = (ms: number) =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      wake = () => {
        clearTimeout(timer);
        done();
      };
    });

  const ended = (async () => {
    while (!stopped) {
      rung = false;
      let more = false;
      try {
        more = await round();
        failures = 0;
      } catch (error) {
        failures += 1;
        // One lost connection fails many rounds: the first is news, the rest is noise.
        log[failures === 1 ? 'warn' : 'debug']({ err: error, loop: name, failures }, 'background round failed');
      }
      if (stopped || more || (rung && failures === 0)) continue;
      await pause(failures > 0 ? Math.min(100 * 2 ** failures, longestPauseMs) : everyMs);
    }
  })();

  return {
    ring() {
      rung = true;
      if (failures === 0) wake?.();
    },
    async stop() {
      stopped = true;
      wake?.();
      await ended;
    },
  };
}

import { type App, createApp } from '../app.js';
import type { Config } from '../config.js';
import { Failed } from './verb.js';

const stopLimitMs = 10_000;
/** Ctrl-C in a terminal reaches us twice, from the terminal and from npm: that is one wish. */
const sameWishMs = 1_000;

/** Starts the application, announces it, and runs until it is told to stop; then ends what is under way, within 10 s. */
export async function serve(config: Config, announce: (app: App) => Promise<void> | void): Promise<void> {
  const stop = listenForStop();
  const app = await createApp(config);
  try {
    await announce(app);
    await stop.asked;
  } finally {
    await app.close();
    stop.done();
  }
}

/** The first SIGTERM or SIGINT asks to stop; a second one, or the end of the time limit, ends the process at once. */
function listenForStop(): { asked: Promise<void>; done(): void } {
  let askedAt: number | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let ask: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const onSignal = () => {
    if (askedAt === undefined) {
      askedAt = Date.now();
      deadline = setTimeout(() => giveUp('It did not stop within 10 seconds.'), stopLimitMs);
      ask();
    } else if (Date.now() - askedAt > sameWishMs) {
      giveUp('Stopped at once.');
    }
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return {
    asked,
    done() {
      clearTimeout(deadline);
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    },
  };
}

function giveUp(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

/** A port that is taken is said so, with what to do about it. */
export function explainPort(error: unknown, { host, port }: Config): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return new Failed(`Port ${port} of ${host} is taken. Stop what listens there, or name another: PORT=4001 (0 takes a free one).`);
}

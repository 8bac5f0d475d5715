// The product in a process of its own, for the benchmarks: started with fork(), answers over IPC.
import { createApp } from '../dist/src/app.js';
import { readConfig } from '../dist/src/config.js';

const app = await createApp(readConfig());
process.on('message', async ({ id, ask, args }) => {
  const answers = {
    token: ([role, subject]) => app.token(role, subject, '1h'),
    memory: () => {
      globalThis.gc?.();
      return process.memoryUsage();
    },
    // With the pages that V8 has let go of, and would give back some seconds later.
    rest: () => {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      return process.memoryUsage();
    },
    // Without a collection: whoever asks often would measure that instead.
    rss: () => process.memoryUsage.rss(),
    cpu: () => process.cpuUsage(),
    databaseUrl: () => app.databaseUrl,
    close: () => app.close(),
  };
  process.send({ id, answer: await answers[ask](args) });
  if (ask === 'close') process.exit(0);
});
process.send({ ready: app.url });

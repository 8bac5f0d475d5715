import { Client } from 'pg';
import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { rows } from '../../src/database/sql.js';
import type { Provider } from '../../src/delivery/provider.js';
import { startDelivery } from '../../src/delivery/worker.js';
import { eventually, openApp } from '../support/app.js';
import { buildEntry } from '../support/build.js';

const app = await openApp({ env: { ROLE: 'api' } });

/** Nobody gets in, and whoever is in is thrown out, until the answer is called. */
async function cutOff(): Promise<() => Promise<void>> {
  const admin = new Client({ connectionString: inject('adminUrl') });
  await admin.connect();
  const name = new URL(app.databaseUrl).pathname.slice(1);
  await admin.query(`alter database ${name} allow_connections false`);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  return async () => {
    await admin.query(`alter database ${name} allow_connections true`);
    await admin.end();
  };
}

test('what was sent while the database was away is settled, the rest is sent, and nothing twice', async () => {
  const gate = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<void>();
  const given: string[] = [];
  const slow: Provider = {
    name: 'slow',
    media: ['EMAIL'],
    concurrency: 3,
    async send(message) {
      given.push(message.to);
      await gate.promise;
      return { kind: 'sent' };
    },
    close: async () => undefined,
  };
  for (let n = 0; n < 12; n++) await buildEntry(app, { communication: { address: `c${n}@example.org` } });
  const log = pino({ level: 'warn' }, { write: (line) => line.includes('"batch":"settle"') && lost.resolve() });
  const worker = startDelivery({ log, open: () => app.context(), providers: [slow], holder: 'test', pace: { pollMs: 20 } });
  await eventually(() => given.length === 3);
  const restore = await cutOff();
  gate.resolve();
  // Written down that it could not be written: the database is away at the moment that matters.
  await lost.promise;
  await restore();
  await eventually(
    async () => {
      const settled = await rows(app.context(), `select from communication where state = 'COMPLETED'`).catch(() => []);
      return settled.length === 12;
    },
    { withinMs: 20_000 },
  );
  await worker.stop();
  expect(given.toSorted()).toEqual(Array.from({ length: 12 }, (_, n) => `c${n}@example.org`).toSorted());
});

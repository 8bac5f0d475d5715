import { pino } from 'pino';
import { afterEach, beforeEach } from 'vitest';
import type { Pace } from '../../src/delivery/pace.js';
import type { Outcome, OutgoingMessage, Provider } from '../../src/delivery/provider.js';
import { smtpProvider } from '../../src/delivery/providers/smtp.js';
import { startDelivery } from '../../src/delivery/worker.js';
import type { Loop } from '../../src/loop.js';
import { eventually, openApp, type TestApp } from './app.js';
import { buildEntry } from './build.js';
import { openSink, type Sink } from './smtp-sink.js';

export const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

/** A pace at which tests need not wait. */
export const fast: Partial<Pace> = {
  pollMs: 20,
  checkValidMs: 30,
  backoffBaseMs: 20,
  backoffCapMs: 50,
  pauseBaseMs: 100,
  pauseCapMs: 400,
  closeWaitMs: 2_000,
};

/** An application without a worker of its own, an outside SMTP server, and workers started by the test: for a whole test file. */
export interface Delivery {
  readonly app: TestApp;
  /** Fresh for each test, as is its provider. */
  sink: Sink;
  smtp: Provider;
  /** Starts a worker, stopped after the test; default: with the SMTP provider. */
  start(pace?: Partial<Pace>, providers?: Provider[], holder?: string): Loop;
  stateOf(id: string): Promise<{ state: string; code: string | null; message: string | null; provider_id: string | null }>;
  entryOf(id: string): Promise<{ attempts: number; lease_token: string | null; last_error: string | null } | undefined>;
  /** Waits until the communication is no longer PENDING. */
  settled(id: string): Promise<void>;
  completed(): Promise<number>;
  buildEntries(count: number): Promise<{ id: string }[]>;
}

export async function openDelivery(): Promise<Delivery> {
  const app = await openApp({ env: { ROLE: 'api' } });
  const workers: Loop[] = [];
  const delivery = {
    app,
    start(pace: Partial<Pace> = {}, providers: Provider[] = [delivery.smtp], holder = 'test') {
      const worker = startDelivery({ log, open: () => app.context(), providers, holder, pace: { ...fast, ...pace } });
      workers.push(worker);
      return worker;
    },
    async stateOf(id: string) {
      const [row] = await app.sql(
        'select state, rejection_code as code, rejection_message as message, provider_id from communication where id = $1',
        [id],
      );
      return row;
    },
    async entryOf(id: string) {
      return (await app.sql('select attempts, lease_token, last_error from queue_entry where id = $1', [id]))[0];
    },
    settled: async (id: string) => void (await eventually(async () => (await delivery.stateOf(id)).state !== 'PENDING')),
    completed: async () => (await app.sql(`select from communication where state = 'COMPLETED'`)).length,
    async buildEntries(count: number) {
      const built = [];
      for (let n = 0; n < count; n++) built.push(await buildEntry(app));
      return built;
    },
  } as Delivery;
  beforeEach(async () => {
    delivery.sink = await openSink();
    delivery.smtp = smtpProvider({ url: delivery.sink.url, from: 'Example TV <news@example.com>', log });
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map(async (each) => await each.stop()));
    await delivery.smtp.close();
    await delivery.sink.close();
    await app.sql('truncate communication, queue_entry, entry_expiry, run, plan, change_outbox, external_system cascade');
  });
  return delivery;
}

/** Until what was checked before this call is too old to be sent without another look. */
export async function aged(): Promise<void> {
  const from = Date.now();
  await eventually(() => Date.now() - from > (fast.checkValidMs ?? 0));
}

/** A provider that answers as told, and remembers what it was given. */
export function scripted(answer: (message: OutgoingMessage, signal: AbortSignal) => Promise<Outcome> | Outcome, concurrency = 10) {
  const given: string[] = [];
  const provider: Provider & { given: string[] } = {
    name: 'scripted',
    media: ['EMAIL'],
    concurrency,
    given,
    async send(message, signal) {
      given.push(message.to);
      return await answer(message, signal);
    },
    close: async () => undefined,
  };
  return provider;
}

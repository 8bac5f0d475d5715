import { Client } from 'pg';
import type { Logger } from 'pino';

export type Bell = 'changes' | 'run' | 'delivery' | 'event';

/** Bells between processes, on a connection of its own: never NOTIFY inside a writing transaction (performance.md A'). */
export interface Doorbell {
  ring(bell: Bell): void;
  stop(): Promise<void>;
}

const channel = 'carillon_bell';
const reconnectMs = 500;
const pingMs = 10_000;

/** Rings are coalesced: at most one NOTIFY is under way, and what is rung meanwhile goes with the next. */
export function openDoorbell(url: string, log: Logger, onRing: (bell: Bell) => void): Doorbell {
  const waiting = new Set<Bell>();
  let client: Client | undefined;
  let sending = false;
  let stopped = false;
  let reconnect: NodeJS.Timeout | undefined;

  async function open(): Promise<void> {
    if (stopped) return;
    const next = new Client({ connectionString: url, application_name: 'carillon doorbell', keepAlive: true });
    next.on('error', () => lost(next));
    next.on('end', () => lost(next));
    // Our own rings come back to us, too: this process has looked already.
    next.on('notification', ({ payload, processId }) => {
      if (processId !== (next as Client & { processID?: number }).processID) onRing((payload ?? 'changes') as Bell);
    });
    try {
      await next.connect();
      await next.query(`listen ${channel}`);
      client = next;
      // Whatever was rung while nobody listened is looked for now.
      for (const bell of ['changes', 'run', 'delivery', 'event'] as const) onRing(bell);
      void send();
    } catch (error) {
      log.debug({ err: error }, 'doorbell not connected');
      await next.end().catch(() => undefined);
      lost(next);
    }
  }

  function lost(which: Client): void {
    if (client !== undefined && which !== client) return;
    client = undefined;
    if (stopped || reconnect) return;
    reconnect = setTimeout(() => {
      reconnect = undefined;
      void open();
    }, reconnectMs);
  }

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      while (client && waiting.size > 0) {
        const bells = [...waiting];
        waiting.clear();
        await client.query('select pg_notify($1, bell) from unnest($2::text[]) as bell', [channel, bells]);
      }
    } catch (error) {
      log.debug({ err: error }, 'a bell was lost; the poll heals it');
    } finally {
      sending = false;
    }
  }

  // A half-open connection raises no error by itself (node-postgres #967).
  const ping = setInterval(() => {
    const asked = client;
    if (!asked) return;
    const timer = setTimeout(() => void asked.end().catch(() => undefined), pingMs / 2);
    asked
      .query('select 1')
      .catch(() => undefined)
      .finally(() => clearTimeout(timer));
  }, pingMs);
  ping.unref();
  void open();

  return {
    ring(bell) {
      waiting.add(bell);
      void send();
    },
    async stop() {
      stopped = true;
      clearInterval(ping);
      clearTimeout(reconnect);
      await client?.end().catch(() => undefined);
    },
  };
}

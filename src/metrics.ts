import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { mjmlCompiles } from './content/html.js';
import { type HasEntityManager, rows } from './database/sql.js';

interface Sources {
  open: () => HasEntityManager;
  /** WebSocket connections of this process. */
  sockets: () => number;
}

/** Prometheus: what this process is like, and what waits in the database at the moment of the scrape. */
export function makeMetrics({ open, sockets }: Sources): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'carillon_open_sockets',
    help: 'WebSocket connections of this process.',
    registers: [registry],
    collect() {
      this.set(sockets());
    },
  });
  new Gauge({
    name: 'carillon_queue_entries',
    help: 'Entries that wait or are leased, by medium and external system ("engine" for our own carrier).',
    labelNames: ['medium', 'system'],
    registers: [registry],
    async collect() {
      this.reset();
      const found = await rows<{ medium: string; system: string; count: number }>(
        open(),
        `select q.medium, coalesce(s.code, 'engine') as system, count(*)::int as count
         from queue_entry q left join external_system s on s.id = q.external_system_id group by 1, 2`,
      );
      for (const { medium, system, count } of found) this.set({ medium, system }, count);
    },
  });
  new Gauge({
    name: 'carillon_changes_unsequenced',
    help: 'Committed changes that have no position in the log yet; grows only while no process sequences.',
    registers: [registry],
    async collect() {
      const [found] = await rows<{ count: number }>(open(), 'select count(*)::int as count from change_outbox');
      this.set(found?.count ?? 0);
    },
  });
  new Gauge({
    name: 'carillon_schedules_late',
    help: 'Schedules that have been due for more than 15 seconds: no worker fires them.',
    registers: [registry],
    async collect() {
      const late = `select count(*)::int as count from schedule where active and next_run_at < now() - interval '15 seconds'`;
      const [found] = await rows<{ count: number }>(open(), late);
      this.set(found?.count ?? 0);
    },
  });
  new Counter({
    name: 'carillon_mjml_compiles_total',
    help: 'MJML texts compiled by this process: when they are saved or previewed, never when they are generated, sent or read.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(mjmlCompiles());
    },
  });
  return async () => await registry.metrics();
}

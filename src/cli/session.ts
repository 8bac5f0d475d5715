import { join } from 'node:path';
import { pino } from 'pino';
import { publicUrlOf, secretsOf } from '../access/secrets.js';
import { engine } from '../access/viewer.js';
import { filesIn } from '../attachments/store.js';
import { withCatalogueOf } from '../catalogue/current.js';
import type { Config } from '../config.js';
import type { Context, Services } from '../context.js';
import { startEmbedded } from '../database/embedded.js';
import { migrateUp } from '../database/migrate.js';
import { type Orm, openOrm } from '../database/orm.js';
import { contextsOf } from '../graphql/request.js';

/** The database as a verb uses it: without a server, loops and clocks. A server that runs meanwhile finds its own work. */
export interface Session {
  readonly orm: Orm;
  readonly url: string;
  /** A context of the engine, as domain functions want it; wrap changes in `transact`. */
  open(): Context;
}

/** Opens the configured database for `work`, migrated unless asked otherwise, and closes it whatever happens. */
export async function withSession<T>(
  config: Config,
  work: (session: Session) => Promise<T>,
  { migrate = true }: { migrate?: boolean } = {},
): Promise<T> {
  const embedded = config.databaseUrl ? undefined : await startEmbedded(config.dataDir);
  try {
    const url = config.databaseUrl ?? embedded?.url ?? '';
    const orm = await openOrm({ url, entities: [] });
    try {
      if (migrate) await migrateUp(orm, url);
      const open = () => openContext(engine);
      const openContext = contextsOf(servicesOf(config, open), orm);
      return await work({ orm, url, open });
    } finally {
      await orm.close(true);
    }
  } finally {
    await embedded?.release();
  }
}

/** Nobody is rung and no clock is armed: the servers look at the tables by themselves, within a second. */
function servicesOf(config: Config, open: () => Context): Services {
  return {
    config,
    open,
    within: withCatalogueOf,
    log: pino({ level: config.logLevel, base: null }, pino.destination(2)),
    clocks: { arm: async () => undefined },
    bells: { changes: () => undefined, work: () => undefined },
    tail: { position: 0, listen: () => () => undefined, ring: () => undefined, heard: () => undefined, stop: async () => undefined },
    secrets: secretsOf(config),
    attachments: filesIn(join(config.dataDir, 'attachments')),
    publicUrl: () => publicUrlOf(config),
    now: () => new Date(),
  };
}

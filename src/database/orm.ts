import { Migrator } from '@mikro-orm/migrations';
import { type EntityClass, type EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { type Pool, type PoolClient, types } from 'pg';
import { migrations } from '../../migrations/index.js';
import { beginLate } from './begin.js';
import { readInstant } from './instant.js';
import { nameStatements } from './prepared.js';
import { shapeRows } from './shape.js';

export type Orm = MikroORM;

export interface OrmOptions {
  url: string;
  entities: (EntityClass<object> | EntitySchema)[];
  /** Connections at most; a process needs few, because nothing talks to the outside inside a transaction. */
  poolSize?: number;
  onQuery?: (sql: string) => void;
}

const timestamptz = 1184;
const bigint = 20;

/** Connects lazily: the first statement opens the pool. */
export async function openOrm({ url, entities, poolSize = 20 }: OrmOptions): Promise<Orm> {
  return await MikroORM.init({
    clientUrl: url,
    entities,
    extensions: [Migrator],
    migrations: { migrationsList: migrations.map((each) => ({ name: each.name, class: each })), snapshot: false, allOrNothing: true },
    discovery: { warnWhenNoEntities: false },
    pool: { max: poolSize },
    allowGlobalContext: true,
    debug: false,
    // The migrator would talk on stdout, which belongs to the command line's own answers.
    logger: () => undefined,
    driverOptions: {
      application_name: 'carillon',
      // Half-open connections are noticed, and a waiting lock gives up before the caller does.
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      options: '-c timezone=UTC -c lock_timeout=30s -c idle_in_transaction_session_timeout=60s',
      types: { getTypeParser: typeParser },
      onPoolCreated: (pool: Pool) => {
        pool.on('connect', (client) => {
          shapeRows(client, typeParser);
          nameStatements(client);
          beginLate(client);
        });
        giveBackLost(pool);
      },
    },
  });
}

/**
 * Kysely 0.29 keeps a connection for ever when the `begin` or the `rollback` on it fails: each time the database went away the
 * pool would shrink, in the end to nothing. A connection that has ended is given back here instead.
 */
function giveBackLost(pool: Pool): void {
  const listeners = new WeakMap<PoolClient, () => void>();
  pool.on('acquire', (client) => {
    const lost = () => {
      client.release(true);
      // Whoever held it may still give it back, which would be once too often.
      client.release = () => undefined;
    };
    listeners.set(client, lost);
    client.once('end', lost);
  });
  pool.on('release', (_error, client) => {
    const lost = listeners.get(client);
    if (lost) client.off('end', lost);
  });
}

/** Instants become Date and bigint numbers (positions and counts stay far below 2^53); days stay text, as in the catalogue. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === timestamptz) return readInstant;
  if (oid === bigint) return Number;
  if (oid === 1082 || oid === 1114 || oid === 1186) return (text: string) => text;
  return types.getTypeParser(oid, format as 'text');
}

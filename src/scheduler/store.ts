import { PostgresBackend } from '@agendajs/postgres-backend';
import type { AgendaBackend } from 'agenda';
import { Pool } from 'pg';
import type { Logger } from 'pino';

/** Where Agenda keeps its jobs. It can be emptied or lost at any time: the schedules are in PostgreSQL. */
export interface Store {
  readonly backend: AgendaBackend;
  close(): Promise<void>;
}

export interface StoreOptions {
  databaseUrl: string;
  /** Where it is set, Agenda keeps its jobs there instead of in PostgreSQL. */
  mongodbUrl: string | undefined;
  log: Logger;
}

const selectionMs = 2_000; // a MongoDB that is away is given up for this time, and asked again at the next alarm
const defaultDatabase = 'carillon';
const collection = 'agendaJobs';

/** Connects; throws where the store cannot be reached. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const store = options.mongodbUrl ? await mongoStore(options.mongodbUrl, options.log) : postgresStore(options);
  try {
    await store.backend.connect();
  } catch (error) {
    await store.close();
    throw error;
  }
  return { backend: connected(store.backend, options.log), close: store.close };
}

/**
 * A pool of its own, apart from the requests'. Without LISTEN: Agenda looks each second, the sweep heals the rest, and there is
 * no connection whose loss must be survived. The table is made by our migration.
 */
function postgresStore({ databaseUrl, log }: StoreOptions): Store {
  const pool = new Pool({ connectionString: databaseUrl, application_name: 'carillon clocks', max: 3, keepAlive: true });
  // Without a listener, a restart of the database ends the process.
  pool.on('error', (error) => log.debug({ err: error }, 'a connection of the alarms was lost'));
  const backend = new PostgresBackend({ pool, ensureSchema: false, disableNotifications: true });
  return { backend, close: async () => await pool.end() };
}

/** Loaded only where it is asked for: most installations have no MongoDB. */
async function mongoStore(url: string, log: Logger): Promise<Store> {
  const [{ MongoClient }, { MongoBackend }] = await Promise.all([import('mongodb'), import('@agendajs/mongo-backend')]);
  const client = new MongoClient(url, { appName: 'carillon clocks', serverSelectionTimeoutMS: selectionMs, connectTimeoutMS: selectionMs });
  client.on('error', (error) => log.debug({ err: error }, 'a connection of the alarms was lost'));
  const named = /^[^/]+:\/\/[^/]+\/[^?]/.test(url);
  const mongo = client.db(named ? undefined : defaultDatabase);
  const close = async () => await client.close();
  try {
    await client.connect();
    // An alarm is found again by its schedule.
    await mongo.collection(collection).createIndex({ 'data.scheduleId': 1 }, { name: 'schedule' });
  } catch (error) {
    await close();
    throw error;
  }
  return { backend: new MongoBackend({ mongo, collection }), close };
}

/**
 * The backend for an Agenda that neither connects nor closes it: its constructor connects without catching, and a refused
 * connection there would end the process. Neither does it wait for `unlockJob`, so that one must not fail.
 */
function connected({ name, repository }: AgendaBackend, log: Logger): AgendaBackend {
  const unlock = repository.unlockJob.bind(repository);
  repository.unlockJob = async (job) => {
    await unlock(job).catch((error: unknown) => log.debug({ err: error }, 'an alarm stays locked until its lock ends'));
  };
  return { name, repository, ownsConnection: false, connect: async () => undefined, disconnect: async () => undefined };
}

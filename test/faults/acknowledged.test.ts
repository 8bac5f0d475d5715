import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { signToken } from '../../src/access/token.js';
import { startProgram } from './process.js';

const secret = 'the jwt secret of the fault tests, long enough';

test('no acknowledged mutation is lost when the server or its database is killed', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-kill-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { DATA_DIR: folder, JWT_SECRET: secret, DATABASE_URL: '' };
  const token = await signToken(new TextEncoder().encode(secret), 'ADMIN', 'admin', '1h');
  const ask = async (url: string, query: string, variables: object) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as { data?: Record<string, any>; errors?: unknown[] };
  };
  const acknowledged: string[] = [];
  const kills = 6;
  for (let kill = 0; kill < kills; kill++) {
    const program = await startProgram(env);
    let writing = true;
    const write = async (writer: number) => {
      for (let n = 0; writing; n++) {
        const externalId = `${kill}-${writer}-${n}`;
        const query = 'mutation ($id: String!) { upsertCrmRecords(input: { contacts: [{ externalId: $id, name: "A" }] }) { inserted } }';
        const answer = await ask(program.url, query, { id: externalId }).catch(() => undefined);
        if (answer?.data?.['upsertCrmRecords']?.inserted === 1) acknowledged.push(externalId);
      }
    };
    const writers = [write(0), write(1), write(2), write(3)];
    await new Promise((done) => setTimeout(done, 200 + Math.random() * 800));
    if (kill % 2 === 0)
      process.kill(Number(readFileSync(join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
    else await program.kill('SIGKILL');
    writing = false;
    await Promise.all(writers);
    if (kill % 2 === 0) await program.kill('SIGKILL');
  }
  const program = await startProgram(env);
  const missing: string[] = [];
  for (let from = 0; from < acknowledged.length; from += 40) {
    const some = acknowledged.slice(from, from + 40);
    const query = `{ ${some.map((id, index) => `a${index}: contact(externalId: "${id}") { externalId }`).join(' ')} }`;
    const { data } = await ask(program.url, query, {});
    missing.push(...some.filter((_, index) => data?.[`a${index}`] === null || data === undefined));
  }
  expect(await program.kill('SIGTERM')).toBe(0);
  expect(acknowledged.length).toBeGreaterThan(kills * 5);
  expect(missing).toEqual([]);
});

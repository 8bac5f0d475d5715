import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from '../../src/database/embedded.js';
import { eventually, openApp } from '../support/app.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'carillon-embedded-'));
  chmodSync(path, 0o755);
  return path;
}

const pidOf = (dataDir: string) => Number(readFileSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query('select 1')).rowCount === 1;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

test('a second start on the same folder joins the running server, and the last one to leave stops it', async () => {
  const dataDir = folder();
  const [first, second] = await Promise.all([startEmbedded(dataDir), startEmbedded(dataDir)]);
  expect(first.url).toBe(second.url);
  await first.release();
  expect(await answers(second.url)).toBe(true);
  await second.release();
  expect(await answers(second.url)).toBe(false);
});

test('a database that is killed comes back by itself, and requests meanwhile are told to try again', async () => {
  const dataDir = folder();
  const server = await startEmbedded(dataDir);
  onTestFinished(async () => await server.release());
  const app = await openApp({ env: { DATA_DIR: dataDir, DATABASE_URL: server.url } });
  const upsert = (externalId: string) =>
    app.ask('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
      input: { contacts: [{ externalId, name: 'A' }] },
    });
  expect((await upsert('before')).errors).toBeUndefined();
  process.kill(pidOf(dataDir), 'SIGKILL');
  const codes = new Set<string | undefined>();
  await eventually(
    async () => {
      const answer = await upsert('after').catch(() => ({ errors: [{ extensions: { code: 'no answer' } }] }));
      codes.add(answer.errors?.[0]?.extensions.code);
      return answer.errors === undefined;
    },
    { withinMs: 30_000 },
  );
  expect([...codes].filter((each) => each !== undefined && each !== 'UNAVAILABLE')).toEqual([]);
  const { contact } = await app.call('{ contact(externalId: "before") { name } }');
  expect(contact).toEqual({ name: 'A' });
});

import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { checkNode } from '../../src/cli/doctor/checks.js';
import { cloneDatabase } from '../support/app.js';
import { carillon, dataDir } from './command.js';

interface Report {
  healthy: boolean;
  checks: { name: string; status: string; finding: string; advice?: string }[];
}

async function doctor(env: Record<string, string>): Promise<Report & { code: number | null }> {
  const { code, stdout } = await carillon(['doctor', '--json'], { DATA_DIR: dataDir(), ...env });
  return { code, ...(JSON.parse(stdout) as Report) };
}

test('an installation without settings is healthy before its first start', async () => {
  const { code, healthy, checks } = await doctor({});
  expect({ code, healthy }).toEqual({ code: 0, healthy: true });
  expect(checks.map(({ name }) => name)).toEqual(['node', 'configuration', 'DATA_DIR', 'disk', 'database']);
});

test('a database that is there is asked for its version and its migrations', async () => {
  const { checks } = await doctor({ DATABASE_URL: await cloneDatabase() });
  expect(checks.find(({ name }) => name === 'database')?.finding).toMatch(/^PostgreSQL 1[5-9]/);
  expect(checks.find(({ name }) => name === 'migrations')).toMatchObject({ status: 'ok' });
});

test('what cannot be reached is a failure, and each has its advice', async () => {
  const nowhere = await closedPort();
  const { code, checks } = await doctor({
    DATABASE_URL: `postgresql://x:y@127.0.0.1:${nowhere}/x`,
    MONGODB_URL: `mongodb://127.0.0.1:${nowhere}/x`,
    SMTP_URL: `smtp://127.0.0.1:${nowhere}`,
    DELIVERY_MODE: 'live',
  });
  expect(code).toBe(1);
  const failed = checks.filter(({ status }) => status === 'failed');
  expect(failed.map(({ name }) => name)).toEqual(['database', 'MongoDB', 'mail server']);
  for (const { advice } of failed) expect(advice).toBeTruthy();
});

test('live without a mail server is a failure; production without its four settings is warned of', async () => {
  expect((await doctor({ DELIVERY_MODE: 'live' })).checks).toContainEqual(
    expect.objectContaining({ status: 'failed', finding: expect.stringContaining('SMTP_URL') as string }),
  );
  const { code, checks } = await doctor({ NODE_ENV: 'production' });
  expect(code).toBe(0);
  const warnings = checks.filter(({ status }) => status === 'warning').map(({ finding }) => finding);
  for (const name of ['DELIVERY_MODE', 'PUBLIC_URL', 'SECRET_KEY', 'DATABASE_URL']) expect(warnings.join('\n')).toContain(name);
});

test('an old Node is a failure', () => {
  expect(checkNode('20.20.2').status).toBe('failed');
  expect(checkNode('22.16.0').status).toBe('failed');
  expect(checkNode('22.17.0').status).toBe('ok');
  expect(checkNode('26.10.0').status).toBe('ok');
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 1;
}

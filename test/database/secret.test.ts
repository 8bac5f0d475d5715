import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/files.js';
import { dataDir } from '../cli/command.js';

const run = promisify(execFile);

test('processes that start together make one secret, which only its owner reads', async () => {
  const folder = dataDir();
  const file = join(folder, 'secret.key');
  const program = `const { secretOf } = await import(${JSON.stringify(join(packageRoot, 'dist/src/database/folder.js'))});
    process.stdout.write(secretOf(${JSON.stringify(file)}));`;
  const made = await Promise.all(
    Array.from({ length: 6 }, async () => (await run(process.execPath, ['--input-type=module', '-e', program])).stdout),
  );
  expect(new Set(made).size).toBe(1);
  expect(made[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(folder)).toEqual(['secret.key']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

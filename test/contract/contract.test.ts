import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schemaOf } from '../../src/api.js';
import { packageRoot } from '../../src/files.js';
import { printed } from '../../src/graphql/schema.js';

/** What is still to come, by the issue that brings it. */
interface Pending {
  issue: number;
  reason: string;
  differences: string[];
}

const here = import.meta.dirname;
const pending = JSON.parse(readFileSync(join(here, 'pending.json'), 'utf8')) as Pending[];

test('the schema contains the core contract, but for what is listed as pending', () => {
  const differences = check();
  const listed = pending.flatMap((each) => each.differences);
  expect(differences.filter((each) => !listed.includes(each))).toEqual([]);
});

test('what is listed as pending is still missing: done things are taken off the list', () => {
  const differences = check();
  expect(pending.flatMap((each) => each.differences).filter((each) => !differences.includes(each))).toEqual([]);
});

/** The lines of the contract's own check for the schema that the code makes. */
function check(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-contract-'));
  try {
    const file = join(folder, 'schema.graphql');
    writeFileSync(file, printed(schemaOf()));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(here, 'check.mjs'), file], { cwd: packageRoot, encoding: 'utf8' });
    // 2: a schema that cannot be read.
    if (status !== 0 && status !== 1) throw new Error(stderr);
    return stdout.trim().split('\n').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

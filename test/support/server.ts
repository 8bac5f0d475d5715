import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/database/embedded.js';
import { migrateUp } from '../../src/database/migrate.js';
import { openOrm } from '../../src/database/orm.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's maintenance database, and the migrated template that each test file clones. */
    adminUrl: string;
    templateName: string;
  }
}

const templateName = 'carillon_template';

/** One PostgreSQL for the whole run: the embedded one, or the server of TEST_DATABASE_URL (PostgreSQL 15 or newer). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const folder = mkdtempSync(join(tmpdir(), 'carillon-test-'));
  // Run by root, the server is `nobody` and must reach it.
  chmodSync(folder, 0o755);
  // What tests leave behind goes with it.
  const scratch = join(folder, 'tmp');
  mkdirSync(scratch);
  chmodSync(scratch, 0o1777);
  process.env['TMPDIR'] = scratch;
  // Tests count rows, not power cuts: no waiting for the disk. The fault tests start servers of their own, with fsync on.
  const embedded = given
    ? undefined
    : await startEmbedded(folder, { settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] });
  const adminUrl = given ?? embedded?.urlOf('postgres') ?? '';
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`drop database if exists ${templateName} with (force)`);
  await admin.query(`create database ${templateName}`);
  await admin.end();
  const url = databaseUrl(adminUrl, templateName);
  const orm = await openOrm({ url, entities: [] });
  await migrateUp(orm, url);
  await orm.close(true);
  project.provide('adminUrl', adminUrl);
  project.provide('templateName', templateName);
  return async () => {
    await embedded?.release();
    rmSync(folder, { recursive: true, force: true });
  };
}

export function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

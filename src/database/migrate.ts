import { Client } from 'pg';
import type { Orm } from './orm.js';

const migrationLock = 7_301_954;

/** Applies what is pending; processes that start together take turns, and the later ones find nothing to do. */
export async function migrateUp(orm: Orm, url: string): Promise<string[]> {
  return await underLock(url, async () => (await orm.migrator.up()).map((each) => each.name));
}

/** Takes the last migration back. */
export async function migrateDown(orm: Orm, url: string): Promise<string[]> {
  return await underLock(url, async () => (await orm.migrator.down()).map((each) => each.name));
}

export interface MigrationStatus {
  executed: string[];
  pending: string[];
}

export async function migrationStatus(orm: Orm): Promise<MigrationStatus> {
  const executed = await orm.migrator.getExecuted();
  const pending = await orm.migrator.getPending();
  return { executed: executed.map((each) => each.name), pending: pending.map((each) => each.name) };
}

/** The lock lives on a connection of its own: the migrator's transactions must not hold it, nor let it go. */
async function underLock<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    return await work();
  } finally {
    await client.end().catch(() => undefined);
  }
}

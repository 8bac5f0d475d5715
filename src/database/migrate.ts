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
    await client.query(lookHome);
    return await work();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Our role may be called as the schema of the SQL entry, which then is where it looks first. A setting of role and database
 * turns it to our tables; a database that was copied, or restored under another name, has lost it, and what is created without a
 * schema would end up beside them. Connections that are opened from now on look right.
 */
const lookHome = `do $$ declare
    home name := (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass('event'));
  begin
    if current_schema <> home then
      execute format('alter role %I in database %I set search_path = %I', current_user, current_database(), home);
    end if;
  end $$`;

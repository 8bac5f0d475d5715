import { Client } from 'pg';
import { expect, test } from 'vitest';
import { migrateDown, migrateUp } from '../../src/database/migrate.js';
import { openOrm } from '../../src/database/orm.js';
import { cloneDatabase } from '../support/app.js';

const columns = `select table_schema, table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
  where table_schema not in ('pg_catalog', 'information_schema') and table_name <> 'mikro_orm_migrations' order by 1, 2, 3`;
const functions = `select n.nspname as schema, p.proname as name, pg_get_function_identity_arguments(p.oid) as arguments, p.prosecdef, p.proconfig
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname not in ('pg_catalog', 'information_schema') order by 1, 2, 3`;
const indexes = `select schemaname, indexname, indexdef from pg_indexes where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`;

test('every migration is taken back and applied again, in a copy whose role looks elsewhere first, and all is where it was', async () => {
  // A copy: what says where a role looks belongs to the database by its name, and stays behind.
  const url = await cloneDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  const look = async () => {
    const rows = [];
    for (const text of [columns, functions, indexes]) rows.push((await client.query(text)).rows);
    return rows;
  };
  const before = await look();
  const down: string[] = [];
  const orm = await openOrm({ url, entities: [] });
  try {
    for (let names = await migrateDown(orm, url); names.length > 0; names = await migrateDown(orm, url)) down.push(...names);
    expect((await client.query(`select 1 from pg_class where relname = 'communication'`)).rows).toEqual([]);
  } finally {
    await orm.close(true);
  }
  const again = await openOrm({ url, entities: [] });
  try {
    expect(await migrateUp(again, url)).toHaveLength(down.length);
  } finally {
    await again.close(true);
  }
  expect(await look()).toEqual(before);
  await client.end();
}, 60_000);

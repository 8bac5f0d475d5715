import { createHash } from 'node:crypto';
import { type HasEntityManager, rows } from '../database/sql.js';
import { indexedValue, literal } from './field-sql.js';
import type { FieldKind } from './types.js';

interface Wanted {
  type: string;
  name: string;
  kind: FieldKind;
}

/** The index of a declared field, by its name in the database. */
function nameOf({ type, name }: Wanted): string {
  return `declared_field_${createHash('md5').update(`${type}.${name}`).digest('hex')}`;
}

/**
 * Builds the indexes that declared fields ask for, and drops those that none asks for any more, without holding up those who
 * write (hence never in a transaction). Any number of workers may do so at once. Answers the names of what it built.
 */
export async function tendIndexes(ctx: HasEntityManager): Promise<string[]> {
  const wanted = await rows<Wanted>(ctx, 'select object_type as type, name, kind from declared_field where indexed');
  const there = await rows<{ name: string; valid: boolean; building: boolean }>(
    ctx,
    `select c.relname as name, i.indisvalid as valid, exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid) as building
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = 'business_object'::regclass and starts_with(c.relname, 'declared_field_')`,
  );
  const names = new Set(wanted.map(nameOf));
  // One that is not valid was left by a process that died while building it.
  const useless = there.filter((each) => !each.building && (!each.valid || !names.has(each.name))).map((each) => each.name);
  for (const each of useless) await rows(ctx, `drop index concurrently if exists ${each}`);
  const missing = wanted.filter((each) => useless.includes(nameOf(each)) || !there.some(({ name }) => name === nameOf(each)));
  for (const each of missing) await rows(ctx, createSql(each));
  return missing.map((each) => `${each.type}.${each.name}`);
}

function createSql(field: Wanted): string {
  const { access, key } = keyOf(field);
  return `create index concurrently if not exists ${nameOf(field)} on business_object using ${access} (${key}) where type = ${literal(field.type)}`;
}

/** Spelled as conditions compare it (comparison-sql.ts), or the planner could not use it. */
function keyOf({ kind, name }: Wanted): { access: string; key: string } {
  if (kind === 'LIST') return { access: 'gin', key: `(nullif(fields -> ${literal(name)}, 'null'))` };
  const value = indexedValue(kind, `(fields ->> ${literal(name)})`);
  if (kind === 'LOCALE') return { access: 'btree', key: `lower(${value})` };
  // A text too long for a tree is compared, not looked up: a hash has no limit, and serves EQ and IN.
  if (kind === 'TEXT') return { access: 'hash', key: `(${value})` };
  return { access: 'btree', key: `(${value})` };
}

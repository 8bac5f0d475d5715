import { affected, type HasEntityManager, rows } from '../../database/sql.js';
import { implying, type Listened } from '../events/implied.js';

/** One record as it is written: the columns that were given, by name. What is absent keeps its value. */
export type Row = { external_id: string } & Record<string, unknown>;

/** How one column is read from the given record `r` (jsonb), anew or over the row `t` that is there. */
interface Column {
  readonly name: string;
  readonly inserted: string;
  readonly updated: string;
  readonly join?: string;
}

/** A table that records are merged into by their external id. */
export interface MergedTable {
  readonly name: string;
  /** The unique key; `external_id`, or `type` and it. */
  readonly key: readonly string[];
  readonly columns: readonly Column[];
}

export function text(name: string): Column {
  return { name, inserted: `r->>'${name}'`, updated: kept(name, `r->>'${name}'`) };
}

export function numeric(name: string): Column {
  return { name, inserted: `(r->>'${name}')::numeric`, updated: kept(name, `(r->>'${name}')::numeric`) };
}

/** A switch; clearing it puts the default back. */
export function flag(name: string, fallback: boolean): Column {
  const value = `coalesce((r->>'${name}')::boolean, ${fallback})`;
  return { name, inserted: value, updated: kept(name, value) };
}

/** Free fields: joined with those that are there, name by name; a null takes the name away, and clears all in place of the object. */
export function fields(name: string): Column {
  const withoutNulls = (value: string) =>
    `(select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(${value}) where value <> 'null')`;
  const merge = (before: string, absent: string) =>
    `case jsonb_typeof(r->'${name}') when 'object' then ${withoutNulls(`${before}(r->'${name}')`)} when 'null' then '{}' else ${absent} end`;
  return { name, inserted: merge('', `'{}'`), updated: merge(`t.${name} || `, `t.${name}`) };
}

/** The id of the row that `given` names by its external id; absent and null as for other columns. */
export function reference(name: string, table: string, given: string): Column {
  const alias = `${given}_ref`;
  return {
    name,
    inserted: `${alias}.id`,
    updated: `case when r ? '${given}' then ${alias}.id else t.${name} end`,
    join: `left join ${table} ${alias} on ${alias}.external_id = r->>'${given}'`,
  };
}

/** A part of the name: as given, or `derived` from a full name that changes. */
export function namePart(name: string, derived: string): Column {
  const given = `when r ? '${name}' then r->>'${name}'`;
  return {
    name,
    inserted: `case ${given} else r->>'${derived}' end`,
    updated: `case ${given} when r ? '${derived}' and r->>'name' <> t.name then r->>'${derived}' else t.${name} end`,
  };
}

function kept(name: string, value: string): string {
  return `case when r ? '${name}' then ${value} else t.${name} end`;
}

/** The key of a record, as the statements answer it. */
export function keyOf(table: MergedTable, row: Row): string {
  return table.key.map((name) => String(row[name])).join(' ');
}

/** How many records of a table were inserted, and how many of the others changed. */
export interface Merged {
  inserted: number;
  updated: number;
}

export interface MergeOptions {
  /** The keys that were there when the records were checked. */
  known: ReadonlySet<string>;
  /** Implied events that somebody wants to hear of. */
  listened: Listened;
}

/**
 * Merges the records into their table, in a constant number of statements. `whileLocked` may change what belongs to the rows, and answers the ids of rows that thereby changed.
 */
export async function mergeRows(
  ctx: HasEntityManager,
  table: MergedTable,
  list: readonly Row[],
  { known, listened }: MergeOptions,
  whileLocked: () => Promise<string[]> = async () => [],
): Promise<Merged> {
  const isNew = list.filter((row) => !known.has(keyOf(table, row)));
  const inserted = await insertNew(ctx, table, isNew, listened);
  const there = list.filter((row) => !inserted.has(keyOf(table, row)));
  await lockRows(ctx, table, there);
  const updated = await updateChanged(ctx, table, there, await whileLocked(), listened);
  return { inserted: inserted.size, updated: updated.size };
}

/**
 * Inserts what is not there; answers the keys of what was inserted. A record that another caller inserts at this moment is
 * waited for and left to `updateChanged`.
 */
async function insertNew(ctx: HasEntityManager, table: MergedTable, list: readonly Row[], listened: Listened): Promise<Set<string>> {
  if (list.length === 0) return new Set();
  const parameters: unknown[] = [JSON.stringify(list)];
  const { returning, steps } = implying(table.name, listened, table.name, 'null::jsonb');
  const names = [...table.key, ...table.columns.map((each) => each.name)];
  const values = [...table.key.map((name) => `r->>'${name}'`), ...table.columns.map((each) => each.inserted)];
  const found = await rows<{ key: string }>(
    ctx,
    `with changed as (
       insert into ${table.name} (${names.join(', ')})
       select ${values.join(', ')} from jsonb_array_elements($1::jsonb) as given (r) ${joinsOf(table)}
       order by ${givenKey(table)}
       on conflict (${table.key.join(', ')}) do nothing
       returning ${shownKey(table)} as key${returning}
     )${steps(parameters)}
     select key from changed`,
    parameters,
  );
  return new Set(found.map((each) => each.key));
}

/**
 * Locks the rows that are there, in the order of their keys. Two calls with the same records wait for each other and cannot
 * deadlock: whoever locks has inserted before, so each of its keys was committed or its own, and waits only for another that
 * locks, in the same order; whoever inserts waits for both kinds, and holds nothing that one who locks waits for.
 */
async function lockRows(ctx: HasEntityManager, table: MergedTable, list: readonly Row[]): Promise<void> {
  if (list.length === 0) return;
  await affected(
    ctx,
    `select from ${table.name} t join jsonb_array_elements($1::jsonb) as given (r) on ${matches(table)}
     order by ${table.key.map((name) => `t.${name}`).join(', ')}
     for no key update of t`,
    [JSON.stringify(list.map((row) => Object.fromEntries(table.key.map((name) => [name, row[name]]))))],
  );
}

/** Updates the locked rows that differ, and those of `touched` in any case; answers the keys of what was updated. */
async function updateChanged(
  ctx: HasEntityManager,
  table: MergedTable,
  list: readonly Row[],
  touched: readonly string[],
  listened: Listened,
): Promise<Set<string>> {
  if (list.length === 0) return new Set();
  const parameters: unknown[] = [JSON.stringify(list), touched];
  const { returning, steps } = implying(table.name, listened, 'u', 'm.before');
  const before = returning === '' ? '' : 'to_jsonb(t) as before, ';
  const names = table.columns.map((each) => each.name);
  const found = await rows<{ key: string }>(
    ctx,
    `with changed as (
     update ${table.name} u set ${names.map((name) => `${name} = m.${name}`).join(', ')}, updated_at = clock_timestamp()
     from (
       select t.id, ${before}${table.columns.map((each) => `${each.updated} as ${each.name}`).join(', ')}
       from jsonb_array_elements($1::jsonb) as given (r) join ${table.name} t on ${matches(table)} ${joinsOf(table)}
     ) m
     where u.id = m.id
       and ((${names.map((name) => `u.${name}`).join(', ')}) is distinct from (${names.map((name) => `m.${name}`).join(', ')})
         or u.id = any($2::uuid[]))
     returning ${table.key.map((name) => `u.${name}`).join(` || ' ' || `)} as key${returning}
     )${steps(parameters)}
     select key from changed`,
    parameters,
  );
  return new Set(found.map((each) => each.key));
}

function joinsOf(table: MergedTable): string {
  return table.columns.map((each) => each.join ?? '').join(' ');
}

function matches(table: MergedTable): string {
  return table.key.map((name) => `t.${name} = r->>'${name}'`).join(' and ');
}

function givenKey(table: MergedTable): string {
  return table.key.map((name) => `r->>'${name}'`).join(', ');
}

function shownKey(table: MergedTable): string {
  return table.key.map((name) => `${table.name}.${name}`).join(` || ' ' || `);
}

import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { type HasEntityManager, rows } from '../database/sql.js';
import { type Loop, startLoop } from '../loop.js';
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

export interface IndexesOptions {
  log: Logger;
  open: () => HasEntityManager;
  databaseUrl: string;
}

const everyMs = 5_000;
/** Of the builders of all processes: two at once would wait for each other. */
const buildersLock = 7_301_700;

/**
 * Builds the indexes that declared fields ask for, and drops those that none asks for any more, without holding up those who
 * write: on a connection of its own, in no transaction. A build waits for every transaction that was open before it, so it can
 * take long; stopping gives it up, and what it leaves is cleared away by the next round of whoever runs.
 */
export function startIndexes({ log, open, databaseUrl }: IndexesOptions): Loop {
  let builder: number | undefined;
  let stopping = false;
  const loop = startLoop({
    name: 'indexes',
    log,
    everyMs,
    async round() {
      if ((await statements(async (text) => await rows(open(), text))).length === 0) return false;
      const client = new Client({ connectionString: databaseUrl, application_name: 'carillon indexes', keepAlive: true });
      // A connection that breaks fails the statement under way, which the loop logs.
      client.on('error', () => undefined);
      try {
        await client.connect();
        const query: Query = async (text) => (await client.query(text)).rows;
        const [mine] = await query<{ locked: boolean; pid: number }>(
          `select pg_try_advisory_lock(${buildersLock}) as locked, pg_backend_pid() as pid`,
        );
        builder = mine?.pid;
        // Looked at anew: another process may have just done it.
        const todo = mine?.locked ? await statements(query) : [];
        for (const each of todo) if (!stopping) await query(each);
      } catch (error) {
        if (!stopping) throw error;
      } finally {
        builder = undefined;
        await client.end().catch(() => undefined);
      }
      return false;
    },
  });
  return {
    ring: () => loop.ring(),
    async stop() {
      stopping = true;
      if (builder !== undefined) await rows(open(), 'select pg_cancel_backend($1)', [builder]).catch(() => undefined);
      await loop.stop();
    },
  };
}

type Query = <Row>(text: string) => Promise<Row[]>;

/** What is to be done, each on its own. An index that is not valid was left by a builder that was stopped. */
async function statements(query: Query): Promise<string[]> {
  const wanted = await query<Wanted>('select object_type as type, name, kind from declared_field where indexed order by created_at');
  const there = await query<{ name: string; valid: boolean; building: boolean }>(
    `select c.relname as name, i.indisvalid as valid, exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid) as building
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid in ('business_object'::regclass, 'contact'::regclass, 'account'::regclass) and starts_with(c.relname, 'declared_field_')`,
  );
  const names = new Set(wanted.map(nameOf));
  const useless = there.filter((each) => !each.building && !(each.valid && names.has(each.name))).map((each) => each.name);
  const missing = wanted.filter((each) => useless.includes(nameOf(each)) || !there.some(({ name }) => name === nameOf(each)));
  return [...useless.map((each) => `drop index concurrently if exists ${each}`), ...missing.map(createSql)];
}

function createSql(field: Wanted): string {
  const { access, key } = keyOf(field);
  const ownTable = field.type === 'contact' || field.type === 'account';
  const on = (table: string, where: string) =>
    `create index concurrently if not exists ${nameOf(field)} on ${table} using ${access} (${key})${where}`;
  return ownTable ? on(field.type, '') : on('business_object', ` where type = ${literal(field.type)}`);
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

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { migrationStatus } from '../../database/migrate.js';
import { rows } from '../../database/sql.js';
import { strandedMessages } from '../../delivery/stranded.js';
import { type Session, withSession } from '../session.js';
import type { Check } from './checks.js';

const oldestServer = 15;

/** Reached, new enough, migrated. An embedded database that runs is joined, one that does not is started for the moment. */
export async function checkDatabase(config: Config): Promise<Check[]> {
  if (!config.databaseUrl && !existsSync(join(config.dataDir, 'postgres', 'data', 'PG_VERSION')))
    return [{ name: 'database', status: 'ok', finding: `embedded; will be made in ${config.dataDir} at the first start` }];
  try {
    return await withSession(
      config,
      async (session) => [await checkServer(session), await checkMigrations(session), ...(await checkStranded(session, config))],
      { migrate: false },
    );
  } catch (error) {
    const advice = config.databaseUrl
      ? 'Check DATABASE_URL, and whether that server lets this machine in.'
      : 'See the server.log in DATA_DIR/postgres.';
    return [{ name: 'database', status: 'failed', finding: `cannot be reached: ${reasonOf(error)}`, advice }];
  }
}

async function checkServer({ orm }: Session): Promise<Check> {
  const [found] = await rows<{ number: number; version: string }>(
    orm,
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
  );
  const { number = 0, version = 'unknown' } = found ?? {};
  if (number >= oldestServer * 10_000) return { name: 'database', status: 'ok', finding: `PostgreSQL ${version}` };
  return { name: 'database', status: 'failed', finding: `PostgreSQL ${version} is too old`, advice: `It takes ${oldestServer} or newer.` };
}

async function checkMigrations({ orm }: Session): Promise<Check> {
  const { executed, pending } = await migrationStatus(orm);
  if (pending.length === 0) return { name: 'migrations', status: 'ok', finding: `${executed.length} applied, none pending` };
  const advice = 'The next start applies them, or now: carillon migrate';
  return { name: 'migrations', status: 'warning', finding: `${pending.length} pending`, advice };
}

/** Messages that nobody carries wait in silence; only a migrated database can be asked. */
async function checkStranded({ orm, open }: Session, config: Config): Promise<Check[]> {
  if ((await migrationStatus(orm)).pending.length > 0) return [];
  return (await strandedMessages(open(), config)).map((finding) => ({ name: 'queue', status: 'warning', finding }));
}

/** A refused connection to a name with several addresses is an AggregateError without words. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

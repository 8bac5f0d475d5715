import type { Role } from './access/viewer.js';
import type { Config } from './config.js';
import { migrationStatus } from './database/migrate.js';
import type { Orm } from './database/orm.js';
import { type HasEntityManager, rows } from './database/sql.js';
import { versionOf } from './version.js';

/** A token to copy from the start page of the demo. */
export interface DemoToken {
  label: string;
  role: Role;
  subject: string;
  hint: string;
  token: string;
}

type Sign = (role: Role, subject: string, lifetime: string) => Promise<string>;

/** The demo company's callers, as `carillon demo` prints them. */
const callers: readonly Omit<DemoToken, 'token'>[] = [
  { label: 'admin', role: 'ADMIN', subject: 'admin', hint: 'Sets everything up and sees everything.' },
  { label: 'agent', role: 'AGENT', subject: 'agent', hint: 'Writes and settles communications by hand.' },
  { label: 'portal', role: 'EXTERNAL_SYSTEM', subject: 'portal', hint: 'The customer portal: works off its own queue.' },
  { label: 'C0001', role: 'CONTACT', subject: 'C0001', hint: 'A customer who reads English.' },
  { label: 'C0002', role: 'CONTACT', subject: 'C0002', hint: 'A customer who reads Greek.' },
];

const lifetime = '365d';

export async function demoTokens(sign: Sign): Promise<DemoToken[]> {
  return await Promise.all(callers.map(async (caller) => ({ ...caller, token: await sign(caller.role, caller.subject, lifetime) })));
}

/** What the start page asks for (/status.json). Tokens are shown by the demo only. */
export function makeStatus(config: Config, readiness: () => Promise<string[]>, sign: Sign): () => Promise<object> {
  let tokens: Promise<DemoToken[]> | undefined;
  return async () => {
    const reasons = await readiness();
    if (config.demo) tokens ??= demoTokens(sign);
    return {
      name: 'Carillon',
      version: versionOf(),
      demo: config.demo,
      deliveryMode: config.deliveryMode,
      ready: reasons.length === 0,
      reasons,
      playground: config.playground,
      links: [],
      ...(tokens && { tokens: await tokens }),
    };
  };
}

/** What is missing to serve; empty when all is well. */
export async function readiness(ctx: HasEntityManager, orm: Orm): Promise<string[]> {
  try {
    await rows(ctx, 'select 1');
    const { pending } = await migrationStatus(orm);
    return pending.length > 0 ? [`${pending.length} migrations are pending: run carillon migrate`] : [];
  } catch {
    return ['the database cannot be reached'];
  }
}

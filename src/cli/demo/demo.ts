import type { Command } from 'commander';
import type { App } from '../../app.js';
import type { Config } from '../../config.js';
import { migrateUp } from '../../database/migrate.js';
import { rows } from '../../database/sql.js';
import { type DemoToken, demoTokens } from '../../status.js';
import { addressesOf, announce } from '../announce.js';
import { explainPort, serve } from '../serve.js';
import { type Session, withSession } from '../session.js';
import { addVerb, configOf, Failed, type Out, outOf, type VerbOptions } from '../verb.js';
import { hasCompany, seedCompany } from './setup.js';

interface DemoOptions extends VerbOptions {
  reset?: boolean;
  port?: string;
}

export function addDemo(program: Command): void {
  addVerb(program, 'demo', {
    summary: 'Run a demo company, with tokens to copy; nothing leaves this machine, and real data are not touched.',
    examples: ['carillon demo', 'carillon demo --reset --port 4001'],
  })
    .option('--reset', 'throw away what was done in the demo, and begin anew')
    .option('--port <port>', 'where it listens (default: PORT, or 4000; 0 takes a free one)')
    .action(async (options: DemoOptions) => {
      const out = outOf(options);
      const config = configOf({ ...options, demo: true }, { PORT: options.port });
      await prepare(config, options.reset ?? false, out);
      try {
        await serve(config, async (app) => await welcome(app, out));
      } catch (error) {
        throw explainPort(error, config);
      }
      out.say('Stopped.');
    });
}

async function prepare(config: Config, reset: boolean, out: Out): Promise<void> {
  await withSession(
    config,
    async (session) => {
      if (reset) await empty(session);
      await migrateUp(session.orm, session.url);
      const ctx = session.open();
      if (await hasCompany(ctx)) return;
      out.say('Making the demo company ...');
      await seedCompany(ctx);
    },
    { migrate: false },
  );
}

/** Everything of the demo's own database, unless a server works on it. */
async function empty({ orm }: Session): Promise<void> {
  const [found] = await rows<{ users: number }>(
    orm,
    `select count(*)::int as users from pg_stat_activity
     where datname = current_database() and application_name like 'carillon%' and pid <> pg_backend_pid()`,
  );
  if (found && found.users > 0) throw new Failed('The demo is running. Stop it first, then reset it.');
  // Ours are the only schemas of this database: what integrators call, and what questions about another instant need.
  const schemas = await rows<{ name: string }>(
    orm,
    `select quote_ident(nspname) as name from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema'`,
  );
  await rows(orm, `drop schema ${schemas.map((each) => each.name).join(', ')} cascade`);
  await rows(orm, 'create schema public');
}

async function welcome(app: App, out: Out): Promise<void> {
  const tokens = await demoTokens(app.token);
  announce(app, out, { tokens });
  if (out.json) return;
  out.say('Tokens, for `Authorization: Bearer TOKEN`; the start page has them to copy:');
  for (const token of tokens) sayToken(token, out);
  out.say();
  out.say(`Begin here: ${addressesOf(app).start}`);
  out.say('Ctrl-C stops it; what you did is there at the next `demo`, unless it is given --reset.');
}

function sayToken({ label, role, hint, token }: DemoToken, out: Out): void {
  out.say();
  out.say(`  ${label} (${role}): ${hint}`);
  out.say(`  ${token}`);
}

import { Argument, type Command } from 'commander';
import { migrateDown, migrateUp, migrationStatus } from '../database/migrate.js';
import { type Session, withSession } from './session.js';
import { addVerb, configOf, type Out, outOf, type VerbOptions } from './verb.js';

const directions = ['up', 'status', 'down'] as const;
type Direction = (typeof directions)[number];

export function addMigrate(program: Command): void {
  addVerb(program, 'migrate', {
    summary: 'Apply the migrations that are pending (up), list them (status), or take the last one back (down).',
    examples: ['carillon migrate', 'carillon migrate status --json'],
    onData: true,
  })
    .addArgument(new Argument('[direction]', 'what to do').choices(directions).default('up'))
    .action(async (direction: Direction, options: VerbOptions) => {
      const out = outOf(options);
      await withSession(configOf(options), async (session) => await migrate(direction, session, out), { migrate: false });
    });
}

async function migrate(direction: Direction, { orm, url }: Session, out: Out): Promise<void> {
  if (direction === 'status') {
    const { executed, pending } = await migrationStatus(orm);
    for (const name of executed) out.say(`done     ${name}`);
    for (const name of pending) out.say(`pending  ${name}`);
    return out.tell({ executed, pending });
  }
  const names = direction === 'up' ? await migrateUp(orm, url) : await migrateDown(orm, url);
  for (const name of names) out.say(`${direction === 'up' ? 'applied' : 'taken back'}  ${name}`);
  if (names.length === 0) out.say(direction === 'up' ? 'Nothing is pending.' : 'There is nothing to take back.');
  out.tell({ direction, migrations: names });
}

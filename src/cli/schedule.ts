import type { Command } from 'commander';
import { alarms } from '../generate/schedule-fire.js';
import { rebuildAlarms } from '../scheduler/scheduler.js';
import { withSession } from './session.js';
import { addVerb, configOf, outOf, type VerbOptions } from './verb.js';

export function addSchedule(program: Command): void {
  const schedule = program.command('schedule').description('The clocks of the schedules.');
  addVerb(schedule, 'rebuild', {
    summary: 'Forget all alarms of Agenda and set them anew from the schedules; also while servers run.',
    examples: ['carillon schedule rebuild'],
    onData: true,
  }).action(async (options: VerbOptions) => {
    const out = outOf(options);
    const config = configOf(options);
    const count = await withSession(
      config,
      async ({ url, open }) => await rebuildAlarms({ config, log: open().log, databaseUrl: url, open, alarms }),
    );
    out.tell({ alarms: count, store: config.mongodbUrl ? 'mongodb' : 'postgresql' });
    out.say(`${count} ${count === 1 ? 'alarm is' : 'alarms are'} set in ${config.mongodbUrl ? 'MongoDB' : 'PostgreSQL'}.`);
  });
}

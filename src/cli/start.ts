import type { Command } from 'commander';
import { announce } from './announce.js';
import { explainPort, serve } from './serve.js';
import { addVerb, configOf, outOf, type VerbOptions } from './verb.js';

interface StartOptions extends VerbOptions {
  role?: string;
  port?: string;
}

export function addStart(program: Command): void {
  addVerb(program, 'start', {
    summary: 'Run the server, with the settings of the environment.',
    examples: ['carillon start', 'DATABASE_URL=postgresql://carillon:secret@db.example.org/carillon carillon start --role worker'],
  })
    .option('--role <role>', 'what this process does: all, api or worker (default: ROLE, or all)')
    .option('--port <port>', 'where it listens (default: PORT, or 4000; 0 takes a free one)')
    .action(async (options: StartOptions) => {
      const out = outOf(options);
      const config = configOf(options, { ROLE: options.role, PORT: options.port });
      try {
        await serve(config, (app) => {
          announce(app, out);
          out.say('Ctrl-C stops it.');
        });
      } catch (error) {
        throw explainPort(error, config);
      }
      out.say('Stopped.');
    });
}

import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { schemaOf } from '../api.js';
import { printed } from '../graphql/schema.js';
import { addVerb, outOf, type VerbOptions } from './verb.js';

export function addSchema(program: Command): void {
  const schema = program.command('schema').description('The GraphQL schema.');
  addVerb(schema, 'print', {
    summary: 'Print the schema in SDL; needs no database.',
    examples: ['carillon schema print --out schema.graphql'],
  })
    .option('--out <file>', 'write it there instead')
    .action((options: VerbOptions & { out?: string }) => {
      const out = outOf(options);
      const sdl = printed(schemaOf());
      if (options.out === undefined) {
        out.say(sdl.trimEnd());
        return out.tell({ sdl });
      }
      writeFileSync(options.out, sdl);
      out.say(`Wrote ${options.out}.`);
      out.tell({ file: options.out });
    });
}

import type { Command } from 'commander';
import { first } from '../database/sql.js';
import { seedCompany } from './demo/setup.js';
import { withSession } from './session.js';
import { addVerb, configOf, Failed, outOf, type VerbOptions } from './verb.js';

export function addSeed(program: Command): void {
  addVerb(program, 'seed', {
    summary: 'Fill an empty database with the demo company.',
    examples: ['carillon seed'],
  }).action(async (options: VerbOptions) => {
    const out = outOf(options);
    const seeded = await withSession(configOf(options), async ({ open }) => {
      const ctx = open();
      const found = await first<{ filled: boolean }>(ctx, 'select exists (select from contact) as filled');
      if (found?.filled) throw new Failed('The database holds contacts already; the demo company goes into an empty one only.');
      return await seedCompany(ctx);
    });
    out.tell({ ...seeded });
    const { contacts, segments, templates, plans } = seeded;
    out.say(`The demo company is in: ${contacts} contacts, ${segments} segments, ${templates} templates, ${plans} plan that runs once.`);
  });
}

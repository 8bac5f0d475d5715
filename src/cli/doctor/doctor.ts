import type { Command } from 'commander';
import { ConfigError } from '../../config.js';
import { addVerb, configOf, Failed, type Out, outOf, type VerbOptions } from '../verb.js';
import { type Check, checkConfig, checkNode } from './checks.js';
import { checkDatabase } from './database.js';
import { checkDataDir } from './disk.js';
import { checkMail, checkMongo } from './network.js';

const marks = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

export function addDoctor(program: Command): void {
  addVerb(program, 'doctor', {
    summary: 'Say what is wrong with this installation and what to do about it; changes nothing.',
    examples: ['carillon doctor', 'NODE_ENV=production carillon doctor --json'],
    onData: true,
  }).action(async (options: VerbOptions) => {
    const out = outOf(options);
    const checks: Check[] = [];
    const add = (...found: Check[]) => {
      checks.push(...found);
      for (const check of found) show(check, out);
    };
    add(checkNode(process.versions.node));
    try {
      const config = configOf(options);
      add(...checkConfig(config));
      add(...checkDataDir(config));
      add(...(await checkDatabase(config)));
      add(...(await checkMongo(config)));
      add(...(await checkMail(config)));
    } catch (error) {
      if (error instanceof ConfigError) out.tell({ healthy: false, checks });
      throw error;
    }
    const failures = checks.filter(({ status }) => status === 'failed').length;
    out.tell({ healthy: failures === 0, checks });
    out.say();
    out.say(failures === 0 ? 'Ready to run.' : `${failures} ${failures === 1 ? 'thing needs' : 'things need'} mending.`);
    if (failures > 0) throw new Failed();
  });
}

function show({ name, status, finding, advice }: Check, out: Out): void {
  out.say(`${marks[status]}  ${name.padEnd(14)}${finding}`);
  if (advice) out.say(`${' '.repeat(23)}${advice}`);
}

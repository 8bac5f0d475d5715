import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.js';
import { CallerError, formatPath, Invalid } from '../errors.js';
import { versionOf } from '../version.js';
import { addConfig } from './config.js';
import { addDemo } from './demo/demo.js';
import { addDoctor } from './doctor/doctor.js';
import { addImport } from './import.js';
import { addMigrate } from './migrate.js';
import { addSchema } from './schema.js';
import { addSeed } from './seed.js';
import { addStart } from './start.js';
import { addToken } from './token.js';
import { Failed, WrongUse } from './verb.js';

const done = 0;
const failed = 1;
const wrongUse = 2;

/** Runs one command line; answers the exit code: 0 done, 1 failed, 2 wrong use. */
export async function run(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  try {
    await makeProgram(json).parseAsync(argv, { from: 'user' });
    return done;
  } catch (error) {
    return report(error, json);
  }
}

function makeProgram(json: boolean): Command {
  const program = new Command('carillon')
    .description('Decides who should hear what, says it in their language and medium, and shows that it arrived.')
    .version(versionOf())
    .showHelpAfterError('(add --help for what it takes)')
    .configureOutput({ writeErr: (text) => void (json || process.stderr.write(text)) })
    .exitOverride();
  for (const add of [addDemo, addStart, addMigrate, addSeed, addImport, addToken, addDoctor, addConfig, addSchema]) add(program);
  return program;
}

function report(error: unknown, json: boolean): number {
  if (error instanceof Failed && error.message === '') return failed;
  if (error instanceof CommanderError && error.exitCode === 0) return done;
  const code = error instanceof CommanderError || error instanceof ConfigError || error instanceof WrongUse ? wrongUse : failed;
  const problems = problemsOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (json) process.stderr.write(`${JSON.stringify({ error: { message, ...(problems.length > 0 && { problems }) } })}\n`);
  // Commander has said it already, in words of its own.
  else if (!(error instanceof CommanderError)) process.stderr.write(`${textOf(error, message, problems)}\n`);
  return code;
}

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems;
  if (error instanceof Invalid)
    return error.problems.map(({ path, message }) => `${path.length > 0 ? `${formatPath(path)}: ` : ''}${message}`);
  return [];
}

function textOf(error: unknown, message: string, problems: readonly string[]): string {
  if (error instanceof Invalid) return problems.join('\n');
  if (error instanceof ConfigError || error instanceof CallerError || error instanceof WrongUse || error instanceof Failed) return message;
  const cause = error instanceof Error && error.cause instanceof Error ? `\n  because: ${error.cause.message}` : '';
  return `It failed: ${message || String(error)}${cause}`;
}

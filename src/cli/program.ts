import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.js';
import { CallerError, formatPath, Invalid } from '../errors.js';
import { versionOf } from '../version.js';
import { Failed, WrongUse } from './verb.js';

type AddVerb = (program: Command) => void;

/** Each verb is loaded when it is called: most need no server, and answer the sooner. */
const verbs: Record<string, () => Promise<AddVerb>> = {
  demo: async () => (await import('./demo/demo.js')).addDemo,
  start: async () => (await import('./start.js')).addStart,
  migrate: async () => (await import('./migrate.js')).addMigrate,
  seed: async () => (await import('./seed.js')).addSeed,
  import: async () => (await import('./import.js')).addImport,
  token: async () => (await import('./token.js')).addToken,
  doctor: async () => (await import('./doctor/doctor.js')).addDoctor,
  config: async () => (await import('./config.js')).addConfig,
  schema: async () => (await import('./schema.js')).addSchema,
  schedule: async () => (await import('./schedule.js')).addSchedule,
};

const done = 0;
const failed = 1;
const wrongUse = 2;

/** Runs one command line; answers the exit code: 0 done, 1 failed, 2 wrong use. */
export async function run(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  try {
    await (await makeProgram(argv, json)).parseAsync(argv, { from: 'user' });
    return done;
  } catch (error) {
    return report(error, json);
  }
}

async function makeProgram(argv: readonly string[], json: boolean): Promise<Command> {
  const program = new Command('carillon')
    .description('Decides who should hear what, says it in their language and medium, and shows that it arrived.')
    .version(versionOf())
    .showHelpAfterError('(add --help for what it takes)')
    .configureOutput({ writeErr: (text) => void (json || process.stderr.write(text)) })
    .exitOverride();
  const called = verbs[argv.find((each) => !each.startsWith('-')) ?? ''];
  // Without one of them there is help to give, or a misspelt one to guess: all are named then.
  const named = called ? [called] : Object.values(verbs);
  for (const load of named) (await load())(program);
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
  // A fault of ours, not of the surroundings: where it is says more than what it is.
  if (error instanceof TypeError || error instanceof ReferenceError) return `It failed: ${error.stack}`;
  const cause = error instanceof Error && error.cause instanceof Error ? `\n  because: ${error.cause.message}` : '';
  return `It failed: ${message || String(error)}${cause}`;
}

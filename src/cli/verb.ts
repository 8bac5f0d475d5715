import type { Command } from 'commander';
import { type Config, readConfig } from '../config.js';
import { demoConfig } from './demo/config.js';

/** The command was called in a way that it does not understand: exit code 2. */
export class WrongUse extends Error {}

/** It did not work out, and what there is to say has been said: exit code 1. */
export class Failed extends Error {}

/** Where a verb says what it has done: lines for people, or with --json one document for programs. */
export interface Out {
  readonly json: boolean;
  /** A line for people; silent with --json. */
  say(line?: string): void;
  /** The same for programs, on one line; silent without --json. */
  tell(document: object): void;
}

/** What every verb is called with, beside options of its own. */
export interface VerbOptions {
  json?: boolean;
  /** Works on the data of `carillon demo` instead of the real ones. */
  demo?: boolean;
}

interface VerbWords {
  /** One line for the list of verbs. */
  summary: string;
  /** Whole command lines. */
  examples: readonly string[];
  /** The verb works on data, so it can work on the demo's. */
  onData?: boolean;
}

/** A verb with what all of them have: --json, and --help with an example. */
export function addVerb(parent: Command, usage: string, { summary, examples, onData = false }: VerbWords): Command {
  const verb = parent.command(usage).description(summary).option('--json', 'answer in JSON, for programs');
  if (onData) verb.option('--demo', "work on the data of `carillon demo` instead of this system's own");
  const lines = examples.map((each) => `  $ ${each}`).join('\n');
  return verb.addHelpText('after', `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${lines}`);
}

export function outOf({ json = false }: VerbOptions): Out {
  return {
    json,
    say: (line = '') => void (json || process.stdout.write(`${line}\n`)),
    tell: (document) => void (json && process.stdout.write(`${JSON.stringify(document)}\n`)),
  };
}

/** The configuration of the environment, with what the command line says in its place; the demo's with --demo. */
export function configOf({ demo = false }: VerbOptions, flags: Readonly<Record<string, string | undefined>> = {}): Config {
  const config = readConfig(undefined, flags);
  return demo ? demoConfig(config) : config;
}

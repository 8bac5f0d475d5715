import type { Command } from 'commander';
import { type Config, settings } from '../config.js';
import { addVerb, configOf, outOf, type VerbOptions } from './verb.js';

export function addConfig(program: Command): void {
  const config = program.command('config').description('The configuration.');
  addVerb(config, 'print', {
    summary: 'Print every setting with the value in effect; secrets are not shown.',
    examples: ['carillon config print', 'PORT=0 carillon config print --json'],
    onData: true,
  }).action((options: VerbOptions) => {
    const out = outOf(options);
    const values = effectiveValues(configOf(options));
    out.tell(values);
    for (const { name, fallback, meaning } of settings) {
      out.say(`${name.padEnd(18)}${words(values[name] ?? null, fallback)}`);
      out.say(`${' '.repeat(18)}${meaning}`);
    }
  });
}

type Shown = string | number | boolean | readonly string[] | null;

/** By variable name; null where nothing is set and a default in words holds. */
function effectiveValues(config: Config): Record<string, Shown> {
  const byField = new Map<string, unknown>(Object.entries(config));
  return Object.fromEntries(settings.map(({ name }) => [name, shown(name, byField.get(fieldOf(name)))]));
}

/** DATA_DIR is `dataDir`. */
function fieldOf(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
}

function shown(name: string, value: unknown): Shown {
  if (value === undefined) return null;
  if (/SECRET|TOKEN/.test(name)) return '(set)';
  if (typeof value === 'string' && name.endsWith('_URL')) return withoutPassword(value);
  return value as Shown;
}

/** By pattern, for a MongoDB URL may name several hosts, which `URL` refuses. */
function withoutPassword(url: string): string {
  return url.replace(/^([^:]+:\/\/[^:@/]*:)[^@/]*@/, '$1***@');
}

function words(value: Shown, fallback: string): string {
  if (value === null) return fallback;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : fallback;
  return String(value);
}

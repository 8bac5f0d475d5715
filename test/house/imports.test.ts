import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/files.js';

// The arrows of design: edges -> stages, from left to right -> ground. An import may go right, or down, never back.
const stages = ['sources', 'generate', 'queue', 'communications', 'content', 'audience', 'catalogue'];
const ground = [
  'access',
  'attachments',
  'settings',
  'graphql',
  'changes',
  'database',
  'config',
  'context',
  'errors',
  'files',
  'locales',
  'loop',
  'within',
  'version',
];
/** Edges by height: one imports edges below it only. */
const edges = [
  ['main'],
  ['cli'],
  ['app'],
  ['api'],
  ['server', 'status', 'metrics', 'delivery', 'tracking', 'scheduler', 'webhooks', 'insights', 'uploads', 'print'],
  ['sockets'],
];

/** Packages that one part alone may use. */
const reserved: Record<string, string> = { agenda: 'scheduler', mongodb: 'scheduler', '@agendajs': 'scheduler', commander: 'cli' };

/** Reads of process.env beside config.ts, with the reason. */
const environmentReaders: Record<string, string> = {
  'config.ts': 'the one that reads settings',
  'database/embedded-program.ts': 'hands PATH on to the PostgreSQL that it starts',
};

interface Import {
  from: string;
  to: string;
}

const root = join(packageRoot, 'src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'))
  .sort();
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const imports = files.flatMap((file) => importsOf(file));

test('every import goes to the right or down, never back', () => {
  const wrong = imports.filter(({ to }) => to.startsWith('src/')).flatMap(({ from, to }) => complaint(from, to.slice('src/'.length)));
  expect(wrong).toEqual([]);
});

test('an arrow that turns back is found', () => {
  expect(complaint('catalogue/types.ts', 'content/render.ts')).toHaveLength(1);
  expect(complaint('errors.ts', 'queue/lease.ts')).toHaveLength(1);
  expect(complaint('delivery/worker.ts', 'server.ts')).toHaveLength(1);
  expect(complaint('queue/lease.ts', 'app.ts')).toHaveLength(1);
  expect(complaint('content/render.ts', 'catalogue/types.ts')).toEqual([]);
  expect(complaint('delivery/worker.ts', 'queue/lease.ts')).toEqual([]);
});

test('sources do not import each other', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [, source] = /^sources\/([^/]+)\//.exec(from) ?? [];
    const [, other] = /^src\/sources\/([^/]+)\//.exec(to) ?? [];
    return source && other && source !== other;
  });
  expect(wrong).toEqual([]);
});

test('agenda and mongodb are the scheduler’s alone, commander the command line’s', () => {
  const wrong = imports.filter(({ from, to }) => {
    const owner = reserved[to.split('/')[0] ?? ''];
    return owner !== undefined && partOf(from) !== owner;
  });
  expect(wrong).toEqual([]);
});

test('only config.ts reads the environment', () => {
  const readers = files.filter((file) => /process\s*\.\s*env\b|process\[['"]env/.test(withoutComments(texts.get(file) ?? '')));
  expect(readers.filter((file) => !(file in environmentReaders))).toEqual([]);
});

test('every file belongs to a part that the arrows know', () => {
  expect(files.filter((file) => levelOf(partOf(file)) === undefined)).toEqual([]);
});

function complaint(from: string, to: string): string[] {
  const [here, there] = [partOf(from), partOf(to)];
  if (here === there) return [];
  const [above, below] = [levelOf(here), levelOf(there)];
  if (above === undefined || below === undefined || above < below) return [];
  // The ground is one: its parts may use each other.
  if (ground.includes(here) && ground.includes(there)) return [];
  return [`${from} -> ${to}: ${here} must not import ${there}`];
}

/** Smaller is further left; parts of one level do not import each other. */
function levelOf(part: string): number | undefined {
  const edge = edges.findIndex((each) => each.includes(part));
  if (edge >= 0) return edge;
  if (stages.includes(part)) return edges.length + stages.indexOf(part);
  return ground.includes(part) ? edges.length + stages.length : undefined;
}

/** `queue/lease.ts` is of the queue, `config.ts` of itself. */
function partOf(file: string): string {
  return (file.split('/')[0] ?? '').replace(/\.ts$/, '');
}

/** Static, dynamic and type imports, and re-exports; relative ones as `src/...`. */
function importsOf(file: string): Import[] {
  const found = withoutComments(texts.get(file) ?? '').matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g);
  return [...found].map(([, name = '']) => {
    if (!name.startsWith('.')) return { from: file, to: name };
    const target = posix.join(dirname(file), name).replace(/\.js$/, '.ts');
    return { from: file, to: target.startsWith('..') ? relative(packageRoot, join(root, target)) : `src/${target}` };
  });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

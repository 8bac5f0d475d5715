// Compiles the server (tsc) and the pages (Vite) into dist/, where they are older than what they are made of.
//   node scripts/build.mjs              builds what is needed, and says so
//   node scripts/build.mjs --all        builds everything
//   node scripts/build.mjs --if-able    as the first, and passes where the compilers are not installed (npm ci --omit=dev)
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = dirname(import.meta.dirname);

const parts = [
  {
    name: 'the server',
    sources: ['src/**/*.ts', 'migrations/*.ts', 'tsconfig.json', 'package-lock.json'],
    result: 'dist/src/main.js',
    stamp: 'dist/.server-built',
    compiler: 'typescript/package.json',
    command: ['tsc', '-p', '.'],
  },
  {
    name: 'the pages',
    sources: [
      'web/*.html',
      'web/*/*.html',
      'web/src/**/*',
      'web/client/**/*',
      'web/public/*',
      'web/*.ts',
      'web/*.json',
      'examples/*',
      'package-lock.json',
    ],
    result: 'dist/web/index.html',
    stamp: 'dist/.web-built',
    compiler: 'vite/package.json',
    command: ['npm', 'run', '--silent', 'build', '-w', 'web', '--', '--logLevel', 'warn'],
  },
];

/** Builds each part that is missing or older than its sources; throws where one cannot be built. */
export function build({ all = false, ifAble = false } = {}) {
  for (const part of parts) {
    if (!all && isFresh(part)) continue;
    if (!isInstalled(part.compiler)) {
      // A production install brings what was built elsewhere.
      if (ifAble || existsSync(join(root, part.result))) continue;
      throw new Error(`${part.result} is missing, and so is the compiler that makes it. Run \`npm ci\` with development dependencies.`);
    }
    console.error(`Building ${part.name} ...`);
    const [command, ...args] = part.command;
    const { status, error } = spawnSync(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
      env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` },
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`Building ${part.name} failed.`);
    writeFileSync(join(root, part.stamp), '');
  }
}

function isFresh({ sources, result, stamp }) {
  if (!existsSync(join(root, result)) || !existsSync(join(root, stamp))) return false;
  const builtAt = statSync(join(root, stamp)).mtimeMs;
  return globSync(sources, { cwd: root }).every((file) => statSync(join(root, file)).mtimeMs <= builtAt);
}

function isInstalled(name) {
  try {
    createRequire(join(root, 'package.json')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    build({ all: process.argv.includes('--all'), ifAble: process.argv.includes('--if-able') });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

// The demo company on a server that is compiled and started anew with each change of the sources. `npm run dev -w web` beside
// it does the same for the pages.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';

const root = dirname(import.meta.dirname);
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

build();
const children = [
  [compiler, '-p', root, '--watch', '--preserveWatchOutput'],
  [
    '--watch-preserve-output',
    `--watch-path=${join(root, 'dist', 'src')}`,
    join(root, 'dist', 'src', 'main.js'),
    'demo',
    ...process.argv.slice(2),
  ],
].map((args) => spawn(process.execPath, args, { stdio: 'inherit' }));

// Whichever ends first takes the other with it.
const end = () => {
  for (const child of children) child.kill('SIGTERM');
};
process.on('SIGINT', end).on('SIGTERM', end);
for (const child of children) child.once('exit', end);

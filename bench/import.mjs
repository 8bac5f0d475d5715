// The public telecom sample, 7,043 customers, imported by the command line into a fresh embedded database, then once more.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder, report } from './lib.mjs';

const root = join(import.meta.dirname, '..');
const file = process.env.TELCO_CSV ?? join(root, '..', 'shared', 'data', 'telco-customer-churn.csv');
if (!existsSync(file)) {
  console.log(`Not measured: ${file} is absent; TELCO_CSV names another place.`);
  process.exit(0);
}
const folder = freshFolder();
const run = (...verb) => {
  const env = { ...process.env, DATA_DIR: folder, LOG_LEVEL: 'warn', DATABASE_URL: '' };
  const from = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist', 'src', 'main.js'), ...verb, '--json'], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`carillon ${verb.join(' ')} ended with ${status}: ${stderr}`);
  return { seconds: (performance.now() - from) / 1000, answer: JSON.parse(stdout) };
};
run('migrate');
const mapping = join(root, 'examples', 'telco', 'mapping.json');
const first = run('import', file, '--mapping', mapping);
const again = run('import', file, '--mapping', mapping);
rmSync(folder, { recursive: true, force: true });

const customers = readFileSync(file, 'utf8').trim().split('\n').length - 1;
console.log('first:', JSON.stringify(first.answer), 'again:', JSON.stringify(again.answer));
const held = report([
  {
    what: `${customers} customers imported, the start of the program and its database included`,
    measured: `${first.seconds.toFixed(1)} s`,
    goal: '10 s',
    holds: first.seconds < 10,
  },
  { what: 'imported once more, nothing changed', measured: `${again.seconds.toFixed(1)} s`, goal: '10 s', holds: again.seconds < 10 },
]);
process.exitCode = held ? 0 : 1;

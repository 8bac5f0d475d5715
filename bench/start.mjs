// Ready within 15 s of the first start, 5 s of later ones (a first start makes the database cluster).
import { rmSync } from 'node:fs';
import { freshFolder, report, startProduct } from './lib.mjs';

const folder = freshFolder();
const seconds = [];
for (let n = 0; n < 4; n++) {
  const from = performance.now();
  const product = await startProduct({ folder, keep: true });
  const { status } = await fetch(`${product.url}/readyz`);
  if (status !== 200) throw new Error(`/readyz answered ${status}`);
  seconds.push((performance.now() - from) / 1000);
  await product.stop();
}
rmSync(folder, { recursive: true, force: true });
const later = Math.max(...seconds.slice(1));
const held = report([
  { what: 'first start', measured: `${seconds[0].toFixed(1)} s`, goal: '15 s', holds: seconds[0] < 15 },
  { what: 'later starts, slowest of 3', measured: `${later.toFixed(1)} s`, goal: '5 s', holds: later < 5 },
]);
process.exitCode = held ? 0 : 1;

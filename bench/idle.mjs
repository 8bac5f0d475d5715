// Publishing to one contact while few and while many others are idle: it must not cost more for those who are not concerned.
//   node bench/idle.mjs [few] [many] [entries]      each process needs a descriptor for each of many (ulimit -n)
import { rmSync } from 'node:fs';
import { startEmbedded } from '../dist/src/database/embedded.js';
import { freshFolder, median, quantile, report, startProduct } from './lib.mjs';
import { openWriter, prepareInboxes } from './load/entries.mjs';
import { openFarm } from './load/farm.mjs';

const few = Number(process.argv[2] ?? 100);
const many = Number(process.argv[3] ?? 19_500);
const entries = Number(process.argv[4] ?? 2_000);
const rounds = 3;
const perSecond = 100;

const folder = freshFolder();
const embedded = await startEmbedded(folder);
const env = { DATABASE_URL: embedded.url, ROLE: 'api', SECRET_KEY: 'a secret of the benchmark, long enough' };
const { database, people } = await prepareInboxes(env, many + 1);
const [reader, ...others] = people;
const { write, paced } = openWriter(database, 1);
const server = await startProduct({ env, keep: true });
const [reading, idle] = [openFarm(), openFarm()];
await reading.connect(server.url, [reader]);
await idle.connect(server.url, others.slice(0, few));
await measure(entries); // Until what is met often is compiled.
const withFew = await measure(entries);
await idle.connect(server.url, others.slice(few, many));
const withMany = await measure(entries);
reading.close();
idle.close();
await server.stop();
await database.end();
await embedded.release();
rmSync(folder, { recursive: true, force: true });

const row = (what, [a, b], unit) => ({
  what: `${what}: ${few} idle, ${many} idle`,
  measured: `${(b / a).toFixed(2)}x (${a.toFixed(1)}, ${b.toFixed(1)} ${unit})`,
  goal: '1.3x',
  holds: b <= 1.3 * a,
});
const held = report([
  row('CPU of a published entry', [withFew.cpu, withMany.cpu], 'us'),
  row('commit to client, p50', [withFew.p50, withMany.p50], 'ms'),
]);
process.exitCode = held ? 0 : 1;

async function measure(count) {
  const costs = [];
  for (let round = 0; round < rounds; round++) {
    await database.query('truncate communication, queue_entry, change_outbox cascade');
    await reading.clear();
    const cpu = await server.ask('cpu');
    await write(count, 20);
    await reading.arrived(count);
    const spent = await server.ask('cpu');
    costs.push((spent.user + spent.system - cpu.user - cpu.system) / count);
  }
  await reading.clear();
  const committed = await paced(perSecond, 3);
  await reading.arrived(committed.size);
  const seen = await reading.seen();
  return {
    cpu: median(costs),
    p50: quantile(
      [...committed].map(([id, at]) => seen.get(id) - at),
      0.5,
    ),
  };
}

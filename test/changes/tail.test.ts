import { Client } from 'pg';
import pino from 'pino';
import { expect, test } from 'vitest';
import { startTail } from '../../src/changes/tail.js';
import { openOrm } from '../../src/database/orm.js';
import { rows } from '../../src/database/sql.js';
import { cloneDatabase, eventually } from '../support/app.js';

test('what is committed while another process gives positions is read as soon as that one has ended, and rings nobody before', async () => {
  const url = await cloneDatabase();
  const orm = await openOrm({ url, entities: [], poolSize: 2 });
  const open = () => ({ em: orm.em.fork() });
  const other = new Client({ connectionString: url });
  await other.connect();
  const seen: string[] = [];
  let [told, rounds] = [0, 0];
  const round = () => {
    rounds += 1;
    return open();
  };
  const tail = await startTail(pino({ level: 'silent' }), round, () => told++);
  tail.listen((batch) => void seen.push(...batch.map((each) => each.kind)));

  await other.query('begin');
  await other.query('select position from change_log for update');
  await rows(open(), `insert into change_outbox (kind, external_system_id) values ('queue.filled', gen_random_uuid())`);
  tail.ring();
  const before = rounds;
  // By its poll alone it would have looked three times.
  await eventually(() => rounds > before + 5, { withinMs: 1_900 });
  expect([seen, told]).toEqual([[], 0]);
  await other.query('rollback');
  await eventually(() => seen.length > 0);
  expect([seen, told]).toEqual([['queue.filled'], 1]);
  await tail.stop();
  await other.end();
  await orm.close(true);
});

test('while nobody listens the log is not read; who begins to listen hears of all that comes after, however close it was', async () => {
  const url = await cloneDatabase();
  const orm = await openOrm({ url, entities: [], poolSize: 2 });
  const open = () => ({ em: orm.em.fork() });
  const fill = async () => {
    await rows(open(), `insert into change_outbox (kind, external_system_id) values ('queue.filled', gen_random_uuid())`);
  };
  const seen: number[] = [];
  let idle = true;
  let begin = false;
  const tail = await startTail(
    pino({ level: 'silent' }),
    () => {
      // In the middle of the round that found nobody.
      if (begin) idle = false;
      return open();
    },
    () => undefined,
  );
  tail.listen(
    (batch) => void seen.push(...batch.map((each) => each.position)),
    () => idle,
  );
  await fill();
  tail.ring();
  await eventually(() => tail.position === 1);
  expect(seen).toEqual([]);

  begin = true;
  await fill();
  tail.ring();
  await eventually(() => tail.position === 2);
  expect(seen).toEqual([2]);
  await tail.stop();
  await orm.close(true);
});

test('PR5 where nobody listens, others are told of a change at once, and positions are given a little later, many at a time', async () => {
  const url = await cloneDatabase();
  const orm = await openOrm({ url, entities: [], poolSize: 2 });
  const open = () => ({ em: orm.em.fork() });
  let [told, rounds] = [0, 0];
  const round = () => {
    rounds += 1;
    return open();
  };
  const tail = await startTail(pino({ level: 'silent' }), round, () => told++);
  await eventually(() => rounds >= 2);
  const before = rounds;
  await rows(
    open(),
    `insert into change_outbox (kind, external_system_id) select 'queue.filled', gen_random_uuid() from generate_series(1, 20)`,
  );
  for (let n = 0; n < 20; n++) tail.ring();
  expect(told).toBe(20);
  await eventually(async () => (await rows(open(), 'select from change_outbox')).length === 0 && tail.position === 20);
  expect(rounds - before).toBeLessThan(10);
  // What others tell of is not told back to them.
  told = 0;
  tail.heard();
  await eventually(() => rounds > before + 1);
  expect(told).toBe(0);
  await tail.stop();
  await orm.close(true);
});

import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { openOrm } from '../../src/database/orm.js';
import { rows } from '../../src/database/sql.js';
import { cloneDatabase } from '../support/app.js';

test('connections that the database closed in the middle of a transaction go back to the pool', { timeout: 30_000 }, async () => {
  const orm = await openOrm({ url: await cloneDatabase(), entities: [], poolSize: 2 });
  const admin = new Client({ connectionString: inject('adminUrl') });
  await admin.connect();
  for (let n = 0; n < 6; n++) {
    const em = orm.em.fork({ useContext: true });
    const work = em.transactional(async () => {
      const [backend] = await rows<{ pid: number }>({ em }, 'select pg_backend_pid() as pid');
      await admin.query('select pg_terminate_backend($1)', [backend?.pid]);
      await rows({ em }, 'select 1');
    });
    await expect(work).rejects.toThrow();
  }
  await admin.end();
  expect(await rows({ em: orm.em.fork() }, 'select 1 as one')).toEqual([{ one: 1 }]);
  await orm.close(true);
});

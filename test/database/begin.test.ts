import { expect, inject, test } from 'vitest';
import { openOrm } from '../../src/database/orm.js';
import { rows } from '../../src/database/sql.js';
import { statementsOf } from '../support/statements.js';

const orm = await openOrm({ url: inject('adminUrl'), entities: [], poolSize: 1 });
// The first connection looks whether it works.
await rows({ em: orm.em.fork() }, 'select 1');
const transaction = async (work: (ctx: { em: typeof orm.em }) => Promise<unknown>) => {
  const em = orm.em.fork({ useContext: true });
  await em.transactional(async () => await work({ em }));
};

test('a transaction begins with its first statement', async () => {
  const sent = await statementsOf(async () => {
    await transaction(async (ctx) => {
      const [first] = await rows(ctx, 'select pg_current_xact_id()::text as id');
      const [second] = await rows(ctx, 'select pg_current_xact_id()::text as id');
      expect(second).toEqual(first);
    });
  });
  expect(sent.map((each) => each.split(' ')[0])).toEqual(['begin', 'select', 'select', 'commit']);
});

test('a transaction without a statement is not sent, whatever its end', async () => {
  const sent = await statementsOf(async () => {
    await transaction(async () => undefined);
    await expect(transaction(async () => await Promise.reject(new Error('no')))).rejects.toThrow('no');
    await rows({ em: orm.em.fork() }, 'select 1');
  });
  expect(sent).toEqual(['select 1']);
});

test('a first statement that fails takes the transaction back, and the connection goes on', async () => {
  const sent = await statementsOf(async () => {
    await expect(transaction(async (ctx) => await rows(ctx, 'select 1 / 0'))).rejects.toThrow('division by zero');
    await transaction(async (ctx) => await rows(ctx, 'create temporary table kept (id integer) on commit drop'));
    await expect(rows({ em: orm.em.fork() }, 'select from kept')).rejects.toThrow('does not exist');
  });
  expect(sent.map((each) => each.split(' ')[0])).toEqual(['begin', 'select', 'rollback', 'begin', 'create', 'commit', 'select']);
});

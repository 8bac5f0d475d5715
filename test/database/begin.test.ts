import { expect, inject, test } from 'vitest';
import { committing } from '../../src/database/begin.js';
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

test('a statement that is the last is committed by itself, with what came before it; what follows is in a transaction of its own', async () => {
  const text = 'select pg_current_xact_id()::text as id';
  const last = committing(text);
  const sent = await statementsOf(async () => {
    await transaction(async (ctx) => {
      const [one] = await rows(ctx, last);
      const [two] = await rows(ctx, text);
      const [three] = await rows(ctx, last);
      expect(two).not.toEqual(one);
      expect(three).toEqual(two);
    });
    await rows({ em: orm.em.fork() }, last);
  });
  expect(sent.map((each) => (each === last ? 'last' : each.split(' ')[0]))).toEqual(['last', 'begin', 'select', 'last', 'commit', 'last']);
});

test('what was committed early stays although the rest fails; a last statement that fails takes back what came before it', async () => {
  const em = orm.em.fork();
  await rows({ em }, 'create temporary table kept (id integer primary key)');
  const insert = committing('insert into kept values ($1)');
  await expect(
    transaction(async (ctx) => {
      await rows(ctx, insert, [1]);
      await rows(ctx, 'insert into kept values (2)');
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await expect(
    transaction(async (ctx) => {
      await rows(ctx, 'insert into kept values (3)');
      await rows(ctx, insert, [1]);
    }),
  ).rejects.toThrow('kept_pkey');
  await transaction(async (ctx) => await rows(ctx, insert, [4]));
  expect(await rows({ em }, 'select id from kept order by id')).toEqual([{ id: 1 }, { id: 4 }]);
  await rows({ em }, 'drop table kept');
});

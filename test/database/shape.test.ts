import { expect, test } from 'vitest';
import { prepared } from '../../src/database/prepared.js';
import { affected, first, rows } from '../../src/database/sql.js';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });
const ctx = () => app.context();

test('rows have their columns by name, with values of their types, and all of a statement one shape', async () => {
  const text = `select n, null as nothing, 2::bigint as big, '2027-01-02T03:04:05Z'::timestamptz as at, '{"a":[1]}'::jsonb as json,
    array['x', 'y'] as list, true as yes from generate_series(1, $1::int) n`;
  const found = await rows<Record<string, unknown>>(ctx(), text, [3]);
  expect(found).toEqual(
    [1, 2, 3].map((n) => ({
      n,
      nothing: null,
      big: 2,
      at: new Date('2027-01-02T03:04:05Z'),
      json: { a: [1] },
      list: ['x', 'y'],
      yes: true,
    })),
  );
  expect(Object.getPrototypeOf(found[0])).toBe(Object.prototype);
  expect(Object.keys(found[0] ?? {})).toEqual(['n', 'nothing', 'big', 'at', 'json', 'list', 'yes']);
});

test('a column may be called anything, and the last of two with one name counts', async () => {
  const row = await first<Record<string, unknown>>(
    ctx(),
    `select 1 as "a ""quoted"" one", 2 as "constructor", 3 as "__proto__", 4 as "']}; throw 1; //", 5 as twice, 6 as twice`,
  );
  expect(Object.entries(row ?? {})).toEqual([
    ['a "quoted" one', 1],
    ['constructor', 2],
    ['__proto__', 3],
    ["']}; throw 1; //", 4],
    ['twice', 6],
  ]);
});

test('the same names from statements that differ do not mix; no rows, counts, prepared statements and errors are as ever', async () => {
  expect(await rows(ctx(), 'select 1 as a, 2 as b')).toEqual([{ a: 1, b: 2 }]);
  expect(await rows(ctx(), 'select 2 as b, 1 as a')).toEqual([{ b: 2, a: 1 }]);
  expect(await rows(ctx(), 'select 1 as a where false')).toEqual([]);
  expect(await affected(ctx(), `update contact set name = name where external_id = 'nobody'`)).toBe(0);
  const text = prepared('select $1::int as asked');
  for (const asked of [1, 2]) expect(await rows(ctx(), text, [asked])).toEqual([{ asked }]);
  await expect(rows(ctx(), 'select nothing')).rejects.toMatchObject({ code: '42703' });
  await expect(rows(ctx(), 'select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' });
});

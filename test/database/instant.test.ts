import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readInstant } from '../../src/database/instant.js';
import { rows } from '../../src/database/sql.js';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });

test('instants are read as the database means them, to the millisecond, one after the other and in any order', async () => {
  const micros = fc.oneof(
    fc.integer({ min: 0, max: 3_000_000 }).map((each) => 1_800_000_000_000_000 + each),
    fc.integer({ min: -3_000_000, max: 3_000_000 }),
    fc.integer({ min: -60_000_000_000, max: 200_000_000_000 }).map((each) => each * 1_000_000),
  );
  const given = fc.sample(micros, 500);
  const found = await rows<{ at: Date; ms: number; text: string }>(
    app.context(),
    `select 'epoch'::timestamptz + u * interval '1 microsecond' as at, floor(u / 1000.0)::bigint as ms,
       ('epoch'::timestamptz + u * interval '1 microsecond')::text as text from unnest($1::bigint[]) with ordinality as g (u, n) order by n`,
    [given],
  );
  expect(found.map(({ at, text }) => [text, at.getTime()])).toEqual(found.map(({ ms, text }) => [text, ms]));
});

test('what has no fraction, another zone, or no end is read as before', () => {
  readInstant('2027-01-02 03:04:05.5+00');
  for (const text of ['2027-01-02 03:04:05+00', '2027-01-02 03:04:05.5+02', '2027-01-02 03:04:05.25+05:30', '2027-01-02 03:04:05.125+00']) {
    expect([text, readInstant(text).getTime()]).toEqual([text, new Date(text).getTime()]);
  }
  expect(readInstant('infinity').getTime()).toBeNaN();
});

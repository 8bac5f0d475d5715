import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importEvents } from '../../src/cli/import/import-events.js';
import { openApp } from '../support/app.js';

const app = await openApp({ env: { ROLE: 'api' } });
const file = join(mkdtempSync(join(tmpdir(), 'carillon-events-')), 'happened.ndjson');

test('E15 E16x events are imported from NDJSON: a line with a problem is named and left out, and importing again is harmless', async () => {
  await app.call('mutation { upsertCrmRecords(input: { contacts: [{ externalId: "anna", name: "Anna" }] }) { inserted } }');
  const object = { type: 'contact', externalId: 'anna' };
  const lines = [
    { object, event: 'portal_registered', idempotencyKey: '1', occurredAt: '2026-01-02T03:04:05Z' },
    { object, event: 'portal_registerd' },
    { object: { type: 'contact', externalId: 'nobody' }, event: 'created' },
    { event: 'created' },
    { object, event: 'created', payload: [] },
    { object, event: 'created', when: 'now' },
    { object, event: 'updated', occurredAt: 'yesterday' },
    { object, event: 'password_reset_requested', payload: { code: 'x' }, idempotencyKey: '2' },
  ];
  writeFileSync(file, lines.map((each) => JSON.stringify(each)).join('\n'));
  const dry = await importEvents(app.context, { file, dryRun: true });
  expect(dry).toMatchObject({ rows: 8, refused: 6, inserted: 2 });
  expect(await app.sql('select 1 from event')).toEqual([]);
  const report = await importEvents(app.context, { file });
  expect(report).toMatchObject({ rows: 8, refused: 6, inserted: 2, unchanged: 0, problemCount: 6 });
  expect(report.problems.map((each) => each.line)).toEqual([2, 3, 4, 5, 6, 7]);
  expect(report.problems[0]).toMatchObject({ field: 'event', message: expect.stringContaining('portal_registered') });
  expect(await importEvents(app.context, { file })).toMatchObject({ inserted: 0, unchanged: 2 });
  expect(await app.sql('select count(*)::int as n from event')).toEqual([{ n: 2 }]);
});

test('E15 E2x a line whose key another event has is named and left out, in a dry run as in a real one', async () => {
  const object = { type: 'contact', externalId: 'anna' };
  const lines = [
    { object, event: 'portal_registered', idempotencyKey: '3' },
    { object, event: 'password_reset_requested', idempotencyKey: '3' },
    { object, event: 'portal_registered' },
    { object, event: 'password_reset_requested', payload: { code: 'y' }, idempotencyKey: '2' },
  ];
  writeFileSync(file, lines.map((each) => JSON.stringify(each)).join('\n'));
  const expected = { rows: 4, refused: 2, inserted: 2, unchanged: 0, problems: [{ line: 2, field: 'idempotencyKey' }, { line: 4 }] };
  expect(await importEvents(app.context, { file, dryRun: true })).toMatchObject(expected);
  expect(await importEvents(app.context, { file })).toMatchObject(expected);
});

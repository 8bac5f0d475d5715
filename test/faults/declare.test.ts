import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { startProgram } from './process.js';

test('what one process declares, another one knows with its very next operation', { timeout: 60_000 }, async () => {
  const secret = 'a secret of the declaring tests, long enough';
  const app = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret } });
  const program = await startProgram({ DATABASE_URL: app.databaseUrl, SECRET_KEY: secret, ROLE: 'api' });
  const authorization = `Bearer ${await app.token('ADMIN', 'admin')}`;
  const there = async (query: string) => {
    const body = JSON.stringify({ query });
    const response = await fetch(`${program.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body,
    });
    return (await response.json()) as { data?: unknown; errors?: unknown };
  };
  // Both have read the catalogue before.
  expect(await there('{ tags(prefix: "parcel") { name } }')).toEqual({ data: { tags: [] } });
  await app.call('mutation { upsertCrmRecords(input: { contacts: [{ externalId: "C1", name: "Eleni" }] }) { inserted } }');

  const label = 'labels: [{ language: "en", text: "x" }]';
  await app.call(`mutation { declareObjectType(input: { name: "parcel", ${label} }) { objectType { name } } }`);
  for (let round = 0; round < 10; round++) {
    const field = `mutation { declareField(input: { objectType: "parcel", name: "f${round}", kind: TEXT, ${label} }) { objectType { name } } }`;
    const use = `mutation { upsertCrmRecords(input: { objects: [{ type: "parcel", externalId: "P${round}", contact: "C1", fields: { f${round}: "x" } }] }) { inserted } }`;
    if (round % 2 === 0) {
      await app.call(field);
      expect(await there(use)).toEqual({ data: { upsertCrmRecords: { inserted: 1 } } });
    } else {
      expect((await there(field)).errors).toBeUndefined();
      expect((await app.call(use)).upsertCrmRecords.inserted).toBe(1);
    }
  }
  expect(await program.kill('SIGTERM')).toBe(0);
});

import { afterEach, expect, test, vi } from 'vitest';
import { createApiKey, makeAuthenticate, signToken } from '../../src/access/token.js';
import { readConfig } from '../../src/config.js';
import { openApp } from '../support/app.js';

const secret = new TextEncoder().encode('a secret of thirty-two characters');
const nobody = {} as never; // A JWT is verified without the database.
const authenticate = makeAuthenticate(readConfig({}), secret);

afterEach(() => vi.useRealTimers());

test('a token that was verified before is refused once it has ended', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const shown = `Bearer ${await signToken(secret, 'CONTACT', 'C1', new Date(Date.now() + 60_000))}`;
  const viewer = await authenticate(nobody, shown);
  expect(viewer).toMatchObject({ role: 'CONTACT', subject: 'C1' });
  vi.setSystemTime(Date.now() + 59_000);
  expect(await authenticate(nobody, shown)).toEqual(viewer);
  vi.setSystemTime(Date.now() + 7_000);
  await expect(authenticate(nobody, shown)).rejects.toThrow('The token has expired');
});

test('a token that differs from one that was verified is verified itself', async () => {
  const token = await signToken(secret, 'CONTACT', 'C1', '1h');
  await authenticate(nobody, `Bearer ${token}`);
  const [head, , signature] = token.split('.');
  const payload = Buffer.from(JSON.stringify({ role: 'ADMIN', sub: 'C1', exp: Math.floor(Date.now() / 1_000) + 3_600 }));
  await expect(authenticate(nobody, `Bearer ${head}.${payload.toString('base64url')}.${signature}`)).rejects.toThrow('not valid');
});

const app = await openApp({ env: { ROLE: 'api' } });

test('an API key that was shown before is refused at once when it is revoked', async () => {
  const key = await createApiKey(app.context(), 'CONTACT', 'C1', null);
  expect(await authenticate(app.context(), `Bearer ${key}`)).toMatchObject({ subject: 'C1' });
  await app.sql(`update api_key set revoked_at = clock_timestamp() where subject = 'C1'`);
  await expect(authenticate(app.context(), `Bearer ${key}`)).rejects.toThrow('revoked');
});

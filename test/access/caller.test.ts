import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();

test('the token says who is calling', async () => {
  expect(await app.call('{ me { role subject } }', {}, ['CONTACT', 'C0001'])).toEqual({ me: { role: 'CONTACT', subject: 'C0001' } });
});

test('without a token only the schema can be seen', async () => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ me { role } }' }),
  });
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

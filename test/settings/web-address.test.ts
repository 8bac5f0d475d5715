import { expect, test } from 'vitest';
import { isOperatorAddress, isWebAddress } from '../../src/settings/web-address.js';

test.each([
  'https://example.org',
  'http://example.org:8080/a/b?c=d&e=%20#f',
  'https://παράδειγμα.gr/α?β=γ',
  'https://xn--hxajbheg2az3al.xn--qxam/',
  'https://[2001:db8::1]/x',
  'HTTPS://EXAMPLE.ORG/',
])('%s is an address that a reader may be sent to', (address) => {
  expect(isWebAddress(address)).toBe(true);
});

test.each([
  '',
  'example.org',
  '//evil.example',
  '///evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  'https:\\\\evil.example',
  '\\\\evil.example',
  'https://example.org\\@evil.example',
  'https://good.example@evil.example/',
  'https://user:secret@evil.example/',
  'https://good.example%40evil.example/',
  'https://@evil.example/',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)//https://example.org',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'ftp://example.org',
  'https://example.org/\r\nSet-Cookie: a=b',
  'https://example.org/\n',
  ' https://example.org',
  'https://example.org/ x',
  'https://example.org/\u0000',
  'https://example.org/\u202e',
  'https://example.org/"><script>',
  'https://',
  'https://.',
  `https://example.org/${'a'.repeat(2_000)}`,
])('%j is not', (address) => {
  expect(isWebAddress(address)).toBe(false);
});

test('an operator gives https; http only to this machine, outside production', () => {
  expect(isOperatorAddress('https://portal.example.org/x', true)).toBe(true);
  expect(isOperatorAddress('http://portal.example.org/x', false)).toBe(false);
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    expect(isOperatorAddress(`http://${host}:4000/x`, false)).toBe(true);
    expect(isOperatorAddress(`http://${host}:4000/x`, true)).toBe(false);
  }
  expect(isOperatorAddress('http://localhost.evil.example/', false)).toBe(false);
});

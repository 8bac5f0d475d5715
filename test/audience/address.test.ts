import { expect, test } from 'vitest';
import { readEmail, readPhone } from '../../src/audience/address.js';

test.each(['a@example.org', "o'neil+tag@sub.example.co.uk", 'a_b%c@xn--bcher-kva.example', 'a@bücher.example', '1@1a.example'])(
  '%s is an e-mail address',
  (text) => {
    expect(readEmail(text)).toEqual({ address: text });
  },
);

test.each([
  '',
  '@example.org',
  'a@',
  'a@b',
  'a b@example.org',
  'a@example.org\r\nBcc: b@example.org',
  'a@example.org, b@example.org',
  'A <a@example.org>',
  '"a b"@example.org',
  'a..b@example.org',
  '.a@example.org',
  'a@-example.org',
  'a@example..org',
  'a@example.1',
  'a@[127.0.0.1]',
  'a@exam ple.org',
  'a@example.org\u0000',
  `${'x'.repeat(65)}@example.org`,
  `a@${'x'.repeat(64)}.org`,
])('%j is no e-mail address', (text) => {
  expect(readEmail(text).problem?.code).toBe('INVALID_EMAIL');
});

test.each([
  ['+35799123456', '+35799123456'],
  ['+1 202 555 0143', '+12025550143'],
  ['+44 (20) 7946-0958', '+442079460958'],
  ['+357.22.000.000', '+35722000000'],
])('%s is kept as %s', (given, kept) => {
  expect(readPhone(given)).toEqual({ address: kept });
});

test.each(['', '99123456', '0035799123456', '+', '+0000000', '+1', '+357 99 12', '+12025550143x5', 'tel:+12025550143', '+1202555014399'])(
  '%j is no international number',
  (text) => {
    expect(readPhone(text).problem?.code).toBe('INVALID_PHONE');
  },
);

test.each([
  ['99123456', ['CY'], '+35799123456'],
  ['22 000 000', ['CY', 'GR'], '+35722000000'],
  ['691 234 5678', ['CY', 'GR'], '+306912345678'],
  ['(020) 7946-0958', ['GB'], '+442079460958'],
  ['+12025550143', ['CY'], '+12025550143'],
])('%s in %s is kept as %s', (given, countries, kept) => {
  expect(readPhone(given, countries)).toEqual({ address: kept });
});

test.each([
  ['99123456', []],
  ['123', ['CY']],
  ['99123456x', ['CY']],
  ['tel:99123456', ['CY']],
  ['99123456789012345', ['CY', 'GR']],
  ['99123456', ['XX']],
])('%j in %j is no phone number', (text, countries) => {
  expect(readPhone(text, countries).problem?.code).toBe('INVALID_PHONE');
});

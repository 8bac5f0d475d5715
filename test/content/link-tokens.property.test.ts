import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCodeOf, readCode, readToken, writeCode, writeToken } from '../../src/content/links/token.js';
import { dynamicLinkActions } from '../../src/settings/dynamic-links.js';

const keys = [randomBytes(32), randomBytes(32), randomBytes(32)];
const keyOf = (id: number) => keys[id];

const token = fc.record({
  keyId: fc.nat(2),
  action: fc.constantFrom(...dynamicLinkActions),
  communicationId: fc.uuid(),
  contactId: fc.uuid(),
  objectId: fc.option(fc.uuid()),
  expiresAt: fc.option(fc.integer({ min: 1, max: 2 ** 32 - 1 })),
});
const signed = token.map((each) => ({ each, text: writeToken(each, keys[each.keyId] ?? randomBytes(32)) }));

test('D17, D18 a token says contact, action, communication, object and expiry, and is read as it was written', () => {
  fc.assert(
    fc.property(signed, ({ each, text }) => {
      expect(readToken(text, keyOf)).toEqual(each);
      expect(text).toMatch(/^[\w-]{72}$|^[\w-]{94}$/);
    }),
  );
});

test('any changed character of a token makes it nobody’s', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  fc.assert(
    fc.property(signed, fc.nat(), fc.nat(), ({ text }, place, letter) => {
      const at = place % text.length;
      const other = alphabet[letter % alphabet.length] ?? 'A';
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      if (changed !== text) expect(readToken(changed, keyOf)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

test('any changed byte of a token makes it nobody’s, the last bits of its last letter too', () => {
  fc.assert(
    fc.property(signed, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ text }, place, flip) => {
      const bytes = Buffer.from(text, 'base64url');
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      expect(readToken(bytes.toString('base64url'), keyOf)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
  const text = writeToken({ ...first, objectId: first.contactId }, keys[0] ?? randomBytes(32));
  const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((each) => text.slice(0, -1) + each);
  expect(spellings.filter((each) => readToken(each, keyOf))).toEqual([text]);
});

const first = {
  keyId: 0,
  action: 'OPT_OUT_DIRECT_MARKETING',
  communicationId: '0192aaaa-0000-7000-8000-000000000001',
  contactId: '0192aaaa-0000-7000-8000-000000000002',
  objectId: null,
  expiresAt: null,
} as const;

test('a token that is cut, lengthened, padded or anything else is nobody’s', () => {
  const text = writeToken(first, keys[0] ?? randomBytes(32));
  for (const other of [
    '',
    text.slice(1),
    `${text}A`,
    `${text}=`,
    `${text}\n`,
    ` ${text}`,
    `${text}${text}`,
    '../../etc/passwd',
    'x'.repeat(72),
  ])
    expect(readToken(other, keyOf)).toBeUndefined();
  fc.assert(fc.property(fc.string({ maxLength: 120 }), (other) => readToken(other, keyOf) === undefined));
});

test('a key that is not believed any more, or another one, makes every token nobody’s', () => {
  const text = writeToken(first, keys[0] ?? randomBytes(32));
  expect(readToken(text, () => undefined)).toBeUndefined();
  expect(readToken(text, () => keys[1])).toBeUndefined();
});

test('a short code is that of one link of one communication; any changed byte makes it nobody’s', () => {
  fc.assert(
    fc.property(
      fc.nat(2 ** 31),
      fc.nat(255),
      fc.uuid(),
      fc.uuid(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (seq, index, id, other, place, flip) => {
        const key = keys[0] ?? randomBytes(32);
        const text = writeCode({ seq, index }, id, key);
        expect(text).toMatch(/^[\w-]{20}$/);
        expect(readCode(text)).toEqual({ seq, index });
        expect(isCodeOf(text, id, key)).toBe(true);
        expect(isCodeOf(text, other, key)).toBe(id === other);
        const bytes = Buffer.from(text, 'base64url');
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expect(isCodeOf(bytes.toString('base64url'), id, key)).toBe(false);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('10,000 guesses at the code of a communication find nothing', () => {
  const key = keys[0] ?? randomBytes(32);
  const head = Buffer.from(writeCode({ seq: 7, index: 0 }, first.communicationId, key), 'base64url').subarray(0, 6);
  let found = 0;
  for (let guess = 0; guess < 10_000; guess++) {
    const text = Buffer.concat([head, randomBytes(9)]).toString('base64url');
    if (isCodeOf(text, first.communicationId, key)) found += 1;
  }
  expect(found).toBe(0);
});

import fc from 'fast-check';
import { validateMessage } from 'graphql-ws';
import { expect, test } from 'vitest';
import { readMessage } from '../../src/sockets/message.js';

/** What clients send: the reference would also take what only servers send, and fail later. */
const ofClients = ['connection_init', 'ping', 'pong', 'subscribe', 'complete'];

function isOfReference(value: unknown): boolean {
  try {
    return ofClients.includes(validateMessage(value).type);
  } catch {
    return false;
  }
}

const odd = fc.constantFrom(undefined, null, '', 'x', 0, 1, true, [], [1], {}, { a: 1 });
const payload = fc.oneof(
  odd,
  fc.record({ query: odd, variables: odd, operationName: odd, extensions: odd }, { requiredKeys: [] }),
  fc.record({ query: fc.constant('{ me { role } }'), variables: odd, operationName: odd, extensions: odd }, { requiredKeys: ['query'] }),
);
const message = fc.record(
  { type: fc.oneof(fc.constantFrom(...ofClients, 'next', 'error', 'connection_ack', 'nonsense'), odd), id: odd, payload },
  { requiredKeys: [] },
);

test('what is a message, and what is none, is what the reference implementation says', () => {
  fc.assert(
    fc.property(fc.oneof(message, odd), (value) => {
      const text = JSON.stringify(value) ?? '';
      const given: unknown = text === '' ? undefined : JSON.parse(text);
      expect([text, readMessage(text) !== undefined]).toEqual([text, isOfReference(given)]);
    }),
    { numRuns: 3_000 },
  );
});

test.each(['', 'not JSON', '{"type":', '[]', 'null', '"ping"'])('%j is no message', (text) => {
  expect(readMessage(text)).toBeUndefined();
});

test('a message is read as it was sent', () => {
  const sent = { type: 'subscribe', id: '1', payload: { query: '{ me { role } }', variables: { a: [1] }, operationName: null } };
  expect(readMessage(JSON.stringify(sent))).toEqual(sent);
});

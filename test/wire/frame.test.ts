import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { type Frame, frameEncoding, textFrame } from '../../src/sockets/frame.js';

/** Its types leave it out. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What ws reads in the frame; those of a server are not masked. */
async function readBack(frame: Frame): Promise<string> {
  const receiver = new Receiver({ isServer: false });
  return await new Promise((done, failed) => {
    receiver.on('message', (data: Buffer, isBinary: boolean) => (isBinary ? failed(new Error('binary')) : done(String(data))));
    receiver.on('error', failed);
    receiver.write(frame, frameEncoding);
  });
}

test.each([
  ['nothing', ''],
  ['the longest short frame', 'x'.repeat(125)],
  ['the shortest medium frame', 'x'.repeat(126)],
  ['a multiple of bytes for each letter', 'Καλημέρα 🔔 '.repeat(20)],
  ['letters of one octet in latin1 and two in UTF-8', 'naïve £5 \x80\xff'.repeat(20)],
  ['text and signs of control', '\u0000\u007f"\\'],
  ['the longest medium frame', 'x'.repeat(65_535)],
  ['the shortest long frame', 'x'.repeat(65_536)],
])('a text is one frame: %s', async (_name, text) => {
  expect(await readBack(textFrame(text))).toBe(text);
});

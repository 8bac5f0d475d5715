/** To be written with `frameEncoding`, which means nothing to a buffer. */
export type Frame = Buffer | string;

export const frameEncoding = 'latin1';

/**
 * A text as one frame of a server (RFC 6455, 5.2: final, not masked), in one piece: ws writes head and body apart, two buffers and a gathering write
 * for each delivered entry. What is ASCII alone, as most is, stays a text: no buffer is made for it at all.
 */
export function textFrame(text: string): Frame {
  const size = Buffer.byteLength(text);
  if (size === text.length && size < 65_536) return `${headOf(size)}${text}`;
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + size);
  frame[0] = 0x81;
  if (head === 2) {
    frame[1] = size;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.write(text, head);
  return frame;
}

function headOf(size: number): string {
  return size < 126 ? String.fromCharCode(0x81, size) : String.fromCharCode(0x81, 126, size >> 8, size & 0xff);
}

import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Viewer } from '../access/viewer.js';
import { textFrame } from './frame.js';
import { type SocketLimits, tryLater } from './limits.js';

/** One client's socket, with what it costs us. Times are milliseconds of `performance.now()`. */
export interface Line {
  readonly socket: WebSocket;
  viewer: Viewer | undefined;
  /** Sends a text; waits only while more than `highWater` bytes wait for the client. Ends quietly where the socket is closed. */
  send(text: string): Promise<void> | void;
  /** Closes with a code and words, and cuts it off when it does not take note. */
  close(code: number, reason: string): void;
  readonly closing: boolean;
  /** Looks at the clocks; closes where one has run out. */
  check(now: number): void;
  /** A message that is no operation has come; too many of them close the socket. */
  control(): void;
  /** Whoever asks for more while much is unread is closed: true where that was so. */
  overfull(): boolean;
}

/** What all sockets of the process share. */
export interface Shared {
  limits: SocketLimits;
  log: Logger;
  /** Bytes of messages whose end has not come. */
  unfinished: number;
}

/** A masked frame of a client: two bytes and its mask around what it carries. */
const frameBytes = 6;

export function openLine(socket: WebSocket, raw: Duplex, shared: Shared): Line {
  const { limits } = shared;
  let heard = performance.now();
  let pinged = heard;
  let waiting = 0;
  let slowSince: number | undefined;
  let closing: number | undefined;
  let controls = limits.controlBurst;
  let controlsAt = heard;
  let unfinished = 0;
  let unfinishedSince = 0;

  const count = (bytes: number) => {
    const next = Math.max(0, unfinished + bytes);
    if (unfinished === 0 && next > 0) unfinishedSince = performance.now();
    shared.unfinished += next - unfinished;
    unfinished = next;
  };
  const onData = (chunk: Buffer) => {
    heard = performance.now();
    count(chunk.length);
    if (shared.unfinished > limits.unfinished) line.close(tryLater, 'Too much is unfinished: finish your messages');
  };
  const onControl = (data: Buffer) => {
    count(-data.length - frameBytes);
    line.control();
  };
  // Before ws itself: what a chunk ends is told while ws reads it.
  raw.prependListener('data', onData);
  socket.on('message', () => count(-unfinished));
  socket.on('ping', onControl);
  socket.on('pong', onControl);
  socket.once('close', () => {
    raw.off('data', onData);
    count(-unfinished);
  });

  const line: Line = {
    socket,
    viewer: undefined,
    get closing() {
      return closing !== undefined;
    },
    send(text) {
      if (socket.readyState !== socket.OPEN) return undefined;
      const frame = textFrame(text);
      if (raw.writableLength < limits.highWater) return void raw.write(frame);
      waiting += 1;
      slowSince ??= performance.now();
      return new Promise((done) =>
        raw.write(frame, () => {
          waiting -= 1;
          slowSince = waiting > 0 ? performance.now() : undefined;
          done();
        }),
      );
    },
    close(code, reason) {
      if (closing !== undefined) return;
      closing = performance.now();
      if (code === tryLater)
        shared.log.info({ code, reason, role: line.viewer?.role, subject: line.viewer?.subject }, 'a socket was closed');
      socket.close(code, reason);
    },
    check(now) {
      if (closing !== undefined) {
        if (now - closing > limits.graceMs) socket.terminate();
      } else if (slowSince !== undefined && now - slowSince > limits.slowMs) {
        line.close(tryLater, 'Too slow: go on from the last cursor');
      } else if (unfinished > 0 && now - unfinishedSince > limits.messageMs) {
        line.close(tryLater, 'A message was not finished');
      } else if (now - heard > 2 * limits.pingMs) {
        socket.terminate();
      } else if (now - pinged >= limits.pingMs) {
        pinged = now;
        socket.ping(ignore);
      }
    },
    control() {
      const now = performance.now();
      controls = Math.min(limits.controlBurst, controls + ((now - controlsAt) * limits.controlsPerSecond) / 1_000) - 1;
      controlsAt = now;
      if (controls < 0) line.close(tryLater, 'Too many pings');
    },
    overfull() {
      if (raw.writableLength < limits.unread) return false;
      line.close(tryLater, 'Read the answers before you ask for more');
      return true;
    },
  };
  return line;
}

/** A socket that goes away says so by its close, not by the frames that it did not take. */
function ignore(): void {}

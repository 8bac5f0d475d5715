import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Viewer } from '../access/viewer.js';
import { type Frame, frameEncoding, textFrame } from './frame.js';
import { closeCodes } from './message.js';
import type { Operation } from './operation.js';
import type { Room } from './room.js';

/** A masked frame of a client: two bytes and its mask around what it carries. */
const frameBytes = 6;
/** A control frame carries 125 bytes, two of them the code. */
const mostReason = 123;

/** Milliseconds on a clock that only goes forward. Whole ones: V8 keeps those within the object. */
export function ticks(): number {
  return Math.trunc(performance.now());
}

/**
 * One client's socket, with what it costs us. Tens of thousands are idle at a time: so a class, with listeners that all sockets
 * share and no timer of its own.
 */
export class Line {
  /** Who it is, once it has been admitted. */
  viewer: Viewer | undefined = undefined;
  /** connection_init has come. */
  greeted = false;
  /** Nearly always one: looked through, not looked up. */
  readonly operations: Operation[] = [];
  private readonly bornAt = ticks();
  private heardAt = this.bornAt;
  private pingedAt = this.bornAt;
  /** Frames that wait for the client above the high water, and since when it has taken none; 0 where none waits. */
  private waiting = 0;
  private slowSince = 0;
  private closingSince = 0;
  private controls: number;
  private controlsAt = this.bornAt;
  /** Bytes of a message whose end has not come, and since when. */
  private unfinished = 0;
  private unfinishedSince = 0;

  constructor(
    readonly socket: WebSocket,
    readonly raw: Duplex,
    readonly room: Room,
  ) {
    this.controls = room.limits.controlBurst;
  }

  get closing(): boolean {
    return this.closingSince > 0;
  }

  /** Whether it can still be written to. */
  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Sends a text; answers a promise only where more than `highWater` bytes wait for the client. Ends quietly where the socket is closed. */
  send(text: string): Promise<void> | undefined {
    if (!this.isOpen) return undefined;
    const frame = textFrame(text);
    if (this.raw.writableLength >= this.room.limits.highWater) return this.sendSlowly(frame);
    this.raw.write(frame, frameEncoding);
    return undefined;
  }

  private async sendSlowly(frame: Frame): Promise<void> {
    this.waiting += 1;
    this.slowSince ||= ticks();
    await new Promise<void>((done) => this.raw.write(frame, frameEncoding, () => done()));
    this.waiting -= 1;
    this.slowSince = this.waiting > 0 ? ticks() : 0;
  }

  /** Closes with a code and words, and ends what it asked for; it is cut off when it does not take note. */
  close(code: number, reason: string): void {
    if (this.closing) return;
    this.closingSince = ticks();
    const { room, viewer } = this;
    if (code === closeCodes.tryLater) room.log.info({ code, reason, role: viewer?.role, subject: viewer?.subject }, 'a socket was closed');
    this.socket.close(code, Buffer.byteLength(reason) > mostReason ? '' : reason);
    this.endAll();
  }

  /** The socket is closed. */
  gone(): void {
    this.finished();
    this.endAll();
  }

  /** Ends all that was asked for, without a word to the client. */
  private endAll(): void {
    for (const operation of this.operations.splice(0)) operation.end();
  }

  /** Looks at the clocks; closes where one has run out. */
  check(now: number): void {
    const { limits } = this.room;
    if (this.closing) {
      if (now - this.closingSince > limits.graceMs) this.socket.terminate();
    } else if (!this.greeted && now - this.bornAt > limits.initMs) {
      this.close(closeCodes.initTimeout, 'Connection initialisation timeout');
    } else if (this.slowSince > 0 && now - this.slowSince > limits.slowMs) {
      this.close(closeCodes.tryLater, 'Too slow: go on from the last cursor');
    } else if (this.unfinished > 0 && now - this.unfinishedSince > limits.messageMs) {
      this.close(closeCodes.tryLater, 'A message was not finished');
    } else if (now - this.heardAt > 2 * limits.pingMs) {
      this.socket.terminate();
    } else if (now - this.pingedAt >= limits.pingMs) {
      this.pingedAt = now;
      this.socket.ping(ignore);
    }
  }

  /** Bytes have come, of whatever kind. */
  heard(bytes: number): void {
    this.heardAt = ticks();
    this.count(bytes);
    if (this.room.unfinished > this.room.limits.unfinished) this.close(closeCodes.tryLater, 'Too much is unfinished: finish your messages');
  }

  /** A message is complete: nothing of it is unfinished any more. */
  finished(): void {
    this.count(-this.unfinished);
  }

  /** A ping or pong frame has come; pings are answered. */
  controlFrame(data: Buffer, isPing: boolean): void {
    this.count(-data.length - frameBytes);
    this.control();
    if (isPing && this.isOpen) this.socket.pong(data, false, ignore);
  }

  /** Something has come that is no operation; too much of that closes the socket. */
  control(): void {
    const { controlBurst, controlsPerSecond } = this.room.limits;
    const now = ticks();
    this.controls = Math.min(controlBurst, this.controls + ((now - this.controlsAt) * controlsPerSecond) / 1_000) - 1;
    this.controlsAt = now;
    if (this.controls < 0) this.close(closeCodes.tryLater, 'Too many pings');
  }

  /** Whoever asks for more while much is unread is closed: true where that was so. */
  overfull(): boolean {
    if (this.raw.writableLength < this.room.limits.unread) return false;
    this.close(closeCodes.tryLater, 'Read the answers before you ask for more');
    return true;
  }

  private count(bytes: number): void {
    const next = Math.max(0, this.unfinished + bytes);
    if (this.unfinished === 0 && next > 0) this.unfinishedSince = ticks();
    this.room.unfinished += next - this.unfinished;
    this.unfinished = next;
  }
}

/** A socket that goes away says so by its close, not by the frames that it did not take. */
function ignore(): void {}

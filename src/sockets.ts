import type { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { limits } from './graphql/limits.js';
import { closeExpired, closeRevoked, leave } from './sockets/admission.js';
import { type SocketLimits, socketLimits } from './sockets/limits.js';
import { Line, ticks } from './sockets/line.js';
import { closeCodes, subprotocol } from './sockets/message.js';
import { receive } from './sockets/protocol.js';
import type { Room, RoomParts } from './sockets/room.js';
import { refusalOf } from './sockets/upgrade.js';
import { within } from './within.js';

export interface SocketParts extends RoomParts {
  /** In place of the usual ones, for tests. */
  socketLimits?: Partial<SocketLimits> | undefined;
}

export interface Sockets {
  attach(server: Server): void;
  readonly open: number;
  /** Tells every client 1001 (going away), so that it reconnects elsewhere, and waits for what they have begun. */
  close(): Promise<void>;
}

/** Well within the 5 s after which a revoked token must have no stream left. */
const recheckMs = 2_000;
const checkMs = 500;
/** Of the time that a process has to stop, for what clients have begun: the database is closed after it. */
const finishMs = 5_000;

/** GraphQL over WebSocket (graphql-transport-ws), with the limits of HTTP and the same executor. Why not graphql-ws: docs/decisions/0025. */
export function openSockets({ schema, log, open, authenticate, documents, socketLimits: own }: SocketParts): Sockets {
  const room: Room = {
    ...{ schema, log, open, authenticate, documents },
    limits: { ...socketLimits, ...own },
    unfinished: 0,
    lines: new Set(),
    callers: new Map(),
    admitted: 0,
    underWay: new Set(),
  };
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bytes,
    perMessageDeflate: false,
    // Both are ours to do: the lines of the room are its sockets, and a ping counts before it is answered.
    clientTracking: false,
    autoPong: false,
    handleProtocols: (protocols) => (protocols.has(subprotocol) ? subprotocol : false),
  });
  // One timer for all sockets.
  const check = setInterval(() => {
    const now = ticks();
    for (const line of room.lines) line.check(now);
    closeExpired(room);
  }, checkMs);
  check.unref();
  const recheck = setInterval(() => void closeRevoked(room), recheckMs);
  recheck.unref();
  const upgrade = (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    const refusal = refusalOf(request.url ?? '/', room.lines.size - room.admitted >= room.limits.unadmitted);
    if (refusal) {
      raw.on('error', () => raw.destroy());
      raw.end(refusal);
      return;
    }
    server.handleUpgrade(request, raw, head, (socket) => enter(room, socket, raw));
  };
  let closed: Promise<void> | undefined;
  return {
    attach: (http) => void http.on('upgrade', upgrade),
    get open() {
      return room.lines.size;
    },
    close() {
      clearInterval(recheck);
      server.close();
      for (const line of room.lines) line.close(closeCodes.goingAway, 'Going away');
      closed ??= emptied(room).then(async () => {
        clearInterval(check);
        await within(finishMs, Promise.all(room.underWay));
      });
      return closed;
    },
  };
}

/** What `this` is in the listeners below: one function for all sockets, in place of a closure for each. */
const lineOf: unique symbol = Symbol('line');
interface WithLine extends EventEmitter {
  [lineOf]?: Line;
}

/** A new socket: its messages go to the protocol, and what it costs is watched. */
function enter(room: Room, socket: WebSocket & WithLine, raw: Duplex & WithLine): void {
  const line = new Line(socket, raw, room);
  room.lines.add(line);
  socket[lineOf] = line;
  raw[lineOf] = line;
  // Before ws itself: what a chunk ends is told while ws reads it.
  raw.prependListener('data', onData);
  socket.on('message', onMessage);
  socket.on('ping', onPing);
  socket.on('pong', onPong);
  socket.on('error', onError);
  socket.on('close', onClose);
  if (socket.protocol !== subprotocol) line.close(closeCodes.wrongSubprotocol, 'Subprotocol not acceptable');
}

function onData(this: WithLine, chunk: Buffer): void {
  this[lineOf]?.heard(chunk.length);
}

function onMessage(this: WithLine, data: RawData): void {
  const line = this[lineOf];
  line?.finished();
  if (line && !line.closing && !line.overfull()) receive(line, String(data));
}

function onPing(this: WithLine, data: Buffer): void {
  this[lineOf]?.controlFrame(data, true);
}

function onPong(this: WithLine, data: Buffer): void {
  this[lineOf]?.controlFrame(data, false);
}

/** Frames that break the protocol, and clients that vanish: ws closes with the code of what was wrong. */
function onError(this: WithLine, error: Error): void {
  this[lineOf]?.room.log.debug({ err: error }, 'a socket failed');
}

function onClose(this: WithLine): void {
  const line = this[lineOf];
  if (!line) return;
  // What ws has still to read of it counts no more.
  (line.raw as WithLine)[lineOf] = undefined;
  line.gone();
  line.room.lines.delete(line);
  leave(line);
  if (line.room.lines.size === 0) line.room.onEmpty?.();
}

async function emptied(room: Room): Promise<void> {
  if (room.lines.size === 0) return;
  await new Promise<void>((done) => {
    room.onEmpty = done;
  });
}

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { CloseCode, makeServer, type Context as SocketContext, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Authenticate, validKeys } from './access/token.js';
import { anonymous, type Viewer } from './access/viewer.js';
import type { Config } from './config.js';
import type { Context } from './context.js';
import { CallerError } from './errors.js';
import type { Documents } from './graphql/documents.js';
import { isAway } from './graphql/errors.js';
import { executeOperation } from './graphql/execute.js';
import { limits } from './graphql/limits.js';
import { subscribeOperation } from './graphql/subscribe.js';
import { goingAway, type SocketLimits, socketLimits, tryLater } from './sockets/limits.js';
import { type Line, openLine, type Shared } from './sockets/line.js';
import { pump } from './sockets/pump.js';
import { refusalOf } from './sockets/upgrade.js';

interface Parts {
  config: Config;
  schema: GraphQLSchema;
  log: Context['log'];
  open: (viewer: Viewer) => Context;
  authenticate: Authenticate;
  documents: Documents;
  /** In place of the usual ones, for tests. */
  socketLimits?: Partial<SocketLimits> | undefined;
}

export interface Sockets {
  attach(server: Server): void;
  readonly open: number;
  /** Tells every client 1001 (going away), so that it reconnects elsewhere. */
  close(): Promise<void>;
}

/** What graphql-ws hands back to us with a socket, and with an operation. */
type Extra = { line: Line } & Record<PropertyKey, unknown>;
type Socket = SocketContext<Record<string, unknown>, Extra>;
interface Asked {
  viewer: Viewer;
  line: Line;
  id: string;
}

interface Room extends Parts, Shared {
  lines: Set<Line>;
  /** Admitted sockets by caller. */
  callers: Map<string, number>;
  admitted: number;
}

/** Well within the 5 s after which a revoked token must have no stream left. */
const recheckMs = 2_000;
const checkMs = 500;

/** GraphQL over WebSocket (graphql-transport-ws), with the limits of HTTP and the same executor. */
export function openSockets(parts: Parts): Sockets {
  const room: Room = {
    ...parts,
    limits: { ...socketLimits, ...parts.socketLimits },
    unfinished: 0,
    lines: new Set(),
    callers: new Map(),
    admitted: 0,
  };
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
  });
  const protocol = protocolOf(room);
  const recheck = setInterval(() => void closeRevoked(room), recheckMs);
  recheck.unref();
  const check = setInterval(() => checkAll(room), checkMs);
  check.unref();
  const upgrade = (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    const refusal = refusalOf(request.url ?? '/', room.lines.size - room.admitted >= room.limits.unadmitted);
    if (refusal) {
      raw.on('error', () => raw.destroy());
      raw.end(refusal);
      return;
    }
    server.handleUpgrade(request, raw, head, (socket) => enter(room, protocol, socket, raw));
  };
  let closed: Promise<void> | undefined;
  return {
    attach: (http) => void http.on('upgrade', upgrade),
    get open() {
      return room.lines.size;
    },
    close() {
      clearInterval(recheck);
      closed ??= new Promise((done) => {
        for (const line of room.lines) line.close(goingAway, 'Going away');
        server.close(() => {
          clearInterval(check);
          done();
        });
      });
      return closed;
    },
  };
}

/** What of the protocol is ours to decide. */
function protocolOf(room: Room) {
  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: room.limits.initMs,
    onConnect: async ({ connectionParams, extra }) => await admit(room, extra.line, connectionParams?.['authorization']),
    onPing: ({ extra }) => extra.line.control(),
    onPong: ({ extra }) => extra.line.control(),
    onSubscribe: (socket, id, payload) => prepare(room, socket, id, payload),
    execute: ({ schema, document, operationName, variableValues, contextValue }) =>
      executeOperation({ schema, document, operationName, variables: variableValues, context: room.open((contextValue as Asked).viewer) }),
    subscribe: async ({ schema, document, operationName, variableValues, contextValue }) => {
      const { viewer, line, id } = contextValue as Asked;
      const open = () => room.open(viewer);
      const result = await subscribeOperation({ schema, document, operationName, variables: variableValues, open });
      return Symbol.asyncIterator in result ? pump(line, id, result) : result;
    },
  });
}

/** A new socket: its messages go to the protocol, and what it costs is watched. */
function enter(room: Room, protocol: ReturnType<typeof protocolOf>, socket: WebSocket, raw: Duplex): void {
  const { log, lines } = room;
  const line = openLine(socket, raw, room);
  lines.add(line);
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: async (text) => await line.send(text),
      close: (code = CloseCode.InternalServerError, reason = '') => line.close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data) => {
          if (line.closing || line.overfull()) return;
          handle(String(data)).catch((error: unknown) => {
            log.error({ err: error }, 'a message of a socket failed');
            line.close(CloseCode.InternalServerError, 'Internal server error');
          });
        }),
    },
    { line },
  );
  // Frames that break the protocol, and clients that vanish: ws closes with the code of what was wrong.
  socket.on('error', (error) => log.debug({ err: error }, 'a socket failed'));
  socket.once('close', (code, reason) => {
    lines.delete(line);
    if (line.viewer) leave(room, line.viewer);
    closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'a socket was not closed cleanly'));
  });
}

/** Closes with 4403 what shows no good token; the client gets a fresh one and comes back. */
async function admit(room: Room, line: Line, authorization: unknown): Promise<boolean> {
  const { open, authenticate, log } = room;
  try {
    const viewer = await authenticate(open(anonymous), typeof authorization === 'string' ? authorization : undefined);
    if (line.socket.readyState !== line.socket.OPEN) return false;
    const count = (room.callers.get(callerOf(viewer)) ?? 0) + 1;
    const most = viewer.role === 'CONTACT' ? room.limits.perContact : room.limits.perCaller;
    if (count > most) {
      line.close(tryLater, `One caller has at most ${most} sockets at a time`);
      return false;
    }
    room.callers.set(callerOf(viewer), count);
    room.admitted += 1;
    line.viewer = viewer;
    return true;
  } catch (error) {
    if (error instanceof CallerError) {
      line.close(CloseCode.Forbidden, error.message.slice(0, 120));
    } else {
      // Ours to mend, and theirs to try again.
      if (!isAway(error)) log.error({ err: error }, 'a socket could not be admitted');
      line.close(tryLater, 'Try again later');
    }
    return false;
  }
}

function leave(room: Room, viewer: Viewer): void {
  const { callers } = room;
  room.admitted -= 1;
  const left = (callers.get(callerOf(viewer)) ?? 0) - 1;
  if (left > 0) callers.set(callerOf(viewer), left);
  else callers.delete(callerOf(viewer));
}

function callerOf({ role, subject }: Viewer): string {
  return `${role} ${subject}`;
}

function checkAll({ lines }: Room): void {
  const [now, clock] = [performance.now(), Date.now()];
  for (const line of lines) {
    line.check(now);
    const end = line.viewer?.expiresAt;
    if (end && end.getTime() <= clock) line.close(CloseCode.Forbidden, 'The token has expired');
  }
}

async function closeRevoked({ open, log, lines }: Room): Promise<void> {
  const keys = new Set([...lines].flatMap(({ viewer }) => viewer?.apiKeyId ?? []));
  if (keys.size === 0) return;
  try {
    const valid = await validKeys(open(anonymous), [...keys]);
    for (const line of lines) {
      const key = line.viewer?.apiKeyId;
      // Not one that came while we asked.
      if (key && keys.has(key) && !valid.has(key)) line.close(CloseCode.Forbidden, 'The API key was revoked');
    }
  } catch (error) {
    log.debug({ err: error }, 'keys could not be checked');
  }
}

/** Parses here: left to graphql-ws, a syntax error would close the whole socket with a code that its client never retries. */
function prepare(
  { documents, schema, limits: { operations } }: Room,
  { subscriptions, extra }: Socket,
  id: string,
  payload: SubscribePayload,
) {
  if (Object.keys(subscriptions).length > operations) {
    const message = `A socket carries at most ${operations} operations at a time.`;
    return [new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } })];
  }
  const document = documents.read(payload.query);
  if (!('kind' in document)) return document;
  const asked: Asked = { viewer: extra.line.viewer ?? anonymous, line: extra.line, id };
  return {
    schema,
    document,
    operationName: payload.operationName ?? null,
    variableValues: payload.variables ?? {},
    contextValue: asked,
  };
}

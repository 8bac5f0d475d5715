import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { CloseCode, type Context as SocketContext, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
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

interface Parts {
  config: Config;
  schema: GraphQLSchema;
  log: Context['log'];
  open: (viewer: Viewer) => Context;
  authenticate: Authenticate;
  documents: Documents;
}

export interface Sockets {
  attach(server: Server): void;
  readonly open: number;
  /** Tells every client 1001 (going away), so that it reconnects elsewhere. */
  close(): Promise<void>;
}

/** What we know of a socket beside what graphql-ws knows. */
interface Known extends Record<PropertyKey, unknown> {
  viewer?: Viewer;
}

const path = '/graphql';
const subscriptionsPerSocket = 100;
const initWaitMs = 5_000;
const keepAliveMs = 12_000;
/** Well within the 5 s after which a revoked token must have no stream left. */
const recheckMs = 2_000;
const longestTimerMs = 2 ** 31 - 1;

/** GraphQL over WebSocket (graphql-transport-ws), with the limits of HTTP and the same executor. */
export function openSockets(parts: Parts): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bytes,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('graphql-transport-ws') ? 'graphql-transport-ws' : false),
  });
  const viewers = new Map<WebSocket, Viewer>();
  const disposable = useServer<Record<string, unknown>, Known>(
    {
      connectionInitWaitTimeout: initWaitMs,
      onConnect: async ({ connectionParams, extra }) => await admit(parts, viewers, extra, connectionParams?.['authorization']),
      onSubscribe: (socket, _id, payload) => prepare(parts, socket as SocketContext<Record<string, unknown>, Extra & Known>, payload),
      execute: ({ schema, document, operationName, variableValues, contextValue }) =>
        executeOperation({ schema, document, operationName, variables: variableValues, context: parts.open(contextValue as Viewer) }),
      subscribe: ({ schema, document, operationName, variableValues, contextValue }) =>
        subscribeOperation({ schema, document, operationName, variables: variableValues, open: () => parts.open(contextValue as Viewer) }),
      onClose: ({ extra }) => void viewers.delete(extra.socket),
    },
    server,
    keepAliveMs,
  );
  const recheck = setInterval(() => void closeRevoked(parts, viewers), recheckMs);
  recheck.unref();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
  };
  let closed: Promise<void> | undefined;
  return {
    attach: (http) => void http.on('upgrade', upgrade),
    get open() {
      return server.clients.size;
    },
    close() {
      clearInterval(recheck);
      closed ??= Promise.resolve(disposable.dispose());
      return closed;
    },
  };
}

/** Closes with 4403 what shows no good token; the client gets a fresh one and comes back. */
async function admit(
  { open, authenticate, log }: Parts,
  viewers: Map<WebSocket, Viewer>,
  extra: Extra & Known,
  authorization: unknown,
): Promise<boolean> {
  try {
    const viewer = await authenticate(open(anonymous), typeof authorization === 'string' ? authorization : undefined);
    extra.viewer = viewer;
    viewers.set(extra.socket, viewer);
    closeAtExpiry(extra.socket, viewer);
    return true;
  } catch (error) {
    if (error instanceof CallerError) {
      extra.socket.close(CloseCode.Forbidden, error.message.slice(0, 120));
    } else {
      // Ours to mend, and theirs to try again: 1013.
      if (!isAway(error)) log.error({ err: error }, 'a socket could not be admitted');
      extra.socket.close(1013, 'Try again later');
    }
    return false;
  }
}

function closeAtExpiry(socket: WebSocket, { expiresAt }: Viewer): void {
  if (!expiresAt) return;
  const timer = setTimeout(
    () => socket.close(CloseCode.Forbidden, 'The token has expired'),
    Math.min(expiresAt.getTime() - Date.now(), longestTimerMs),
  );
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

async function closeRevoked({ open, log }: Parts, viewers: Map<WebSocket, Viewer>): Promise<void> {
  const keys = new Set([...viewers.values()].flatMap(({ apiKeyId }) => apiKeyId ?? []));
  if (keys.size === 0) return;
  try {
    const valid = await validKeys(open(anonymous), [...keys]);
    for (const [socket, { apiKeyId }] of viewers) {
      if (apiKeyId && !valid.has(apiKeyId)) socket.close(CloseCode.Forbidden, 'The API key was revoked');
    }
  } catch (error) {
    log.debug({ err: error }, 'keys could not be checked');
  }
}

/** Parses here: left to graphql-ws, a syntax error would close the whole socket with a code that its client never retries. */
function prepare(
  { documents, schema }: Parts,
  { subscriptions, extra }: SocketContext<Record<string, unknown>, Extra & Known>,
  payload: SubscribePayload,
) {
  if (Object.keys(subscriptions).length > subscriptionsPerSocket) {
    const message = `A socket carries at most ${subscriptionsPerSocket} operations at a time.`;
    return [new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } })];
  }
  const document = documents.read(payload.query);
  if (!('kind' in document)) return document;
  return {
    schema,
    document,
    operationName: payload.operationName ?? null,
    variableValues: payload.variables ?? {},
    contextValue: extra.viewer ?? anonymous,
  };
}

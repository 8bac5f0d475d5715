/** The messages of graphql-transport-ws that clients send (PROTOCOL.md of graphql-ws). */
export type ClientMessage =
  | { type: 'connection_init' | 'ping' | 'pong'; payload?: Record<string, unknown> | null }
  | { type: 'subscribe'; id: string; payload: Asked }
  | { type: 'complete'; id: string };

/** What a client asks for with `subscribe`: a query, a mutation or a subscription. */
export interface Asked {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

export const subprotocol = 'graphql-transport-ws';

/** Close codes of the protocol; after those of the caller's fault its clients do not come back by themselves. */
export const closeCodes = {
  invalidMessage: 4400,
  notAdmitted: 4401,
  forbidden: 4403,
  wrongSubprotocol: 4406,
  initTimeout: 4408,
  idInUse: 4409,
  secondInit: 4429,
  ourFault: 4500,
  /** Those of WebSocket itself that we use: clients come back after both. */
  goingAway: 1001,
  tryLater: 1013,
} as const;

/** Reads a message; undefined where it is none of the protocol, or none that clients send. */
export function readMessage(text: string): ClientMessage | undefined {
  const message = parsed(text);
  if (!isObject(message)) return undefined;
  const { type, id, payload } = message;
  if (type === 'connection_init' || type === 'ping' || type === 'pong')
    return isMissing(payload) || isObject(payload) ? (message as ClientMessage) : undefined;
  if (typeof id !== 'string' || id === '') return undefined;
  if (type === 'complete' || (type === 'subscribe' && isAsked(payload))) return message as ClientMessage;
  return undefined;
}

function isAsked(payload: unknown): boolean {
  if (!isObject(payload) || typeof payload['query'] !== 'string') return false;
  const { operationName, variables, extensions } = payload;
  if (!isMissing(operationName) && typeof operationName !== 'string') return false;
  return [variables, extensions].every((each) => isMissing(each) || isObject(each));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { CloseCode, createClient } from 'graphql-ws';

export interface Connection {
  fetcher: Fetcher;
  close(): void;
}

/** Queries and mutations go over HTTP, subscriptions over one WebSocket, both as the holder of this token. */
export function connect(token: string | undefined, onRefused: () => void): Connection {
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  const wsClient = createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: authorization,
    // GraphiQL shows a lost subscription as its error; asking for it again is the reader's decision.
    retryAttempts: 0,
    on: { closed: (event) => isForbidden(event) && onRefused() },
  });
  const fetcher = createGraphiQLFetcher({ url: '/graphql', headers: authorization, wsClient, enableIncrementalDelivery: false });
  return { fetcher, close: () => wsClient.terminate() };
}

function isForbidden(event: unknown): boolean {
  return event instanceof CloseEvent && event.code === CloseCode.Forbidden;
}

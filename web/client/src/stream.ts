import { createClient } from 'graphql-ws';
import { type InboxEvent, type InboxSource, inboxChanged } from './operations.js';

const pingMs = 15_000;
const pongWithinMs = 5_000;
const acknowledgeWithinMs = 10_000;
const abnormalClosure = 1006;

/** Why a stream ended: the socket's close code, or the code of a GraphQL error. */
export interface StreamEnd {
  code: number | string;
  reason: string;
}
export interface StreamOptions extends InboxSource {
  url: string;
  token: string;
  onConnected(): void;
  onEvent(event: InboxEvent): void;
  /** Called once, whatever happens; not after `close()`. */
  onEnd(end: StreamEnd): void;
}
export interface Stream {
  close(): void;
}

/**
 * One socket, one subscription, no second try: reconnecting is the client's affair, because each attempt needs the cursor
 * of that moment, where graphql-ws would repeat the first one's.
 */
export function openStream(options: StreamOptions): Stream {
  let open = true;
  const end = (code: number | string, reason: string): void => {
    if (!open) return;
    open = false;
    client.terminate();
    options.onEnd({ code, reason });
  };
  const heartbeat = watchHeartbeat(() => client.terminate());
  const client = createClient({
    url: options.url,
    connectionParams: { authorization: `Bearer ${options.token}` },
    retryAttempts: 0,
    keepAlive: pingMs,
    connectionAckWaitTimeout: acknowledgeWithinMs,
    on: {
      connected: () => open && options.onConnected(),
      ping: (received) => !received && heartbeat.expectPong(),
      pong: (received) => received && heartbeat.beat(),
      closed: (event) => {
        heartbeat.beat();
        const { code, reason } = closeOf(event);
        end(code, reason);
      },
    },
  });
  client.subscribe<{ inboxChanged: InboxEvent }>(inboxChanged({ contactExternalId: options.contactExternalId, after: options.after }), {
    next: ({ data, errors }) => {
      if (errors?.length) return end(errorCode(errors), errors[0]?.message ?? '');
      if (open && data) options.onEvent(data.inboxChanged);
    },
    // A lost socket has been reported by `closed` already; what is left are the operation's own errors.
    error: (error) =>
      Array.isArray(error)
        ? end(errorCode(error), String(error[0]?.message ?? ''))
        : end(abnormalClosure, error instanceof Error ? error.message : ''),
    complete: () => end(1000, 'The server has ended the subscription'),
  });
  return {
    close() {
      open = false;
      client.terminate();
    },
  };
}

/** A phone that changes networks keeps a socket that looks open; a ping without its pong tells. */
function watchHeartbeat(onSilence: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    expectPong() {
      timer = setTimeout(onSilence, pongWithinMs);
    },
    beat() {
      clearTimeout(timer);
    },
  };
}

function closeOf(event: unknown): { code: number; reason: string } {
  const close = event as { code?: number; reason?: string };
  return { code: close.code ?? abnormalClosure, reason: close.reason ?? '' };
}

function errorCode(errors: readonly { extensions?: Record<string, unknown> }[]): string {
  const code = errors[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : 'INTERNAL';
}

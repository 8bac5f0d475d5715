import { createClient } from 'graphql-ws';
import { afterAll } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, type TestApp } from './app.js';

/** A real graphql-ws client that writes down what it saw. */
export interface Live<Event> {
  readonly events: Event[];
  /** Waits for an event, among those seen too. */
  until(check: (event: Event) => boolean, withinMs?: number): Promise<Event>;
  close(): Promise<void>;
}

export async function subscribe<Event = any>(
  app: TestApp,
  query: string,
  variables: Record<string, unknown>,
  [role, subject]: [role: 'ADMIN' | 'AGENT' | 'CONTACT' | 'EXTERNAL_SYSTEM', subject: string],
): Promise<Live<Event>> {
  const authorization = `Bearer ${await app.token(role, subject)}`;
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    lazy: false,
    retryAttempts: 0,
    // The application's end closes it, too; what matters is asked for in `until`.
    onNonLazyError: () => undefined,
  });
  const events: Event[] = [];
  let failure: unknown;
  client.subscribe(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors) failure = errors;
        else events.push(Object.values(data ?? {})[0] as Event);
      },
      error: (error) => {
        failure = error;
      },
      complete: () => undefined,
    },
  );
  const live: Live<Event> = {
    events,
    until: (check, withinMs = 10_000) =>
      eventually(
        () => {
          if (failure) throw new Error(`The subscription failed: ${JSON.stringify(failure)}`);
          return events.find(check) as Event;
        },
        { withinMs },
      ),
    close: async () => await client.dispose(),
  };
  afterAll(live.close);
  return live;
}

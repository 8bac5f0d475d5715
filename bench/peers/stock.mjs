// The usual way: graphql-ws and graphql-js as their documentation shows them, one async queue for each subscriber.
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { answer, startTail } from '../limits/tail.mjs';

const schema = buildSchema(`
  type Query { yes: Boolean }
  type Entry { id: ID! medium: String! state: String! subject: String body: String! viewedAt: String createdAt: String! expiresAt: String }
  type Event { kind: String! cursor: String entryId: ID entry: Entry pendingCount: Int unviewedCount: Int }
  type Subscription { inboxChanged(contactExternalId: String, externalSystemIds: [ID!]): Event! }
`);
const listeners = new Map();
const stop = await startTail(process.env.DATABASE_URL, (contact, event) => {
  for (const push of listeners.get(contact) ?? []) push(event);
});

async function* events(contact) {
  const waiting = [{ kind: 'SYNCED' }];
  let wake;
  const push = (event) => {
    waiting.push(event);
    wake?.();
  };
  listeners.set(contact, (listeners.get(contact) ?? new Set()).add(push));
  try {
    for (;;) {
      if (waiting.length === 0) await new Promise((done) => (wake = done));
      const event = waiting.shift();
      if (event)
        yield { inboxChanged: { ...event, entry: event.entry && { ...event.entry, createdAt: event.entry.createdAt.toISOString() } } };
    }
  } finally {
    listeners.get(contact)?.delete(push);
  }
}

const http = createServer();
const server = new WebSocketServer({ server: http, path: '/graphql', perMessageDeflate: false });
useServer({ schema, roots: { subscription: { inboxChanged: ({ contactExternalId }) => events(contactExternalId) } } }, server);
await new Promise((done) => http.listen(0, '127.0.0.1', done));
answer(`http://127.0.0.1:${http.address().port}`, stop);

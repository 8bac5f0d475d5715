// The bound: the same bytes on the wire, with nothing between the row and the socket but JSON.stringify.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answer, startTail } from './tail.mjs';

const subscribers = new Map();
const stop = await startTail(process.env.DATABASE_URL, (contact, event) => {
  const sockets = subscribers.get(contact);
  if (!sockets) return;
  const frame = `{"id":"w","type":"next","payload":${JSON.stringify({ data: { inboxChanged: event } })}}`;
  for (const socket of sockets) socket.send(frame);
});
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false, handleProtocols: () => 'graphql-transport-ws' });
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data));
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type !== 'subscribe') return;
    const { contact } = payload.variables;
    subscribers.set(contact, (subscribers.get(contact) ?? new Set()).add(socket));
    socket.send(`{"id":"w","type":"next","payload":{"data":{"inboxChanged":{"kind":"SYNCED"}}}}`);
  });
});
await new Promise((done) => http.listen(0, '127.0.0.1', done));
answer(`http://127.0.0.1:${http.address().port}`, stop);

import { WebSocket } from 'ws';
import { eventually, type TestApp } from './app.js';

export interface Message {
  type: string;
  id?: string;
  payload?: any;
}

/** A socket without a client library: for those that do what no library would. */
export interface RawSocket {
  readonly socket: WebSocket;
  readonly messages: Message[];
  /** The close code, once it is closed. */
  closed(): number | undefined;
  send(message: object): void;
  /** Waits for a message. */
  until(check: (message: Message) => unknown, withinMs?: number): Promise<Message>;
}

/** Opens a socket; `authorization` undefined speaks no connection_init, and otherwise connection_ack is waited for. */
export async function dial(app: Pick<TestApp, 'url'>, authorization: string | undefined, path = '/graphql'): Promise<RawSocket> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { perMessageDeflate: false });
  const messages: Message[] = [];
  let closed: number | undefined;
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('close', (code) => {
    closed = code;
  });
  socket.on('error', () => undefined);
  await new Promise<void>((done, fail) => {
    socket.once('open', () => done());
    socket.once('error', fail);
  });
  const line: RawSocket = {
    socket,
    messages,
    closed: () => closed,
    send: (message) => socket.send(JSON.stringify(message)),
    until: (check, withinMs = 10_000) => eventually(() => messages.find(check), { withinMs, everyMs: 5 }) as Promise<Message>,
  };
  if (authorization !== undefined) {
    line.send({ type: 'connection_init', payload: { authorization } });
    await eventually(() => closed !== undefined || messages.some((each) => each.type === 'connection_ack'), { everyMs: 5 });
  }
  return line;
}

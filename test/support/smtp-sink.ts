import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A message that the outside has accepted. */
export interface Arrived {
  from: string;
  to: string[];
  raw: string;
  mail: Email;
  at: number;
}

/** How the sink answers a message: default 250. */
export type Answer =
  | { kind: 'accept' }
  | { kind: 'refuse'; code: number; text: string; stage?: 'MAIL FROM' | 'RCPT TO' | 'DATA' }
  /** Takes the message, and closes the connection instead of answering. */
  | { kind: 'drop' }
  /** Closes the connection at RCPT TO, before any message. */
  | { kind: 'hangUp' }
  /** Answers when the promise resolves. */
  | { kind: 'wait'; until: Promise<unknown> };

export interface Sink {
  readonly url: string;
  readonly port: number;
  /** Every message accepted, dropped ones included: the sink has them. */
  readonly arrived: Arrived[];
  /** How many connections were opened. */
  readonly connections: () => number;
  /** Decides for each recipient; called at MAIL FROM (with an empty recipient), RCPT TO and after the message. */
  answer: (to: string, stage: 'MAIL FROM' | 'RCPT TO' | 'DATA') => Answer;
  close(): Promise<void>;
}

const accept: Answer = { kind: 'accept' };

/** A real SMTP server, outside of everything under test, that writes down what it accepts. */
export async function openSink(options: SMTPServerOptions & { port?: number } = {}): Promise<Sink> {
  const arrived: Arrived[] = [];
  let connections = 0;
  const { port: wanted = 0, ...serverOptions } = options;
  const refused = (answer: Answer) =>
    answer.kind === 'refuse' ? Object.assign(new Error(answer.text), { responseCode: answer.code }) : null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', ...(serverOptions.onAuth ? [] : ['AUTH'])],
    disableReverseLookup: true,
    closeTimeout: 200,
    logger: false,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onMailFrom: (_address, _session, done) => done(refused(sink.answer('', 'MAIL FROM'))),
    onRcptTo(address, session, done) {
      const answer = sink.answer(address.address, 'RCPT TO');
      if (answer.kind === 'hangUp') return cut(session.id);
      done(refused(answer));
    },
    onData(stream, session, done) {
      void (async () => {
        // A client that died in the middle of its message has sent none.
        const raw = await buffer(stream).catch(() => undefined);
        if (!raw) return;
        const to = session.envelope.rcptTo.map((each) => each.address);
        const answer = sink.answer(to[0] ?? '', 'DATA');
        const error = refused(answer);
        if (error) return done(error);
        if (answer.kind === 'wait') await answer.until;
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : '';
        arrived.push({ from, to, raw: raw.toString('utf8'), mail: await PostalMime.parse(raw), at: Date.now() });
        if (answer.kind === 'drop') cut(session.id);
        else done(null, `queued as ${arrived.length}`);
      })();
    },
    ...serverOptions,
  });
  const cut = (id: string) => {
    for (const connection of server.connections) if ((connection as { id?: string }).id === id) closeNow(connection);
  };
  server.on('error', () => undefined);
  await new Promise<void>((listening) => server.listen(wanted, '127.0.0.1', () => listening()));
  const { port } = server.server.address() as AddressInfo;
  const sink: Sink = {
    url: `smtp://127.0.0.1:${port}`,
    port,
    arrived,
    connections: () => connections,
    answer: () => accept,
    close: async () => await new Promise((closed) => server.close(() => closed())),
  };
  return sink;
}

/** The socket of a connection, which its class keeps to itself. */
function closeNow(connection: object): void {
  (connection as { _socket: { destroy(): void } })._socket.destroy();
}

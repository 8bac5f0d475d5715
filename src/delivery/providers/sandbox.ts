import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Logger } from 'pino';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Context } from '../../context.js';
import { communicationOf } from '../message-id.js';
import type { Provider } from '../provider.js';
import { addressText, keepMessage } from '../sandbox.js';
import { smtpProvider } from './smtp.js';

export interface SandboxOptions {
  from: string;
  log: Logger;
  open: () => Context;
}

const largestBytes = 26_214_400; // 25 MiB
const concurrency = 10;

/**
 * Keeps every message instead of sending it. E-mail takes the same way as when it is sent, to an SMTP server in this process
 * that nobody else can reach; the other media are kept as they are.
 */
export async function sandboxProviders({ from, log, open }: SandboxOptions): Promise<Provider[]> {
  const server = sinkFor(open, log);
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', failed);
      listening();
    });
  });
  server.on('error', (error) => log.debug({ err: error }, 'sandbox SMTP connection'));
  const { port } = server.server.address() as AddressInfo;
  const mail = smtpProvider({ url: `smtp://127.0.0.1:${port}?ignoreTLS=true`, from, log });
  const stopServer = async () => await new Promise<void>((closed) => server.close(() => closed()));
  return [
    {
      ...mail,
      name: 'sandbox',
      async close() {
        await mail.close();
        await stopServer();
      },
    },
    keeper(open),
  ];
}

/** Media without a protocol of their own here: kept at once. */
function keeper(open: () => Context): Provider {
  return {
    name: 'sandbox',
    media: ['SMS', 'DEVICE', 'WHATSAPP'],
    concurrency,
    async send({ communicationId, medium, to, subject, text }) {
      try {
        const id = await keepMessage(open(), { communicationId, medium, sender: null, recipient: to, subject, body: text, raw: null });
        return { kind: 'sent', providerId: id };
      } catch (error) {
        return { kind: 'retry', reason: `The sandbox could not keep it: ${(error as Error).message}`, away: true };
      }
    },
    close: async () => undefined,
  };
}

function sinkFor(open: () => Context, log: Logger): SMTPServer {
  return new SMTPServer({
    banner: 'Carillon sandbox',
    size: largestBytes,
    rejectOversized: true,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 500,
    logger: false,
    onData(stream, session, answer) {
      keepMail(open(), stream, session).then(
        (id) => answer(null, `kept as ${id}`),
        (error: unknown) => {
          log.warn({ err: error }, 'the sandbox could not keep a message');
          answer(Object.assign(new Error('The sandbox cannot keep it now'), { responseCode: stream.sizeExceeded ? 552 : 451 }));
        },
      );
    },
  });
}

async function keepMail(ctx: Context, stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
  const raw = await buffer(stream);
  if (stream.sizeExceeded) throw new Error(`larger than ${largestBytes} bytes`);
  const mail = await PostalMime.parse(raw);
  return await keepMessage(ctx, {
    communicationId: communicationOf(mail.messageId) ?? null,
    medium: 'EMAIL',
    sender: addressText(mail.from) ?? (session.envelope.mailFrom || undefined)?.address ?? null,
    recipient: session.envelope.rcptTo.map((each) => each.address).join(', '),
    subject: mail.subject ?? null,
    body: mail.text ?? null,
    raw,
  });
}

import { Readable } from 'node:stream';
import { domainToASCII } from 'node:url';
import { createTransport, type SendMailOptions } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import type { Logger } from 'pino';
import { readEmail } from '../../audience/address.js';
import { headerText } from '../header-text.js';
import { messageIdOf } from '../message-id.js';
import type { Outcome, OutgoingMessage, Provider } from '../provider.js';
import { outcomeOf, type SmtpFailure, type Stage } from './smtp-outcome.js';

export interface SmtpOptions {
  /** smtp://user:pass@host:port or smtps://… */
  url: string;
  /** The sender: `Example TV <news@example.org>`. */
  from: string;
  log: Logger;
}

/** As many messages as connections: none waits inside the pool after its consent was looked up (promises.md PR14). */
const connections = 10;

const timeouts = {
  dnsTimeout: 10_000,
  connectionTimeout: 15_000,
  greetingTimeout: 30_000,
  // Also how long the server may think about a message that it has. Short, it would double messages: giving up then is in doubt.
  socketTimeout: 240_000,
};

/** A message on its way through the pool, with how far it came. */
interface Tracked extends SendMailOptions {
  stage: { is: Stage };
  mayLeave(): boolean;
}

/** E-mail through an SMTP server: one pool of connections, shared by everything that this process sends. */
export function smtpProvider({ url, from, log }: SmtpOptions): Provider {
  const sender = senderOf(from);
  const transport = createTransport({
    pool: true,
    url,
    maxConnections: connections,
    maxMessages: 1_000,
    // An idle connection that the server had closed is worth another one at once; all else is ours to decide.
    maxRequeues: 1,
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.use('stream', (mail, done) => {
    watch(mail.message, mail.data as Tracked);
    done();
  });
  // The pool emits what also fails a message; without a listener it would end the process.
  transport.on('error', (error) => log.debug({ err: error }, 'SMTP pool'));

  async function send(message: OutgoingMessage, signal: AbortSignal, mayLeave: () => boolean): Promise<Outcome> {
    // Before nodemailer sees it: there a line break or a comma in an address redirects the envelope (promises.md).
    const { problem } = readEmail(message.to);
    if (problem) return { kind: 'rejected', reason: problem.message };
    let attachments: SendMailOptions['attachments'];
    try {
      attachments = await attachmentsFor(message);
    } catch (error) {
      return { kind: 'retry', reason: `An attachment cannot be read: ${(error as Error).message}` };
    }
    const mail: Tracked = { ...mailOf(message, sender), attachments, signal, stage: { is: 'waiting' }, mayLeave };
    try {
      const info = await transport.sendMail(mail);
      return { kind: 'sent', providerId: info.serverMessageId ?? info.messageId };
    } catch (error) {
      const outcome = outcomeOf(error as SmtpFailure, mail.stage.is);
      if (outcome.kind === 'retry' && outcome.away)
        log.warn({ provider: 'smtp', reason: outcome.reason }, 'the SMTP server cannot be used');
      return outcome;
    }
  }

  return { name: 'smtp', media: ['EMAIL'], concurrency: connections, send, close: async () => transport.close({ force: true }) };
}

interface Sender {
  name: string;
  address: string;
  /** Where its Message-IDs are at home. */
  domain: string;
}

function senderOf(from: string): Sender {
  const [parsed] = addressparser(from, { flatten: true });
  if (!parsed?.address.includes('@')) throw new Error('MAIL_FROM must be an e-mail address, such as Example TV <news@example.org>');
  const domain = parsed.address.slice(parsed.address.lastIndexOf('@') + 1);
  return { name: headerText(parsed.name), address: parsed.address, domain: domainToASCII(domain) || domain };
}

function mailOf({ communicationId, to, toName, subject, text, html }: OutgoingMessage, sender: Sender): SendMailOptions {
  return {
    messageId: messageIdOf(communicationId, sender.domain),
    date: new Date(),
    from: { name: sender.name, address: sender.address },
    to: { name: headerText(toName), address: to },
    // Said apart from the headers, so that nothing in them decides where it goes.
    envelope: { from: sender.address, to },
    subject: headerText(subject ?? ''),
    text,
    ...(html !== null && { html }),
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false,
  };
}

/** What the HTML shows stands beside it in the mail; the others are handed over as files. */
async function attachmentsFor({ attachments = [], html }: OutgoingMessage): Promise<SendMailOptions['attachments']> {
  return await Promise.all(
    attachments.map(async ({ name, type, contentId, read }) => {
      const file = { filename: name, contentType: type, content: await read() };
      const shown = contentId !== undefined && type.startsWith('image/') && html?.includes(`cid:${contentId}`);
      return shown
        ? { ...file, cid: contentId, contentDisposition: 'inline' as const }
        : { ...file, contentDisposition: 'attachment' as const };
    }),
  );
}

/**
 * Follows how far a message comes. The stream is made once a connection is ready for it, read when the server wants the message, and ends when
 * its last byte has been taken: the final dot follows at once. nodemailer itself reports every lost connection alike.
 */
function watch(message: { createReadStream: (options?: object) => NodeJS.ReadableStream }, { stage, mayLeave }: Tracked): void {
  const create = message.createReadStream.bind(message);
  message.createReadStream = (options) => {
    stage.is = 'session';
    const whole = Readable.from(untilTheDot(create(options), mayLeave), { objectMode: false, highWaterMark: 1 });
    // nodemailer listens as long as its connection is there; what comes of one that was closed concerns nobody.
    whole.on('error', () => undefined);
    return whole.once('end', () => {
      stage.is = 'handedOver';
    });
  };
}

/** Without its dot the server forgets the message: one that may not leave never ends. It has been aborted, and its connection closed. */
async function* untilTheDot(whole: AsyncIterable<string | Buffer>, mayLeave: () => boolean): AsyncGenerator<string | Buffer> {
  yield* whole;
  if (!mayLeave()) throw new Error('It is another worker’s by now');
}

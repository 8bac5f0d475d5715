import type { Outcome } from '../provider.js';

/** How far a message came: no connection yet, on a connection that was ready for it, or read to its last byte. */
export type Stage = 'waiting' | 'session' | 'handedOver';

/** What nodemailer throws. */
export interface SmtpFailure extends Error {
  code?: string;
  /** The server's reply, and its number. */
  response?: string;
  responseCode?: number;
  /** The command that was answered with it. */
  command?: string;
}

/** Nothing that a message can help: wrong settings, names, certificates. Wait longer, people must act. */
const faultyCodes = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'EDNS', 'ETLS', 'EREQUIRETLS', 'EPROXY', 'ECONFIG']);
/** The message could not even be made. */
const unmadeCodes = new Set(['EMESSAGE', 'EENVELOPE', 'ESTREAM', 'EMAXRECIPIENTS', 'EFILEACCESS', 'EURLACCESS']);

const faultyPauseMs = 60_000;
const longestReason = 500;

/** What a failure means, by what the server said, or else by how far the message had come. Pure. */
export function outcomeOf(error: SmtpFailure, stage: Stage): Outcome {
  const reason = reasonOf(error);
  const code = error.code ?? '';
  if (faultyCodes.has(code)) return { kind: 'retry', reason, afterMs: faultyPauseMs, away: true };
  if (error.responseCode !== undefined) return outcomeOfReply(error.responseCode, error.command ?? '', stage, reason);
  if (unmadeCodes.has(code)) return { kind: 'rejected', reason };
  if (stage === 'handedOver') return { kind: 'inDoubt', reason: `Handed over, but the answer was lost: ${reason}` };
  // Our own deadline says little about the server: the message may be what it chokes on.
  return { kind: 'retry', reason, away: stage === 'waiting' && code !== 'EABORT' };
}

function outcomeOfReply(reply: number, command: string, stage: Stage, reason: string): Outcome {
  // Refused before it was our turn, or "going down": nobody's message.
  if (stage === 'waiting' || reply === 421) return { kind: 'retry', reason, away: true };
  if (!isPermanent(reply)) return { kind: 'retry', reason };
  // The sender is refused, or must log in first: true for every message, so none is given up for it. A message too large is.
  if ((command === 'MAIL FROM' && reply !== 552) || reply === 530) return { kind: 'retry', reason, afterMs: faultyPauseMs, away: true };
  return { kind: 'rejected', reason };
}

/** 503 says that the session went wrong, not that the message was refused. */
function isPermanent(reply: number): boolean {
  return reply >= 500 && reply < 600 && reply !== 503;
}

/** The server's own words where there are some. */
function reasonOf({ response, message, code }: SmtpFailure): string {
  const words = response ?? (code && !message.includes(code) ? `${message} (${code})` : message);
  return words.replace(/\s+/g, ' ').trim().slice(0, longestReason);
}

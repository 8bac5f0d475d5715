import type { EngineEntry } from '../queue/lease.js';
import type { Move } from '../queue/move.js';
import type { Postponed } from '../queue/retry.js';
import { backoffMs } from './backoff.js';
import type { Pace } from './pace.js';
import type { Outcome } from './provider.js';

/** What is written about a leased entry: it is settled, or goes back to the queue. */
export type Verdict = { readonly move: Move } | { readonly postponed: Postponed };

/**
 * What an outcome means for its entry. In doubt is tried again, with the same Message-ID and marked in the entry's history:
 * rather one message twice than one never.
 */
export function decide(entry: EngineEntry, outcome: Outcome, pace: Pace): Verdict {
  switch (outcome.kind) {
    case 'sent':
      return { move: { id: entry.id, to: 'COMPLETED', leaseToken: entry.leaseToken, providerId: outcome.providerId } };
    case 'rejected':
      return reject(entry, 'PROVIDER_REFUSED', outcome.reason);
    case 'inDoubt':
      if (entry.attempt >= pace.attempts) return reject(entry, 'IN_DOUBT', lastWords(entry, outcome.reason));
      return later(entry, `IN_DOUBT: ${outcome.reason}`, backoffOf(entry, pace));
    case 'retry':
      if (outcome.away)
        return { postponed: { ...later(entry, outcome.reason, outcome.afterMs ?? backoffOf(entry, pace)).postponed, uncounted: true } };
      if (entry.attempt >= pace.attempts) return reject(entry, 'PROVIDER_REFUSED', lastWords(entry, outcome.reason));
      return later(entry, outcome.reason, outcome.afterMs ?? backoffOf(entry, pace));
  }
}

/** What a failure to render means: a few more tries, then REJECTED, so that one bad entry never blocks the others. */
export function decideUnrendered(entry: EngineEntry, error: unknown, pace: Pace): Verdict {
  const reason = error instanceof Error ? error.message : String(error);
  if (entry.attempt >= pace.renderAttempts) return reject(entry, 'RENDER_FAILED', `It could not be rendered: ${reason}`);
  return later(entry, `RENDER_FAILED: ${reason}`, backoffOf(entry, pace));
}

export function reject({ id, leaseToken }: EngineEntry, code: string, message: string): { move: Move } {
  return { move: { id, to: 'REJECTED', leaseToken, rejection: { code, message } } };
}

/** Back to the queue untried: it is nobody's fault and counts for nothing. */
export function giveBack({ id, leaseToken }: EngineEntry, afterMs: number): { postponed: Postponed } {
  return { postponed: { id, leaseToken, afterMs, error: null, uncounted: true } };
}

function later({ id, leaseToken }: EngineEntry, error: string, afterMs: number): { postponed: Postponed } {
  return { postponed: { id, leaseToken, afterMs, error } };
}

function backoffOf(entry: EngineEntry, pace: Pace): number {
  return backoffMs(entry.attempt, { baseMs: pace.backoffBaseMs, capMs: pace.backoffCapMs });
}

function lastWords(entry: EngineEntry, reason: string): string {
  return `Given up after ${entry.attempt} tries; the last one: ${reason}`;
}

/** How fast the worker goes, and when it gives up. Tests go faster. */
export const standardPace = {
  /** How long a leased entry stays ours when this process dies. */
  leaseSeconds: 30,
  extendEveryMs: 10_000,
  /** Milliseconds between looks at the queue when nobody rings: finds retries that have become due. */
  pollMs: 1_000,
  /** Opt-outs and expiry are looked up again when the last look is older than this at the moment of sending (promises.md PR14). */
  checkValidMs: 500,
  backoffBaseMs: 5_000,
  backoffCapMs: 900_000, // 15 minutes
  /** Tries of one message that the provider answered with "later": with the backoff above, about an hour and a half. */
  attempts: 20,
  /** Rendering is pure: it is tried again only for the sake of a new release of this program. */
  renderAttempts: 3,
  /** Consecutive failures to reach a provider before it is left alone, and for how long. */
  failuresBeforePause: 5,
  pauseBaseMs: 5_000,
  pauseCapMs: 300_000, // 5 minutes
  /** Longer than any timeout of a provider's own; a message that hangs takes one slot for so long. */
  sendTimeoutMs: 300_000,
  /** How long closing waits for the messages that are being sent: all of a shutdown has ten seconds (promises.md PR19). */
  closeWaitMs: 7_000,
};

export type Pace = typeof standardPace;

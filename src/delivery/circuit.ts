export interface CircuitOptions {
  /** Consecutive failures that open it. */
  failures: number;
  baseMs: number;
  capMs: number;
  now?: () => number;
  random?: () => number;
}

/** Leaves a provider alone that cannot be reached, instead of trying every entry on it. */
export interface Circuit {
  /** How many messages may be under way now: all, one probe, or none. */
  allowance(): number;
  /** Milliseconds until the next probe; 0 where none is waited for. */
  remainingMs(): number;
  /** The provider could not be reached; answers whether that opened the circuit. */
  failed(): boolean;
  /** The provider answered, whatever it said. */
  answered(): void;
}

/** Pauses double from `baseMs` to `capMs`, each between a half and the whole of that; after a pause one probe decides. */
export function makeCircuit({ failures, baseMs, capMs, now = Date.now, random = Math.random }: CircuitOptions): Circuit {
  let inARow = 0;
  let pauses = 0;
  let until = 0;
  const remainingMs = () => Math.max(0, until - now());
  return {
    remainingMs,
    allowance: () => (pauses === 0 ? Number.POSITIVE_INFINITY : remainingMs() > 0 ? 0 : 1),
    failed() {
      inARow += 1;
      // Failures of what was under way when it opened are no news; that of a probe is.
      if (inARow < failures || remainingMs() > 0) return false;
      until = now() + Math.min(capMs, baseMs * 2 ** pauses) * (0.5 + random() / 2);
      pauses += 1;
      return true;
    },
    answered() {
      inARow = 0;
      pauses = 0;
      until = 0;
    },
  };
}

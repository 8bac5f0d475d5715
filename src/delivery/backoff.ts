export interface Backoff {
  baseMs: number;
  capMs: number;
}

/** Milliseconds until the next try: exponential in the tries so far, with full jitter so that failures that came together part. */
export function backoffMs(attempt: number, { baseMs, capMs }: Backoff, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1)));
}

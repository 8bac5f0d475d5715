const firstRetryMs = 500;
const longestRetryMs = 30_000;
const tryAgainLater = 1013;

/** Doubles from half a second to half a minute, with jitter, so that a restarted server is not met by all clients at once. */
export function retryDelayMs(failures: number, code: number | string, random = Math.random): number {
  const ceiling = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
  const floor = code === tryAgainLater ? 2_000 : 0;
  return floor + ceiling * (0.5 + random() / 2);
}

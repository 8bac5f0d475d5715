/** What every client here asks for. */
export const inboxChanged = `subscription InboxChanged($after: String) {
  inboxChanged(after: $after) {
    kind cursor entryId pendingCount unviewedCount
    entry { id subject body state viewedAt expiresAt }
  }
}`;

export const completeEntries = `mutation CompleteEntries($entries: [SettleEntryInput!]!) {
  completeQueueEntries(input: { entries: $entries }) { results { id error { code message } } }
}`;

/** The address of the WebSocket that belongs to a GraphQL address. */
export const socketUrl = (url) => url.replace(/^http/, 'ws');

/**
 * Follows an inbox for good. `subscribeOnce(after, onEvent, signal)` opens one subscription and resolves when it has ended,
 * whatever ended it; each new one begins at the cursor of the last event that was handled, so nothing is missed and nothing
 * comes twice. That cursor is all that an app has to keep.
 */
export function follow(subscribeOnce, { after, onEvent }) {
  const stop = new AbortController();
  let cursor = after;
  const take = (event) => {
    onEvent(event);
    cursor = event.cursor;
  };
  const run = async () => {
    for (let failures = 0; !stop.signal.aborted; ) {
      const before = cursor;
      await subscribeOnce(cursor, take, stop.signal);
      failures = cursor === before ? failures + 1 : 0;
      // Doubles up to half a minute, with jitter: a server that restarts is not met by everybody at once.
      if (!stop.signal.aborted) await pause(Math.min(30_000, 100 * 2 ** failures) * (0.5 + Math.random() / 2), stop.signal);
    }
  };
  const ended = run();
  return {
    cursor: () => cursor,
    async close() {
      stop.abort();
      await ended;
    },
  };
}

function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true });
  });
}

import { createClient } from 'graphql-ws';
import { completeEntries, follow, inboxChanged, socketUrl } from './inbox.mjs';

/** graphql-ws alone: the same socket carries the subscription and the mutations. */
export function openInbox({ url, token, after, onEvent }) {
  const client = createClient({
    url: socketUrl(url),
    connectionParams: { authorization: `Bearer ${token}` },
    // Reconnecting is follow()'s affair: graphql-ws would repeat the first cursor.
    retryAttempts: 0,
  });

  const subscribeOnce = (cursor, take, signal) =>
    new Promise((ended) => {
      const stop = client.subscribe(
        { query: inboxChanged, variables: { after: cursor } },
        { next: ({ data }) => data && take(data.inboxChanged), error: () => ended(), complete: () => ended() },
      );
      signal.addEventListener('abort', stop, { once: true });
    });

  const following = follow(subscribeOnce, { after, onEvent });
  return {
    ...following,
    async complete(ids) {
      const { value } = await client.iterate({ query: completeEntries, variables: { entries: ids.map((id) => ({ id })) } }).next();
      return value.data.completeQueueEntries.results;
    },
    async close() {
      await following.close();
      await client.dispose();
    },
  };
}

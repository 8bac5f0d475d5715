import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import { completeEntries, follow, inboxChanged, socketUrl } from './inbox.mjs';

/** urql: its subscription exchange hands operations to graphql-ws. */
export function openInbox({ url, token, after, onEvent }) {
  const authorization = `Bearer ${token}`;
  const socket = createClient({ url: socketUrl(url), connectionParams: { authorization }, retryAttempts: 0 });
  const client = new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    exchanges: [
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink) }),
        }),
      }),
      fetchExchange,
    ],
  });

  const subscribeOnce = (cursor, take, signal) =>
    new Promise((ended) => {
      // What urql tells at the end of a stream is a result without news.
      const { unsubscribe } = client.subscription(inboxChanged, { after: cursor }).subscribe(({ data, error, hasNext }) => {
        if (data && !error) take(data.inboxChanged);
        if (error || hasNext === false) {
          queueMicrotask(() => unsubscribe());
          ended();
        }
      });
      signal.addEventListener('abort', () => (unsubscribe(), ended()), { once: true });
    });

  const following = follow(subscribeOnce, { after, onEvent });
  return {
    ...following,
    async complete(ids) {
      const { data, error } = await client.mutation(completeEntries, { entries: ids.map((id) => ({ id })) });
      if (error) throw error;
      return data.completeQueueEntries.results;
    },
    async close() {
      await following.close();
      await socket.dispose();
    },
  };
}

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { completeEntries, follow, inboxChanged, socketUrl } from './inbox.mjs';

const subscription = gql(inboxChanged);
const mutation = gql(completeEntries);

/** Apollo Client: subscriptions over the WebSocket link, everything else over HTTP. */
export function openInbox({ url, token, after, onEvent }) {
  const authorization = `Bearer ${token}`;
  const socket = createClient({ url: socketUrl(url), connectionParams: { authorization }, retryAttempts: 0 });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      new GraphQLWsLink(socket),
      new HttpLink({ uri: url, headers: { authorization } }),
    ),
  });

  const subscribeOnce = (cursor, take, signal) =>
    new Promise((ended) => {
      // Events are a log, not facts to normalise: the cache would merge an entry's states into one.
      const stream = client.subscribe({ query: subscription, variables: { after: cursor }, fetchPolicy: 'no-cache' }).subscribe({
        next: ({ data, error }) => (error ? ended() : data && take(data.inboxChanged)),
        error: () => ended(),
        complete: () => ended(),
      });
      signal.addEventListener('abort', () => (stream.unsubscribe(), ended()), { once: true });
    });

  const following = follow(subscribeOnce, { after, onEvent });
  return {
    ...following,
    async complete(ids) {
      const { data } = await client.mutate({ mutation, variables: { entries: ids.map((id) => ({ id })) } });
      return data.completeQueueEntries.results;
    },
    async close() {
      await following.close();
      client.stop();
      await socket.dispose();
    },
  };
}

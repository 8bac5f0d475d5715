import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import { follow, socketUrl } from '../inbox.mjs';

// Relay's compiler replaces these by what it has generated beside them: `npx relay-compiler@21.0.1` in this folder.
import completeMutation from './__generated__/relayInboxCompleteMutation.graphql.js';
import inboxSubscription from './__generated__/relayInboxSubscription.graphql.js';

const { commitMutation, Environment, graphql, Network, Observable, RecordSource, requestSubscription, Store } = relay;

/** The texts that the compiler reads. A bundler's Relay plugin would put the generated modules in their place. */
export const texts = () => [
  graphql`
    subscription relayInboxSubscription($after: String) {
      inboxChanged(after: $after) {
        kind
        cursor
        entryId
        pendingCount
        unviewedCount
        entry {
          id
          subject
          body
          state
          viewedAt
          expiresAt
        }
      }
    }
  `,
  graphql`
    mutation relayInboxCompleteMutation($entries: [SettleEntryInput!]!) {
      completeQueueEntries(input: { entries: $entries }) {
        results {
          id
          error {
            code
            message
          }
        }
      }
    }
  `,
];

/** Relay: its network layer hands every operation to graphql-ws. */
export function openInbox({ url, token, after, onEvent }) {
  const socket = createClient({ url: socketUrl(url), connectionParams: { authorization: `Bearer ${token}` }, retryAttempts: 0 });
  const execute = ({ text }, variables) => Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
  const environment = new Environment({
    network: Network.create(execute, execute),
    store: new Store(new RecordSource()),
    // A result bears the id of the entry that it is about: it is no record of its own.
    getDataID: (record, type) => (type === 'SettleResult' ? null : record.id),
  });

  const subscribeOnce = (cursor, take, signal) =>
    new Promise((ended) => {
      const stream = requestSubscription(environment, {
        subscription: inboxSubscription,
        variables: { after: cursor },
        onNext: (data) => data && take(data.inboxChanged),
        onError: () => ended(),
        onCompleted: () => ended(),
      });
      signal.addEventListener('abort', () => (stream.dispose(), ended()), { once: true });
    });

  const following = follow(subscribeOnce, { after, onEvent });
  return {
    ...following,
    complete: (ids) =>
      new Promise((onCompleted, onError) =>
        commitMutation(environment, {
          mutation: completeMutation,
          variables: { entries: ids.map((id) => ({ id })) },
          onCompleted: ({ completeQueueEntries }) => onCompleted(completeQueueEntries.results),
          onError,
        }),
      ),
    async close() {
      await following.close();
      await socket.dispose();
    },
  };
}

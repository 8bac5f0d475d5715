// Many inboxes at raw sockets, in a process of their own: so that the clients are neither the limit nor measured. Every entry is
// counted once at its socket; one that comes twice, or is not what was written, ends the benchmark.
import { fork } from 'node:child_process';
import { WebSocket } from 'ws';
import { endWithUs } from '../lib.mjs';
import { query } from '../limits/tail.mjs';

if (process.argv[2] === 'farm') farm();

/** Starts the process. `connect` opens the inboxes of these people (contact and token), and waits until each is live. */
export function openFarm() {
  const child = fork(import.meta.filename, ['farm']);
  endWithUs(child);
  const ask = (what, more = {}) =>
    new Promise((done, fail) => {
      const ended = () => fail(new Error('The clients have ended'));
      child.once('exit', ended);
      child.once('message', (answer) => {
        child.off('exit', ended);
        done(answer);
      });
      child.send({ ask: what, ...more });
    });
  return {
    connect: async (url, people, systems) => await ask('connect', { url, people, systems }),
    clear: async () => await ask('clear'),
    /** When each entry came, by its id: milliseconds since the epoch. */
    seen: async () => new Map(await ask('seen')),
    /** Waits until so many entries have come since the last `clear`. */
    async arrived(count) {
      for (const until = Date.now() + 60_000; ; ) {
        const now = await ask('count');
        if (now === count) return;
        if (now > count || Date.now() > until) throw new Error(`${now} of ${count} entries arrived`);
        await new Promise((done) => setTimeout(done, 10));
      }
    },
    close: () => child.kill(),
  };
}

function farm() {
  const seen = new Map();
  const answers = {
    async connect({ url, people, systems }) {
      for (let from = 0; from < people.length; from += 50) {
        await Promise.all(people.slice(from, from + 50).map((each) => connect(url, { ...each, systems }, seen)));
      }
      return people.length;
    },
    count: () => seen.size,
    seen: () => [...seen],
    clear: () => seen.clear(),
  };
  process.on('message', async ({ ask, ...given }) => process.send((await answers[ask](given)) ?? null));
}

/** Answers once the inbox is live. */
async function connect(url, { contact, token, systems }, seen) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
  await new Promise((live) => {
    const on = {
      connection_ack: () =>
        socket.send(JSON.stringify({ id: 'w', type: 'subscribe', payload: { query, variables: { contact, systems } } })),
      ping: () => undefined,
      next({ data }) {
        const { kind, entryId, entry } = data?.inboxChanged ?? fail(JSON.stringify(data));
        if (kind === 'SYNCED') live();
        if (kind !== 'ADDED') return;
        if (!entry.body.startsWith('Dear Anna')) fail(entry.body);
        if (seen.has(entryId)) fail(`twice: ${entryId}`);
        seen.set(entryId, performance.timeOrigin + performance.now());
      },
    };
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })));
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data));
      (on[type] ?? fail)(payload ?? String(data));
    });
    socket.on('close', (code) => fail(`closed with ${code}`));
  });
}

function fail(words) {
  throw new Error(words);
}

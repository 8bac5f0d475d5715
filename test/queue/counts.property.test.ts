import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { lease, makeContacts, makeSystem, rowId, settle, write } from '../support/queue.js';

// No process sweeps here: what has expired is counted nowhere from that instant.
const app = await openApp({ env: { ROLE: 'api' } });
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** An entry as the documents describe it. */
interface Entry {
  id: string;
  state: 'PENDING' | 'COMPLETED' | 'REJECTED' | 'COMPLETED_AND_REMOVED';
  viewed: boolean;
  /** It has expired or was retracted. */
  over: boolean;
  token: string | null;
}

test('E1x X1 Q12 after whatever was done, every count is that of the documents: of the queue, of its list, of the inbox and of its badge', {
  timeout: 90_000,
}, async () => {
  await makeContacts(app, 'anna');
  const system = await makeSystem(app, { contactInbox: true });
  const anna: ['CONTACT', string] = ['CONTACT', 'anna'];
  const entries: Entry[] = [];
  let feeds = true;
  let enabled = true;
  const change = async (input: Record<string, unknown>) =>
    await app.call('mutation ($input: UpdateExternalSystemInput!) { updateExternalSystem(input: $input) { externalSystem { id } } }', {
      input: { externalSystemId: system.id, ...input },
    });
  const shown = (each: Entry) => feeds && !each.over && (each.state === 'PENDING' || each.state === 'COMPLETED');
  const doings = {
    async add() {
      if (!enabled) return;
      const { id } = await write(app, { contactExternalId: 'anna', externalSystemId: system.id }, 'id');
      entries.push({ id, state: 'PENDING', viewed: false, over: false, token: null });
    },
    async lease() {
      if (!enabled) return;
      for (const { id, lease: of } of await lease(app, system.as, { limit: 2, leaseSeconds: 600 })) {
        const entry = entries.find((each) => each.id === id);
        expect(entry).toMatchObject({ state: 'PENDING', over: false, token: null });
        if (entry) entry.token = of.token;
      }
    },
    async settle() {
      const entry = pick(entries);
      const verb = pick(['complete', 'reject', 'remove'] as const);
      const [answer] = await settle(app, system.as, verb, [
        { id: entry.id, leaseToken: entry.token, ...(verb === 'reject' && { reason: 'x' }) },
      ]);
      const to = ({ complete: 'COMPLETED', reject: 'REJECTED', remove: 'COMPLETED_AND_REMOVED' } as const)[verb];
      if (answer === to) entry.state = to;
    },
    async byTheReader() {
      const entry = pick(entries);
      const verb = pick(['complete', 'remove'] as const);
      const [answer] = await settle(app, anna, verb, [{ id: entry.id }]);
      const to = verb === 'complete' ? 'COMPLETED' : 'COMPLETED_AND_REMOVED';
      if (answer === to) entry.state = to;
    },
    async view() {
      const entry = pick(entries);
      const text = 'mutation ($id: ID!) { viewQueueEntries(input: { ids: [$id] }) { results { error { code } } } }';
      const { viewQueueEntries } = await app.call(text, { id: entry.id }, system.as);
      if (!viewQueueEntries.results[0].error) entry.viewed = true;
    },
    async viewAll() {
      await app.call('mutation { viewAllQueueEntries(input: {}) { __typename } }', {}, anna);
      for (const each of entries) if (shown(each)) each.viewed = true;
    },
    async cancel() {
      const entry = pick(entries);
      const { errors } = await app.ask(
        'mutation ($id: ID!) { cancelCommunication(input: { communicationId: $id }) { communication { id } } }',
        {
          id: entry.id,
        },
      );
      if (errors) return;
      if (entry.state === 'PENDING') entry.state = 'REJECTED';
      else entry.over = true;
    },
    async expire() {
      const entry = pick(entries);
      if (entry.over || Math.random() < 0.5) return;
      await app.sql(
        `with ended as (update communication set expires_at = clock_timestamp() where id = $1 returning id, expires_at),
           queued as (update queue_entry q set expires_at = e.expires_at from ended e where q.id = e.id)
         insert into entry_expiry select id, expires_at from ended on conflict (communication_id) do nothing`,
        [rowId(entry.id)],
      );
      entry.over = true;
    },
    async disable() {
      enabled = !enabled;
      await change({ enabled });
    },
    async feed() {
      feeds = !feeds;
      await change({ contactInbox: feeds });
    },
  };
  for (let n = 0; n < 6; n++) await doings.add();
  const names = [
    'add',
    'add',
    'add',
    'lease',
    'settle',
    'settle',
    'byTheReader',
    'view',
    'viewAll',
    'cancel',
    'expire',
    'disable',
    'feed',
  ] as const;
  for (let n = 0; n < 150; n++) {
    const name = pick(names);
    await doings[name]();
    const { externalSystem, queueEntries } = await app.call(
      'query ($code: String!) { externalSystem(code: $code) { pendingCount } queueEntries(states: [PENDING], first: 1) { totalCount } }',
      { code: system.code },
      system.as,
    );
    const { inbox, inboxCounts } = await app.call(
      '{ inbox(first: 1) { totalCount } inboxCounts { pendingCount unviewedCount } }',
      {},
      anna,
    );
    const waiting = entries.filter((each) => each.state === 'PENDING' && !each.over).length;
    const inside = entries.filter(shown);
    expect({ name, queue: externalSystem.pendingCount, list: queueEntries.totalCount, inbox: inbox.totalCount, ...inboxCounts }).toEqual({
      name,
      queue: waiting,
      list: waiting,
      inbox: inside.length,
      pendingCount: inside.filter((each) => each.state === 'PENDING').length,
      unviewedCount: inside.filter((each) => !each.viewed).length,
    });
  }
});

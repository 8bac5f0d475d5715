import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { fill, makeSystem } from '../support/queue.js';

const app = await openApp({ env: { ROLE: 'api' } });

/** A text that was met often enough to be compiled, and one that says the same and was not. */
const texts = (text: string) => ({ often: text, once: `${text}\n# ${Math.random()}` });

test('a mutation that is called often answers as it did at first, and makes the same mistakes', async () => {
  const system = await makeSystem(app);
  await fill(app, system, 60);
  const lease = texts(`mutation Lease($limit: Int!, $more: Boolean!) { taken: leaseQueueEntries(input: { limit: $limit }) { ...P } }
    fragment P on LeaseQueueEntriesPayload { entries { __typename number ... on QueueEntry @include(if: $more) { id body createdAt contact { name } } lease { token attempt } } }`);
  const answer = async (text: string, more: boolean) => await app.call(text, { limit: 1, more }, system.as);
  for (let n = 0; n < 20; n++) await answer(lease.often, n % 2 === 0);
  for (const more of [true, false]) {
    const [often, once] = [await answer(lease.often, more), await answer(lease.once, more)];
    const shape = ({ taken }: any) =>
      taken.entries.map((each: object) => [Object.keys(each), (each as any).__typename, (each as any).lease.attempt]);
    expect(shape(often)).toEqual(shape(once));
    expect(often.taken.entries[0]).toEqual({
      __typename: 'QueueEntry',
      number: expect.stringMatching(/^QE/),
      ...(more && {
        id: expect.stringMatching(/^com_/),
        body: 'Hello',
        createdAt: expect.stringMatching(/Z$/),
        contact: { name: expect.any(String) },
      }),
      lease: { token: expect.any(String), attempt: 1 },
    });
  }
  await app.sql('update external_system set enabled = false where id = $1', [system.row]);
  const refused = async (text: string) => await app.ask(text, { limit: 1, more: true }, system.as);
  expect(await refused(lease.often)).toEqual(await refused(lease.once));
  expect((await refused(lease.often)).errors).toMatchObject([{ path: ['taken'], extensions: { code: 'CONFLICT' } }]);
  const tooMany = async (text: string) => await app.ask(text, { limit: 1_001, more: true }, system.as);
  expect(await tooMany(lease.often)).toEqual(await tooMany(lease.once));
});

test('a settlement that is called often is refused as it was at first', async () => {
  const system = await makeSystem(app);
  const ids = await fill(app, system, 40);
  const settle = texts(
    'mutation ($ids: [SettleEntryInput!]!) { completeQueueEntries(input: { entries: $ids }) { results { id entry { state } error { code message } } } }',
  );
  const ask = async (text: string, of: (string | undefined)[]) =>
    await app.ask(text, { ids: of.map((id) => ({ id: id ?? '' })) }, system.as);
  for (const id of ids.slice(0, 20))
    expect((await ask(settle.often, [id])).data?.['completeQueueEntries'].results[0].entry.state).toBe('COMPLETED');
  const mixed = [ids[0], 'com_00000000000000000000000000000000', 'nonsense'];
  expect(await ask(settle.often, [...mixed, ids[20]])).toEqual(await ask(settle.once, [...mixed, ids[20]]));
  const many = Array(1_001).fill(ids[21]);
  expect(await ask(settle.often, many)).toEqual(await ask(settle.once, many));
  expect((await ask(settle.often, many)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  const contactsOwn = 'mutation { rejectQueueEntries(input: { entries: [] }) { results { id } } }';
  for (let n = 0; n < 20; n++) {
    const { data, errors } = await app.ask(contactsOwn, {}, ['CONTACT', 'nobody']);
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ path: ['rejectQueueEntries'], extensions: { code: 'FORBIDDEN' } }]);
  }
});

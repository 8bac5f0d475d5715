import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { smtpProvider } from '../../src/delivery/providers/smtp.js';
import { transact } from '../../src/graphql/request.js';
import { announceExpired } from '../../src/queue/expire.js';
import { eventually } from '../support/app.js';
import { buildEntry } from '../support/build.js';
import { log, openDelivery } from '../support/delivery.js';
import { subscribe } from '../support/live.js';
import { fill, lease, makeSystem, settle } from '../support/queue.js';
import { openSink } from '../support/smtp-sink.js';

// No process sweeps here: expiry must hold by itself.
const delivery = await openDelivery();
const { app } = delivery;

const inSeconds = async (seconds: number): Promise<Date> =>
  (await app.sql('select clock_timestamp() + make_interval(secs => $1) as at', [seconds]))[0]?.['at'];
const past = async (at: Date) =>
  await eventually(async () => (await app.sql('select 1 where clock_timestamp() >= $1::timestamptz', [at])).length === 1);

test('PR15 AMB-2 Q12 from its instant on an entry is out of reach: of reads, leases, streams and settlements, swept or not', async () => {
  const system = await makeSystem(app, { contactInbox: true });
  const at = await inSeconds(2);
  const ids = await fill(app, system, 300, { expiresAt: at });
  const staying = await fill(app, system, 1);
  const leased = await lease(app, system.as, { limit: 100, leaseSeconds: 600 });
  expect(leased.length).toBe(100);
  expect(
    await settle(
      app,
      system.as,
      'complete',
      leased.slice(0, 10).map(({ id, lease: { token } }) => ({ id, leaseToken: token })),
    ),
  ).toHaveLength(10);
  await past(at);

  // What is left is the one that does not expire.
  const stream = await subscribe(app, 'subscription { queueEntryLeased { id } }', {}, system.as);
  await stream.until((each) => each.id === staying[0]);
  expect(await lease(app, system.as, { limit: 1_000 })).toEqual([]);
  expect(stream.events.map((each) => each.id)).toEqual(staying);
  const { queueEntries, externalSystem } = await app.call(
    'query ($code: String!) { queueEntries(states: [PENDING], first: 100) { totalCount nodes { id } } externalSystem(code: $code) { pendingCount } }',
    { code: system.code },
    system.as,
  );
  expect(queueEntries).toEqual({ totalCount: 1, nodes: [{ id: staying[0] }] });
  expect(externalSystem.pendingCount).toBe(1);
  const late = leased.slice(10).map(({ id, lease: { token } }) => ({ id, leaseToken: token }));
  expect(new Set(await settle(app, system.as, 'complete', late))).toEqual(new Set(['INVALID_STATE_TRANSITION']));
  expect(
    new Set(
      await settle(
        app,
        system.as,
        'remove',
        ids.slice(200).map((id) => ({ id })),
      ),
    ),
  ).toEqual(new Set(['INVALID_STATE_TRANSITION']));
  const [{ external_id: reader }] = (await app.sql(
    'select external_id from contact k join communication c on c.contact_id = k.id where c.external_system_id = $1 limit 1',
    [system.row],
  )) as [{ external_id: string }];
  const { inbox } = await app.call('{ inbox(first: 100) { nodes { id } } }', {}, ['CONTACT', reader]);
  expect(inbox.nodes).toEqual([]);

  // Before the sweep as after it everybody sees the same: REJECTED at that very instant.
  const seen = async () =>
    (await app.call('query ($id: ID!) { communication(id: $id) { state rejection { code message at } } }', { id: ids[299] })).communication;
  const before = await seen();
  expect(before).toMatchObject({ state: 'REJECTED', rejection: { code: 'EXPIRED', at: at.toISOString() } });
  while (await transact(app.context(), announceExpired));
  expect(await seen()).toEqual(before);
  const counted = await app.sql('select state, count(*)::int as n from communication where external_system_id = $1 group by 1 order by 1', [
    system.row,
  ]);
  expect(counted).toEqual([
    { state: 'COMPLETED', n: 10 },
    { state: 'PENDING', n: 1 },
    { state: 'REJECTED', n: 290 },
  ]);
});

test('PR15 BS11 what expires while the mail server is away is not sent when it is back', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  const away = smtpProvider({ url: `smtp://127.0.0.1:${port}`, from: 'news@example.com', log });
  const at = await inSeconds(1.5);
  const expiring = [];
  for (let n = 0; n < 40; n++) expiring.push(await buildEntry(app, { communication: { expires_at: at, address: `late${n}@example.org` } }));
  const staying = await buildEntry(app, { communication: { address: 'kept@example.org' } });
  delivery.start({}, [away]);
  await eventually(async () => ((await delivery.entryOf(staying.id))?.last_error ?? null) !== null);
  await past(at);
  const sink = await openSink({ port });
  try {
    await delivery.settled(staying.id);
    await eventually(async () => {
      await transact(app.context(), announceExpired);
      return (await app.sql(`select 1 from communication where state = 'PENDING'`)).length === 0;
    });
    expect(sink.arrived.map((each) => each.to)).toEqual([['kept@example.org']]);
    expect(
      await app.sql('select distinct rejection_code as code from communication where id = any($1)', [expiring.map((each) => each.id)]),
    ).toEqual([{ code: 'EXPIRED' }]);
  } finally {
    await sink.close();
    await away.close();
  }
});

import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { subscribe } from '../support/live.js';
import { lease, makeContacts, makeSystem, settle, stateOf, write } from '../support/queue.js';
import { openSink } from '../support/smtp-sink.js';

// Who carries what: the engine, or a system of one's own.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'news@example.org' } });

beforeAll(async () => await makeContacts(app, 'anna'));

test('Q4 Q6 Q20 without an external system the engine sends at once; Completed says that the mail server has it', async () => {
  const from = Date.now();
  const { id } = await write(app, { contactExternalId: 'anna', medium: 'EMAIL', subject: 'At once', body: 'Hello' });
  await eventually(async () => (await stateOf(app, id)).state === 'COMPLETED', { withinMs: 5_000 });
  expect(Date.now() - from).toBeLessThan(5_000);
  expect(sink.arrived.map((each) => [each.to, each.mail.subject])).toEqual([[['anna@example.org'], 'At once']]);
});

test('Q4 Q6 with an external system it is that system’s to carry: the engine leaves it alone, Completed is what the system says', async () => {
  const system = await makeSystem(app, { name: 'Mail house', media: ['EMAIL'] });
  const theirs = await write(app, { contactExternalId: 'anna', medium: 'EMAIL', subject: 'Theirs', externalSystemId: system.id });
  const ours = await write(app, { contactExternalId: 'anna', medium: 'EMAIL', subject: 'Ours' });
  await eventually(async () => (await stateOf(app, ours.id)).state === 'COMPLETED');
  expect((await stateOf(app, theirs.id)).state).toBe('PENDING');
  const [work] = await lease(app, system.as);
  expect(work?.id).toBe(theirs.id);
  expect(await settle(app, system.as, 'complete', [{ id: theirs.id, leaseToken: work?.lease.token ?? '' }])).toEqual(['COMPLETED']);
  expect(sink.arrived.map((each) => each.mail.subject)).not.toContain('Theirs');
});

test('J7 X2 a gateway that nobody has built in carries SMS by the API alone: it is handed text and number, and says what became of them', async () => {
  const gateway = await makeSystem(app, { name: 'Private SMS gateway', media: ['SMS'] });
  const work = await subscribe(
    app,
    'subscription { queueEntryLeased(maxInFlight: 2) { id body lease { token } communication { medium to contact { externalId } } } }',
    {},
    gateway.as,
  );
  const texts = ['First', 'Second', 'Third'];
  const made = [];
  for (const body of texts)
    made.push(await write(app, { contactExternalId: 'anna', medium: 'SMS', subject: null, body, externalSystemId: gateway.id }));
  for (const [n, body] of texts.entries()) {
    const entry = await work.until((each) => each.body === body);
    expect(entry.communication).toEqual({ medium: 'SMS', to: '+35799123456', contact: { externalId: 'anna' } });
    const of = { id: entry.id, leaseToken: entry.lease.token };
    if (n === 1) expect(await settle(app, gateway.as, 'reject', [{ ...of, reason: 'No such number' }])).toEqual(['REJECTED']);
    else expect(await settle(app, gateway.as, 'complete', [of])).toEqual(['COMPLETED']);
  }
  const states = [];
  for (const { id } of made) states.push((await stateOf(app, id)).state);
  expect(states).toEqual(['COMPLETED', 'REJECTED', 'COMPLETED']);
  expect(work.events).toHaveLength(3);
});

test('AMB-15 a Device communication waits in the queue of its external system; without one it is the engine’s, and nobody else’s', async () => {
  const box = await makeSystem(app, { name: 'Set-top boxes' });
  const theirs = await write(app, { contactExternalId: 'anna', externalSystemId: box.id });
  const ours = await write(app, { contactExternalId: 'anna' });
  expect((await lease(app, box.as)).map((each) => each.id)).toEqual([theirs.id]);
  expect((await stateOf(app, ours.id)).state).toBe('PENDING');
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { medium externalSystem { id } } }', { id: ours.id });
  expect(communication).toEqual({ medium: 'DEVICE', externalSystem: null });
});

import { beforeEach, expect, test } from 'vitest';
import { engine } from '../../../src/access/viewer.js';
import { withCatalogue } from '../../../src/catalogue/current.js';
import { transact } from '../../../src/graphql/request.js';
import { releaseHeld } from '../../../src/sources/rules/release.js';
import { actOnEvents } from '../../../src/sources/rules/worker.js';
import { openDelivery } from '../../support/delivery.js';
import { type Json, rulesOf, text } from './support.js';

// Nothing works by itself: what a rule makes waits until the test lets it go.
const delivery = await openDelivery();
const { app } = delivery;
const { create, record, upsert } = rulesOf(app);
const call = async (name: string, input: object) =>
  await app.call(`mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`, { input });
const act = async () => await withCatalogue(app.context(engine), async () => await transact(app.context(engine), actOnEvents));
const release = async () => await withCatalogue(app.context(engine), async () => await transact(app.context(engine), releaseHeld));
const last = async (): Promise<Json> => (await app.sql('select id, state from communication order by seq desc limit 1'))[0] ?? {};

beforeEach(async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna', emails: [{ address: 'anna@example.org' }], directMarketing: true, affiliateMarketing: true },
    ],
    objects: [{ type: 'payment', externalId: 'p1', contact: 'anna' }],
  });
  const { rules } = await app.call('{ rules { nodes { id } } }');
  for (const { id } of rules.nodes) await call('deleteRule', { ruleId: id });
});

/** Makes a rule and what it says to a payment; the message waits in the engine's queue. */
async function waiting(more: object): Promise<{ ruleId: string; id: string }> {
  const { id: ruleId } = await create({
    name: 'Offer',
    objectType: 'payment',
    events: ['posted'],
    messages: [{ medium: 'EMAIL', content: text('x') }],
    ...more,
  });
  await record({ object: { type: 'payment', externalId: 'p1' }, event: 'posted' });
  await act();
  return { ruleId, id: (await last())['id'] };
}

const outcome = async (id: string) => {
  const worker = delivery.start();
  await delivery.settled(id);
  await worker.stop();
  const { state, code } = await delivery.stateOf(id);
  return [state, code];
};

test.each([
  ['direct', { applyDirectMarketingPreference: true }, { directMarketing: false }],
  ['affiliate', { applyAffiliateMarketingPreference: true }, { affiliateMarketing: false }],
])('A6 %s: what a rule has made asks once more before it is sent, although the rule is deleted by then', async (_, applied, switched) => {
  const { ruleId, id } = await waiting(applied);
  await call('deleteRule', { ruleId });
  await upsert({ contacts: [{ externalId: 'anna', ...switched }] });
  expect(await outcome(id)).toEqual(['REJECTED', 'OPTED_OUT']);
  const retry = await app.ask('mutation ($id: ID!) { retryCommunication(input: { communicationId: $id }) { communication { id } } }', {
    id: (await app.call('{ communications(first: 1) { nodes { id } } }')).communications.nodes[0].id,
  });
  expect(retry.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['OPTED_OUT']);
});

test('A5 what a rule says that applies no preference is sent, deleted or not', async () => {
  const { ruleId, id } = await waiting({});
  await call('deleteRule', { ruleId });
  await upsert({ contacts: [{ externalId: 'anna', directMarketing: false, affiliateMarketing: false }] });
  expect(await outcome(id)).toEqual(['COMPLETED', null]);
});

test('A6 a rule that is changed meanwhile takes nothing back: what it applied when the message was made is asked, and what it applies now', async () => {
  const before = await waiting({ applyDirectMarketingPreference: true });
  await call('updateRule', { ruleId: before.ruleId, applyDirectMarketingPreference: false });
  await upsert({ contacts: [{ externalId: 'anna', directMarketing: false }] });
  expect(await outcome(before.id)).toEqual(['REJECTED', 'OPTED_OUT']);
  await call('deleteRule', { ruleId: before.ruleId });
  const { ruleId, id } = await waiting({});
  await call('updateRule', { ruleId, applyDirectMarketingPreference: true });
  expect(await outcome(id)).toEqual(['REJECTED', 'OPTED_OUT']);
});

test('A6 a retry of what a deleted rule made asks for its preferences until it is sent', async () => {
  const { ruleId, id } = await waiting({ applyDirectMarketingPreference: true });
  await call('deleteRule', { ruleId });
  const { nodes } = (await app.call('{ communications(first: 1) { nodes { id } } }')).communications;
  await call('cancelCommunication', { communicationId: nodes[0].id });
  expect((await delivery.stateOf(id)).state).toBe('REJECTED');
  await call('retryCommunication', { communicationId: nodes[0].id });
  const again = (await last())['id'];
  await upsert({ contacts: [{ externalId: 'anna', directMarketing: false }] });
  expect(await outcome(again)).toEqual(['REJECTED', 'OPTED_OUT']);
});

test('A6 what waits for its time asks for the preferences of when it was frozen, too', async () => {
  const timing = { after: { amount: 1, unit: 'HOUR' } };
  const { ruleId } = await waiting({ timing, applyDirectMarketingPreference: true });
  await call('updateRule', { ruleId, applyDirectMarketingPreference: false });
  await upsert({ contacts: [{ externalId: 'anna', directMarketing: false }] });
  await app.sql(`update rule_outcome set due_at = clock_timestamp() where state = 'HELD'`);
  await release();
  expect(await app.sql('select state, reason from rule_outcome where rule_id = (select id from rule)')).toEqual([
    { state: 'SKIPPED', reason: 'OPTED_OUT_DIRECT' },
  ]);
});

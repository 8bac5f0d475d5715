import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { lease, makeContacts, makeSystem, type System, write } from '../support/queue.js';

const app = await openApp();
let cm: System;
let box: System;

beforeAll(async () => {
  await makeContacts(app, 'anna', 'ben');
  cm = await makeSystem(app, { name: 'CM', media: ['SMS', 'EMAIL'] });
  box = await makeSystem(app, { name: 'Set-top box', media: ['DEVICE'] });
});

const ask = 'id state rejection { code message } externalSystem { name }';
const tooLong = { state: 'REJECTED', rejection: { code: 'TOO_LONG', message: 'It is longer than the 160 characters allowed.' } };
const unsupported = { state: 'REJECTED', rejection: { code: 'UNSUPPORTED_MEDIUM', message: 'Set-top box processes DEVICE, not EMAIL.' } };

/** A plan to anna and ben, run to its end; answers its figures. */
async function run(name: string, messages: object[], before: (planId: string) => Promise<void> = async () => undefined) {
  const { createSegment } = await app.call(
    'mutation ($name: String!) { createSegment(input: { name: $name, contactExternalIds: ["anna", "ben"] }) { segment { id } } }',
    {
      name,
    },
  );
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: { name, includeSegmentIds: [createSegment.segment.id], messages },
  });
  await before(createPlan.plan.id);
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  const read = async () =>
    (await app.call('query ($id: ID!) { run(id: $id) { id state matched generated pending rejected } }', { id: runPlan.run.id })).run;
  await eventually(async () => ['COMPLETED', 'FAILED'].includes((await read()).state));
  return await read();
}

test('BS12 C29 X10 an SMS of 161 characters for CM, and an e-mail for a system of devices, are rejected by the queue with a reason', async () => {
  const sms = { contactExternalId: 'anna', medium: 'SMS', externalSystemId: cm.id };
  expect(await write(app, { ...sms, body: 'x'.repeat(161) }, ask)).toMatchObject({ ...tooLong, externalSystem: { name: 'CM' } });
  expect(await write(app, { ...sms, body: 'x'.repeat(160) }, ask)).toMatchObject({ state: 'PENDING', rejection: null });
  expect(await write(app, { contactExternalId: 'anna', medium: 'EMAIL', subject: 'S', externalSystemId: box.id }, ask)).toMatchObject(
    unsupported,
  );
  // Nobody is ever handed what was rejected.
  expect((await lease(app, cm.as)).length).toBe(1);
  expect(await lease(app, box.as)).toEqual([]);
});

test('BS12 C29 X10 the same holds for a draft that is sent, and for a follow-up', async () => {
  const draft = await write(
    app,
    { contactExternalId: 'anna', medium: 'EMAIL', subject: 'S', externalSystemId: box.id, saveAsDraft: true },
    ask,
  );
  expect(draft).toMatchObject({ state: 'DRAFT', rejection: null });
  const { updateCommunication } = await app.call(
    `mutation ($id: ID!) { updateCommunication(input: { communicationId: $id, saveAsDraft: false }) { communication { ${ask} } } }`,
    { id: draft.id },
  );
  expect(updateCommunication.communication).toMatchObject(unsupported);
  const call = await write(app, { contactExternalId: 'anna', medium: 'PHONE', body: 'They called' });
  const { followUpCommunication } = await app.call(
    `mutation ($input: FollowUpCommunicationInput!) { followUpCommunication(input: $input) { communication { ${ask} } } }`,
    {
      input: {
        communicationId: call.id,
        followUp: { contactExternalId: 'anna', medium: 'SMS', externalSystemId: cm.id, body: 'y'.repeat(161) },
      },
    },
  );
  expect(followUpCommunication.communication).toMatchObject(tooLong);
});

test('BS12 C29 X10 of a plan each message is looked at: too long for one recipient, or of a medium that its system has given up', async () => {
  const body = `${'x'.repeat(150)} #contact.attributes.tail`;
  await app.call(
    'mutation { upsertCrmRecords(input: { contacts: [{ externalId: "ben", attributes: { tail: "a very long tail" } }] }) { updated } }',
  );
  const long = await run('Long', [{ medium: 'SMS', externalSystemId: cm.id, content: [{ language: 'en', body }] }]);
  expect(long).toMatchObject({ state: 'COMPLETED', matched: 2, generated: 2, pending: 1, rejected: 1 });

  const mail = [{ medium: 'EMAIL', externalSystemId: cm.id, content: [{ language: 'en', subject: 'S', body: 'Hello' }] }];
  const given = await run('Given up', mail, async () => {
    await app.call(
      'mutation ($id: ID!) { updateExternalSystem(input: { externalSystemId: $id, media: [SMS] }) { externalSystem { id } } }',
      { id: cm.id },
    );
  });
  expect(given).toMatchObject({ state: 'COMPLETED', matched: 2, generated: 2, pending: 0, rejected: 2 });
  const { communications } = await app.call(
    'query ($id: ID!) { communications(filter: { runId: $id }) { nodes { state rejection { code message } } } }',
    {
      id: given.id,
    },
  );
  const why = { state: 'REJECTED', rejection: { code: 'UNSUPPORTED_MEDIUM', message: 'CM processes SMS, not EMAIL.' } };
  expect(communications.nodes).toEqual([why, why]);
});

test('C29 X10 a plan that is written for a medium which its system does not process is refused at once, naming what it does', async () => {
  const answer = await app.ask('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Wrong',
      includeSegmentIds: [],
      messages: [{ medium: 'EMAIL', externalSystemId: box.id, content: [{ language: 'en', subject: 'S', body: 'Hello' }] }],
    },
  });
  expect(answer.errors?.[0]?.extensions.problems).toContainEqual({
    path: ['messages', 0, 'externalSystemId'],
    code: 'UNSUPPORTED_MEDIUM',
    message: 'Set-top box processes DEVICE, not EMAIL.',
  });
});

import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { fill, lease, makeContacts, makeSystem, type System, settle, stateOf, write } from '../support/queue.js';

const app = await openApp({ env: { ROLE: 'api' } });

beforeAll(async () => await makeContacts(app, 'anna'));

const fields = `id name code media contactInbox characterLimit description enabled provisioningProvider usableByUnits maxAttempts leaseSeconds`;
const create = async (input: Record<string, unknown>, as: Parameters<typeof app.ask>[2] = 'ADMIN') =>
  await app.ask(
    `mutation ($input: CreateExternalSystemInput!) { out: createExternalSystem(input: $input) { externalSystem { ${fields} } } }`,
    { input },
    as,
  );
const update = async (system: { id: string }, input: Record<string, unknown>) =>
  await app.ask(
    `mutation ($input: UpdateExternalSystemInput!) { out: updateExternalSystem(input: $input) { externalSystem { ${fields} } } }`,
    { input: { externalSystemId: system.id, ...input } },
  );
const remove = async (system: { id: string }) =>
  await app.ask('mutation ($input: DeleteExternalSystemInput!) { out: deleteExternalSystem(input: $input) { externalSystemId } }', {
    input: { externalSystemId: system.id },
  });
const offered = async (filter: Record<string, unknown>) =>
  (
    await app.call('query ($filter: ExternalSystemFilter) { externalSystems(filter: $filter, first: 100) { totalCount nodes { name } } }', {
      filter,
    })
  ).externalSystems.nodes.map((each: { name: string }) => each.name);
const problemsOf = (answer: Awaited<ReturnType<typeof create>>) =>
  answer.errors?.[0]?.extensions.problems?.map(({ path, code }) => [path.join('.'), code]);

test('X3 X4 X5 X6 X7 a system has a name, a code that is made where it is left out, a limit, a description and media', async () => {
  const made = await create({ name: 'Mobile app', media: ['DEVICE', 'SMS'], characterLimit: 500, description: 'The app of customers' });
  expect(made.data?.['out'].externalSystem).toMatchObject({
    name: 'Mobile app',
    code: 'mobile-app',
    media: ['DEVICE', 'SMS'],
    characterLimit: 500,
    description: 'The app of customers',
    enabled: true,
    maxAttempts: null,
    leaseSeconds: 60,
  });
  const id: string = made.data?.['out'].externalSystem.id;
  const changed = await update({ id }, { name: 'App', description: null, characterLimit: null, maxAttempts: 5, leaseSeconds: 30 });
  expect(changed.data?.['out'].externalSystem).toMatchObject({
    name: 'App',
    code: 'mobile-app',
    media: ['DEVICE', 'SMS'],
    characterLimit: null,
    description: null,
    maxAttempts: 5,
    leaseSeconds: 30,
  });
  expect(
    problemsOf(await create({ name: ' ', code: 'a b', media: ['PHONE'], characterLimit: 0, maxAttempts: 0, leaseSeconds: 4_000 })),
  ).toEqual([
    ['name', 'INVALID'],
    ['code', 'INVALID'],
    ['media.0', 'NOT_QUEUED'],
    ['characterLimit', 'OUT_OF_RANGE'],
    ['maxAttempts', 'OUT_OF_RANGE'],
    ['leaseSeconds', 'OUT_OF_RANGE'],
  ]);
  expect(problemsOf(await create({ name: 'App', code: 'mobile-app', media: ['DEVICE'] }))).toEqual([
    ['name', 'TAKEN'],
    ['code', 'TAKEN'],
  ]);
});

test('X2 each kind of system that the sources name can be told', async () => {
  const kinds: Record<string, string[]> = {
    'SMTP relay': ['EMAIL'],
    'Web portal': ['DEVICE'],
    'Private SMS gateway': ['SMS'],
    'Payment gateway': ['EMAIL', 'SMS'],
    'CA system': ['DEVICE'],
    'Provisioning of a TV operator': ['DEVICE', 'EMAIL'],
  };
  for (const [name, media] of Object.entries(kinds)) expect((await create({ name, media })).errors).toBeUndefined();
});

test('X8 a provisioning provider is taken only where media include DEVICE, and by one system each', async () => {
  expect(problemsOf(await create({ name: 'Mail only', media: ['EMAIL'], provisioningProvider: 'CONAX' }))).toEqual([
    ['provisioningProvider', 'NEEDS_DEVICE'],
  ]);
  const conax = await makeSystem(app, { name: 'Conax', media: ['DEVICE', 'EMAIL'], provisioningProvider: 'CONAX' });
  expect(problemsOf(await create({ name: 'Conax 2', media: ['DEVICE'], provisioningProvider: 'CONAX' }))).toEqual([
    ['provisioningProvider', 'TAKEN'],
  ]);
  expect(problemsOf(await update(conax, { media: ['EMAIL'] }))).toEqual([['provisioningProvider', 'NEEDS_DEVICE']]);
  expect((await update(conax, { media: ['EMAIL'], provisioningProvider: null })).errors).toBeUndefined();
});

test('C10 X9 X14 the systems to offer are those of the medium, of the unit, and enabled', async () => {
  await makeSystem(app, { name: 'W north', media: ['WHATSAPP'], usableByUnits: ['north'] });
  await makeSystem(app, { name: 'W all', media: ['WHATSAPP', 'SMS'] });
  await makeSystem(app, { name: 'W off', media: ['WHATSAPP'], usableByUnits: ['south', 'north'], enabled: false });
  expect(await offered({ medium: 'WHATSAPP' })).toEqual(['W north', 'W all', 'W off']);
  expect(await offered({ medium: 'WHATSAPP', enabled: true })).toEqual(['W north', 'W all']);
  expect(await offered({ medium: 'WHATSAPP', unit: 'south' })).toEqual(['W all', 'W off']);
  expect(await offered({ medium: 'LETTER' })).toEqual([]);
  expect(problemsOf(await create({ name: 'W bad', media: ['SMS'], usableByUnits: ['a b'] }))).toEqual([['usableByUnits.0', 'INVALID']]);
});

test('X15 only who may set things up adds, changes and deletes a system', async () => {
  for (const as of ['AGENT', 'CONTACT', ['EXTERNAL_SYSTEM', 'web-portal']] as const)
    expect((await create({ name: 'Mine', media: ['SMS'] }, as as 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('C4 X16 a message run names its provisioning provider, and the entry goes to the system tied to it', async () => {
  const system = await makeSystem(app, { name: 'Panaccess', provisioningProvider: 'PANACCESS_OSM' });
  const made = await write(
    app,
    { contactExternalId: 'anna', provisioningProvider: 'PANACCESS_OSM', body: 'OSM' },
    'id state externalSystem { name }',
  );
  expect(made).toMatchObject({ state: 'PENDING', externalSystem: { name: 'Panaccess' } });
  expect((await lease(app, system.as)).map((each) => each.id)).toEqual([made.id]);
  expect(await app.sql('select origin from communication where external_system_id = $1', [system.row])).toEqual([
    { origin: 'PROVISIONING' },
  ]);
  const ask = async (input: object) =>
    (
      await app.ask('mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }', {
        input: { contactExternalId: 'anna', medium: 'DEVICE', body: 'x', ...input },
      })
    ).errors?.[0]?.extensions.problems?.map(({ path, code }) => [path.join('.'), code]);
  expect(await ask({ provisioningProvider: 'BARK' })).toEqual([['provisioningProvider', 'NOT_FOUND']]);
  expect(await ask({ provisioningProvider: 'PANACCESS_OSM', externalSystemId: system.id })).toEqual([
    ['provisioningProvider', 'CONTRADICTION'],
  ]);
});

test('X18 the lower of the limits of medium and system counts', async () => {
  const long = await makeSystem(app, { name: 'Long', media: ['SMS'], characterLimit: 1_000 });
  const short = await makeSystem(app, { name: 'Short', media: ['SMS'], characterLimit: 10 });
  const state = async (system: System, length: number) => {
    const made = await write(app, { contactExternalId: 'anna', medium: 'SMS', externalSystemId: system.id, body: 'x'.repeat(length) });
    return made.rejection?.code ?? made.state;
  };
  expect([await state(long, 160), await state(long, 161), await state(short, 10), await state(short, 11)]).toEqual([
    'PENDING',
    'TOO_LONG',
    'PENDING',
    'TOO_LONG',
  ]);
});

test('X19 a system for which entries wait cannot be deleted, and it is said how many do; settled ones do not count', async () => {
  const system = await makeSystem(app, { name: 'Deleted' });
  const waiting = await fill(app, system, 3);
  expect((await remove(system)).errors?.[0]).toMatchObject({
    message: '3 entries wait for Deleted: settle them first, or disable it.',
    extensions: { code: 'CONFLICT' },
  });
  await settle(
    app,
    system.as,
    'complete',
    waiting.map((id) => ({ id })),
  );
  expect((await remove(system)).data?.['out'].externalSystemId).toBe(system.id);
  expect((await app.call('{ externalSystem(code: "deleted") { id } }')).externalSystem).toBeNull();
  // What it was sent stays, and its token opens nothing any more.
  expect((await stateOf(app, waiting[0] ?? '')).state).toBe('COMPLETED');
  expect((await app.ask('{ queueEntries { nodes { id } } }', {}, system.as)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('X19 what is queued while the system is deleted is queued, or refused, never lost', async () => {
  for (let round = 0; round < 8; round++) {
    const system = await makeSystem(app, { name: `Raced ${round}` });
    const queue = 'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }';
    const [, ...written] = await Promise.all([
      remove(system),
      ...Array.from({ length: 4 }, () =>
        app.ask(queue, { input: { contactExternalId: 'anna', medium: 'DEVICE', body: 'x', externalSystemId: system.id } }),
      ),
    ]);
    const there = await app.sql('select 1 from external_system where id = $1 and deleted_at is null', [system.row]);
    const kept = await app.sql('select 1 from queue_entry where external_system_id = $1', [system.row]);
    expect(kept.length).toBe(written.filter((each) => !each.errors).length);
    expect(there.length).toBe(kept.length > 0 ? 1 : 0);
  }
});

test('X19 a system that a plan or a draft names cannot be deleted, and it is said by whom', async () => {
  const system = await makeSystem(app, { name: 'Named' });
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "S", contactExternalIds: ["anna"] }) { segment { id } } }',
  );
  await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Offer',
      includeSegmentIds: [createSegment.segment.id],
      messages: [{ medium: 'DEVICE', externalSystemId: system.id, content: [{ language: 'en', body: 'x' }] }],
    },
  });
  expect((await remove(system)).errors?.[0]).toMatchObject({
    message: 'The external system Named is used by the plan Offer.',
    extensions: { code: 'CONFLICT' },
  });
  const reminding = await makeSystem(app, { name: 'Reminding' });
  const { createTemplate } = await app.call(
    'mutation { createTemplate(input: { name: "R", medium: DEVICE, content: [{ language: "en", body: "x" }] }) { template { id } } }',
  );
  await app.call('mutation ($input: CreateNotificationTypeInput!) { createNotificationType(input: $input) { notificationType { id } } }', {
    input: {
      name: 'Reminder',
      classification: 'CUSTOMER_CARE',
      about: 'job',
      templateId: createTemplate.template.id,
      externalSystemId: reminding.id,
    },
  });
  expect((await remove(reminding)).errors?.[0]?.message).toBe('The external system Reminding is used by the notification type Reminder.');
  const drafted = await makeSystem(app, { name: 'Drafted' });
  await write(app, { contactExternalId: 'anna', externalSystemId: drafted.id, saveAsDraft: true });
  expect((await remove(drafted)).errors?.[0]?.message).toMatch(/used by the draft CM\d+/);
});

test('X7 a medium of which entries wait is not taken away; one of which none wait is', async () => {
  const system = await makeSystem(app, { name: 'Media', media: ['DEVICE', 'SMS', 'EMAIL'] });
  await write(app, { contactExternalId: 'anna', medium: 'SMS', externalSystemId: system.id });
  await fill(app, system, 2);
  expect((await update(system, { media: ['EMAIL'] })).errors?.[0]).toMatchObject({
    message: 'Entries wait for Media: 2 of DEVICE and 1 of SMS. Settle them before the medium is taken away.',
    extensions: { code: 'CONFLICT' },
  });
  expect((await update(system, { media: ['DEVICE', 'SMS', 'WHATSAPP'] })).errors).toBeUndefined();
});

test('X1 a disabled system cannot be chosen and is handed no work; its entries wait, and what is held is still settled', async () => {
  const system = await makeSystem(app, { name: 'Switched' });
  await fill(app, system, 2);
  const [held] = await lease(app, system.as, { limit: 1 });
  expect((await update(system, { enabled: false })).errors).toBeUndefined();
  const chosen = await app.ask(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
    {
      input: { contactExternalId: 'anna', medium: 'DEVICE', body: 'x', externalSystemId: system.id },
    },
  );
  expect(problemsOf(chosen)).toEqual([['externalSystemId', 'DISABLED']]);
  const refused = await app.ask('mutation { leaseQueueEntries(input: {}) { entries { id } } }', {}, system.as);
  expect(refused.errors?.[0]).toMatchObject({
    message: 'The external system Switched is disabled: its entries wait until it is enabled again.',
    extensions: { code: 'CONFLICT' },
  });
  expect(await settle(app, system.as, 'complete', [{ id: held?.id ?? '', leaseToken: held?.lease.token ?? '' }])).toEqual(['COMPLETED']);
  expect((await app.call('{ externalSystem(code: "switched") { pendingCount } }')).externalSystem.pendingCount).toBe(1);
  await update(system, { enabled: true });
  expect(await eventually(async () => (await lease(app, system.as)).length)).toBe(1);
});

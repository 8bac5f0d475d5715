import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { subscribe } from '../support/live.js';
import { openSink } from '../support/smtp-sink.js';

// The main job, from facts to mails and inboxes, as an administrator, a mail server and an app see it.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });
const ids: Record<string, string> = {};

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        {
          externalId: 'anna',
          name: 'Anna Brown',
          preferredLanguage: 'en',
          timeZone: 'Europe/London',
          emails: [{ address: 'anna@example.org' }],
        },
        {
          externalId: 'nikos',
          name: 'Νίκος Παππάς',
          preferredLanguage: 'el-CY',
          timeZone: 'Europe/Nicosia',
          emails: [{ address: 'nikos@example.org' }],
        },
        { externalId: 'chloe', name: 'Chloé Durand', preferredLanguage: 'fr', emails: [{ address: 'chloe@example.org' }] },
        { externalId: 'mute', name: 'Mute Mary', preferredLanguage: 'en' },
        {
          externalId: 'away',
          name: 'Away Andy',
          preferredLanguage: 'en',
          directMarketing: false,
          emails: [{ address: 'away@example.org' }],
        },
        { externalId: 'out', name: 'Out Otto', preferredLanguage: 'en', emails: [{ address: 'out@example.org' }] },
      ],
      accounts: [
        { externalId: 'a-anna', contact: 'anna', number: 'A1', currency: 'EUR', balance: '1234.5', outstandingAmount: '10.00' },
        { externalId: 'a-nikos', contact: 'nikos', number: 'A2', currency: 'EUR', balance: '1234.5', outstandingAmount: '0' },
      ],
      objects: [
        {
          type: 'subscription',
          externalId: 's-anna',
          contact: 'anna',
          account: 'a-anna',
          number: 'S1',
          fields: { type: 'Sports', services: ['HD', 'Football'] },
        },
      ],
    },
  });
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id version effective } } }',
    {
      input: {
        name: 'Autumn offer',
        medium: 'EMAIL',
        content: [
          {
            language: 'en',
            subject: 'An offer for #contact.name',
            body: '<p>Dear #contact.name, your balance is <b>#account.balance</b>. <a href="https://example.org/?c=#contact.name">Look</a></p>',
            format: 'HTML',
          },
          {
            language: 'el',
            subject: 'Προσφορά για #contact.name',
            body: '<p>Αγαπητέ #contact.name, το υπόλοιπό σας είναι <b>#account.balance</b>.</p>',
            format: 'HTML',
          },
        ],
      },
    },
  );
  ids['template'] = createTemplate.template.id;
  const segment = async (input: object) =>
    (await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id size } } }', { input }))
      .createSegment.segment;
  const everyone = await segment({ name: 'Everyone', condition: { field: 'contact.name', operator: 'IS_NOT_EMPTY' } });
  expect(everyone.size).toBe(6);
  const excluded = await segment({ name: 'Not these', contactExternalIds: ['out'] });
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  ids['system'] = createExternalSystem.externalSystem.id;
  const { createPlan } = await app.call(
    'mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id code matchedContacts { totalCount } } } }',
    {
      input: {
        name: 'Autumn',
        messages: [
          { medium: 'EMAIL', templateId: ids['template'] },
          {
            medium: 'DEVICE',
            externalSystemId: ids['system'],
            content: [
              { language: 'en', subject: 'For you', body: 'Hello #contact.name, plan #subscription.type .' },
              { language: 'el', body: 'Γεια σου #contact.name' },
            ],
          },
        ],
        includeSegmentIds: [everyone.id],
        excludeSegmentIds: [excluded.id],
        applyDirectMarketingPreference: true,
      },
    },
  );
  ids['plan'] = createPlan.plan.id;
  expect(createPlan.plan).toMatchObject({ code: 'autumn', matchedContacts: { totalCount: 5 } });
});

const inboxChanged =
  'subscription ($after: String) { inboxChanged(after: $after) { kind cursor entryId pendingCount unviewedCount entry { id state subject body contact { externalId } communication { number } } } }';
const runFigures = 'state matched remaining generated pending completed rejected removed skipped { reason count }';

test('P1 P2 P8 P14 Z1 Q1 Q6 C11 everybody gets one message for each medium, in the right language, and the sums add up', async () => {
  const phone = await subscribe(app, inboxChanged, {}, ['CONTACT', 'anna']);
  await phone.until((each) => each.kind === 'SYNCED');
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id state } } }', { id: ids['plan'] });
  const watch = await subscribe(app, `subscription ($id: ID!) { runProgressed(runId: $id) { ${runFigures} } }`, { id: runPlan.run.id }, [
    'ADMIN',
    'admin',
  ]);
  await watch.until((each) => each.state === 'COMPLETED');
  for (const run of watch.events.filter((each) => each.matched > 0)) {
    const skipped = run.skipped.reduce((sum: number, each: { count: number }) => sum + each.count, 0);
    expect(run.matched).toBe(run.generated + skipped + run.remaining);
    expect(run.generated).toBe(run.pending + run.completed + run.rejected + run.removed);
  }

  await eventually(() => sink.arrived.length >= 3);
  const run = await eventually(async () => {
    const { run: now } = await app.call(`query ($id: ID!) { run(id: $id) { ${runFigures} } }`, { id: runPlan.run.id });
    return now.completed === 3 ? now : undefined;
  });
  expect(run).toEqual({
    state: 'COMPLETED',
    matched: 12,
    remaining: 0,
    generated: 7,
    pending: 4,
    completed: 3,
    rejected: 0,
    removed: 0,
    skipped: [
      { reason: 'EXCLUDED_SEGMENT', count: 2 },
      { reason: 'NO_ADDRESS', count: 1 },
      { reason: 'OPTED_OUT_DIRECT', count: 2 },
    ],
  });
  // Counted outside our own tables: what the mail server was handed.
  const mails = new Map(sink.arrived.map((each) => [each.to[0], each.mail]));
  expect([...mails.keys()].toSorted()).toEqual(['anna@example.org', 'chloe@example.org', 'nikos@example.org']);
  expect(sink.arrived.length).toBe(3);
  expect(mails.get('anna@example.org')?.subject).toBe('An offer for Anna Brown');
  expect(mails.get('nikos@example.org')?.subject).toBe('Προσφορά για Νίκος Παππάς');
  // No content in French: the default language.
  expect(mails.get('chloe@example.org')?.subject).toBe('An offer for Chloé Durand');
  expect(mails.get('anna@example.org')?.html).toContain('€1,234.50');
  expect(mails.get('nikos@example.org')?.html).toMatch(/1\.234,50\s€/);

  const added = await phone.until((each) => each.kind === 'ADDED');
  expect(added).toMatchObject({
    pendingCount: 1,
    unviewedCount: 1,
    entry: { state: 'PENDING', subject: 'For you', body: 'Hello Anna Brown, plan Sports .', contact: { externalId: 'anna' } },
  });
  ids['entry'] = added.entryId;
});

test('Q11 what the app marks is so on every device, and Completed and Removed never comes again', async () => {
  const me: [role: 'CONTACT', subject: string] = ['CONTACT', 'anna'];
  const [phone, tablet] = [await subscribe(app, inboxChanged, {}, me), await subscribe(app, inboxChanged, {}, me)];
  await phone.until((each) => each.kind === 'SYNCED');
  await tablet.until((each) => each.kind === 'SYNCED');
  const settle = async (name: string) =>
    (
      await app.call(
        `mutation ($id: ID!) { ${name}(input: { entries: [{ id: $id }] }) { results { id entry { state } error { code } } } }`,
        { id: ids['entry'] },
        me,
      )
    )[name].results[0];
  await app.call(
    'mutation ($id: ID!) { viewQueueEntries(input: { ids: [$id] }) { results { entry { viewedAt } error { code } } } }',
    { id: ids['entry'] },
    me,
  );
  expect(await settle('completeQueueEntries')).toMatchObject({ entry: { state: 'COMPLETED' }, error: null });
  expect((await app.call('{ inbox { nodes { id state } totalCount } }', {}, me)).inbox).toEqual({
    nodes: [{ id: ids['entry'], state: 'COMPLETED' }],
    totalCount: 1,
  });
  expect(await settle('removeQueueEntries')).toMatchObject({ entry: { state: 'COMPLETED_AND_REMOVED' } });
  expect(await settle('removeQueueEntries')).toMatchObject({ error: null });
  expect(await settle('completeQueueEntries')).toMatchObject({ entry: null, error: { code: 'INVALID_STATE_TRANSITION' } });
  for (const device of [phone, tablet]) {
    const removed = await device.until((each) => each.kind === 'REMOVED');
    expect(removed).toMatchObject({ entryId: ids['entry'], entry: null, pendingCount: 0, unviewedCount: 0 });
    expect(device.events.map((each) => each.kind)).toEqual(['ADDED', 'SYNCED', 'CHANGED', 'CHANGED', 'REMOVED']);
  }
  expect((await app.call('{ inbox { nodes { id } } }', {}, me)).inbox.nodes).toEqual([]);
});

test('a contact sees and settles its own entries and nothing else', async () => {
  const nikos: [role: 'CONTACT', subject: string] = ['CONTACT', 'nikos'];
  const codeOf = async (query: string, variables = {}) => (await app.ask(query, variables, nikos)).errors?.[0]?.extensions.code;
  expect(await codeOf('{ inbox(contactExternalId: "anna") { nodes { id } } }')).toBe('NOT_FOUND');
  expect(await codeOf('{ communications { nodes { id } } }')).toBe('FORBIDDEN');
  expect(await codeOf('{ contacts { nodes { id } } }')).toBe('FORBIDDEN');
  expect((await app.call('{ contact(externalId: "anna") { id } }', {}, nikos)).contact).toBeNull();
  expect((await app.call('query ($id: ID!) { node(id: $id) { id } }', { id: ids['entry'] }, nikos)).node).toBeNull();
  const [result] = (
    await app.call(
      'mutation ($id: ID!) { completeQueueEntries(input: { entries: [{ id: $id }] }) { results { error { code message } } } }',
      { id: ids['entry'] },
      nikos,
    )
  ).completeQueueEntries.results;
  const [nonsense] = (
    await app.call(
      'mutation { completeQueueEntries(input: { entries: [{ id: "nonsense" }] }) { results { error { code message } } } }',
      {},
      nikos,
    )
  ).completeQueueEntries.results;
  expect(result.error).toEqual(nonsense.error);
  expect(result.error.code).toBe('NOT_FOUND');
  expect((await app.call('{ inbox { nodes { body } } }', {}, nikos)).inbox.nodes).toEqual([{ body: 'Γεια σου Νίκος Παππάς' }]);
});

test('the portal works off its queue, and nobody else does', async () => {
  const portal: [role: 'EXTERNAL_SYSTEM', subject: string] = ['EXTERNAL_SYSTEM', 'portal'];
  const { queueEntries } = await app.call(
    '{ queueEntries(states: [PENDING]) { nodes { id contact { externalId } state } totalCount } }',
    {},
    portal,
  );
  expect(queueEntries.nodes.map((each: { contact: { externalId: string } }) => each.contact.externalId).toSorted()).toEqual([
    'chloe',
    'mute',
    'nikos',
  ]);
  const entry = queueEntries.nodes[0].id;
  const { rejectQueueEntries } = await app.call(
    'mutation ($id: ID!) { rejectQueueEntries(input: { entries: [{ id: $id, reason: "no such device" }] }) { results { entry { state communication { rejection { code message } } } } } }',
    { id: entry },
    portal,
  );
  expect(rejectQueueEntries.results[0].entry).toEqual({
    state: 'REJECTED',
    communication: { rejection: { code: 'EXTERNAL_SYSTEM', message: 'no such device' } },
  });
  const stranger = await app.ask('{ queueEntries { nodes { id } } }', {}, ['EXTERNAL_SYSTEM', 'other']);
  expect(stranger.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

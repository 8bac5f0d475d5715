import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';

const app = await openApp();
const { upsert, template, type, told } = notifying(app);
let bills = '';

beforeAll(async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna', preferredLanguage: 'en', emails: [{ address: 'anna@example.org' }] },
      { externalId: 'bob', name: 'Bob', preferredLanguage: 'en' },
    ],
    accounts: [
      { externalId: 'A1', contact: 'anna', number: 'AR1', currency: 'EUR' },
      { externalId: 'A2', contact: 'bob', number: 'AR2', currency: 'EUR' },
    ],
    objects: [
      { type: 'bill', externalId: 'B1', account: 'A1', number: 'BL1', fields: { outstanding_amount: '45.5' } },
      { type: 'bill', externalId: 'B2', account: 'A1', number: 'BL2', fields: { outstanding_amount: '4.5' } },
      { type: 'bill', externalId: 'B3', account: 'A2', number: 'BL3', fields: { outstanding_amount: '9' } },
    ],
  });
  const templateId = await template('#account.number: #notification.total_notified_amount, #notification.bills_notified_amount');
  bills = await type({ classification: 'FINANCIAL', about: 'bill', templateId });
});

const stored = async () =>
  await app.sql(`select (select count(*) from run)::int as runs, (select count(*) from run_recipient)::int as recipients,
    (select count(*) from notification)::int as notifications, (select count(*) from notified_item)::int as items, (select count(*) from communication)::int as written`);
const figures = { matched: 2, skipped: [{ reason: 'NO_ADDRESS', count: 1 }] };

test('R4 XU4 a preview of a notification type shows what its tags will tell, now or at another instant, and keeps nothing', async () => {
  const before = await stored();
  const preview = async (at: string | null) =>
    (
      await app.call(
        `query ($input: PreviewRunInput!) { previewRun(input: $input) { matched generated skipped { reason count }
           messages { samples { contact { externalId } address content { body } } } } }`,
        { input: { notificationTypeId: bills, samples: 5, at } },
        'AGENT',
      )
    ).previewRun;
  const now = await preview(null);
  expect(now).toMatchObject({ ...figures, generated: 1 });
  expect(await preview(new Date(Date.now() + 86_400_000).toISOString())).toEqual(now);
  expect(await stored()).toEqual(before);
  const [first] = await told(bills);
  expect(now.messages[0].samples).toEqual([
    { contact: { externalId: 'anna' }, address: 'anna@example.org', content: { body: first?.communication.body } },
  ]);
  expect(first?.communication.body).toContain('€50.00');
});

const asked = `query ($input: PreviewRunInput!) { previewRun(input: $input) { matched generated funnel { left }
  messages { samples { content { body } } } } }`;
const numbers = async () =>
  await app.sql(`select (select last_value from notification_seq_seq) as notification, (select last_value from run_seq_seq) as run,
    (select last_value from communication_seq_seq) as communication`);

test('O1 XU4 a preview uses no numbers, and what is real afterwards has the next one', async () => {
  const templateId = await template('#notification.number');
  const typeId = await type({ name: 'Numbered', classification: 'FINANCIAL', about: 'bill', templateId });
  const [before] = await told(typeId);
  const used = await numbers();
  for (let round = 0; round < 3; round++) {
    const { previewRun } = await app.call(asked, { input: { notificationTypeId: typeId, samples: 5 } });
    expect(previewRun.messages[0].samples).toEqual([{ content: { body: 'NT000000' } }]);
  }
  expect(await numbers()).toEqual(used);
  const next = `NT${String(Number(before?.communication.body.slice(2)) + 1).padStart(6, '0')}`;
  expect((await told(typeId))[0]?.communication.body).toBe(next);
});

test('XU4 XU5 a preview, an explanation and a dry run wait for no run that matches, and let none wait', async () => {
  const [{ id } = { id: '' }] = await app.sql<{ id: string }>('select id from notification_type where name = $1', ['Numbered']);
  const { notificationTypes } = await app.call('{ notificationTypes { nodes { id name } } }');
  const typeId = notificationTypes.nodes.find((each: { name: string }) => each.name === 'Numbered').id;
  // A run that matches for long holds this lock until its transaction ends.
  await app.sql('begin');
  try {
    const held = await app.sql(`select pg_advisory_xact_lock(hashtext('carillon.' || $1))`, [`notifications.${id}`]);
    expect(held).toHaveLength(1);
    expect(await app.sql("select count(*)::int as n from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()")).toEqual([
      { n: 1 },
    ]);
    const answers = await Promise.race([
      Promise.all([
        app.ask(asked, { input: { notificationTypeId: typeId, samples: 5 } }),
        app.ask(
          'query ($id: ID!) { explainRecipient(input: { notificationTypeId: $id, contactExternalId: "anna" }) { outcomes { included } } }',
          { id: typeId },
        ),
        app.ask('mutation ($id: ID!) @dryRun { runNotifications(input: { notificationTypeId: $id }) { run { matched } } }', { id: typeId }),
      ]),
      new Promise<never>((_, reject) => setTimeout(reject, 5_000, new Error('It waits for the run'))),
    ]);
    expect(answers.map((each) => each.errors)).toEqual([undefined, undefined, undefined]);
  } finally {
    await app.sql('rollback');
  }
});

test('R4 XU8 what a preview of another instant shows is what holds then, its samples and their tags included', async () => {
  const templateId = await template('#date.today');
  const typeId = await type({ name: 'Dated', classification: 'FINANCIAL', about: 'bill', templateId });
  const at = '2031-05-06T12:00:00.000Z';
  const { previewRun } = await app.call(asked, { input: { notificationTypeId: typeId, samples: 1, at } });
  expect(previewRun.messages[0].samples[0].content.body).toBe('May 6, 2031');
});

test('R2 XU4 a dry run of a notification type matches at once, shows the figures of a real run, and keeps nothing', async () => {
  const before = await stored();
  const { runNotifications } = await app.call(
    `mutation ($id: ID!) @dryRun { runNotifications(input: { notificationTypeId: $id }) { run { state matched generated remaining skipped { reason count } } } }`,
    { id: bills },
  );
  expect(runNotifications.run).toEqual({ ...figures, state: 'RUNNING', generated: 0, remaining: 1 });
  expect(await stored()).toEqual(before);
});

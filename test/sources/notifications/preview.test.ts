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

test('R2 XU4 a dry run of a notification type matches at once, shows the figures of a real run, and keeps nothing', async () => {
  const before = await stored();
  const { runNotifications } = await app.call(
    `mutation ($id: ID!) @dryRun { runNotifications(input: { notificationTypeId: $id }) { run { state matched generated remaining skipped { reason count } } } }`,
    { id: bills },
  );
  expect(runNotifications.run).toEqual({ ...figures, state: 'RUNNING', generated: 0, remaining: 1 });
  expect(await stored()).toEqual(before);
});

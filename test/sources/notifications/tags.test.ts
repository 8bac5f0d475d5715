import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../../support/app.js';
import { notifying } from '../../support/notify.js';

const app = await openApp();
const { upsert, template, type, tryType, told, run } = notifying(app);

const save = async (body: string, objectType: string | null) =>
  await app.ask('mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } warnings { code } } }', {
    input: { name: `Saved ${body} ${objectType}`, medium: 'EMAIL', objectType, content: [{ language: 'en', body }] },
  });
const tags = async (objectType: string | null, prefix = '') =>
  (
    await app.call(
      'query ($objectType: String, $prefix: String) { tags(objectType: $objectType, prefix: $prefix, first: 1000) { name label } }',
      { objectType, prefix },
    )
  ).tags as { name: string; label: string }[];
const preview = async (body: string, object: object | null, contactExternalId = 'anna') =>
  await app.ask('query ($input: PreviewContentInput!) { previewContent(input: $input) { body unresolvedTags } }', {
    input: { content: [{ language: 'en', body }], contactExternalId, object },
  });

beforeAll(async () => {
  await upsert({
    contacts: [
      { externalId: 'anna', name: 'Anna Example', preferredLanguage: 'en', emails: [{ address: 'anna@example.org' }] },
      { externalId: 'bob', name: 'Bob', emails: [{ address: 'bob@example.org' }] },
    ],
    accounts: [
      // The contact's first account is not the one notified about.
      { externalId: 'A0', contact: 'anna', number: 'AR0', currency: 'USD', balance: '1' },
      { externalId: 'A1', contact: 'anna', number: 'AR1', currency: 'EUR', balance: '50', outstandingAmount: '45.5' },
    ],
    objects: [
      { type: 'bill', externalId: 'B1', account: 'A1', number: 'BL1', fields: { outstanding_amount: '45.5' } },
      { type: 'wallet', externalId: 'W1', account: 'A1', number: 'WL1', fields: { balance: '7' } },
      { type: 'job', externalId: 'J1', contact: 'anna', number: 'JB1', fields: { type: 'Installation' } },
    ],
  });
});

test('G71 G72 G73 G82 the tags of every notification, and their old spellings', async () => {
  const body =
    '#Notification.number|#notification.accounts_receivable.number|#notification.account.number|#notification.total_notified_amount|#notification.contact_information.name';
  const [first] = await told(await type({ classification: 'FINANCIAL', about: 'bill', templateId: await template(body) }));
  expect(first?.communication.body).toBe(`${first?.number}|AR1|AR1|€45.50|Anna Example`);
});

test('G10 FINANCIAL: account and wallet tags mean the account notified about, not the first of the contact', async () => {
  const body =
    '#account.number #accounts_receivable.balance #accounts_receivable.outstanding_amount #wallet.balance #accounts_receivable.wallet.balance';
  const [first] = await told(
    await type({ classification: 'FINANCIAL', about: 'bill', templateId: await template(body, { objectType: 'notification' }) }),
  );
  expect(first?.communication.body).toBe('AR1 €50.00 €45.50 €7.00 €7.00');
});

test('G10 what a classification cannot tell of is refused when the type is made', async () => {
  const refused = async (body: string, input: object) => {
    const answer = await tryType({ templateId: await template(body), ...input });
    return (answer.errors?.[0]?.extensions.problems ?? []).map((each) => `${each.code} ${/#[\w.]+/.exec(each.message)?.[0]}`);
  };
  const care = { classification: 'CUSTOMER_CARE', about: 'job' };
  expect(await refused('#contact.name #job.type #job.account.number #notification.number #date.today #param.x', care)).toEqual([]);
  expect(await refused('#account.balance #bill.number', care)).toEqual([
    'UNREACHABLE_TAG #account.balance',
    'UNREACHABLE_TAG #bill.number',
  ]);
  const financial = { classification: 'FINANCIAL', about: 'bill' };
  expect(await refused('#account.balance #wallet.balance #notification.bills_notified_amount', financial)).toEqual([]);
  expect(await refused('#bill.number', financial)).toEqual(['UNREACHABLE_TAG #bill.number']);
  expect(await refused('#notification.subscriptions_notified_amount', financial)).toEqual([
    'UNREACHABLE_TAG #notification.subscriptions_notified_amount',
  ]);
  const reward = { classification: 'REWARD', about: 'reward_offer' };
  expect(await refused('#rewards_participant.number #contact.name', reward)).toEqual([]);
  expect(await refused('#reward_offer.name #account.number', reward)).toEqual([
    'UNREACHABLE_TAG #reward_offer.name',
    'UNREACHABLE_TAG #account.number',
  ]);
});

test('G10 a template that was edited out of reach since fails the run, with the reason, and says nothing to anybody', async () => {
  const templateId = await template('#contact.name');
  const id = await type({ classification: 'CUSTOMER_CARE', about: 'job', templateId });
  await app.call('mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { id } } }', {
    input: { templateId, content: [{ language: 'en', body: '#bill.number' }] },
  });
  expect(await run(id)).toMatchObject({ state: 'FAILED', generated: 0, error: expect.stringContaining('#bill.number') });
});

test('G5 notification tags stand only in texts about notifications, or about nothing in particular', async () => {
  expect((await save('#notification.number', 'notification')).errors).toBeUndefined();
  expect((await save('#notification.number', null)).errors).toBeUndefined();
  expect((await save('#notification.number', 'bill')).errors?.[0]?.extensions.problems?.[0]?.code).toBe('UNREACHABLE_TAG');
  expect((await save('#notification.nummer', 'notification')).errors?.[0]?.message).toContain('notification.number');
  expect((await save('#job.number #rewards_participant.number #account.balance', 'notification')).errors).toBeUndefined();
  expect((await save('#bill.number', 'notification')).errors?.[0]?.extensions.problems?.[0]?.code).toBe('UNREACHABLE_TAG');
});

test('G4 G5 auto-complete offers them first to texts about notifications, and to no other', async () => {
  const offered = await tags('notification');
  expect(offered[0]?.name).toMatch(/^notification\./);
  for (const name of [
    'notification.number',
    'notification.total_notified_amount',
    'notification.subscriptions_notified_amount',
    'notification.bills_notified_amount',
    'notification.wallets_available_amount',
    'notification.wallets_product_available_amount',
    'notification.wallets_estimated_consumption_date',
    'notification.subscriptions_type',
    'notification.jobs_type',
    'notification.activities_type',
    'notification.account.number',
    'contact.name',
    'job.number',
  ])
    expect(offered.map((each) => each.name)).toContain(name);
  expect((await tags('bill')).filter((each) => each.name.startsWith('notification'))).toEqual([]);
  expect((await tags(null, '#NOTIFICATION.total')).map((each) => each.label)).toEqual(['Notification: Total notified amount']);
});

test('G71 elsewhere they have no value, and conditions do not know them', async () => {
  const answer = await preview('#notification.number #notification.account.number.', null);
  expect(answer.data?.['previewContent']).toEqual({ body: ' .', unresolvedTags: ['notification.number', 'notification.account.number'] });
  for (const field of ['notification.number', 'notification.account.number']) {
    const refused = await app.ask('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
      input: { name: 'x', condition: { field, operator: 'EQ', value: 'x' } },
    });
    expect(refused.errors?.[0]?.extensions.problems?.[0]?.code).toBe('UNKNOWN_FIELD');
  }
  const sent = await app.ask(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
    {
      input: { contactExternalId: 'anna', medium: 'LETTER', body: 'x', referringTo: { type: 'notification', externalId: 'NT000001' } },
    },
  );
  expect(sent.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('G71 a preview shows a notification that is there, by its number, as its communication said it', async () => {
  const body = '#notification.number #account.number #notification.bills_notified_amount';
  const [bill] = await told(await type({ classification: 'FINANCIAL', about: 'bill', templateId: await template(body) }));
  const shown = await preview(body, { type: 'notification', externalId: bill?.number });
  expect(shown.data?.['previewContent']).toEqual({ body: bill?.communication.body, unresolvedTags: [] });
  const [job] = await told(
    await type({ classification: 'CUSTOMER_CARE', about: 'job', templateId: await template('#job.number #notification.jobs_type') }),
  );
  expect(
    (await preview('#job.number #notification.jobs_type', { type: 'notification', externalId: job?.number })).data?.['previewContent'].body,
  ).toBe('JB1 Installation');
  expect((await preview(body, { type: 'notification', externalId: bill?.number }, 'bob')).errors?.[0]?.extensions.problems?.[0]?.code).toBe(
    'OF_ANOTHER_CONTACT',
  );
  expect((await preview(body, { type: 'notification', externalId: 'NT999999' })).errors?.[0]?.extensions.problems?.[0]?.code).toBe(
    'NOT_FOUND',
  );
});

test('G8 what was told stays, whatever becomes of the facts', async () => {
  const body = '#notification.bills_notified_amount #notification.total_notified_amount';
  const [first] = await told(await type({ classification: 'FINANCIAL', about: 'bill', templateId: await template(body) }));
  await upsert({ objects: [{ type: 'bill', externalId: 'B1', number: 'BL-new', fields: { outstanding_amount: '1' } }] });
  const { notification } = await app.call(
    'query ($id: ID!) { notification(id: $id) { totalNotifiedAmount items { number amount } communication { body } } }',
    {
      id: first?.id,
    },
  );
  expect(notification).toEqual({
    totalNotifiedAmount: '45.5',
    items: [{ number: 'BL1', amount: '45.5' }],
    communication: { body: 'BL1: €45.50 €45.50' },
  });
});

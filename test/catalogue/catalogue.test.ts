import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();

const tagsQuery =
  'query ($prefix: String, $objectType: String, $first: Int, $language: Locale! = "en") { tags(prefix: $prefix, objectType: $objectType, first: $first, language: $language) { name objectType label example } }';

async function tags(prefix: string, objectType?: string, first = 1_000): Promise<string[]> {
  const data = await app.call(tagsQuery, { prefix, objectType, first });
  return data.tags.map((each: { name: string }) => each.name);
}

/** The tags that the sources name, G20 to G70 and G88. */
const named =
  `contact_information.name contact.name contact.email account.balance wallet.balance accounts_receivable.number accounts_receivable.balance
  accounts_receivable.outstanding_amount accounts_receivable.wallet.balance subscription.number subscription.type subscription.services
  subscription.installed_items job.type job.number activity.type activity.number bill.number bill.due_date service_request.type
  service_request.number service_request.status service_request.response_description service_request.responded_by service_request.response_date
  rewards_participant.number rewards_participant.sign_up_on rewards_participant.sign_up_by_unit rewards_participant.accounts_receivable.number
  award_reward_transaction.number award_reward_transaction.offer award_reward_transaction.date award_reward_transaction.amount
  award_reward_transaction.rewards_participant.number spend_reward_transaction.number spend_reward_transaction.total_amount
  spend_reward_transaction.date spend_reward_transaction.unit spend_reward_transaction.rewards_participant.number
  payment_gateway_card.card_holder_name payment_gateway_card.last_four_digits payment_gateway_card.accounts_receivable.number
  payment_gateway_card.accounts_receivable.balance payment_gateway_request.accounts_receivable.number
  payment_gateway_request.accounts_receivable.balance payment_gateway_request.accounts_receivable.outstanding_amount
  payment_gateway_request.payment_gateway_card.card_holder_name payment.number payment.amount payment.accounts_receivable.balance
  payment.accounts_receivable.outstanding_amount date.today date.now communication.expires_on param.anything`.split(/\s+/);

test('G20 to G70, G88: every tag that the sources name resolves for a contact that has everything', async () => {
  const input = {
    contacts: [{ externalId: 'C1', name: 'Eleni', emails: [{ address: 'eleni@example.org' }] }],
    accounts: [{ externalId: 'A1', contact: 'C1', number: 'AR1', currency: 'EUR', balance: '5', outstandingAmount: '2' }],
    objects: [
      ['subscription', { type: 'x', services: ['a'], installed_items: ['b'] }],
      ['wallet', { balance: '3' }],
      ['job', { type: 'x' }],
      ['activity', { type: 'x' }],
      ['bill', { due_date: '2027-01-01' }],
      ['service_request', { type: 'x', status: 'x', response_description: 'x', responded_by: 'x', response_date: '2027-01-01' }],
      ['rewards_participant', { sign_up_on: '2027-01-01', sign_up_by_unit: 'x' }],
      ['award_reward_transaction', { offer: 'x', date: '2027-01-01', amount: '1' }],
      ['spend_reward_transaction', { total_amount: '1', date: '2027-01-01', unit: 'x', rewards_participant: 'rewards_participant1' }],
      ['payment_gateway_card', { card_holder_name: 'x', last_four_digits: '4242' }],
      ['payment_gateway_request', { payment_gateway_card: 'payment_gateway_card1' }],
      ['payment', { amount: '1' }],
    ].map(([type, fields]) => ({ type, externalId: `${type}1`, contact: 'C1', number: 'N1', fields })),
  };
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
  const body = named.map((tag) => `[#${tag}]`).join('\n');
  const preview = await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { body unresolvedTags } }', {
    input: { content: [{ language: 'en', body }], contactExternalId: 'C1', parameters: [{ name: 'anything', value: 'x' }] },
  });
  expect(preview.previewContent.unresolvedTags).toEqual(['communication.expires_on']);
  expect(preview.previewContent.body).not.toContain('#');
});

test('G4 auto-complete offers every tag of the sources, by any part of its beginning', async () => {
  for (const tag of named.filter((each) => !each.startsWith('param.') && !/accounts_receivable|contact_information/.test(each))) {
    expect(await tags(`#${tag}`)).toContain(tag);
  }
  expect(await tags('accounts_rec')).toContain('accounts_receivable.outstanding_amount');
  expect(await tags('CONTACT.E')).toEqual(['contact.email']);
  expect(await tags('', undefined, 3)).toHaveLength(3);
});

test('G5 only tags that the object type reaches are offered', async () => {
  const offered = await tags('', 'bill');
  expect(new Set(offered.map((each) => each.split('.')[0]))).toEqual(
    new Set(['bill', 'contact', 'account', 'wallet', 'date', 'communication']),
  );
  expect(offered[0]).toMatch(/^bill\./);
  expect(offered).toContain('bill.account.wallet.balance');
});

test('G4 a tag has a label in two languages, and an example', async () => {
  const [english] = (await app.call(tagsQuery, { prefix: 'bill.due' })).tags;
  expect(english).toEqual({ name: 'bill.due_date', objectType: 'bill', label: 'Bill: Due date', example: '2027-03-31' });
  const [greek] = (await app.call(tagsQuery, { prefix: 'bill.due', language: 'el-CY' })).tags;
  expect(greek.label).toBe('Λογαριασμός: Ημερομηνία λήξης');
});

test('an unknown type and a page out of range are refused', async () => {
  const answer = await app.ask(tagsQuery, { objectType: 'bil', first: 5_000 });
  expect(answer.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['OUT_OF_RANGE', 'UNKNOWN_TYPE']);
});

test('AMB-17 the catalogue shows its types with fields, relations and operators', async () => {
  const { objectTypes } = await app.call(
    '{ objectTypes { name label attributes relations { name to } fields { name kind label example tag operators } } }',
  );
  const byName = new Map<string, any>(objectTypes.map((each: { name: string }) => [each.name, each]));
  expect(byName.get('contact').fields.map((each: { name: string }) => each.name)).toEqual([
    'name',
    'first_name',
    'last_name',
    'email',
    'phone',
    'preferred_language',
    'time_zone',
    'direct_marketing',
    'affiliate_marketing',
    'personal_data_consent',
  ]);
  expect(byName.get('subscription').relations).toContainEqual({ name: 'account', to: 'account' });
  expect(byName.get('bill').fields.find((each: { name: string }) => each.name === 'due_date')).toMatchObject({
    kind: 'DATE',
    tag: '#bill.due_date',
  });
  expect(byName.has('date')).toBe(false);
  for (const type of objectTypes) {
    expect(type.label).not.toBe('');
    for (const field of type.fields)
      expect([type.name, field.name, field.label !== '', field.example !== '']).toEqual([type.name, field.name, true, true]);
  }
  expect((await app.ask('{ objectTypes { name } }', {}, ['CONTACT', 'C1'])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

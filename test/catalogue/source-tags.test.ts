import { beforeAll, describe, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

// Every tag that the sources spell for CRM records (G20 to G70), from what the CRM has sent to what the reader sees. Those of
// `notification` and `dynamic_link` (G71 to G87) come with the records that they speak of.
const app = await openApp();

beforeAll(async () => {
  const own = { contact: 'C1', account: 'A1' };
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        {
          externalId: 'C1',
          name: 'Ελένη Γεωργίου',
          preferredLanguage: 'el-CY',
          timeZone: 'Europe/Nicosia',
          emails: [{ address: 'eleni@example.org' }],
        },
        { externalId: 'C2', name: 'Tom', preferredLanguage: 'en', timeZone: 'America/New_York' },
      ],
      accounts: [
        { externalId: 'A1', contact: 'C1', number: 'AR000680', currency: 'EUR', balance: '1234.5', outstandingAmount: '20' },
        { externalId: 'A2', contact: 'C1', number: 'AR000681', currency: 'USD', balance: '-7', outstandingAmount: '0' },
        { externalId: 'A3', contact: 'C2', number: 'AR000900', currency: 'JPY', balance: '1234.5' },
      ],
      objects: [
        { type: 'wallet', externalId: 'W1', ...own, number: 'WL1', fields: { balance: '99.9', currency: 'USD' } },
        {
          type: 'subscription',
          externalId: 'S1',
          ...own,
          number: 'SB000042',
          fields: { type: 'Fibre 200', services: ['TV', 'Voice & more'], installed_items: ['Router X1'] },
        },
        { type: 'job', externalId: 'J1', ...own, number: 'JB000044', fields: { type: 'Installation' } },
        { type: 'activity', externalId: 'V1', ...own, number: 'AC000101', fields: { type: 'Call back' } },
        { type: 'bill', externalId: 'B1', ...own, number: 'BL000123', fields: { due_date: '2027-03-31' } },
        { type: 'bill', externalId: 'B2', ...own, number: 'BL000124', fields: { due_date: '2027-04-30' } },
        {
          type: 'service_request',
          externalId: 'R1',
          ...own,
          number: 'SR000077',
          fields: {
            type: 'Technical issue',
            status: 'Resolved',
            response_description: 'The line was repaired.',
            responded_by: 'Support',
            response_date: '2027-03-20',
          },
        },
        {
          type: 'rewards_participant',
          externalId: 'P1',
          ...own,
          number: 'RP000063',
          fields: { sign_up_on: '2026-05-04', sign_up_by_unit: 'Nicosia store' },
        },
        {
          type: 'award_reward_transaction',
          externalId: 'AW1',
          ...own,
          number: 'RA000210',
          fields: { offer: 'Summer points', date: '2027-03-15', amount: '5', rewards_participant: 'P1' },
        },
        {
          type: 'spend_reward_transaction',
          externalId: 'SP1',
          ...own,
          number: 'RS000087',
          fields: { total_amount: '12.345', date: '2027-03-16', unit: 'Limassol store', rewards_participant: 'P1' },
        },
        {
          type: 'payment_gateway_card',
          externalId: 'K1',
          ...own,
          number: 'PC000005',
          fields: { card_holder_name: 'E GEORGIOU', last_four_digits: '0042' },
        },
        { type: 'payment_gateway_request', externalId: 'Q1', ...own, number: 'PR000019', fields: { payment_gateway_card: 'K1' } },
        { type: 'payment', externalId: 'Y1', ...own, number: 'PY000311', fields: { amount: '1000000' } },
        { type: 'access_token', externalId: 'T1', ...own, number: 'AT1', fields: { expires_at: '2027-03-28T23:30:00Z' } },
        { type: 'access_token', externalId: 'T2', contact: 'C2', number: 'AT2', fields: { expires_at: '2027-03-28T23:30:00Z' } },
      ],
    },
  });
});

/** What the communication is about, where the tag needs that. */
const objects: Record<string, string> = {
  subscription: 'S1',
  job: 'J1',
  activity: 'V1',
  bill: 'B1',
  service_request: 'R1',
  rewards_participant: 'P1',
  award_reward_transaction: 'AW1',
  spend_reward_transaction: 'SP1',
  payment_gateway_card: 'K1',
  payment_gateway_request: 'Q1',
  payment: 'Y1',
  access_token: 'T1',
};

interface Shown {
  body: string;
  language: string;
  unresolvedTags: string[];
}

async function shown(
  tag: string,
  language: string,
  { format = 'TEXT', contact = 'C1', object = objects[tag.slice(1).split('.')[0] ?? ''] } = {},
) {
  const { previewContent } = await app.call<{ previewContent: Shown }>(
    'query ($input: PreviewContentInput!) { previewContent(input: $input) { body language unresolvedTags } }',
    {
      input: {
        content: [{ language, body: `[${tag}]`, format }],
        contactExternalId: contact,
        ...(object && { object: { type: tag.slice(1).split('.')[0], externalId: object } }),
      },
    },
  );
  expect(previewContent).toMatchObject({ language, unresolvedTags: [] });
  return previewContent.body.slice(1, -1);
}

/** Id, tag, in English, and in Greek where that is another text. A no-break space is written as ~. */
const rows: readonly (readonly [id: string, tag: string, english: string, greek?: string])[] = [
  ['G20', '#contact_information.name', 'Ελένη Γεωργίου'],
  ['G21', '#contact.name', 'Ελένη Γεωργίου'],
  ['G22', '#contact.email', 'eleni@example.org'],
  ['G23', '#account.balance', '€1,234.50', '1.234,50~€'],
  ['G24', '#wallet.balance', '$99.90', '99,90~$'],
  ['G25', '#accounts_receivable.number', 'AR000680'],
  ['G25', '#accounts_receivable_number', 'AR000680'],
  ['G26', '#accounts_receivable.balance', '€1,234.50', '1.234,50~€'],
  ['G27', '#accounts_receivable.outstanding_amount', '€20.00', '20,00~€'],
  ['G28', '#accounts_receivable.wallet.balance', '$99.90', '99,90~$'],
  ['G29', '#subscription.number', 'SB000042'],
  ['G30', '#subscription.type', 'Fibre 200'],
  ['G31', '#subscription.services', 'TV, Voice & more'],
  ['G32', '#subscription.installed_items', 'Router X1'],
  ['G33', '#job.type', 'Installation'],
  ['G34', '#job.number', 'JB000044'],
  ['G35', '#activity.type', 'Call back'],
  ['G36', '#activity.number', 'AC000101'],
  ['G37', '#bill.number', 'BL000123'],
  ['G38', '#bill.due_date', 'Mar 31, 2027', '31 Μαρ 2027'],
  ['G39', '#service_request.type', 'Technical issue'],
  ['G40', '#service_request.number', 'SR000077'],
  ['G41', '#service_request.status', 'Resolved'],
  ['G42', '#service_request.response_description', 'The line was repaired.'],
  ['G43', '#service_request.responded_by', 'Support'],
  ['G44', '#service_request.response_date', 'Mar 20, 2027', '20 Μαρ 2027'],
  ['G45', '#rewards_participant.number', 'RP000063'],
  ['G46', '#rewards_participant.sign_up_on', 'May 4, 2026', '4 Μαΐ 2026'],
  ['G47', '#rewards_participant.sign_up_by_unit', 'Nicosia store'],
  ['G48', '#rewards_participant.accounts_receivable.number', 'AR000680'],
  ['G49', '#award_reward_transaction.number', 'RA000210'],
  ['G50', '#award_reward_transaction.offer', 'Summer points'],
  ['G51', '#award_reward_transaction.date', 'Mar 15, 2027', '15 Μαρ 2027'],
  ['G52', '#award_reward_transaction.amount', '€5.00', '5,00~€'],
  ['G53', '#award_reward_transaction.rewards_participant.number', 'RP000063'],
  ['G54', '#spend_reward_transaction.number', 'RS000087'],
  ['G55', '#spend_reward_transaction.total_amount', '€12.35', '12,35~€'],
  ['G56', '#spend_reward_transaction.date', 'Mar 16, 2027', '16 Μαρ 2027'],
  ['G57', '#spend_reward_transaction.unit', 'Limassol store'],
  ['G58', '#spend_reward_transaction.rewards_participant.number', 'RP000063'],
  ['G59', '#payment_gateway_card.card_holder_name', 'E GEORGIOU'],
  ['G60', '#payment_gateway_card.last_four_digits', '0042'],
  ['G61', '#payment_gateway_card.accounts_receivable.number', 'AR000680'],
  ['G62', '#payment_gateway_card.accounts_receivable.balance', '€1,234.50', '1.234,50~€'],
  ['G63', '#payment_gateway_request.accounts_receivable.number', 'AR000680'],
  ['G64', '#payment_gateway_request.accounts_receivable.balance', '€1,234.50', '1.234,50~€'],
  ['G65', '#payment_gateway_request.accounts_receivable.outstanding_amount', '€20.00', '20,00~€'],
  ['G66', '#payment_gateway_request.payment_gateway_card.card_holder_name', 'E GEORGIOU'],
  ['G67', '#payment.number', 'PY000311'],
  ['G68', '#payment.amount', '€1,000,000.00', '1.000.000,00~€'],
  ['G69', '#payment.accounts_receivable.balance', '€1,234.50', '1.234,50~€'],
  ['G70', '#payment.accounts_receivable.outstanding_amount', '€20.00', '20,00~€'],
];

const cases = rows.map(([id, tag, english, greek = english]) => ({ id, tag, english, greek }));

test.each(cases)('$id $tag shows its value in English and in Greek', async ({ tag, english, greek }) => {
  expect(await shown(tag, 'en')).toBe(english.replaceAll('~', '\u00a0'));
  expect(await shown(tag, 'el')).toBe(greek.replaceAll('~', '\u00a0'));
  // Escaped for HTML, and otherwise the same: lists apart.
  if (!tag.endsWith('.services') && !tag.endsWith('.installed_items')) expect(await shown(tag, 'en', { format: 'HTML' })).toBe(english);
});

test('G20 to G70 are all here', () => {
  const ids = new Set(rows.map(([id]) => id));
  expect(Array.from({ length: 51 }, (_, index) => `G${index + 20}`).filter((id) => !ids.has(id))).toEqual([]);
});

describe('G9 values are written as their reader writes them', () => {
  test('G9 G31 G32 lists are lists in HTML', async () => {
    expect(await shown('#subscription.services', 'en', { format: 'HTML' })).toBe('<ul><li>TV</li><li>Voice &amp; more</li></ul>');
    expect(await shown('#subscription.installed_items', 'el', { format: 'HTML' })).toBe('<ul><li>Router X1</li></ul>');
  });

  test('G9 G23 an amount has the currency of its account, with as many decimals as that has', async () => {
    expect(await shown('#account.balance', 'en', { contact: 'C2' })).toBe('¥1,235');
    expect(await shown('#account.balance', 'de', { contact: 'C2' })).toBe('1.235\u00a0¥');
    expect(await shown('#account.balance', 'fr')).toBe('1\u202f234,50\u00a0€');
  });

  test('G9 an instant is shown in the zone of the contact', async () => {
    expect(await shown('#access_token.expires_at', 'en-GB')).toBe('29 Mar 2027, 02:30');
    expect(await shown('#access_token.expires_at', 'en', { contact: 'C2', object: 'T2' })).toMatch(/^Mar 28, 2027, (6|7):30\sPM$/);
  });

  test('G9 G38 a day is the same day in every zone', async () => {
    expect(await shown('#bill.due_date', 'de')).toBe('31.03.2027');
  });
});

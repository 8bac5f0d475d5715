import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { openSink } from '../support/smtp-sink.js';

// BS5 and BS6: an agent stands at a record ("Communicate Subscription"), picks a template, and the customer gets the record's own
// words, in the customer's language. The records belong to the second account, so that nothing falls back on the first.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <service@example.org>' } });

const upsert = async (input: object) =>
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted updated } }', { input });

beforeAll(async () => {
  const own = { contact: 'maria', account: 'pays' };
  const object = (type: string, number: string, fields: object) => ({ type, externalId: number, number, ...own, fields });
  await upsert({
    contacts: [
      {
        externalId: 'maria',
        name: 'Μαρία Κώστα',
        preferredLanguage: 'el-CY',
        timeZone: 'Europe/Nicosia',
        emails: [{ address: 'maria@example.org' }],
      },
      { externalId: 'john', name: 'John Brown', preferredLanguage: 'en', emails: [{ address: 'john@example.org' }] },
    ],
    accounts: [
      { externalId: 'other', contact: 'maria', number: 'AR000001', currency: 'USD', balance: '1', outstandingAmount: '1' },
      { externalId: 'pays', contact: 'maria', number: 'AR000680', currency: 'EUR', balance: '1234.5', outstandingAmount: '20' },
    ],
    objects: [
      object('subscription', 'SB000042', { type: 'Fibre 200', services: ['TV', 'Voice & more'], installed_items: ['Router X1', 'Box 3'] }),
      object('subscription', 'SB000043', { type: 'Mobile' }),
      object('job', 'JB000044', { type: 'Installation' }),
      object('activity', 'AC000101', { type: 'Call back' }),
      object('bill', 'BL000123', { due_date: '2027-03-31' }),
      object('service_request', 'SR000077', { type: 'Technical issue', status: 'Resolved' }),
      object('rewards_participant', 'RP000063', { sign_up_on: '2026-05-04', sign_up_by_unit: 'Nicosia store' }),
      object('award_reward_transaction', 'RA000210', {
        offer: 'Summer points',
        date: '2027-03-15',
        amount: '5',
        rewards_participant: 'RP000063',
      }),
      object('spend_reward_transaction', 'RS000087', {
        total_amount: '12',
        date: '2027-03-16',
        unit: 'Limassol store',
        rewards_participant: 'RP000063',
      }),
      object('payment_gateway_card', 'PC000005', { card_holder_name: 'M KOSTA', last_four_digits: '0042' }),
      object('payment_gateway_request', 'PR000019', { payment_gateway_card: 'PC000005' }),
    ],
  });
});

interface Communicated {
  id: string;
  subject: string;
  body: string;
}

/** Writes a template for that type of record, and communicates the record with it: what was written, and the mail that came of it. */
async function communicate(type: string, externalId: string, template: { name: string; subject: string; body: string; format?: string }) {
  const { name, subject, body, format = 'TEXT' } = template;
  const content = [
    { language: 'en', subject: 'English', body: 'Only for those who read English', format },
    { language: 'el', subject, body, format },
  ];
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
    { input: { name, medium: 'EMAIL', objectType: type, content } },
  );
  const templateId = createTemplate.template.id;
  const before = sink.arrived.length;
  const { createCommunication } = await app.call<{ createCommunication: { communication: Communicated } }>(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id subject body } } }',
    { input: { contactExternalId: 'maria', templateId, referringTo: { type, externalId } } },
    'AGENT',
  );
  const { communication } = createCommunication;
  const mail = await eventually(() => sink.arrived[before]?.mail);
  expect(mail.subject).toBe(communication.subject);
  return { communication, mail, templateId };
}

/** The body that a template gives, which is also the mail's. */
async function told(type: string, externalId: string, name: string, body: string): Promise<string> {
  const { communication, mail } = await communicate(type, externalId, { name, subject: `${name} #${type}.number`, body });
  expect(communication.subject).toBe(`${name} ${externalId}`);
  expect(mail.text?.trimEnd()).toBe(communication.body);
  return communication.body.replaceAll('\u00a0', ' ');
}

test('BS5 C4 a welcome mail from a subscription, its services and items as lists', async () => {
  const { communication, mail } = await communicate('subscription', 'SB000042', {
    name: 'New Subscribers',
    subject: 'Καλωσορίσατε, #contact_information.name',
    body: '<p>#subscription.number, #subscription.type</p>#subscription.services<h2>Items</h2>#subscription.installed_items',
    format: 'HTML',
  });
  const body =
    '<p>SB000042, Fibre 200</p><ul><li>TV</li><li>Voice &amp; more</li></ul><h2>Items</h2><ul><li>Router X1</li><li>Box 3</li></ul>';
  expect(communication).toMatchObject({ subject: 'Καλωσορίσατε, Μαρία Κώστα', body });
  expect(mail.html?.trimEnd()).toBe(body);
  expect(mail.text).toContain('TV, Voice & more');
});

test('BS6a subscriptions: with number and balance of the account that pays', async () => {
  expect(
    await told(
      'subscription',
      'SB000043',
      'Συνδρομή',
      '#subscription.type: #accounts_receivable.number #accounts_receivable.balance, #subscription.accounts_receivable.number',
    ),
  ).toBe('Mobile: AR000680 1.234,50 €, AR000680');
});

test('BS6b jobs', async () => {
  expect(await told('job', 'JB000044', 'Εργασία', '#job.type #job.number')).toBe('Installation JB000044');
});

test('BS6c activities', async () => {
  expect(await told('activity', 'AC000101', 'Ενέργεια', '#activity.type #activity.number')).toBe('Call back AC000101');
});

test('BS6d accounts receivable: number and outstanding amount', async () => {
  const { communication } = await communicate('account', 'pays', {
    name: 'Οφειλή',
    subject: '#accounts_receivable.number',
    body: 'Οφειλή #accounts_receivable.outstanding_amount στον #accounts_receivable_number.',
  });
  expect(communication).toMatchObject({ subject: 'AR000680', body: 'Οφειλή 20,00\u00a0€ στον AR000680.' });
});

test('BS6e bills: the due date formatted', async () => {
  expect(await told('bill', 'BL000123', 'Λογαριασμός', '#bill.number έως #bill.due_date.')).toBe('BL000123 έως 31 Μαρ 2027.');
});

test('BS6f service requests', async () => {
  expect(await told('service_request', 'SR000077', 'Αίτημα', '#service_request.type #service_request.number #service_request.status')).toBe(
    'Technical issue SR000077 Resolved',
  );
});

test('BS6g rewards participants: sign-up date and unit, account', async () => {
  const body =
    '#rewards_participant.number #rewards_participant.sign_up_on #rewards_participant.sign_up_by_unit #rewards_participant.accounts_receivable.number';
  expect(await told('rewards_participant', 'RP000063', 'Μέλος', body)).toBe('RP000063 4 Μαΐ 2026 Nicosia store AR000680');
});

test('BS6h award transactions', async () => {
  const own = ['rewards_participant.number', 'offer', 'date', 'number', 'amount'].map((each) => `#award_reward_transaction.${each}`);
  expect(await told('award_reward_transaction', 'RA000210', 'Απονομή', own.join(' '))).toBe(
    'RP000063 Summer points 15 Μαρ 2027 RA000210 5,00 €',
  );
});

test('BS6i spend transactions', async () => {
  const own = ['total_amount', 'rewards_participant.number', 'number', 'date', 'unit'].map((each) => `#spend_reward_transaction.${each}`);
  expect(await told('spend_reward_transaction', 'RS000087', 'Εξαργύρωση', own.join(' '))).toBe(
    '12,00 € RP000063 RS000087 16 Μαρ 2027 Limassol store',
  );
});

test('BS6j a payment card: account, holder, last four digits, balance', async () => {
  const own = ['accounts_receivable.number', 'card_holder_name', 'last_four_digits', 'accounts_receivable.balance'];
  expect(await told('payment_gateway_card', 'PC000005', 'Κάρτα', own.map((each) => `#payment_gateway_card.${each}`).join(' '))).toBe(
    'AR000680 M KOSTA 0042 1.234,50 €',
  );
});

test('BS6k a card payment request: account, the holder of its card, balance, outstanding', async () => {
  const own = [
    'accounts_receivable.number',
    'payment_gateway_card.card_holder_name',
    'accounts_receivable.balance',
    'accounts_receivable.outstanding_amount',
  ];
  expect(
    await told('payment_gateway_request', 'PR000019', 'Πληρωμή', own.map((each) => `#payment_gateway_request.${each}`).join(' ')),
  ).toBe('AR000680 M KOSTA 1.234,50 € 20,00 €');
});

test('BS6l a payment: balance and outstanding amount after it, and for ever so', async () => {
  await upsert({
    accounts: [{ externalId: 'pays', balance: '1214.5', outstandingAmount: '0' }],
    objects: [{ type: 'payment', externalId: 'PY000311', contact: 'maria', account: 'pays', number: 'PY000311', fields: { amount: '20' } }],
  });
  const { communication } = await communicate('payment', 'PY000311', {
    name: 'Απόδειξη',
    subject: '#payment.number',
    body: '#payment.amount #payment.accounts_receivable.balance #payment.accounts_receivable.outstanding_amount',
  });
  expect(communication.body.replaceAll('\u00a0', ' ')).toBe('20,00 € 1.214,50 € 0,00 €');
  await upsert({ accounts: [{ externalId: 'pays', balance: '9' }] });
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Communication { body state } } }', { id: communication.id });
  expect(node.body).toBe(communication.body);
});

test('a record of somebody else, or of no type at all, is not communicated', async () => {
  const { templateId } = await communicate('job', 'JB000044', { name: 'Job again', subject: 'x', body: '#job.number' });
  const ask = async (contactExternalId: string, type: string, externalId: string) => {
    const answer = await app.ask(
      'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
      { input: { contactExternalId, templateId, referringTo: { type, externalId } } },
      'AGENT',
    );
    return answer.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code]);
  };
  expect(await ask('john', 'job', 'JB000044')).toEqual([['referringTo', 'NOT_FOUND']]);
  expect(await ask('maria', 'jobb', 'JB000044')).toEqual([['referringTo', 'NOT_FOUND']]);
});

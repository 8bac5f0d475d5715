import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { openSink } from '../support/smtp-sink.js';

// BS9: a plan in English and Greek. Who prefers Greek, of whatever country, gets Greek; who prefers French, or nothing, gets the
// default language. What is written by hand goes by the same rule.
const sink = await openSink();
const app = await openApp({
  env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>', DEFAULT_LANGUAGE: 'en' },
});
const people = { greek: 'el', cypriot: 'el-CY', english: 'en-GB', french: 'fr', silent: null };
const content = [
  { language: 'en', subject: 'Your balance', body: 'Dear #contact.name, #account.balance on #bill.due_date' },
  { language: 'el', subject: 'Το υπόλοιπό σας', body: 'Αγαπητέ #contact.name, #account.balance στις #bill.due_date' },
];
const expected = {
  greek: 'Αγαπητέ greek, 1.234,50 € στις 31 Μαρ 2027',
  cypriot: 'Αγαπητέ cypriot, 1.234,50 € στις 31 Μαρ 2027',
  english: 'Dear english, €1,234.50 on Mar 31, 2027',
  french: 'Dear french, €1,234.50 on Mar 31, 2027',
  silent: 'Dear silent, €1,234.50 on Mar 31, 2027',
};

beforeAll(async () => {
  const names = Object.keys(people);
  const input = {
    contacts: Object.entries(people).map(([name, preferredLanguage]) => ({
      externalId: name,
      name,
      preferredLanguage,
      emails: [{ address: `${name}@example.org` }],
    })),
    accounts: names.map((contact) => ({ externalId: `A-${contact}`, contact, currency: 'EUR', balance: '1234.5' })),
    objects: names.map((contact) => ({ type: 'bill', externalId: `B-${contact}`, contact, fields: { due_date: '2027-03-31' } })),
  };
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
});

/** What has come to each mailbox since so many mails, once all of it is there. */
async function mailed(since: number): Promise<Record<string, string>> {
  const mails = await eventually(() => (sink.arrived.length >= since + 5 ? sink.arrived.slice(since) : undefined));
  return Object.fromEntries(
    mails.map(({ to, mail }) => [to[0]?.split('@')[0] ?? '', (mail.text ?? '').trimEnd().replaceAll('\u00a0', ' ')]),
  );
}

test('BS9 C27 L3 P19 each contact of a plan gets the preferred language where there is content in it, else the default one', async () => {
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input: { name: 'All', condition: { field: 'contact.name', operator: 'IS_NOT_EMPTY' } },
  });
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: { name: 'Balances', includeSegmentIds: [createSegment.segment.id], messages: [{ medium: 'EMAIL', content }] },
  });
  await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  expect(await mailed(0)).toEqual(expected);
});

test('BS9 a template, used by hand, goes by the same rule', async () => {
  const since = sink.arrived.length;
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
    { input: { name: 'Balance', medium: 'EMAIL', content } },
  );
  for (const contactExternalId of Object.keys(people)) {
    await app.call('mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }', {
      input: { contactExternalId, templateId: createTemplate.template.id },
    });
  }
  expect(await mailed(since)).toEqual(expected);
});

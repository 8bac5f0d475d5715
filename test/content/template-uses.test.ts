import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { openSink } from '../support/smtp-sink.js';

// What templates are for, and what stands in them.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });
const create = 'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }';
const communicate =
  'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id state subject body } } }';

beforeAll(async () => {
  const objects = [
    { type: 'bill', externalId: 'B1', number: 'BL1', fields: { amount: '45.5', due_date: '2027-03-31' } },
    { type: 'service_request', externalId: 'R1', number: 'SR1', fields: { status: 'Closed', response_description: 'Repaired' } },
  ].map((each) => ({ ...each, contact: 'C1', account: 'A1' }));
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [{ externalId: 'C1', name: 'Eleni', preferredLanguage: 'en', emails: [{ address: 'e@example.org' }] }],
      accounts: [{ externalId: 'A1', contact: 'C1', number: 'AR1', currency: 'EUR', outstandingAmount: '45.5' }],
      objects,
    },
  });
});

async function template(input: object): Promise<string> {
  return (await app.call(create, { input })).createTemplate.template.id;
}
async function sent(templateId: string, more: object = {}) {
  const since = sink.arrived.length;
  const { communication } = (await app.call(communicate, { input: { contactExternalId: 'C1', templateId, ...more } })).createCommunication;
  return { communication, mail: await eventually(() => sink.arrived[since]?.mail) };
}

test('T13 the same document is e-mailed, and shown for printing, from a template', async () => {
  const body = '<h1>Bill #bill.number</h1><p>#contact.name owes #bill.amount by #bill.due_date.</p>';
  const content = [{ language: 'en', subject: 'Bill #bill.number', body, format: 'HTML' }];
  const templateId = await template({ name: 'Bill', medium: 'EMAIL', objectType: 'bill', content });
  const about = { type: 'bill', externalId: 'B1' };
  const { previewContent } = await app.call(
    'query ($input: PreviewContentInput!) { previewContent(input: $input) { subject body text } }',
    {
      input: { templateId, contactExternalId: 'C1', object: about },
    },
  );
  expect(previewContent).toEqual({
    subject: 'Bill BL1',
    body: '<h1>Bill BL1</h1><p>Eleni owes €45.50 by Mar 31, 2027.</p>',
    text: 'Bill BL1\n\nEleni owes €45.50 by Mar 31, 2027.',
  });
  const { communication, mail } = await sent(templateId, { referringTo: about });
  expect([communication.body, mail.html?.trimEnd(), mail.text?.trimEnd()]).toEqual([
    previewContent.body,
    previewContent.body,
    previewContent.text,
  ]);
});

test('T14 tags stand in the subject and in the content of a template', async () => {
  const content = [{ language: 'en', subject: 'For #contact.name', body: '#account.number owes #account.outstanding_amount' }];
  const { mail } = await sent(await template({ name: 'Tags', medium: 'EMAIL', content }));
  expect([mail.subject, mail.text?.trimEnd()]).toEqual(['For Eleni', 'AR1 owes €45.50']);
});

test('T15 M22 W2 images and links of an e-mail are kept, in HTML and MJML, and links in its plain text', async () => {
  const html =
    '<p><img src="https://example.org/logo.png?of=#account.number" alt="Logo" width="40"> <a href="https://example.org/pay?a=#account.number&amp;b=1">Pay</a></p>';
  const kept = html.replaceAll('#account.number', 'AR1');
  const one = await sent(
    await template({ name: 'Images', medium: 'EMAIL', content: [{ language: 'en', subject: 's', body: html, format: 'HTML' }] }),
  );
  expect(one.mail.html?.trimEnd()).toBe(kept);
  expect(one.mail.text).toContain('Pay [https://example.org/pay?a=AR1&b=1]');
  const mjml = `<mjml><mj-body><mj-section><mj-column><mj-image src="https://example.org/logo.png" alt="Logo" href="https://example.org/shop?a=#account.number" /><mj-text>See <a href="https://example.org/#contact.name">yours</a></mj-text></mj-column></mj-section></mj-body></mjml>`;
  const two = await sent(
    await template({ name: 'MJML', medium: 'EMAIL', content: [{ language: 'en', subject: 's', body: mjml, format: 'MJML' }] }),
  );
  expect(two.mail.html).toContain('src="https://example.org/logo.png"');
  expect(two.mail.html).toContain('href="https://example.org/shop?a=AR1"');
  expect(two.mail.text).toContain('yours [https://example.org/Eleni]');
});

test('T15 W3 images of what an app shows are kept', async () => {
  await app.call(
    'mutation { createExternalSystem(input: { name: "App", code: "app", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const { externalSystem } = await app.call('{ externalSystem(code: "app") { id } }');
  const images =
    '<img src="https://example.org/film.jpg" alt="Film"><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" alt="Dot">';
  const body = `<p>Hello #contact.name</p>${images}`;
  const templateId = await template({
    name: 'Film',
    medium: 'DEVICE',
    content: [{ language: 'en', subject: 'Film', body, format: 'HTML' }],
  });
  await app.call(communicate, { input: { contactExternalId: 'C1', templateId, externalSystemId: externalSystem.id } });
  const { inbox } = await app.call('{ inbox { nodes { body } } }', {}, ['CONTACT', 'C1']);
  expect(inbox.nodes).toEqual([{ body: `<p>Hello Eleni</p>${images}` }]);
});

test.each([
  ['Sign up', null, 'Welcome, #contact.name', 'Welcome, Eleni'],
  ['Dunning', 'account', '#account.outstanding_amount is open on #account.number', '€45.50 is open on AR1'],
  ['Portal authentication', null, 'Your code is #param.code', 'Your code is 1234'],
  ['Ticket receipt', 'service_request', 'We have your request #service_request.number', 'We have your request SR1'],
  ['Ticket closing', 'service_request', '#service_request.status: #service_request.response_description', 'Closed: Repaired'],
])('T17 a template for %s', async (name, objectType, body, expected) => {
  const templateId = await template({ name, medium: 'EMAIL', objectType, content: [{ language: 'en', subject: name, body }] });
  const ids = { account: 'A1', service_request: 'R1' };
  const referringTo = objectType === null ? null : { type: objectType, externalId: ids[objectType as keyof typeof ids] };
  const { mail } = await sent(templateId, { referringTo, parameters: [{ name: 'code', value: '1234' }] });
  expect(mail.text?.trimEnd()).toBe(expected);
});

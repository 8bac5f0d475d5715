import { beforeAll, expect, test } from 'vitest';
import { findChromium } from '../../src/print/pdf.js';
import { eventually, openApp } from '../support/app.js';
import { openSink } from '../support/smtp-sink.js';
import { pdf, upload } from '../support/upload.js';

// BS14: from a customer's record an agent chooses a template and e-mails an invoice to the customer's address of now, or looks at it on
// paper, or keeps it as a PDF.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <billing@example.org>' } });
let templateId: string;

const upsert = async (input: object) =>
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
const invoice = { type: 'invoice', externalId: 'i3' };
const words = {
  subject: 'Τιμολόγιο #invoice.number',
  body: '<p>Αγαπητή #contact.first_name,</p><p>το τιμολόγιο <b>#invoice.number</b> ύψους <b>#invoice.amount</b> λήγει στις #invoice.due_date.</p><p>Ευχαριστούμε,<br>Example TV</p>',
};

beforeAll(async () => {
  await upsert({
    contacts: [{ externalId: 'eleni', name: 'Ελένη Γεωργίου', preferredLanguage: 'el', emails: [{ address: 'old@example.org' }] }],
    accounts: [{ externalId: 'a1', contact: 'eleni', number: 'AR1', currency: 'EUR' }],
    objects: [{ ...invoice, contact: 'eleni', account: 'a1', number: 'IN000123', fields: { amount: '45.5', due_date: '2027-03-31' } }],
  });
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
    {
      input: {
        name: 'Invoice',
        medium: 'EMAIL',
        objectType: 'invoice',
        content: [
          { language: 'en', subject: 'Invoice #invoice.number', body: 'Dear #contact.first_name' },
          { language: 'el', format: 'HTML', ...words },
        ],
      },
    },
  );
  templateId = createTemplate.template.id;
});

test('BS14 C25 the invoice leaves with the template’s words, to the address that the customer has now', async () => {
  await upsert({ contacts: [{ externalId: 'eleni', emails: [{ address: 'eleni@example.org' }] }] });
  const { id } = await upload(app, { name: 'IN000123.pdf', type: 'application/pdf', bytes: pdf });
  const { createCommunication } = await app.call(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id to template { name } referringTo { type number } } } }',
    { input: { contactExternalId: 'eleni', templateId, referringTo: invoice, attachmentIds: [id] } },
    'AGENT',
  );
  expect(createCommunication.communication).toMatchObject({
    to: 'eleni@example.org',
    template: { name: 'Invoice' },
    referringTo: { type: 'invoice', number: 'IN000123' },
  });
  const { mail } = await eventually(() => sink.arrived[0]);
  expect(mail.subject).toBe('Τιμολόγιο IN000123');
  expect(mail.html).toContain('Αγαπητή Ελένη');
  expect(mail.attachments.map((each) => each.filename)).toEqual(['IN000123.pdf']);
});

test('BS14 C26 the same words are looked at on paper before, and nothing is sent', async () => {
  const since = sink.arrived.length;
  const { template } = await app.call(
    'query ($id: ID!, $object: ObjectRefInput) { template(id: $id) { printUrl(contactExternalId: "eleni", object: $object) } }',
    { id: templateId, object: invoice },
    'AGENT',
  );
  const page = await (await fetch(`${app.url}${template.printUrl}`)).text();
  expect(page).toContain('το τιμολόγιο <b>IN000123</b> ύψους <b>45,50 €</b>'.replace('45,50 €', '45,50\u00a0€'));
  expect(page).toContain('Ελένη Γεωργίου');
  expect(sink.arrived).toHaveLength(since);
});

test.skipIf(findChromium(app.config) === undefined)(
  'BS14 C26 what was sent is kept as a PDF',
  async () => {
    const { communications } = await app.call(
      '{ communications(filter: { contactExternalId: "eleni" }) { nodes { printUrl } } }',
      {},
      'AGENT',
    );
    const response = await fetch(`${app.url}${communications.nodes[0].printUrl}&format=pdf`);
    expect(response.status).toBe(200);
    expect(
      Buffer.from(await response.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
  },
  60_000,
);

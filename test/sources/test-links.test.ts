import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { enableLinks } from '../support/links.js';
import { openSink } from '../support/smtp-sink.js';

const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });

beforeAll(async () => {
  await app.call(
    'mutation { upsertCrmRecords(input: { contacts: [{ externalId: "anna", name: "Anna", emails: [{ address: "anna@example.org" }], directMarketing: true }] }) { inserted } }',
  );
  await enableLinks(app);
});

test('E13x the links of a test are those of a preview: whoever reads it does not answer for the contact', async () => {
  const content = [{ language: 'en', subject: 'x', body: '#dynamic_link.opt_out_direct_marketing' }];
  const sent = await app.call('mutation ($input: SendTestInput!) { sendTest(input: $input) { communication { body } } }', {
    input: { content, to: 'me@example.org', contactExternalId: 'anna' },
  });
  const { mail } = await eventually(() => sink.arrived[0]);
  expect(mail.text?.trim()).toBe(sent.sendTest.communication.body.trim());
  const link = /https?:\S+/.exec(mail.text ?? '')?.[0] ?? '';
  const answer = await fetch(new URL(new URL(link).pathname, app.url), { method: 'POST' });
  expect(answer.status).toBe(409);
  const { contact } = await app.call('{ contact(externalId: "anna") { directMarketing } }');
  expect(contact.directMarketing).toBe(true);
});

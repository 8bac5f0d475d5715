import { beforeAll, expect, test } from 'vitest';
import { rulesOf } from '../sources/rules/support.js';
import { eventually, openApp } from '../support/app.js';
import { communicate, enableLinks, ourLinks, set } from '../support/links.js';
import { openSink } from '../support/smtp-sink.js';

// The business's own examples of dynamic links: in a mail that has arrived, by clicking as a reader clicks.
const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });

beforeAll(async () => {
  const contacts = ['maria', 'eleni'].map((externalId) => ({
    externalId,
    name: `${externalId} Georgiou`,
    emails: [{ address: `${externalId}@example.org` }],
    directMarketing: false,
    affiliateMarketing: false,
  }));
  const fields = {
    type: 'Technical issue',
    response_description: 'The line was <b>repaired</b>.',
    responded_by: 'Nikos',
    response_date: '2026-11-20',
  };
  const objects = [{ type: 'service_request', externalId: 'SR-1', number: 'SR000077', contact: 'maria', fields }];
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts, objects },
  });
  await enableLinks(app);
});

const marketing = async (externalId: string) => {
  const { contact } = await app.call('query ($id: String!) { contact(externalId: $id) { directMarketing affiliateMarketing } }', {
    id: externalId,
  });
  return [contact.directMarketing, contact.affiliateMarketing];
};

const request = async () => (await app.sql("select fields from business_object where external_id = 'SR-1'"))[0]?.['fields'];

/** The links of the mail that arrives for it. */
async function mailed(input: Record<string, unknown>): Promise<string[]> {
  const since = sink.arrived.length;
  await communicate(app, { medium: 'EMAIL', subject: 'News', ...input });
  const { mail } = await eventually(() => sink.arrived[since]);
  return ourLinks(mail.html ?? mail.text ?? '');
}

test('BS7a two opt-in links in one mail: each click says yes to its own question, for that contact only', async () => {
  const body = '<p>#dynamic_link.opt_in_direct_marketing or <a href="#dynamic_link.opt_in_affiliate_marketing">partners</a></p>';
  const [direct = '', affiliate = ''] = await mailed({ contactExternalId: 'maria', body, format: 'HTML' });
  expect(direct).not.toBe(affiliate);

  expect((await fetch(direct)).status).toBe(200);
  expect(await marketing('maria')).toEqual([false, false]);

  expect((await fetch(direct, { method: 'POST' })).status).toBe(200);
  expect(await marketing('maria')).toEqual([true, false]);
  await fetch(affiliate, { method: 'POST' });
  expect(await marketing('maria')).toEqual([true, true]);
  expect(await marketing('eleni')).toEqual([false, false]);
});

test('BS7b two opt-out links: leaving the partners leaves our own marketing untouched', async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { updated } }', {
    input: { contacts: ['maria', 'eleni'].map((externalId) => ({ externalId, directMarketing: true, affiliateMarketing: true })) },
  });
  const body = 'Leave: #dynamic_link.opt_out_direct_marketing\nPartners: #dynamic_link.opt_out_affiliate_marketing';
  const [direct = '', affiliate = ''] = await mailed({ contactExternalId: 'maria', body });
  await fetch(affiliate, { method: 'POST' });
  expect(await marketing('maria')).toEqual([true, false]);
  await fetch(direct, { method: 'POST' });
  expect(await marketing('maria')).toEqual([false, false]);
  expect(await marketing('eleni')).toEqual([true, true]);
});

test('BS7c accepting a response: the page shows the response, who and when; the click accepts it, once', async () => {
  const [link = ''] = await mailed({
    contactExternalId: 'maria',
    referringTo: { type: 'service_request', externalId: 'SR-1' },
    body: '#service_request.response_description, #service_request.responded_by, #service_request.response_date: #dynamic_link.service_request_response_acceptance',
  });
  const page = await (await fetch(link)).text();
  expect(page).toContain('The line was &#60;b&#62;repaired&#60;/b&#62;.');
  expect(page).toContain('Nikos');
  expect(page).toContain('November 20, 2026');
  expect(page).toContain('SR000077');
  expect((await request()).response_accepted_at).toBeUndefined();

  const done = await fetch(link, { method: 'POST' });
  expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('You have accepted our response.')]);
  const accepted = await request();
  expect(accepted).toMatchObject({ response_accepted_by: 'maria Georgiou', response_accepted_at: expect.stringMatching(/^20\d\d-.*Z$/) });

  expect((await fetch(link, { method: 'POST' })).status).toBe(200);
  expect(await request()).toEqual(accepted);
});

test('BS18, D16 a link that is not enabled, typed by hand, is a validation error on save', async () => {
  await set(app, { dynamicLinks: { links: [{ action: 'OPT_OUT_DIRECT_MARKETING', enabled: false }] } });
  const answer = await app.ask('mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', {
    input: { name: 'By hand', medium: 'EMAIL', content: [{ language: 'en', body: 'Leave here: #dynamic_link.opt_out_direct_marketing' }] },
  });
  expect(answer.errors?.[0]?.extensions.problems).toEqual([
    {
      path: ['content', 0, 'body'],
      code: 'LINK_NOT_ENABLED',
      message: expect.stringContaining(
        '#dynamic_link.opt_out_direct_marketing is not enabled. Enabled are #dynamic_link.opt_in_direct_marketing,',
      ),
      offset: 12,
      length: 38,
    },
  ]);
});

test('D20 a rule on the event that a service request got a response mails the link that accepts it', async () => {
  const { create, record, upsert, refused } = rulesOf(app);
  const fields = { response_description: 'A new modem is on its way.', response_accepted_at: null, response_accepted_by: null };
  await upsert({ objects: [{ type: 'service_request', externalId: 'SR-1', fields }] });
  const rule = (body: string) => ({
    name: 'Responded',
    objectType: 'service_request',
    events: ['responded'],
    messages: [{ medium: 'EMAIL', content: [{ language: 'en', subject: 'Our response', body }] }],
  });
  // Switched off above (BS18): rules refuse it, too.
  expect(await refused('createRule', rule('#dynamic_link.opt_out_direct_marketing'))).toEqual([
    'messages.0.content.0.body: LINK_NOT_ENABLED',
  ]);
  await create(rule('#service_request.response_description Agree? #dynamic_link.service_request_response_acceptance'));
  const since = sink.arrived.length;
  await record({ object: { type: 'service_request', externalId: 'SR-1' }, event: 'responded' });
  const { mail } = await eventually(() => sink.arrived[since]);
  const [link = ''] = ourLinks(mail.text ?? '');
  expect(await (await fetch(link)).text()).toContain('A new modem is on its way.');
  expect((await fetch(link, { method: 'POST' })).status).toBe(200);
  expect(await request()).toMatchObject({ response_accepted_by: 'maria Georgiou' });
});

import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  const input = {
    contacts: [
      {
        externalId: 'C1',
        name: 'Ελένη <Georgiou>',
        preferredLanguage: 'el-CY',
        timeZone: 'Europe/Nicosia',
        emails: [{ address: 'eleni@example.org' }],
        attributes: { tier: 'gold', Points: 1200 },
      },
      { externalId: 'C2', name: 'Tom', preferredLanguage: 'fr' },
    ],
    accounts: [
      { externalId: 'A1', contact: 'C1', number: 'AR1', currency: 'EUR', balance: '1234.5', outstandingAmount: '20' },
      { externalId: 'A2', contact: 'C1', number: 'AR2', currency: 'USD', balance: '7' },
    ],
    objects: [
      {
        type: 'subscription',
        externalId: 'S1',
        contact: 'C1',
        account: 'A1',
        number: 'SB1',
        fields: { type: 'Fibre', services: ['TV', 'Voice & more'] },
      },
      { type: 'bill', externalId: 'B1', contact: 'C1', account: 'A2', number: 'BL1', fields: { amount: '45.50', due_date: '2027-03-31' } },
      { type: 'bill', externalId: 'B2', contact: 'C1', account: 'A1', number: 'BL2', fields: { amount: '10' } },
      { type: 'bill', externalId: 'B9', contact: 'C2', number: 'BL9' },
      { type: 'wallet', externalId: 'W1', contact: 'C1', account: 'A1', fields: { balance: '20', expires_on: day(3) } },
      { type: 'wallet', externalId: 'W2', contact: 'C1', account: 'A2', fields: { balance: '99', currency: 'GBP' } },
    ],
  };
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
});

const query = `query ($input: PreviewContentInput!) { previewContent(input: $input) {
  language subject body text characterCount smsSegments unresolvedTags } }`;

async function preview(body: string, more: Record<string, unknown> = {}, contact = 'C1') {
  const { format, subject, language, ...rest } = { format: 'TEXT', subject: null, language: 'en', ...more } as Record<string, unknown>;
  const input = { content: [{ language, subject, body, format }], contactExternalId: contact, ...rest };
  return (await app.call(query, { input })).previewContent;
}

test('G9 C27 tags show the values of the contact, formatted', async () => {
  const { body, unresolvedTags } = await preview(
    '#contact_information.name|#contact.email|#account.balance|#wallet.balance|#accounts_receivable.number|#accounts_receivable_number|#accounts_receivable.outstanding_amount|#accounts_receivable.wallet.balance',
  );
  expect(body).toBe('Ελένη <Georgiou>|eleni@example.org|€1,234.50|€20.00|AR1|AR1|€20.00|€20.00');
  expect(unresolvedTags).toEqual([]);
});

test('G31 a list is a list with commas in a text, and an HTML list in HTML', async () => {
  expect((await preview('#subscription.services.')).body).toBe('TV, Voice & more.');
  const { body, text } = await preview('<p>Dear #contact.name</p>#subscription.services', { format: 'HTML' });
  expect(body).toBe('<p>Dear Ελένη &lt;Georgiou&gt;</p><ul><li>TV</li><li>Voice &amp; more</li></ul>');
  expect(text).toBe('Dear Ελένη <Georgiou>\n\nTV, Voice & more');
});

test("AMB-23 without an object a type means the contact's only one; of several none is meant", async () => {
  const without = await preview('#bill.number #subscription.number');
  expect(without).toMatchObject({ body: ' SB1', unresolvedTags: ['bill.number'] });
  const about = await preview('#bill.number #bill.amount #bill.due_date #bill.account.number #account.number #wallet.balance', {
    object: { type: 'bill', externalId: 'B1' },
  });
  // The bill's account is the account of the communication, and the wallet is that account's.
  expect(about).toMatchObject({ body: 'BL1 $45.50 Mar 31, 2027 AR2 AR2 £99.00', unresolvedTags: [] });
});

test('G88 U1 AMB-18 attributes, parameters and dates have tags of their own', async () => {
  const today = new Date().toLocaleDateString('en', { dateStyle: 'medium', timeZone: 'Europe/Nicosia' });
  const shown = await preview('#contact.attributes.tier #contact.attributes.points #param.promo_code #date.today', {
    parameters: [{ name: 'Promo_Code', value: '#contact.name' }],
  });
  expect(shown).toMatchObject({ body: `gold 1,200 #contact.name ${today}`, unresolvedTags: [] });
  expect((await preview('[#param.nothing][#communication.expires_on]')).unresolvedTags).toEqual([
    'param.nothing',
    'communication.expires_on',
  ]);
});

test('L3 L5 the language is the one asked for, else what the contact prefers, else the default', async () => {
  const content = [
    { language: 'en', body: 'EN #account.balance' },
    { language: 'el', body: 'EL #account.balance' },
  ];
  const shown = async (contactExternalId: string, language?: string) => {
    const { previewContent } = await app.call(query, { input: { content, contactExternalId, language } });
    return [previewContent.language, previewContent.body];
  };
  expect(await shown('C1')).toEqual(['el', 'EL 1.234,50\u00a0€']);
  expect(await shown('C1', 'en-GB')).toEqual(['en', 'EN €1,234.50']);
  expect(await shown('C2')).toEqual(['en', 'EN ']);
});

test('values are escaped for where they stand', async () => {
  const { body, text } = await preview(
    '<p title="#param.x" style="color:#param.x"><a href="#param.x">a</a><a href="https://a.example/?q=#param.x">#param.x</a></p>',
    { format: 'HTML', parameters: [{ name: 'x', value: 'javascript:"<&x' }] },
  );
  expect(body).toBe(
    '<p title="javascript:&quot;&lt;&amp;x" style="color:javascriptx"><a href="https://javascript:%22%3C&amp;x">a</a><a href="https://a.example/?q=javascript%3A%22%3C%26x">javascript:&quot;&lt;&amp;x</a></p>',
  );
  expect(text).toBe('a [https://javascript:%22%3C&x]javascript:"<&x [https://a.example/?q=javascript%3A%22%3C%26x]');
});

test('MJML becomes HTML with a plain-text alternative', async () => {
  const mjml = `<mjml><mj-body><mj-section><mj-column><mj-text>Dear #contact.<b>name</b>,</mj-text>
    <mj-button href="https://a.example/?c=#contact.email">Pay #bill.amount</mj-button></mj-column></mj-section></mj-body></mjml>`;
  const { body, text } = await preview(mjml, { format: 'MJML', object: { type: 'bill', externalId: 'B1' } });
  expect(body).toContain('Dear Ελένη &lt;Georgiou&gt;<b></b>,');
  expect(body).toContain('href="https://a.example/?c=eleni%40example.org"');
  expect(body).not.toContain('fonts.googleapis.com');
  expect(text).toBe('Dear Ελένη <Georgiou>,\n\nPay $45.50 [https://a.example/?c=eleni%40example.org]');
});

test('a subject is one line, whatever the values', async () => {
  const { subject } = await preview('x', { subject: 'Hi\n#param.x', parameters: [{ name: 'x', value: 'a\r\nBcc: b@example.org' }] });
  expect(subject).toBe('Hi a Bcc: b@example.org');
});

test('AMB-19 an SMS is counted in characters and in segments', async () => {
  expect(await preview('Γειά #contact.name', { medium: 'SMS' })).toMatchObject({ characterCount: 21, smsSegments: 1 });
  expect(await preview('x'.repeat(161), { medium: 'SMS' })).toMatchObject({ characterCount: 161, smsSegments: 2 });
  expect((await preview('x')).smsSegments).toBeNull();
});

test('a template is previewed as it is', async () => {
  const input = { name: 'Shown', medium: 'SMS', content: [{ language: 'en', body: 'Hi #contact.name' }] };
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
    { input },
  );
  const templateId = createTemplate.template.id;
  expect((await app.call(query, { input: { templateId, contactExternalId: 'C2' } })).previewContent).toMatchObject({
    body: 'Hi Tom',
    smsSegments: 1,
  });
  const wrong = await app.ask(query, { input: { templateId, contactExternalId: 'C2', medium: 'EMAIL' } });
  expect(wrong.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['WRONG_MEDIUM']);
  const nonsense = await app.ask(query, { input: { templateId: 'nonsense', contactExternalId: 'C2' } });
  expect(nonsense.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['NOT_FOUND']);
});

test('a parameter is given once, and can be kept', async () => {
  const parameters = [
    { name: 'a b', value: 'x' },
    { name: 'x', value: 'a\u0000' },
    { name: 'x', value: 'y' },
  ];
  const answer = await app.ask(query, { input: { content: [{ language: 'en', body: 'x' }], contactExternalId: 'C1', parameters } });
  expect(answer.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code])).toEqual([
    ['parameters.0.name', 'INVALID_NAME'],
    ['parameters.1.value', 'INVALID_TEXT'],
    ['parameters.2.name', 'DUPLICATE'],
  ]);
});

test('what a preview refers to must be there, and belong to the contact', async () => {
  const ask = async (input: Record<string, unknown>) => {
    const answer = await app.ask(query, { input });
    return answer.errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code]);
  };
  const content = [{ language: 'en', body: 'x' }];
  expect(await ask({ contactExternalId: 'C0', content, object: { type: 'bil', externalId: 'B1' } })).toEqual([
    ['contactExternalId', 'NOT_FOUND'],
    ['object.type', 'UNKNOWN_TYPE'],
  ]);
  expect(await ask({ contactExternalId: 'C1', object: { type: 'bill', externalId: 'nope' } })).toEqual([
    ['', 'EXACTLY_ONE'],
    ['object.externalId', 'NOT_FOUND'],
  ]);
  expect(await ask({ contactExternalId: 'C1', content, object: { type: 'bill', externalId: 'B9' } })).toEqual([
    ['object.externalId', 'OF_ANOTHER_CONTACT'],
  ]);
});

test('what people other than administrators write as HTML cannot run', async () => {
  const input = {
    content: [
      { language: 'en', body: '<p onclick="x()">Hi #contact.name</p><script>x()</script><a href="javascript:x()">y</a>', format: 'HTML' },
    ],
    contactExternalId: 'C2',
  };
  const { previewContent } = await app.call(query, { input }, 'AGENT');
  expect(previewContent.body).toBe('<p>Hi Tom</p><a>y</a>');
  const mjml = '<mjml><mj-body><mj-section><mj-column><mj-text><script>x()</script></mj-text></mj-column></mj-section></mj-body></mjml>';
  const answer = await app.ask(
    query,
    { input: { content: [{ language: 'en', body: mjml, format: 'MJML' }], contactExternalId: 'C2' } },
    'AGENT',
  );
  expect(answer.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['UNSAFE_HTML']);
});

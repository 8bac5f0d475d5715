import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { printed } from '../../src/print/document.js';
import { findChromium } from '../../src/print/pdf.js';
import { eventually, openApp } from '../support/app.js';
import { pdf, png, upload } from '../support/upload.js';

const app = await openApp({ env: { ROLE: 'api', MAIL_FROM: 'Example TV <news@example.org>' } });
const chromium = findChromium(app.config);

const create = async (input: object) =>
  (
    await app.call(
      'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id number body printUrl } } }',
      { input: { contactExternalId: 'anna', ...input } },
      'AGENT',
    )
  ).createCommunication.communication;
const fetchPage = async (path: string, as?: 'ADMIN' | 'AGENT' | 'CONTACT' | 'EXTERNAL_SYSTEM') =>
  await fetch(`${app.url}${path}`, { headers: as ? { authorization: `Bearer ${await app.token(as, 'anna')}` } : {} });

beforeAll(async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: [
        { externalId: 'anna', name: 'Anna <b>Brown</b>', preferredLanguage: 'el', emails: [{ address: 'anna@example.org' }] },
        { externalId: 'bob', name: 'Bob' },
      ],
      objects: [{ type: 'bill', externalId: 'b1', contact: 'anna', number: 'BL1', fields: { amount: '10', due_date: '2027-03-31' } }],
    },
  });
});

test('C26 a communication is shown for paper by a link of its own, as its recipient reads it, and nothing in it runs', async () => {
  const { id } = await upload(app, { name: 'a&b.pdf', type: 'application/pdf', bytes: pdf });
  const hostile = '<p>#contact.name</p><script>alert(1)</script></template><img src=x onerror="alert(2)"><style>h1{display:none}</style>';
  const made = await app.call(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { number body printUrl } } }',
    {
      input: { contactExternalId: 'anna', medium: 'EMAIL', subject: 'Λογαριασμός <i>', body: hostile, format: 'HTML', attachmentIds: [id] },
    },
  );
  const { number, printUrl } = made.createCommunication.communication;
  const response = await fetchPage(printUrl);
  const html = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none';.*sandbox/);
  expect(response.headers.get('cache-control')).toContain('no-store');
  expect(html).toContain(`<b>${number}</b>`);
  expect(html).toContain('<h1 dir="auto">Λογαριασμός &lt;i&gt;</h1>');
  expect(html).toContain('<p>Anna &lt;b&gt;Brown&lt;/b&gt;</p>');
  expect(html).toContain('<li>a&amp;b.pdf</li>');
  expect(html).toContain('Συνημμένα');
  // What an e-mail holds stays in its own tree: it ends where ours ends it.
  expect(html.match(/<\/template>/g)).toHaveLength(1);
});

test('W2 C26 images that go with a communication are shown on paper, and no others', async () => {
  const own = (await upload(app, { name: 'own.png', type: 'image/png', bytes: png })).id;
  const file = (await upload(app, { name: 'bill.pdf', type: 'application/pdf', bytes: pdf })).id;
  const stranger = (await upload(app, { name: 'other.png', type: 'image/png', bytes: png })).id;
  const body = [own, file, stranger].map((id) => `<img src="cid:${id}" alt="" />`).join('');
  const { printUrl, id } = await create({ medium: 'EMAIL', subject: 'x', body, format: 'HTML', attachmentIds: [own, file] });
  const html = await (await fetchPage(printUrl)).text();
  const [, path = ''] = /src="(\/attachments\/[^"]+)"/.exec(html) ?? [];
  expect(path).toMatch(new RegExp(`^/attachments/${own}\\?token=`));
  const image = await fetchPage(path);
  expect(Buffer.from(await image.arrayBuffer()).equals(png)).toBe(true);
  // The page is one of no origin of its own: an image that only our own pages may show would not be shown in it.
  expect(image.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(html).toContain(`src="cid:${file}"`);
  expect(html).toContain(`src="cid:${stranger}"`);
  const embedded = await printed(app.context({ role: 'AGENT', subject: 'eva' }), { kind: 'COMMUNICATION', id }, { embed: true });
  expect(embedded.body).toContain(`src="data:image/png;base64,${png.toString('base64')}"`);
  expect(embedded.body).toContain(`src="cid:${stranger}"`);
});

test('C26 a link prints what it was made for, and lasts ten minutes; without one a token is needed, and only who works here sees it', async () => {
  const [one, two] = [await create({ medium: 'LETTER', body: 'one' }), await create({ medium: 'LETTER', body: 'two' })];
  const token = one.printUrl.split('?token=')[1] ?? '';
  expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).exp - Date.now() / 1000).toBeLessThan(601);
  expect((await fetchPage(`/print/${two.id}?token=${token}`)).status).toBe(404);
  expect((await fetchPage(`/print/${one.id}?token=${token.slice(0, -3)}AAA`)).status).toBe(404);
  expect((await fetchPage(`/print/${one.id}?token=${await app.token('ADMIN', 'x')}`)).status).toBe(404);
  expect((await fetchPage(`/print/${one.id}`)).status).toBe(401);
  expect((await fetchPage(`/print/${one.id}`, 'AGENT')).status).toBe(200);
  for (const role of ['CONTACT', 'EXTERNAL_SYSTEM'] as const) expect((await fetchPage(`/print/${one.id}`, role)).status).toBe(404);
  expect((await fetchPage('/print/com_00000000000000000000000000000000', 'AGENT')).status).toBe(404);
  expect((await fetchPage('/print/nonsense', 'AGENT')).status).toBe(404);
});

test('C26 a template is printed for a contact and a record, before anything is sent; what is wrong is said by the field', async () => {
  const { createTemplate } = await app.call(`mutation { createTemplate(input: { name: "Bill", medium: LETTER, objectType: "bill", content: [
    { language: "en", subject: "Bill #bill.number", body: "Due #bill.due_date" }, { language: "el", subject: "#bill.number", body: "Έως #bill.due_date #param.extra" }] }) { template { id } } }`);
  const query = `query ($id: ID!, $contact: String!, $object: ObjectRefInput, $language: Locale) { node(id: $id) { ... on Template {
    printUrl(contactExternalId: $contact, object: $object, language: $language, parameters: [{ name: "extra", value: "<3" }]) } } }`;
  const { id } = createTemplate.template;
  const object = { type: 'bill', externalId: 'b1' };
  const { node } = await app.call(query, { id, contact: 'anna', object });
  const html = await (await fetchPage(node.printUrl)).text();
  expect(html).toMatch(/Έως [^<]*2027 &lt;3/);
  expect(html).toContain('Προεπισκόπηση');
  const english = await fetchPage(`/print/${id}?contact=anna&objectType=bill&object=b1&language=en`, 'AGENT');
  expect(await english.text()).toContain('Bill BL1');
  const wrong = await app.ask(query, { id, contact: 'bob', object });
  expect(wrong.errors?.[0]?.extensions.problems?.map((each) => each.code)).toEqual(['OF_ANOTHER_CONTACT']);
  expect((await fetchPage(`/print/${id}?contact=nobody`, 'AGENT')).status).toBe(400);
  const before = await app.sql('select count(*)::int as n from communication');
  expect(await app.sql('select count(*)::int as n from communication')).toEqual(before);
});

test.skipIf(chromium === undefined)(
  'C26 a page becomes a PDF by a browser that reaches nothing outside, and leaves nothing behind',
  async () => {
    const asked: string[] = [];
    const { createServer } = await import('node:http');
    const outside = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((listening) => outside.listen(0, '127.0.0.1', () => listening()));
    const { port } = outside.address() as { port: number };
    const body = `<p>Paid</p><img src="http://127.0.0.1:${port}/a.png"><iframe src="file:///etc/passwd"></iframe><link rel="stylesheet" href="http://localhost:${port}/b.css">`;
    const { createCommunication } = await app.call(
      'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { printUrl number } } }',
      { input: { contactExternalId: 'anna', medium: 'EMAIL', subject: 'x', body, format: 'HTML' } },
    );
    const { printUrl, number } = createCommunication.communication;
    const response = await fetchPage(`${printUrl}&format=pdf`);
    const bytes = Buffer.from(await response.arrayBuffer());
    await new Promise((closed) => outside.close(closed));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(response.headers.get('content-disposition')).toBe(`inline; filename="${number}.pdf"`);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(asked).toEqual([]);
    // Other test files print, too.
    await eventually(() => readdirSync(tmpdir()).every((each) => !each.startsWith('carillon-print-')));
  },
  60_000,
);

test('C26 without a browser a PDF is answered 501 in words; the page is there all the same', async () => {
  const bare = await openApp({ env: { ROLE: 'api', CHROMIUM_PATH: '/nowhere/chromium' } });
  expect(existsSync('/nowhere/chromium')).toBe(false);
  await bare.call('mutation { upsertCrmRecords(input: { contacts: [{ externalId: "anna", name: "Anna" }] }) { inserted } }');
  const { createCommunication } = await bare.call(
    'mutation { createCommunication(input: { contactExternalId: "anna", medium: LETTER, body: "x" }) { communication { printUrl } } }',
  );
  const { printUrl } = createCommunication.communication;
  const response = await fetch(`${bare.url}${printUrl}&format=pdf`);
  expect(response.status).toBe(501);
  expect(((await response.json()) as { errors: { message: string }[] }).errors[0]?.message).toContain('CHROMIUM_PATH');
  expect((await fetch(`${bare.url}${printUrl}`)).status).toBe(200);
});

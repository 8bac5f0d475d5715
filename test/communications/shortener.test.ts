import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { communicate, enableLinks, ourLinks, set } from '../support/links.js';

const app = await openApp({ env: { TRUST_PROXY: 'on' } });
const far = `https://shop.example.org/offers/${'autumn-'.repeat(12)}?from=carillon&to=you`;

beforeAll(async () => {
  const contacts = ['a', 'b', 'c'].map((externalId) => ({
    externalId,
    name: 'Eleni',
    emails: [{ address: `${externalId}@example.org` }],
    phones: [{ number: '+35799123456' }],
    attributes: { page: `${far}#${externalId}` },
  }));
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input: { contacts } });
  await enableLinks(app);
  await set(app, { media: ['EMAIL', 'DEVICE', 'SMS'].map((medium) => ({ medium, shortenUrls: true })) });
});

let asked = 0;
const open = async (url: string, method = 'GET') =>
  await fetch(url, { method, redirect: 'manual', headers: { 'x-forwarded-for': `10.1.${Math.floor(asked / 20)}.${asked++ % 20}` } });
const target = async (url: string | undefined) => {
  const answer = await open(url ?? '');
  return [answer.status, answer.headers.get('location')];
};
const write = async (body: string, more: Record<string, unknown> = {}) =>
  await communicate(app, { contactExternalId: 'a', medium: 'SMS', body, ...more });
const short = String.raw`http://127\.0\.0\.1:\d+/s/[\w-]{20}`;

test('H2 a link in a text is replaced by a short one that leads to it; what ends the sentence stays', async () => {
  const { body } = await write(`See ${far}, or (${far}x). Bye!`);
  expect(body).toMatch(new RegExp(`^See ${short}, or \\(${short}\\)\\. Bye!$`));
  const [one, other] = ourLinks(body);
  expect(one).not.toBe(other);
  expect(await target(one)).toEqual([302, far]);
  expect(await target(other)).toEqual([302, `${far}x`]);
  expect((await open(one ?? '', 'HEAD')).headers.get('location')).toBe(far);
  expect((await open(one ?? '', 'POST')).status).toBe(404);
});

test('H2 a link that is short already stays as it is', async () => {
  expect((await write('See https://example.org/a')).body).toBe('See https://example.org/a');
});

test('H2 each recipient has codes of their own, and what their values make of a link', async () => {
  const body = `${far}&who=#contact.name and #contact.attributes.page and #param.page`;
  const parameters = [{ name: 'page', value: `${far}&p=1` }];
  const bodies = [];
  for (const contactExternalId of ['a', 'b']) bodies.push((await write(body, { contactExternalId, parameters })).body);
  const [a = [], b = []] = bodies.map(ourLinks);
  expect(new Set([...a, ...b]).size).toBe(6);
  expect(await Promise.all(a.map(target))).toEqual([`${far}&who=Eleni`, `${far}#a`, `${far}&p=1`].map((each) => [302, each]));
  expect(await target(b[1])).toEqual([302, `${far}#b`]);
});

test('H2 in HTML the addresses of anchors are replaced, and the same in the plain-text alternative; images and other attributes stay', async () => {
  const html = far.replaceAll('&', '&amp;');
  const content = [
    {
      language: 'en',
      format: 'HTML',
      body: `<p><a class="x" href="${html}">Offers</a> <img src="${html}x.png"> <a href='mailto:x@example.org'>mail</a></p>`,
    },
  ];
  const { previewContent } = await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { body text } }', {
    input: { contactExternalId: 'a', content },
  });
  expect(previewContent.body).toMatch(
    new RegExp(`^<p><a class="x" href="${short}">Offers</a> <img src="${html.replace(/[?.]/g, '\\$&')}x\\.png"`),
  );
  expect(previewContent.text).toMatch(new RegExp(`^Offers \\[${short}\\]`));
  expect(ourLinks(previewContent.text)).toEqual(ourLinks(previewContent.body));
  const { body } = await write(content[0]?.body ?? '', { medium: 'EMAIL', subject: 'S', format: 'HTML' });
  expect(await target(ourLinks(body)[0])).toEqual([302, far]);
});

test('a dynamic link is shortened, too, and leads to its own page; GET changes nothing on the way', async () => {
  const { body } = await write('Leave: #dynamic_link.opt_out_direct_marketing', { contactExternalId: 'c' });
  expect(body).toMatch(new RegExp(`^Leave: ${short}$`));
  const [status, page] = await target(ourLinks(body)[0]);
  expect([status, page]).toEqual([302, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/p\/[\w-]{72}$/)]);
  expect((await open(String(page))).status).toBe(200);
  expect(await app.sql("select direct_marketing from contact where external_id = 'c'")).toEqual([{ direct_marketing: true }]);
  await open(String(page), 'POST');
  expect(await app.sql("select direct_marketing from contact where external_id = 'c'")).toEqual([{ direct_marketing: false }]);
  const html = await write('<p>#dynamic_link.opt_in_direct_marketing</p>', { medium: 'EMAIL', subject: 'S', format: 'HTML' });
  expect(html.body).toMatch(new RegExp(`^<p><a href="${short}">Yes, send me your offers</a></p>$`));
});

test('H3, C29, AMB-19 limits count what the recipient gets: the text with short links', async () => {
  const room = 160 - `${app.url}/s/`.length - 20;
  const fits = await write(`${'x'.repeat(room - 1)} ${far}`);
  expect([fits.state, fits.body.length]).toEqual(['PENDING', 160]);
  const long = (await communicate(app, { contactExternalId: 'a', medium: 'SMS', body: `${'x'.repeat(room)} ${far}` })) as any;
  expect([long.state, long.rejection?.code, long.body.length]).toEqual(['REJECTED', 'TOO_LONG', 161]);
  const { previewContent } = await app.call(
    'query ($input: PreviewContentInput!) { previewContent(input: $input) { characterCount smsSegments } }',
    {
      input: { contactExternalId: 'a', medium: 'SMS', content: [{ language: 'en', body: `${'x'.repeat(room)} ${far}` }] },
    },
  );
  expect(previewContent).toEqual({ characterCount: 161, smsSegments: 2 });
});

test('XU7 the check on save counts short links, and dynamic links as long as they will be', async () => {
  const warned = async (body: string) => {
    const { createTemplate } = await app.call(
      'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { warnings { code message } } }',
      {
        input: { name: `W${asked++}`, medium: 'SMS', content: [{ language: 'en', body }] },
      },
    );
    return createTemplate.warnings.map((each: { code: string }) => each.code);
  };
  expect(await warned(`Look: ${far} ${far}y`)).toEqual([]);
  expect(await warned('Leave: #dynamic_link.opt_out_direct_marketing')).toEqual([]);
  await set(app, { media: [{ medium: 'SMS', shortenUrls: false }] });
  expect(await warned(`Look: ${far} ${far}y`)).toEqual(['TOO_LONG']);
  expect(await warned(`${'x'.repeat(80)} #dynamic_link.opt_out_direct_marketing`)).toEqual(['MAY_BE_TOO_LONG']);
  await set(app, { media: [{ medium: 'SMS', shortenUrls: true }] });
});

test('H1 switched off, links stay as they are; what was made keeps the links that it has', async () => {
  const made = await write(`See ${far}`);
  await set(app, { media: [{ medium: 'SMS', shortenUrls: false }] });
  expect((await write('Now https://example.org/')).body).toBe('Now https://example.org/');
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Communication { body } } }', { id: made.id });
  expect(node.body).toBe(made.body);
  expect(await target(ourLinks(made.body)[0])).toEqual([302, far]);
  await set(app, { media: [{ medium: 'SMS', shortenUrls: true }] });
});

test.each([
  'javascript:alert(1)//https://example.org/',
  `https://good.example@evil.example/${'x'.repeat(80)}`,
  `https:\\\\evil.example/${'x'.repeat(80)}`,
  `//evil.example/${'x'.repeat(80)}`,
  `data:text/html,${'x'.repeat(80)}`,
  `https://evil.example/${'x'.repeat(80)}\r\nSet-Cookie: a=b`,
  `https:evil.example/${'x'.repeat(80)}`,
])('a value that is no address a reader may be sent to is never one behind our name: %j', async (value) => {
  const { body } = await write('#param.page', { medium: 'DEVICE', externalSystemId: undefined, parameters: [{ name: 'page', value }] });
  for (const link of ourLinks(body)) expect((await target(link))[1]).toMatch(/^https:\/\/evil\.example\/x+$/);
});

test('an unknown code is a 404 page; of guesses at existing communications none leads anywhere', async () => {
  const { body } = await write(`See ${far}`);
  const real = ourLinks(body)[0] ?? '';
  const wrong = [real.slice(0, -1) + (real.endsWith('A') ? 'B' : 'A'), `${app.url}/s/${'A'.repeat(20)}`, `${app.url}/s/x`, `${real}A`];
  for (const url of wrong) {
    const answer = await open(url);
    expect([answer.status, answer.headers.get('location'), await answer.text()]).toEqual([
      404,
      null,
      expect.stringContaining('This link leads nowhere'),
    ]);
  }
  // The link of another communication, put on this one's number.
  const bytes = Buffer.from(real.split('/').at(-1) ?? '', 'base64url');
  bytes.writeUIntBE(bytes.readUIntBE(0, 5) - 1, 0, 5);
  expect((await open(`${app.url}/s/${bytes.toString('base64url')}`)).status).toBe(404);
  const answers = await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      const guess = Buffer.from(real.split('/').at(-1) ?? '', 'base64url');
      guess.writeUInt32BE(index * 7_919, 10);
      return (await open(`${app.url}/s/${guess.toString('base64url')}`)).status;
    }),
  );
  expect(answers.filter((each) => each < 400)).toEqual([]);
});

test('a run shortens for each recipient, and stores no row for it', async () => {
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input: { name: 'All', condition: { field: 'contact.name', operator: 'IS_NOT_EMPTY' } },
  });
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Offers',
      includeSegmentIds: [createSegment.segment.id],
      messages: [{ medium: 'SMS', content: [{ language: 'en', body: `#contact.name: ${far} #dynamic_link.opt_out_direct_marketing` }] }],
    },
  });
  const { runPlan } = await app.call('mutation ($input: RunPlanInput!) { runPlan(input: $input) { run { id } } }', {
    input: { planId: createPlan.plan.id },
  });
  const bodies = await eventually(async () => {
    const { communications } = await app.call(
      'query ($run: ID) { communications(filter: { runId: $run }, first: 10) { nodes { body state } } }',
      { run: runPlan.run.id },
    );
    return communications.nodes.length === 3 && communications.nodes.map((each: { body: string }) => each.body);
  });
  const links = bodies.flatMap(ourLinks);
  expect(new Set(links).size).toBe(6);
  expect(await target(links[0])).toEqual([302, far]);
  expect(
    await app.sql('select count(distinct link_frame_id)::int as frames, count(*)::int as all from communication where run_id is not null'),
  ).toEqual([{ frames: 1, all: 3 }]);
});

import { beforeEach, expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { communicate, enableLinks, ourLinks, set } from '../support/links.js';

const app = await openApp({ env: { MAIL_FROM: '"Example <TV>" <news@example.org>', TRUST_PROXY: 'on' } });
let count = 0;
let me = '';

beforeEach(async () => {
  me = `C${++count}`;
  const contacts = [
    { externalId: me, name: 'Maria', emails: [{ address: `maria.${me}@example.org` }], directMarketing: true, affiliateMarketing: true },
  ];
  const fields = { type: 'Fault', response_description: 'Repaired.', responded_by: 'Nikos', response_date: '2026-11-20' };
  const objects = [{ type: 'service_request', externalId: `S-${me}`, number: 'SR1', contact: me, fields }];
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts, objects },
  });
  await set(app, { dynamicLinks: null });
  await enableLinks(app);
});

/** The address of a link in a communication to this test's contact. */
const linkOf = async (name: string) => {
  const about = name.startsWith('service') ? { referringTo: { type: 'service_request', externalId: `S-${me}` } } : {};
  const { body } = await communicate(app, {
    contactExternalId: me,
    medium: 'EMAIL',
    subject: 'S',
    body: `#dynamic_link.${name}`,
    ...about,
  });
  return ourLinks(body)[0] ?? '';
};
/** Each test asks from an address of its own: the guard knows them by it. */
const ask = async (url: string, method = 'GET', headers: Record<string, string> = {}, body?: string) =>
  await fetch(url, {
    method,
    redirect: 'manual',
    headers: { 'x-forwarded-for': `10.0.0.${count}`, ...headers },
    ...(body !== undefined && { body }),
  });
const stored = async () => {
  const [contact] = await app.sql(
    'select id, direct_marketing, affiliate_marketing, fields, updated_at from contact where external_id = $1',
    [me],
  );
  const [object] = await app.sql('select fields, updated_at from business_object where external_id = $1', [`S-${me}`]);
  const uses = await app.sql(
    'select action, changed, via, remote_address, user_agent from dynamic_link_use where contact_id = $1 order by id',
    [contact?.['id']],
  );
  return { contact, object, uses };
};

test.each([
  ['D4', 'opt_in_direct_marketing', { directMarketing: false }, { contact: { direct_marketing: true } }],
  ['D5', 'opt_out_direct_marketing', {}, { contact: { direct_marketing: false, affiliate_marketing: true } }],
  ['D6', 'opt_in_affiliate_marketing', { affiliateMarketing: false }, { contact: { affiliate_marketing: true } }],
  ['D7', 'opt_out_affiliate_marketing', {}, { contact: { direct_marketing: true, affiliate_marketing: false } }],
  ['D8', 'service_request_response_acceptance', {}, { object: { fields: { response_accepted_by: 'Maria' } } }],
  ['D9', 'service_request_temporary_resolution_acceptance', {}, { object: { fields: { temporary_resolution_accepted_by: 'Maria' } } }],
  ['D10', 'service_request_final_resolution_acceptance', {}, { object: { fields: { final_resolution_accepted_by: 'Maria' } } }],
  ['D11', 'contact_consent_acceptance', {}, { contact: { fields: { personal_data_consent: true } } }],
  ['D12', 'contact_consent_rejection', {}, { contact: { fields: { personal_data_consent: false } } }],
])('%s %s: GET and HEAD change nothing, the button does it, again is the same', async (_id, name, before, after) => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { updated } }', {
    input: { contacts: [{ externalId: me, ...before }] },
  });
  const link = await linkOf(name);
  const untouched = await stored();
  const page = await ask(link);
  const html = await page.text();
  expect([page.status, html.match(/<form method="post"><button>/g)?.length]).toEqual([200, 1]);
  expect(html).not.toMatch(/<script|onload|http-equiv|<img/i);
  const head = await ask(link, 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect(await stored()).toEqual(untouched);

  const done = await ask(link, 'POST', { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Browser' }, '');
  expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('<main class="done">')]);
  const changed = await stored();
  expect(changed).toMatchObject(after);
  expect(changed.uses).toEqual([
    { action: name.toUpperCase(), changed: true, via: 'PAGE', remote_address: `10.0.0.${count}`, user_agent: 'Browser' },
  ]);

  expect((await ask(link, 'POST')).status).toBe(200);
  const again = await stored();
  expect([again.contact, again.object]).toEqual([changed.contact, changed.object]);
  expect(again.uses.map((each) => each['changed'])).toEqual([true, false]);
});

test('an opt-out that is pressed after a later opt-in opts out again: a link does what it says', async () => {
  const [out, into] = [await linkOf('opt_out_direct_marketing'), await linkOf('opt_in_direct_marketing')];
  for (const [link, expected] of [
    [out, false],
    [into, true],
    [out, false],
  ] as const) {
    await ask(link, 'POST');
    expect((await stored()).contact?.['direct_marketing']).toBe(expected);
  }
});

test('pages are found by no search engine, kept in no cache or frame, and take nothing from elsewhere', async () => {
  const { headers } = await ask(await linkOf('opt_out_direct_marketing'));
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
  );
  expect(Object.fromEntries(headers)).toMatchObject({
    'x-robots-tag': 'noindex, nofollow',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
  });
});

test('D15 with a redirection the reader goes there once it is done; without one our page says so', async () => {
  const link = await linkOf('opt_out_direct_marketing');
  await set(app, { dynamicLinks: { links: [{ action: 'OPT_OUT_DIRECT_MARKETING', redirectUrl: 'https://shop.example.org/bye?x=1' }] } });
  const page = await ask(link);
  expect(page.status).toBe(200);
  // Browsers hold the redirect behind a form against the policy.
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://shop.example.org;");
  const done = await ask(link, 'POST');
  expect([done.status, done.headers.get('location')]).toEqual([303, 'https://shop.example.org/bye?x=1']);
  expect((await stored()).contact).toMatchObject({ direct_marketing: false });
});

test('D15 an incomplete, changed or unknown link is an error page, and nothing is said about why', async () => {
  const link = await linkOf('opt_out_direct_marketing');
  const before = await stored();
  const changed = link.slice(0, -1) + (link.endsWith('A') ? 'B' : 'A');
  for (const url of [changed, link.slice(0, -2), `${link}A`, `${app.url}/p/x`, `${app.url}/p/${'A'.repeat(72)}`, `${app.url}/p/..%2f..`]) {
    for (const method of ['GET', 'POST', 'HEAD']) {
      const answer = await ask(url, method);
      expect([url, method, answer.status]).toEqual([url, method, 400]);
      if (method !== 'HEAD') expect(await answer.text()).toContain('This link does not work');
    }
  }
  expect(await stored()).toEqual(before);
});

test('a link that has expired, or whose service request is gone, is an error page', async () => {
  await set(app, { dynamicLinks: { lifetimeDays: 1 } });
  const link = await linkOf('opt_out_direct_marketing');
  const accept = await linkOf('service_request_response_acceptance');
  expect((await ask(link)).status).toBe(200);
  await app.sql('delete from business_object where external_id = $1', [`S-${me}`]);
  expect([(await ask(accept)).status, (await ask(accept, 'POST')).status]).toEqual([410, 410]);
  await app.sql(
    "update communication set tag_values = jsonb_build_array(jsonb_build_object('e', 1000)) where contact_id = (select id from contact where external_id = $1)",
    [me],
  );
  const { contact } = await app.call('query ($id: String!) { contact(externalId: $id) { communications { nodes { body } } } }', { id: me });
  const expired = contact.communications.nodes
    .map((each: { body: string }) => each.body)
    .find((each: string) => each.length === link.length);
  for (const method of ['GET', 'POST']) {
    const answer = await ask(expired, method);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('This link has expired')]);
  }
  expect((await stored()).contact).toMatchObject({ direct_marketing: true });
});

test('the page speaks the contact’s language, else the browser’s; it shows whom it is for, not the whole address; names are no markup', async () => {
  const link = await linkOf('opt_out_direct_marketing');
  const english = await (await ask(link)).text();
  expect(english).toContain('<html lang="en">');
  expect(english).toContain('Example &#60;TV&#62;');
  expect(english).toContain(`m•••@example.org`);
  expect(english).not.toContain('maria.');
  expect(await (await ask(link, 'GET', { 'accept-language': 'de, el;q=0.9, en;q=0.5' })).text()).toContain('<html lang="el">');
  await app.sql("update contact set preferred_language = 'el-CY' where external_id = $1", [me]);
  expect(await (await ask(link)).text()).toContain('Διαγραφή από τις προσφορές μας');
});

test('the link of a preview has the length of the real one, says so, and does nothing', async () => {
  const { previewContent } = await app.call(
    'query ($input: PreviewContentInput!) { previewContent(input: $input) { body characterCount } }',
    {
      input: { contactExternalId: me, content: [{ language: 'en', body: '#dynamic_link.opt_out_direct_marketing' }] },
    },
  );
  const real = await linkOf('opt_out_direct_marketing');
  expect(previewContent.body).not.toBe(real);
  expect([previewContent.body.length, previewContent.characterCount]).toEqual([real.length, real.length]);
  const page = await ask(previewContent.body);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('This is a preview or a test.')]);
  expect((await ask(previewContent.body, 'POST')).status).toBe(409);
  expect((await stored()).contact).toMatchObject({ direct_marketing: true });
});

test('the link of a test that was sent to somebody else does nothing to the contact', async () => {
  const { sendTest } = await app.call('mutation ($input: SendTestInput!) { sendTest(input: $input) { communication { body } } }', {
    input: {
      contactExternalId: me,
      to: 'tester@example.org',
      content: [{ language: 'en', subject: 'T', body: '#dynamic_link.opt_out_direct_marketing' }],
    },
  });
  const [link = ''] = ourLinks(sendTest.communication.body);
  expect(await (await ask(link)).text()).toContain('This is a preview or a test.');
  expect((await ask(link, 'POST')).status).toBe(409);
  expect((await stored()).contact).toMatchObject({ direct_marketing: true });
});

test('a POST that a mail program sends by itself (RFC 8058) is as good; whatever comes with it says nothing', async () => {
  const link = await linkOf('opt_out_affiliate_marketing');
  const oneClick = await ask(
    link,
    'POST',
    { 'content-type': 'application/x-www-form-urlencoded' },
    'List-Unsubscribe=One-Click&contact=C1&action=OPT_IN',
  );
  expect(oneClick.status).toBe(200);
  expect((await stored()).contact).toMatchObject({ affiliate_marketing: false, direct_marketing: true });
  expect((await ask(link, 'POST', { 'content-type': 'application/json' }, '{')).status).toBe(200);
  expect((await ask(link, 'POST', { 'content-type': 'text/plain' }, 'x'.repeat(20_000))).status).toBe(413);
});

test('who opens many links that do not work must wait, and nobody else', async () => {
  const link = await linkOf('opt_out_direct_marketing');
  const guesses = Array.from({ length: 60 }, (_, index) => ask(`${app.url}/s/${String(index).padStart(20, 'x')}`));
  const statuses = (await Promise.all(guesses)).map((each) => each.status);
  expect(statuses.filter((each) => each === 404).length).toBeGreaterThan(0);
  const late = await ask(link, 'POST');
  expect([late.status, Number(late.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect((await stored()).contact).toMatchObject({ direct_marketing: true });
  expect((await ask(link, 'GET', { 'x-forwarded-for': '192.0.2.99' })).status).toBe(200);
});

test('D3, D17, D18, J5 a page of the customer’s own asks what a token says and follows it: one contact, one action', async () => {
  const token = (await linkOf('service_request_response_acceptance')).split('/').at(-1);
  const portal: ['EXTERNAL_SYSTEM', string] = ['EXTERNAL_SYSTEM', 'portal'];
  const details = 'action contactExternalId serviceRequestNumber response redirectUrl';
  const { dynamicLink } = await app.call(`query ($token: String!) { dynamicLink(token: $token) { ${details} } }`, { token }, portal);
  const expected = {
    action: 'SERVICE_REQUEST_RESPONSE_ACCEPTANCE',
    contactExternalId: me,
    serviceRequestNumber: 'SR1',
    response: 'Repaired.',
    redirectUrl: null,
  };
  expect(dynamicLink).toEqual(expected);
  const follow = async (input: object, directive = '') =>
    await app.ask(
      `mutation ($input: FollowDynamicLinkInput!) ${directive} { followDynamicLink(input: $input) { changed link { ${details} } } }`,
      { input },
      portal,
    );
  expect((await follow({ token }, '@dryRun')).data?.['followDynamicLink'].changed).toBe(true);
  expect((await stored()).uses).toEqual([]);
  expect((await follow({ token })).data).toEqual({ followDynamicLink: { changed: true, link: expected } });
  expect((await follow({ token })).data?.['followDynamicLink'].changed).toBe(false);
  expect((await stored()).uses.map((each) => each['via'])).toEqual(['API', 'API']);
  const refused = await follow({ token: `${token}A` });
  expect(refused.errors?.[0]?.extensions.problems).toEqual([{ path: ['token'], code: 'INVALID', message: expect.any(String) }]);
  expect((await app.call('{ dynamicLink(token: "x") { action } }', {}, portal)).dynamicLink).toBeNull();
  const stranger = await app.ask('{ dynamicLink(token: "x") { action } }', {}, ['CONTACT', me]);
  expect(stranger.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('a new key signs from now on; links of earlier keys work on, unless they are refused', async () => {
  const rotate = async (input: object) =>
    (await app.call('mutation ($input: RotateLinkKeyInput!) { rotateLinkKey(input: $input) { keyId oldestKeyId } }', { input }))
      .rotateLinkKey;
  const first = await linkOf('opt_out_direct_marketing');
  const { keyId } = await rotate({});
  const second = await linkOf('opt_out_direct_marketing');
  expect([(await ask(first)).status, (await ask(second)).status]).toEqual([200, 200]);
  expect(await rotate({ refuseOlder: true })).toEqual({ keyId: keyId + 1, oldestKeyId: keyId + 1 });
  expect([
    (await ask(first)).status,
    (await ask(second, 'POST')).status,
    (await ask(await linkOf('opt_out_direct_marketing'))).status,
  ]).toEqual([400, 400, 200]);
});

import { beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { communicate, ourLinks, set } from '../support/links.js';
import { openSink } from '../support/smtp-sink.js';

const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });
const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0' };
const offer = 'https://shop.example.org/offer';
const html = `<p>Dear #contact.name, <a href="${offer}?for=#contact.name">look</a> or <a href="https://example.org/b">there</a>.</p>`;
const ids: Record<string, string> = {};
let plans = 0;

beforeAll(async () => {
  const contacts = ['anna', 'ben', 'cleo'].map((externalId) => ({
    externalId,
    name: externalId,
    emails: [{ address: `${externalId}@example.org` }],
    phones: [{ number: '+35799123456' }],
  }));
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input: { contacts } });
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input: { name: 'All', contactExternalIds: ['anna', 'ben', 'cleo'] },
  });
  ids['segment'] = createSegment.segment.id;
});

beforeEach(async () => {
  await set(app, { media: null, tracking: null });
  await set(app, { tracking: { enabled: true } });
});

const write = async (more: Record<string, unknown> = {}) =>
  await communicate(app, { contactExternalId: 'anna', medium: 'EMAIL', subject: 'S', body: html, format: 'HTML', ...more });
const pixelOf = (body: string) => /<img src="([^"]+\/t\/[^"]+\.gif)" width="1" height="1" alt="">/.exec(body)?.[1];
const ask = async (url: string | undefined, headers: Record<string, string> = browser, method = 'GET') =>
  await fetch(url ?? 'nowhere:', { method, headers, redirect: 'manual' });
const trackingOf = async (id: string) => {
  const query =
    'query ($id: ID!) { node(id: $id) { ... on Communication { state tracking { viewedAt viewCount machineCount links { url clickedAt clickCount } } } } }';
  return (await app.call(query, { id })).node;
};
const tracked = async (id: string, check: (tracking: any) => boolean) =>
  await eventually(async () => {
    const { tracking } = await trackingOf(id);
    return check(tracking) ? tracking : undefined;
  });
const completed = async (id: string) => await eventually(async () => (await trackingOf(id)).state === 'COMPLETED');
/** Events are written in the order in which they came: once this one is there, so is all that was asked for before. */
const settled = async () => {
  const { id, body } = await write();
  await completed(id);
  await ask(pixelOf(body));
  await tracked(id, (tracking) => tracking.viewCount === 1);
};
const plan = async (content: object[], more: object = {}) => {
  const input = { name: `Plan ${++plans}`, includeSegmentIds: [ids['segment']], messages: [{ medium: 'EMAIL', content }], ...more };
  return (await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id ownedByUnit } } }', { input }))
    .createPlan.plan;
};
const bodiesOf = async (runId: string) =>
  (
    await app.call(
      'query ($filter: CommunicationFilter) { communications(filter: $filter) { nodes { id body state contact { externalId } } } }',
      {
        filter: { runId },
      },
    )
  ).communications.nodes as { id: string; body: string; state: string; contact: { externalId: string } }[];
const performed = async (planId: string, count = 3) => {
  const { runPlan } = await app.call('mutation ($planId: ID!) { runPlan(input: { planId: $planId }) { run { id } } }', { planId });
  const runId: string = runPlan.run.id;
  const made = await eventually(async () => {
    const found = await bodiesOf(runId);
    return found.length === count && found.every((each) => each.state === 'COMPLETED') ? found : undefined;
  });
  return { runId, of: (name: string) => made.find((each) => each.contact.externalId === name)?.body ?? '' };
};

test('BS17, V6, C31 a completed e-mail that is opened, and each link that is followed, are marked as viewed', async () => {
  const since = sink.arrived.length;
  const { id, body } = await write();
  await completed(id);
  const [pixel, links] = [pixelOf(body), ourLinks(body)];
  // What was delivered is what is kept, pixel and all.
  expect(sink.arrived[since]?.mail.html?.replaceAll('\r\n', '\n').trimEnd()).toBe(body.trimEnd());
  expect(links).toHaveLength(2);
  const targets = [`${offer}?for=anna`, 'https://example.org/b'];
  expect((await trackingOf(id)).tracking).toEqual({
    viewedAt: null,
    viewCount: 0,
    machineCount: 0,
    links: targets.map((url) => ({ url, clickedAt: null, clickCount: 0 })),
  });

  const image = await ask(pixel);
  expect([image.status, image.headers.get('content-type'), image.headers.get('cache-control')]).toEqual([
    200,
    'image/gif',
    'no-store, private',
  ]);
  expect(
    Buffer.from(await image.arrayBuffer())
      .subarray(0, 6)
      .toString(),
  ).toBe('GIF89a');
  await ask(pixel);
  expect((await ask(links[0])).headers.get('location')).toBe(targets[0]);
  const seen = await tracked(id, ({ viewCount, links: [link] }) => viewCount === 2 && link.clickCount === 1);
  expect(seen).toEqual({
    viewedAt: expect.any(String),
    viewCount: 2,
    machineCount: 0,
    links: [
      { url: targets[0], clickedAt: expect.any(String), clickCount: 1 },
      { url: targets[1], clickedAt: null, clickCount: 0 },
    ],
  });
  // Beside the state: nothing of the communication itself has changed (AMB-12).
  expect(await app.sql('select state, viewed_at from communication where seq = (select max(seq) from communication)')).toEqual([
    { state: 'COMPLETED', viewed_at: null },
  ]);
});

test('BS17, V7 what is PENDING or REJECTED is never marked, though its links lead on', async () => {
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Mailer", media: [EMAIL] }) { externalSystem { id } } }',
  );
  const waiting = await write({ externalSystemId: createExternalSystem.externalSystem.id });
  expect(waiting.state).toBe('PENDING');
  const use = async () => {
    await ask(pixelOf(waiting.body));
    expect((await ask(ourLinks(waiting.body)[1])).headers.get('location')).toBe('https://example.org/b');
    await settled();
  };
  await use();
  await app.sql("update communication set state = 'REJECTED' where external_system_id is not null");
  await use();
  const { tracking } = await trackingOf(waiting.id);
  expect([tracking.viewCount, tracking.viewedAt, tracking.links[1].clickCount, tracking.machineCount]).toEqual([0, null, 0, 0]);
  await app.sql("update communication set state = 'COMPLETED' where external_system_id is not null");
  await use();
  expect((await trackingOf(waiting.id)).tracking).toMatchObject({ viewCount: 1, links: [{ clickCount: 0 }, { clickCount: 1 }] });
});

test('programs that look at mail are kept apart: scanners, prefetchers and HEAD mark nothing', async () => {
  const { id, body } = await write();
  await completed(id);
  const [link] = ourLinks(body);
  await ask(link, browser, 'HEAD');
  await ask(link, { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' });
  await ask(link, { ...browser, 'sec-purpose': 'prefetch;prerender' });
  await ask(pixelOf(body), { 'user-agent': 'Mozilla/5.0' });
  await ask(pixelOf(body), { ...browser, purpose: 'prefetch' });
  const seen = await tracked(id, ({ machineCount }) => machineCount === 5);
  expect([seen.viewedAt, seen.viewCount, seen.links.map((each: { clickCount: number }) => each.clickCount)]).toEqual([null, 0, [0, 0]]);
  // Gmail fetches images when its user opens the e-mail.
  await ask(pixelOf(body), { 'user-agent': 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)' });
  await tracked(id, ({ viewCount }) => viewCount === 1);
});

test('V1, V9 nothing is tracked unless it is switched on; what was made keeps what it has', async () => {
  const before = await write();
  await set(app, { tracking: { enabled: false } });
  const { id, body } = await write();
  expect([pixelOf(body), body.includes(`href="${offer}?for=anna"`)]).toEqual([undefined, true]);
  expect((await trackingOf(id)).tracking).toBeNull();
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Communication { body } } }', { id: before.id });
  expect(node.body).toBe(before.body);
  await completed(before.id);
  await ask(pixelOf(before.body));
  await tracked(before.id, ({ viewCount }) => viewCount === 1);
  // A code that was given out while clicks were not kept keeps none.
  await set(app, { media: [{ medium: 'EMAIL', shortenUrls: true }] });
  const short = await write({ body: `<a href="${offer}/${'x'.repeat(80)}">x</a>` });
  await completed(short.id);
  await ask(ourLinks(short.body)[0]);
  await set(app, { tracking: { enabled: true } });
  await settled();
  expect(
    await app.sql(
      "select count(*)::int as count from tracking_event e join communication c on c.id = e.communication_id where c.tag_values = '[]'",
    ),
  ).toEqual([{ count: 0 }]);
});

test('V4, V5 by mode all communications are tracked, or those that runs send; e-mails and links apart', async () => {
  const content = [{ language: 'en', subject: 'S', body: html, format: 'HTML' }];
  const has = (body: string) => [pixelOf(body) !== undefined, ourLinks(body).length];
  for (const [emailMode, linkMode, byHand] of [
    ['PLANS', 'ALL', [false, 2]],
    ['ALL', 'PLANS', [true, 0]],
    ['PLANS', 'PLANS', [false, 0]],
  ] as const) {
    await set(app, { tracking: { emailMode, linkMode } });
    expect([emailMode, linkMode, has((await write()).body)]).toEqual([emailMode, linkMode, byHand]);
    const { of } = await performed((await plan(content)).id);
    expect(has(of('ben'))).toEqual([true, 2]);
  }
});

test('texts have no pixel; tests and what contacts wrote are not tracked; other media count clicks on links that are shortened', async () => {
  const text = await write({ format: 'TEXT', body: `See ${offer}` });
  expect(text.body).toMatch(/^See http:\/\/127\.0\.0\.1:\d+\/s\/[\w-]{20}$/);
  const incoming = await write({ direction: 'INCOMING' });
  expect(incoming.body).not.toMatch(/\/[ts]\//);
  const since = sink.arrived.length;
  await app.call('mutation ($input: SendTestInput!) { sendTest(input: $input) { communication { id } } }', {
    input: {
      contactExternalId: 'anna',
      to: 'me@example.org',
      medium: 'EMAIL',
      content: [{ language: 'en', subject: 'S', body: html, format: 'HTML' }],
    },
  });
  const arrived = await eventually(() => sink.arrived.slice(since).find((each) => each.to.includes('me@example.org')));
  expect(arrived.mail.html).not.toMatch(/\/[ts]\/[\w-]{20}/);
  const far = `${offer}/${'x'.repeat(80)}`;
  const sms = { medium: 'SMS', format: 'TEXT', subject: null, body: `See ${far}` };
  expect((await write(sms)).body).toBe(sms.body);
  await set(app, { media: [{ medium: 'SMS', shortenUrls: true }] });
  const short = await write(sms);
  expect((await trackingOf(short.id)).tracking).toEqual({
    viewedAt: null,
    viewCount: 0,
    machineCount: 0,
    links: [{ url: far, clickedAt: null, clickCount: 0 }],
  });
});

test('a preview says the same, and its pixel does nothing; neither does any other code', async () => {
  const { previewContent } = await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { body text } }', {
    input: { contactExternalId: 'anna', content: [{ language: 'en', subject: 'S', body: html, format: 'HTML' }] },
  });
  const { id, body } = await write();
  const nameless = (given: string) => given.replace(/\/([ts])\/[\w-]{20}/g, '/$1/CODE');
  expect(nameless(previewContent.body)).toBe(nameless(body));
  await completed(id);
  const pixel = pixelOf(body) ?? '';
  const link = ourLinks(body)[0] ?? '';
  const code = pixel.slice(-24, -4);
  const wrong = [
    pixelOf(previewContent.body),
    `${app.url}/t/x`,
    `${app.url}/t/${'x'.repeat(300)}`,
    `${app.url}/t/${link.slice(-20)}.gif`,
    `${app.url}/t/${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}.gif`,
  ];
  for (const url of wrong) {
    const answer = await ask(url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/gif']);
  }
  // The code of a pixel is none of a link.
  expect((await ask(`${app.url}/s/${code}`)).status).toBe(404);
  await settled();
  expect((await trackingOf(id)).tracking).toMatchObject({ viewCount: 0, machineCount: 0, links: [{ clickCount: 0 }, { clickCount: 0 }] });
});

test('PR22 a flood leaves a bounded number of events, and redirects wait for none of them', async () => {
  const { id, body } = await write();
  await completed(id);
  const pixel = pixelOf(body);
  for (let round = 0; round < 15; round++) await Promise.all(Array.from({ length: 20 }, async () => await ask(pixel)));
  await ask(ourLinks(body)[0]);
  await tracked(id, ({ links: [link] }) => link.clickCount === 1);
  expect((await trackingOf(id)).tracking.viewCount).toBe(200);
  // Somebody holds the table: answers come all the same, and what they tell is written afterwards.
  await app.sql('begin');
  await app.sql('lock table tracking_event in access exclusive mode');
  expect((await ask(ourLinks(body)[1])).status).toBe(302);
  expect((await ask(pixel)).status).toBe(200);
  await app.sql('commit');
  await tracked(id, ({ links: [, link] }) => link.clickCount === 1);
});

test('P25, V8 a plan and its runs count deliveries, e-mails viewed and clicks, by link and by contact', async () => {
  const greek = html.replace('look', 'δες');
  const content = [
    { language: 'en', subject: 'S', body: html, format: 'HTML' },
    { language: 'el', subject: 'S', body: greek, format: 'HTML' },
  ];
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { updated } }', {
    input: { contacts: [{ externalId: 'ben', preferredLanguage: 'el' }] },
  });
  const { id } = await plan(content);
  const first = await performed(id);
  const second = await performed(id);
  await ask(pixelOf(first.of('anna')));
  await ask(pixelOf(first.of('anna')));
  await ask(pixelOf(first.of('ben')));
  for (const name of ['anna', 'ben', 'ben']) await ask(ourLinks(first.of(name))[0]);
  await ask(ourLinks(second.of('ben'))[0]);
  await ask(ourLinks(second.of('ben'))[1], { 'user-agent': 'Some scanner' });
  await settled();
  const figures = 'tracking { delivered viewed clicked links { url clicks contacts } }';
  const answer = await app.call(
    `query ($plan: ID!, $first: ID!, $second: ID!) { plan(id: $plan) { ${figures} runs { nodes { ${figures} } } } first: run(id: $first) { ${figures} } second: run(id: $second) { ${figures} } }`,
    { plan: id, first: first.runId, second: second.runId },
  );
  const link = (clicks: number, contacts: number) => ({ url: `${offer}?for=#contact.name`, clicks, contacts });
  const unused = { url: 'https://example.org/b', clicks: 0, contacts: 0 };
  expect(answer.first.tracking).toEqual({ delivered: 3, viewed: 2, clicked: 2, links: [link(3, 2), unused] });
  expect(answer.second.tracking).toEqual({ delivered: 3, viewed: 0, clicked: 1, links: [link(1, 1), unused] });
  expect(answer.plan.tracking).toEqual({ delivered: 6, viewed: 2, clicked: 3, links: [link(4, 2), unused] });
  expect(answer.plan.runs.nodes).toEqual([{ tracking: answer.second.tracking }, { tracking: answer.first.tracking }]);
});

test('V2, V3 by another name, or by an address of your own whose server calls the API', async () => {
  await set(app, { tracking: { endpoint: 'https://click.example.org/' } });
  const elsewhere = await write();
  expect(pixelOf(elsewhere.body)).toMatch(/^https:\/\/click\.example\.org\/t\/[\w-]{20}\.gif$/);
  expect(ourLinks(elsewhere.body)[0]).toMatch(/^https:\/\/click\.example\.org\/s\/[\w-]{20}$/);

  await set(app, { tracking: { customUrl: 'https://own.example.org/x?a=1' } });
  const { id, body } = await write();
  const code = (kind: string) => new RegExp(`https://own\\.example\\.org/x\\?a=1&amp;kind=${kind}&amp;code=([\\w-]{20})"`).exec(body)?.[1];
  await completed(id);
  const record = 'mutation ($input: RecordTrackingInput!) { recordTracking(input: $input) { kind url recorded } }';
  const recorded = async (input: object, as: 'ADMIN' | 'EXTERNAL_SYSTEM' = 'ADMIN') =>
    (await app.call(record, { input }, as)).recordTracking;
  expect(await recorded({ code: code('open') })).toEqual({ kind: 'OPENED', url: null, recorded: true });
  expect(await recorded({ code: code('click') })).toEqual({ kind: 'CLICKED', url: `${offer}?for=anna`, recorded: true });
  await recorded({ code: code('open'), machine: true });
  expect((await trackingOf(id)).tracking).toMatchObject({ viewCount: 1, machineCount: 1, links: [{ clickCount: 1 }, { clickCount: 0 }] });
  const refused = await app.ask(record, { input: { code: 'x'.repeat(20) } });
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', problems: [{ path: ['code'], code: 'INVALID' }] });
  const stranger = await app.ask(record, { input: { code: code('open') } }, ['CONTACT', 'anna']);
  expect(stranger.errors?.[0]?.extensions.code).toBe('FORBIDDEN');

  const bad = await app.ask(
    'mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { tracking { enabled } } } }',
    {
      input: { tracking: { enabled: false, endpoint: 'https://x.example.org/?a', customUrl: 'javascript:alert({code})' } },
    },
  );
  expect(bad.errors?.[0]?.extensions.problems?.map(({ path, code: what }) => [path.join('.'), what])).toEqual([
    ['tracking.endpoint', 'INVALID_URL'],
    ['tracking.customUrl', 'INVALID_URL'],
  ]);
  const { settings } = await app.call('{ settings { tracking { enabled emailMode linkMode endpoint customUrl } } }');
  expect(settings.tracking).toEqual({
    enabled: true,
    emailMode: 'ALL',
    linkMode: 'ALL',
    endpoint: 'https://click.example.org',
    customUrl: 'https://own.example.org/x?a=1',
  });
});

test('C14 a communication is owned by a business unit: kept with drafts and retries, and filtered by', async () => {
  const draft = await write({ ownedByUnit: ' RETAIL ', saveAsDraft: true });
  const update =
    'mutation ($input: UpdateCommunicationInput!) { updateCommunication(input: $input) { communication { ownedByUnit state } } }';
  const changed = async (input: object) =>
    (await app.call(update, { input: { communicationId: draft.id, ...input } })).updateCommunication.communication;
  expect(await changed({ subject: 'T' })).toEqual({ ownedByUnit: 'RETAIL', state: 'DRAFT' });
  expect(await changed({ ownedByUnit: 'SALES', saveAsDraft: false })).toEqual({ ownedByUnit: 'SALES', state: 'PENDING' });
  await write({ ownedByUnit: 'OTHER' });
  const { communications } = await app.call('{ communications(filter: { ownedByUnit: "SALES" }) { nodes { id } totalCount } }');
  expect(communications).toEqual({ nodes: [{ id: draft.id }], totalCount: 1 });
  await app.sql("update communication set state = 'REJECTED' where owned_by_unit = 'OTHER'");
  const [rejected] = (await app.call('{ communications(filter: { ownedByUnit: "OTHER" }) { nodes { id } } }')).communications.nodes;
  await app.call('mutation ($input: RetryCommunicationInput!) { retryCommunication(input: $input) { communication { id } } }', {
    input: { communicationId: rejected.id },
  });
  expect((await app.call('{ communications(filter: { ownedByUnit: "OTHER" }) { totalCount } }')).communications.totalCount).toBe(2);
  const create = 'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }';
  const refused = await app.ask(create, { input: { contactExternalId: 'anna', medium: 'LETTER', body: 'x', ownedByUnit: 'two words' } });
  expect(refused.errors?.[0]?.extensions.problems).toMatchObject([{ path: ['ownedByUnit'], code: 'INVALID' }]);
});

test('P15 a plan is owned by a business unit, and so is its copy; plans are filtered by it', async () => {
  const content = [{ language: 'en', subject: 'S', body: 'B' }];
  const { id, ownedByUnit } = await plan(content, { ownedByUnit: 'RETAIL' });
  expect(ownedByUnit).toBe('RETAIL');
  await app.call('mutation ($input: CopyPlanInput!) { copyPlan(input: $input) { plan { id } } }', {
    input: { planId: id, name: 'A copy' },
  });
  const owned = async (unit: string) =>
    (
      await app.call('query ($filter: PlanFilter) { plans(filter: $filter) { nodes { name } } }', { filter: { ownedByUnit: unit } })
    ).plans.nodes.map((each: { name: string }) => each.name);
  expect(await owned('RETAIL')).toEqual(['A copy', `Plan ${plans}`]);
  const update = 'mutation ($input: UpdatePlanInput!) { updatePlan(input: $input) { plan { ownedByUnit } } }';
  await app.call(update, { input: { planId: id, description: 'x' } });
  expect(await owned('RETAIL')).toHaveLength(2);
  await app.call(update, { input: { planId: id, ownedByUnit: null } });
  expect(await owned('RETAIL')).toEqual(['A copy']);
  expect((await app.ask(update, { input: { planId: id, ownedByUnit: '' } })).errors?.[0]?.extensions.problems).toMatchObject([
    { path: ['ownedByUnit'], code: 'INVALID' },
  ]);
});

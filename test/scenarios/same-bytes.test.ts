import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp, type TestApp } from '../support/app.js';
import { enableLinks, set } from '../support/links.js';
import { subscribe } from '../support/live.js';
import { openSink } from '../support/smtp-sink.js';

// Rendered once, everywhere the same: what a preview shows is, byte for byte, what the record says, what the mail server is handed,
// what the sandbox keeps, and what inbox, subscription and external systems are given.
const sink = await openSink();
const live = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });
const sandbox = await openApp();
const systems: Record<string, string> = {};

const languages = ['en', 'el', 'de', 'fr', 'ar', 'hi', 'ja'];
const formats = ['TEXT', 'HTML', 'MJML'] as const;
type Format = (typeof formats)[number];

/** What mail is good at changing: dots and "From" at the beginning of lines, blanks at their ends, lines too long for SMTP. */
const text = (language: string) =>
  [
    `.${language} ##1: #contact.name,`,
    '.',
    'From here on: ',
    '\t#account.balance = 100% #bill.due_date, #bill.amount',
    '#access_token.expires_at #date.now',
    '#subscription.services; #contact.direct_marketing; #contact.attributes.motto; [#contact.attributes.nothing]',
    `https://example.org/?q=#param.word&${'long'.repeat(300)}`,
    'Γειά σου, 😀 नमस्ते',
  ].join('\n');

/** Fits into one SMS, as those are counted. */
const short = 'Γ😀 #account.balance #bill.due_date';

const bodies: Record<Format, (language: string) => string> = {
  TEXT: text,
  HTML: (language) =>
    `<p title="#contact.name">${text(language).replaceAll('\n', '<br>\n').replaceAll('&', '&amp;')}</p>\n<a href="https://example.org/?q=#param.word">#contact.name</a>\n#subscription.services`,
  MJML: (language) =>
    `<mjml><mj-body><mj-section><mj-column><mj-text>${text(language).replaceAll('\n', '<br />').replaceAll('&', '&amp;')}</mj-text><mj-button href="https://example.org/?q=#param.word">#contact.name</mj-button></mj-column></mj-section></mj-body></mjml>`,
};

beforeAll(async () => {
  const input = {
    contacts: languages.map((language) => ({
      externalId: language,
      name: `Ελένη "&" <b>${language}</b> 😀`,
      preferredLanguage: language,
      timeZone: 'Asia/Kolkata',
      emails: [{ address: `${language}@example.org` }],
      phones: [{ number: '+35799123456' }],
      attributes: { motto: "l'été = $& #contact.name" },
    })),
    accounts: languages.map((contact) => ({ externalId: `A-${contact}`, contact, currency: 'EUR', balance: '-1234567.891' })),
    objects: languages.flatMap((contact) => [
      { type: 'bill', externalId: `B-${contact}`, contact, fields: { amount: '1000', due_date: '2027-03-31' } },
      { type: 'access_token', externalId: `T-${contact}`, contact, fields: { expires_at: '2027-07-01T20:00:00Z' } },
      { type: 'subscription', externalId: `S-${contact}`, contact, fields: { services: ['TV', 'Voice & more', ''] } },
    ]),
  };
  for (const app of [live, sandbox]) {
    await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
  }
  const external = { name: 'Portal', code: 'portal', media: ['DEVICE', 'SMS', 'EMAIL', 'WHATSAPP'], contactInbox: true };
  const { createExternalSystem } = await live.call(
    'mutation ($input: CreateExternalSystemInput!) { createExternalSystem(input: $input) { externalSystem { id } } }',
    { input: external },
  );
  systems['portal'] = createExternalSystem.externalSystem.id;
});

interface Text {
  subject: string | null;
  body: string;
  text: string;
}
const parameters = [{ name: 'word', value: 'a b&c=<d>/ü' }];
let templates = 0;

/** A template in all languages. */
async function template(app: TestApp, medium: string, format: Format): Promise<string> {
  const subject = 'Für #contact.name: #account.balance, ##1 of a long subject that must be folded somewhere behind #bill.due_date';
  const content = languages.map((language) => ({
    language,
    // Only these two media have subjects that are shown everywhere.
    ...(medium === 'EMAIL' || medium === 'DEVICE' ? { subject: `${language} ${subject}` } : {}),
    body: medium === 'SMS' ? short : bodies[format](language),
    format,
  }));
  const input = { name: `Template ${++templates}`, medium, content };
  return (await app.call('mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', { input }))
    .createTemplate.template.id;
}

/** What the preview shows now, and the communication that is sent in the same minute: `#date.now` says minutes. */
async function previewedAndSent(app: TestApp, templateId: string, language: string, externalSystemId?: string) {
  const preview = async (): Promise<Text> =>
    (
      await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { subject body text } }', {
        input: { templateId, contactExternalId: language, parameters },
      })
    ).previewContent;
  for (;;) {
    const before = await preview();
    const { createCommunication } = await app.call(
      'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id subject body } } }',
      { input: { templateId, contactExternalId: language, parameters, externalSystemId } },
    );
    const { id, ...sent } = createCommunication.communication as { id: string; subject: string | null; body: string };
    // What the engine carries has arrived before anything else is written: the newest that arrived is then this one.
    if (externalSystemId === undefined) await eventually(async () => (await stateOf(app, id)) === 'COMPLETED');
    const after = await preview();
    if (before.body !== after.body) continue;
    expect(sent).toEqual({ subject: before.subject, body: before.body });
    return { id, previewed: before };
  }
}

async function stateOf(app: TestApp, id: string): Promise<string> {
  return (await app.call('query ($id: ID!) { communication(id: $id) { state } }', { id })).communication.state;
}

/** A mail's line ends are CRLF, and it ends with one: that is the wire's, not the text's. */
const unwired = (part: string | null | undefined) => part?.replaceAll('\r\n', '\n').replace(/\n$/, '');

test.each(formats)('EMAIL, %s: the mail server is handed what was previewed, in every language', async (format) => {
  const templateId = await template(live, 'EMAIL', format);
  for (const language of languages) {
    const { previewed } = await previewedAndSent(live, templateId, language);
    const [arrived] = sink.arrived.slice(-1);
    if (!arrived) throw new Error('Nothing has arrived');
    expect(arrived.mail.subject).toBe(previewed.subject);
    expect(unwired(arrived.mail.text)).toBe(previewed.text);
    expect(unwired(arrived.mail.html)).toBe(format === 'TEXT' ? undefined : previewed.body);
  }
});

test.each([
  ['EMAIL', 'TEXT'],
  ['EMAIL', 'HTML'],
  ['EMAIL', 'MJML'],
  ['SMS', 'TEXT'],
  ['WHATSAPP', 'TEXT'],
] as const)('%s, %s: the sandbox keeps what was previewed, in every language', async (medium, format) => {
  const templateId = await template(sandbox, medium, format);
  for (const language of languages) {
    const { previewed } = await previewedAndSent(sandbox, templateId, language);
    const { sandboxMessages } = await sandbox.call('{ sandboxMessages(first: 1) { nodes { medium subject text html } } }');
    const [kept] = sandboxMessages.nodes;
    expect(kept.medium).toBe(medium);
    expect(unwired(kept.text)).toBe(previewed.text);
    if (medium === 'EMAIL') expect(kept.subject).toBe(previewed.subject);
    expect(unwired(kept.html) ?? null).toBe(format === 'TEXT' ? null : previewed.body);
  }
});

test.each([
  ['DEVICE', 'TEXT'],
  ['DEVICE', 'HTML'],
  ['DEVICE', 'MJML'],
  ['EMAIL', 'TEXT'],
  ['EMAIL', 'HTML'],
  ['EMAIL', 'MJML'],
  ['SMS', 'TEXT'],
  ['WHATSAPP', 'TEXT'],
] as const)('%s, %s: inbox, subscription, queue and lease give what was previewed, in every language', async (medium, format) => {
  const templateId = await template(live, medium, format);
  for (const language of languages) {
    const me: ['CONTACT', string] = ['CONTACT', language];
    const portal: ['EXTERNAL_SYSTEM', string] = ['EXTERNAL_SYSTEM', 'portal'];
    const phone = await subscribe(live, 'subscription { inboxChanged { kind entryId entry { subject body } } }', {}, me);
    await phone.until((each) => each.kind === 'SYNCED');
    const { id, previewed } = await previewedAndSent(live, templateId, language, systems['portal']);
    const same = { subject: previewed.subject, body: previewed.body };
    const added = await phone.until((each) => each.kind === 'ADDED' && each.entryId === id);
    expect(added.entry).toEqual(same);
    const { inbox } = await live.call('{ inbox { nodes { id subject body } } }', {}, me);
    expect(inbox.nodes).toContainEqual({ id: added.entryId, ...same });
    const { queueEntries } = await live.call('{ queueEntries(states: [PENDING]) { nodes { id subject body } } }', {}, portal);
    expect(queueEntries.nodes).toContainEqual({ id: added.entryId, ...same });
    const { leaseQueueEntries } = await live.call(
      'mutation { leaseQueueEntries(input: { limit: 1000, leaseSeconds: 3600 }) { entries { id subject body lease { token } } } }',
      {},
      portal,
    );
    const leased = leaseQueueEntries.entries.find((each: { id: string }) => each.id === added.entryId);
    expect(leased).toMatchObject(same);
    await live.call(
      'mutation ($input: CompleteQueueEntriesInput!) { completeQueueEntries(input: $input) { results { error { code } } } }',
      { input: { entries: [{ id: leased.id, leaseToken: leased.lease.token }] } },
      portal,
    );
    await phone.close();
  }
});

test.each(['PHONE', 'LETTER', 'FACE_TO_FACE'].flatMap((medium) => formats.map((format) => [medium, format] as const)))(
  '%s, %s: what is recorded says what was previewed, in every language, and so does what follows it up',
  async (medium, format) => {
    const templateId = await template(live, medium, format);
    for (const language of languages) {
      const { id, previewed } = await previewedAndSent(live, templateId, language);
      const query = 'query ($id: ID!) { node(id: $id) { ... on Communication { state body followUpOf { body } } } }';
      expect((await live.call(query, { id })).node).toMatchObject({ state: 'COMPLETED', body: previewed.body });
      const { followUpCommunication } = await live.call(
        'mutation ($input: FollowUpCommunicationInput!) { followUpCommunication(input: $input) { communication { id } } }',
        { input: { communicationId: id, followUp: { contactExternalId: language, medium: 'LETTER', body: 'x' } } },
      );
      const { node } = await live.call(query, { id: followUpCommunication.communication.id });
      expect(node.followUpOf.body).toBe(previewed.body);
    }
  },
);

/** The token of a link that does not exist yet, and that of the one that does, are as long as each other; nothing else differs. */
const withoutTokens = (given: string | null | undefined) =>
  given?.replace(/\/p\/[\w-]{72}/g, '/p/TOKEN').replace(/\/s\/[\w-]{20}/g, '/s/CODE') ?? null;

test.each(['TEXT', 'HTML', 'MJML'] as const)(
  'links, %s: preview, record, mail and inbox say the same, whatever operators set meanwhile',
  async (format) => {
    await enableLinks(live, ['OPT_OUT_DIRECT_MARKETING']);
    const tag = '#dynamic_link.opt_out_direct_marketing';
    const far = `https://example.org/${'long/'.repeat(20)}?q=#param.word&amp;x=1`;
    const bodiesOf = {
      TEXT: `${tag} ${far.replace('&amp;', '&')}`,
      HTML: `<p>${tag} <a href="${tag}">#contact.name</a> <a href="${far}">far</a></p>`,
      MJML: `<mjml><mj-body><mj-section><mj-column><mj-text>${tag}</mj-text><mj-button href="${far}">far</mj-button></mj-column></mj-section></mj-body></mjml>`,
    };
    for (const shortenUrls of [false, true]) {
      await set(live, { media: [{ medium: 'EMAIL', shortenUrls }] });
      const content = languages.map((language) => ({ language, subject: 'Links', body: bodiesOf[format], format }));
      const { createTemplate } = await live.call(
        'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
        {
          input: { name: `Template ${++templates}`, medium: 'EMAIL', content },
        },
      );
      const templateId = createTemplate.template.id;
      for (const language of ['en', 'el', 'ar']) {
        const { previewContent } = await live.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { body text } }', {
          input: { templateId, contactExternalId: language, parameters },
        });
        const since = sink.arrived.length;
        const { createCommunication } = await live.call(
          'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id body } } }',
          { input: { templateId, contactExternalId: language, parameters } },
        );
        const { id, body } = createCommunication.communication;
        const { mail } = await eventually(() => sink.arrived[since]);
        expect(withoutTokens(body)).toBe(withoutTokens(previewContent.body));
        expect(body).not.toBe(previewContent.body);
        expect(body.includes('/s/')).toBe(shortenUrls);
        expect(unwired(format === 'TEXT' ? mail.text : mail.html)).toBe(body);
        expect(withoutTokens(unwired(mail.text))).toBe(withoutTokens(previewContent.text));

        await set(live, {
          media: [{ medium: 'EMAIL', shortenUrls: !shortenUrls }],
          dynamicLinks: { enabled: false, endpoint: 'https://other.example.org' },
        });
        const { node } = await live.call('query ($id: ID!) { node(id: $id) { ... on Communication { body } } }', { id });
        expect(node.body).toBe(body);
        await set(live, { media: [{ medium: 'EMAIL', shortenUrls }], dynamicLinks: { enabled: true, endpoint: null } });
      }
    }
  },
);

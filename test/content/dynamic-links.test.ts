import { beforeAll, expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { allActions, communicate, enableLinks, set } from '../support/links.js';

const app = await openApp({ env: { PUBLIC_URL: 'https://m.example.org' } });

beforeAll(async () => {
  const contacts = [
    { externalId: 'eleni', name: 'Eleni', preferredLanguage: 'el-CY', emails: [{ address: 'eleni@example.org' }] },
    { externalId: 'two', name: 'Two', emails: [{ address: 'two@example.org' }] },
  ];
  const objects = ['eleni', 'two', 'two'].map((contact, index) => ({
    type: 'service_request',
    externalId: `S${index}`,
    contact,
    fields: {},
  }));
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts, objects },
  });
  await enableLinks(app);
});

interface Preview {
  subject: string | null;
  body: string;
  text: string;
  unresolvedTags: string[];
}

const preview = async (body: string, format = 'TEXT', more: Record<string, unknown> = {}, language = 'el'): Promise<Preview> =>
  (
    await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { subject body text unresolvedTags } }', {
      input: { contactExternalId: 'eleni', content: [{ language, body, format }], ...more },
    })
  ).previewContent;

const refusedTemplate = async (body: string, objectType?: string) => {
  const answer = await app.ask('mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }', {
    input: { name: `T ${Math.random()}`, medium: 'EMAIL', objectType, content: [{ language: 'en', body }] },
  });
  return answer.errors?.[0]?.extensions.problems?.map(({ code }) => code) ?? [];
};

const url = String.raw`https://m\.example\.org/p/[\w-]{72}`;

test.each([
  ['G83', 'D4', 'opt_in_direct_marketing', 'Ναι, στείλτε μου τις προσφορές σας'],
  ['G84', 'D6', 'opt_in_affiliate_marketing', 'Ναι, στείλτε μου προσφορές συνεργατών'],
  ['G85', 'D5', 'opt_out_direct_marketing', 'Διαγραφή από τις προσφορές μας'],
  ['G86', 'D7', 'opt_out_affiliate_marketing', 'Διαγραφή από τις προσφορές συνεργατών'],
  ['G87', 'D8', 'service_request_response_acceptance', 'Αποδοχή της απάντησης'],
  ['the four', 'D9', 'service_request_temporary_resolution_acceptance', 'Αποδοχή της προσωρινής λύσης'],
  ['the four', 'D10', 'service_request_final_resolution_acceptance', 'Αποδοχή της λύσης'],
  ['the four', 'D11', 'contact_consent_acceptance', 'Συναινώ στη χρήση των δεδομένων μου'],
  ['the four', 'D12', 'contact_consent_rejection', 'Δεν συναινώ στη χρήση των δεδομένων μου'],
])('%s, %s #dynamic_link.%s is an anchor in HTML and an address in text', async (_tag, _link, name, words) => {
  const length = name.startsWith('service') ? 94 : 72;
  const html = await preview(`<p>#dynamic_link.${name}</p>`, 'HTML');
  expect(html.body).toMatch(new RegExp(`^<p><a href="https://m\\.example\\.org/p/[\\w-]{${length}}">${words}</a></p>$`));
  expect(html.text).toMatch(new RegExp(`^https://m\\.example\\.org/p/[\\w-]{${length}}$`));
  expect((await preview(`#dynamic_link.${name}`)).body).toMatch(new RegExp(`^https://m\\.example\\.org/p/[\\w-]{${length}}$`));
});

test('D14 the words are the operator’s, in the reader’s language, else in the default one; nothing in them is markup', async () => {
  const texts = [
    { language: 'en', text: 'No more <b>"offers"</b>' },
    { language: 'el', text: 'Τέλος & τέρμα' },
  ];
  await set(app, { dynamicLinks: { links: [{ action: 'OPT_OUT_DIRECT_MARKETING', texts }] } });
  const words = async (language: string) =>
    /">(.*)<\/a>/.exec((await preview('<p>#dynamic_link.opt_out_direct_marketing</p>', 'HTML', {}, language)).body)?.[1];
  expect(await words('el')).toBe('Τέλος &amp; τέρμα');
  expect(await words('el-CY')).toBe('Τέλος &amp; τέρμα');
  expect(await words('fr')).toBe('No more &lt;b&gt;&quot;offers&quot;&lt;/b&gt;');
  await set(app, { dynamicLinks: { links: [{ action: 'OPT_OUT_DIRECT_MARKETING', texts: null }] } });
});

test('an author’s own anchor keeps its words; a link within an anchor is its words, because anchors do not nest', async () => {
  const own = await preview('<a href="#dynamic_link.opt_out_direct_marketing">Leave <b>us</b></a>', 'HTML');
  expect(own.body).toMatch(new RegExp(`^<a href="${url}">Leave <b>us</b></a>$`));
  expect(own.text).toMatch(new RegExp(`^Leave us \\[${url}\\]$`));
  const within = await preview(
    '<a href="#dynamic_link.opt_out_direct_marketing">#dynamic_link.opt_out_direct_marketing</a> #dynamic_link.opt_in_direct_marketing',
    'HTML',
  );
  expect(within.body).toMatch(new RegExp(`^<a href="(${url})">Διαγραφή από τις προσφορές μας</a> <a href="${url}">Ναι[^<]*</a>$`));
});

test('D19 in MJML a button leads there', async () => {
  const mjml =
    '<mjml><mj-body><mj-section><mj-column><mj-button href="#dynamic_link.opt_out_direct_marketing">Leave</mj-button></mj-column></mj-section></mj-body></mjml>';
  expect((await preview(mjml, 'MJML')).body).toMatch(new RegExp(`href="${url}"`));
});

test('D16 in templates, plans, what people write and previews, a link that is not enabled is refused by name', async () => {
  await set(app, { dynamicLinks: { links: [{ action: 'CONTACT_CONSENT_REJECTION', enabled: false }] } });
  const body = 'No: #dynamic_link.contact_consent_rejection';
  expect(await refusedTemplate(body)).toEqual(['LINK_NOT_ENABLED']);
  const plan = await app.ask('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: { name: 'P', includeSegmentIds: [], messages: [{ medium: 'EMAIL', content: [{ language: 'en', body }] }] },
  });
  expect(plan.errors?.[0]?.extensions.problems).toContainEqual(
    expect.objectContaining({
      path: ['messages', 0, 'content', 0, 'body'],
      code: 'LINK_NOT_ENABLED',
      message: expect.stringContaining('#dynamic_link.contact_consent_rejection'),
    }),
  );
  const manual = await app.ask(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
    {
      input: { contactExternalId: 'eleni', medium: 'EMAIL', subject: 'S', body },
    },
  );
  expect(manual.errors?.[0]?.extensions.problems?.map(({ path, code }) => [path, code])).toEqual([[['body'], 'LINK_NOT_ENABLED']]);
  await set(app, { dynamicLinks: { links: [{ action: 'CONTACT_CONSENT_REJECTION', enabled: true }] } });
  expect(await refusedTemplate(body)).toEqual([]);
  await set(app, { dynamicLinks: { enabled: false } });
  expect(await refusedTemplate(body)).toEqual(['LINK_NOT_ENABLED']);
  await set(app, { dynamicLinks: { enabled: true } });
});

test('a link of service requests needs a text about one (or about any type: then the contact’s only one is meant)', async () => {
  const body = '#dynamic_link.service_request_response_acceptance';
  expect(await refusedTemplate(body, 'bill')).toEqual(['UNREACHABLE_TAG']);
  expect(await refusedTemplate(body, 'service_request')).toEqual([]);
  expect(await refusedTemplate(body)).toEqual([]);
  const several = await preview(body, 'TEXT', { contactExternalId: 'two' });
  expect(several).toMatchObject({ body: '', unresolvedTags: ['dynamic_link.service_request_response_acceptance'] });
  const object = { type: 'service_request', externalId: 'S1' };
  expect((await preview(body, 'TEXT', { contactExternalId: 'two', object })).body).toMatch(/\/p\/[\w-]{94}$/);
});

test('G4, D13 auto-complete offers enabled links only, those of service requests where a text is about one', async () => {
  const tags = async (objectType: string | null) =>
    (await app.call('query ($type: String) { tags(prefix: "#dynamic", objectType: $type) { name } }', { type: objectType })).tags.map(
      (each: { name: string }) => each.name,
    );
  expect(await tags(null)).toHaveLength(9);
  expect(await tags('service_request')).toHaveLength(9);
  expect(await tags('bill')).toHaveLength(6);
  await set(app, { dynamicLinks: { links: [{ action: 'OPT_IN_DIRECT_MARKETING', enabled: false }] } });
  expect(await tags('bill')).toHaveLength(5);
  await enableLinks(app, allActions);
});

test('D2, D3 addresses begin with the end point, or are the custom URL with action and token; what was made keeps its own', async () => {
  const body = '#dynamic_link.opt_out_direct_marketing';
  const made = await communicate(app, { contactExternalId: 'eleni', medium: 'EMAIL', subject: 'S', body });
  await set(app, { dynamicLinks: { endpoint: 'https://links.example.org' } });
  expect((await preview(body)).body).toMatch(/^https:\/\/links\.example\.org\/p\/[\w-]{72}$/);
  await set(app, { dynamicLinks: { customUrl: 'https://portal.example.org/x?a=1#top' } });
  expect((await preview(body)).body).toMatch(
    /^https:\/\/portal\.example\.org\/x\?a=1&action=OPT_OUT_DIRECT_MARKETING&token=[\w-]{72}#top$/,
  );
  expect((await preview(`<a href="${body}">x</a>`, 'HTML')).body).toContain('?a=1&amp;action=OPT_OUT_DIRECT_MARKETING&amp;token=');
  await set(app, { dynamicLinks: { customUrl: 'https://portal.example.org/{token}/y' } });
  expect((await preview(body)).body).toMatch(/^https:\/\/portal\.example\.org\/[\w-]{72}\/y$/);
  await app.call('mutation { rotateLinkKey(input: {}) { keyId } }');
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { ... on Communication { body } } }', { id: made.id });
  expect(node.body).toBe(made.body);
  expect(made.body).toMatch(new RegExp(`^${url}$`));
  await set(app, { dynamicLinks: { endpoint: null, customUrl: null } });
});

test('a link that was disabled after its text was saved renders as nothing', async () => {
  const { createTemplate } = await app.call(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
    {
      input: {
        name: 'Later',
        medium: 'EMAIL',
        content: [{ language: 'en', subject: 'S', body: 'Leave: #dynamic_link.opt_out_direct_marketing.' }],
      },
    },
  );
  await set(app, { dynamicLinks: { links: [{ action: 'OPT_OUT_DIRECT_MARKETING', enabled: false }] } });
  const { body } = await communicate(app, { contactExternalId: 'eleni', templateId: createTemplate.template.id });
  expect(body).toBe('Leave: .');
  await enableLinks(app);
});

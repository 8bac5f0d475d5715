import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';

// The languages of texts, rule by rule. BS9 (test/scenarios/preferred-language.test.ts) tells the same as a story.
const app = await openApp({ env: { DEFAULT_LANGUAGE: 'en' } });
const people = { cypriot: 'el-CY', greek: 'el', british: 'en-GB', french: 'fr', silent: null };
const content = [
  { language: 'en', subject: 'Balance', body: 'Dear #contact.name: #account.balance' },
  { language: 'el', subject: 'Υπόλοιπο', body: 'Αγαπητέ #contact.name: #account.balance' },
  { language: 'el-CY', subject: 'Υπόλοιπο (CY)', body: 'Αγαπητέ Κύπριε #contact.name: #account.balance' },
];
const create = 'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id content { language body } } } }';
const preview = async (contactExternalId: string, more: object = { content }) =>
  (
    await app.call('query ($input: PreviewContentInput!) { previewContent(input: $input) { language subject body } }', {
      input: { contactExternalId, ...more },
    })
  ).previewContent;
const problemsOf = async (query: string, input: object) =>
  (await app.ask(query, { input })).errors?.[0]?.extensions.problems?.map((each) => [each.path.join('.'), each.code]);

beforeAll(async () => {
  const names = Object.keys(people);
  const input = {
    contacts: Object.entries(people).map(([name, preferredLanguage]) => ({
      externalId: name,
      name,
      preferredLanguage,
      emails: [{ address: `${name}@example.org` }],
      phones: [{ number: '+35799123456' }],
    })),
    accounts: names.map((contact) => ({ externalId: `A-${contact}`, contact, currency: 'EUR', balance: '1234.5' })),
  };
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });
});

test('L1 a plan has content for each language and each medium', async () => {
  const { createSegment } = await app.call('mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }', {
    input: { name: 'Two', contactExternalIds: ['greek', 'british'] },
  });
  const sms = [
    { language: 'en', body: 'SMS in English' },
    { language: 'el', body: 'SMS στα ελληνικά' },
  ];
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Two media',
      includeSegmentIds: [createSegment.segment.id],
      messages: [
        { medium: 'EMAIL', content },
        { medium: 'SMS', content: sms },
      ],
    },
  });
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  const id = runPlan.run.id;
  await eventually(async () => (await app.call('query ($id: ID!) { run(id: $id) { generated } }', { id })).run.generated === 4);
  const { communications } = await app.call(
    'query ($id: ID!) { communications(filter: { runId: $id }) { nodes { medium subject body contact { externalId } } } }',
    { id },
  );
  const said = communications.nodes.map((each: any) => [each.contact.externalId, each.medium, each.subject ?? each.body]);
  expect(said.toSorted()).toEqual(
    [
      ['british', 'EMAIL', 'Balance'],
      ['british', 'SMS', 'SMS in English'],
      ['greek', 'EMAIL', 'Υπόλοιπο'],
      ['greek', 'SMS', 'SMS στα ελληνικά'],
    ].toSorted(),
  );
});

test('L2 a contact has a preferred language, kept in one spelling', async () => {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: { contacts: [{ externalId: 'spelled', name: 'x', preferredLanguage: 'EL-cy' }] },
  });
  const { contact } = await app.call('{ contact(externalId: "spelled") { preferredLanguage } }');
  expect(contact.preferredLanguage).toBe('el-CY');
});

test('L3 the text is that of the preferred language, else of its base language, else of the default language', async () => {
  const languages = await Promise.all(Object.keys(people).map(async (name) => [name, (await preview(name)).language]));
  expect(Object.fromEntries(languages)).toEqual({ cypriot: 'el-CY', greek: 'el', british: 'en', french: 'en', silent: 'en' });
  const withoutCyprus = content.slice(0, 2);
  expect((await preview('cypriot', { content: withoutCyprus })).language).toBe('el');
  expect((await preview('cypriot', { content: content.slice(0, 1) })).language).toBe('en');
  // Amounts are written as the language of the text writes them.
  expect((await preview('cypriot')).body).toBe('Αγαπητέ Κύπριε cypriot: 1.234,50\u00a0€');
});

test('L4 which languages there are is a setting of the system', async () => {
  const set = async (supportedLanguages: string[] | null) =>
    await app.call('mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { supportedLanguages } } }', {
      input: { supportedLanguages },
    });
  await set(['en', 'el']);
  const german = [content[0], { language: 'de', body: 'x' }];
  expect(await problemsOf(create, { name: 'German', medium: 'EMAIL', content: german })).toEqual([
    ['content.1.language', 'UNSUPPORTED_LANGUAGE'],
  ]);
  await app.call(create, { input: { name: 'Cypriot', medium: 'EMAIL', content } });
  await set(null);
  await app.call(create, { input: { name: 'German', medium: 'EMAIL', content: german } });
});

test('L5 an author looks at each language of what is being written, for the same contact', async () => {
  const shown = async (language: string) => (await preview('greek', { content, language })).subject;
  expect([await shown('en'), await shown('el'), await shown('el-CY'), await shown('fr')]).toEqual([
    'Balance',
    'Υπόλοιπο',
    'Υπόλοιπο (CY)',
    'Balance',
  ]);
});

test('L6 a template holds content in several languages, each of which is sent', async () => {
  const { createTemplate } = await app.call(create, { input: { name: 'Several', medium: 'EMAIL', content } });
  expect(createTemplate.template.content).toEqual(content.map(({ language, body }) => ({ language, body })));
  const written = async (contactExternalId: string) =>
    (
      await app.call('mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { subject } } }', {
        input: { contactExternalId, templateId: createTemplate.template.id },
      })
    ).createCommunication.communication.subject;
  expect([await written('cypriot'), await written('greek'), await written('french')]).toEqual(['Υπόλοιπο (CY)', 'Υπόλοιπο', 'Balance']);
});

test('L7 a text without the default language is refused, so that falling back always finds one', async () => {
  const greekOnly = content.slice(1);
  expect(await problemsOf(create, { name: 'Greek only', medium: 'EMAIL', content: greekOnly })).toEqual([
    ['content', 'MISSING_DEFAULT_LANGUAGE'],
  ]);
  const plan = 'mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }';
  const { segments } = await app.call('{ segments(first: 1) { nodes { id } } }');
  const messages = [{ medium: 'EMAIL', content: greekOnly }];
  expect(await problemsOf(plan, { name: 'Greek only', includeSegmentIds: [segments.nodes[0].id], messages })).toEqual([
    ['messages.0.content', 'MISSING_DEFAULT_LANGUAGE'],
  ]);
});

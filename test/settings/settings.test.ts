import { expect, test } from 'vitest';
import { readSettings, writeSettings } from '../../src/settings/settings.js';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
const fields =
  'smsMaxSegments supportedLanguages countries directMarketingDefault affiliateMarketingDefault media { medium characterLimit lifetimeHours }';
const update = `mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { ${fields} } } }`;
const changed = async (input: Record<string, unknown>) => (await app.call(update, { input })).updateSettings.settings;
const mediumOf = (settings: any, medium: string) => settings.media.find((each: { medium: string }) => each.medium === medium);
const problemsOf = async (query: string, input: Record<string, unknown>) => {
  const { errors } = await app.ask(query, { input });
  return errors?.[0]?.extensions.problems?.map((each) => `${each.path.join('.')}: ${each.code}`);
};

test('M17 AMB-19 by default only SMS have a limit, 160 characters', async () => {
  const { settings } = await app.call(`{ settings { ${fields} } }`);
  expect(settings).toEqual({
    smsMaxSegments: null,
    supportedLanguages: [],
    countries: [],
    directMarketingDefault: true,
    affiliateMarketingDefault: true,
    media: ['EMAIL', 'SMS', 'DEVICE', 'WHATSAPP', 'PHONE', 'LETTER', 'FACE_TO_FACE'].map((medium) => ({
      medium,
      characterLimit: medium === 'SMS' ? 160 : null,
      lifetimeHours: null,
    })),
  });
});

test('what is left out keeps its value, null puts the default back', async () => {
  await changed({
    media: [
      { medium: 'SMS', characterLimit: 140 },
      { medium: 'DEVICE', lifetimeHours: 24 },
    ],
  });
  const second = await changed({ smsMaxSegments: 3, media: [{ medium: 'DEVICE', characterLimit: 200 }] });
  expect(mediumOf(second, 'SMS')).toMatchObject({ characterLimit: 140 });
  expect(mediumOf(second, 'DEVICE')).toMatchObject({ characterLimit: 200, lifetimeHours: 24 });
  expect(second.smsMaxSegments).toBe(3);
  expect(mediumOf(await changed({ media: [{ medium: 'SMS', characterLimit: null }] }), 'SMS')).toMatchObject({ characterLimit: null });
  const last = await changed({ media: null, smsMaxSegments: null });
  expect(last.smsMaxSegments).toBeNull();
  expect(mediumOf(last, 'SMS')).toMatchObject({ characterLimit: 160 });
  expect(await app.sql('select name from setting')).toEqual([]);
});

test('all that is wrong is said at once, and nothing changes', async () => {
  const media = [
    { medium: 'SMS', characterLimit: 0 },
    { medium: 'SMS', lifetimeHours: 87_601 },
  ];
  expect(await problemsOf(update, { media, smsMaxSegments: 256, supportedLanguages: ['el', 'xx-nonsense'] })).toEqual(
    expect.arrayContaining([
      'media.0.characterLimit: OUT_OF_RANGE',
      'media.1.medium: DUPLICATE',
      'media.1.lifetimeHours: OUT_OF_RANGE',
      'smsMaxSegments: OUT_OF_RANGE',
      'supportedLanguages: MISSING_DEFAULT_LANGUAGE',
    ]),
  );
  expect(await app.sql('select name from setting')).toEqual([]);
});

test('settings are the administrators’', async () => {
  expect((await app.ask('{ settings { smsMaxSegments } }', {}, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await app.ask(update, { input: { smsMaxSegments: 2 } }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('a change that is rolled back is seen by nobody, and one of another process within seconds', async () => {
  const dry = `mutation @dryRun { updateSettings(input: { smsMaxSegments: 9 }) { settings { smsMaxSegments } } }`;
  expect((await app.call(dry)).updateSettings.settings.smsMaxSegments).toBe(9);
  expect((await app.call('{ settings { smsMaxSegments } }')).settings.smsMaxSegments).toBeNull();
  await app.sql(`insert into setting (name, value) values ('smsMaxSegments', '4')`);
  await eventually(async () => (await app.call('{ settings { smsMaxSegments } }')).settings.smsMaxSegments === 4);
  await changed({ smsMaxSegments: null });
  expect((await app.call('{ settings { smsMaxSegments } }')).settings.smsMaxSegments).toBeNull();
});

test('a transaction that changes settings goes by them, others by those before', async () => {
  await readSettings(app.context());
  await app
    .context()
    .em.transactional(async (em) => {
      const inside = { em, afterCommit: () => undefined };
      await writeSettings(inside as any, () => ({ smsMaxSegments: 7 }));
      expect((await readSettings(inside as any)).smsMaxSegments).toBe(7);
      expect((await readSettings(app.context())).smsMaxSegments).toBeNull();
      throw new Error('rolled back');
    })
    .catch(() => undefined);
  expect((await readSettings(app.context())).smsMaxSegments).toBeNull();
});

test('two who change different settings at the same time both succeed', async () => {
  await Promise.all([
    changed({ media: [{ medium: 'EMAIL', characterLimit: 5000 }] }),
    changed({ media: [{ medium: 'SMS', lifetimeHours: 2 }] }),
  ]);
  const { settings } = await app.call(`{ settings { ${fields} } }`);
  expect(mediumOf(settings, 'EMAIL')).toMatchObject({ characterLimit: 5000 });
  expect(mediumOf(settings, 'SMS')).toMatchObject({ characterLimit: 160, lifetimeHours: 2 });
  await changed({ media: null });
});

test('L4 a content in a language that is not supported is refused on save', async () => {
  await changed({ supportedLanguages: ['en', 'EL'] });
  const create = 'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }';
  const content = ['en', 'el-CY', 'de'].map((language) => ({ language, body: 'x' }));
  expect(await problemsOf(create, { name: 'Languages', medium: 'EMAIL', content })).toEqual(['content.2.language: UNSUPPORTED_LANGUAGE']);
  await app.call(create, { input: { name: 'Languages', medium: 'EMAIL', content: content.slice(0, 2) } });
  await changed({ supportedLanguages: null });
  await app.call(create, { input: { name: 'More languages', medium: 'EMAIL', content } });
});

test('a new contact consents to what the settings say where the CRM says nothing', async () => {
  await changed({ directMarketingDefault: false, affiliateMarketingDefault: false });
  const upsert = 'mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }';
  const contacts = [
    { externalId: 'silent', name: 'Silent' },
    { externalId: 'yes', name: 'Yes', directMarketing: true },
  ];
  await app.call(upsert, { input: { contacts } });
  await changed({ directMarketingDefault: null, affiliateMarketingDefault: null });
  await app.call(upsert, {
    input: {
      contacts: [
        { externalId: 'silent', name: 'Silent still' },
        { externalId: 'later', name: 'Later' },
      ],
    },
  });
  expect(
    await app.sql('select external_id as id, direct_marketing as direct, affiliate_marketing as affiliate from contact order by 1'),
  ).toEqual([
    { id: 'later', direct: true, affiliate: true },
    { id: 'silent', direct: false, affiliate: false },
    { id: 'yes', direct: true, affiliate: false },
  ]);
});

test('the countries whose national phone numbers are understood are a setting', async () => {
  const input = { countries: ['CY', 'XX', 'CY'] };
  expect(await problemsOf(update, input)).toEqual(['countries.1: UNKNOWN_COUNTRY', 'countries.2: DUPLICATE']);
  const upsert = 'mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }';
  const contacts = [{ externalId: 'P1', name: 'Eleni', phones: [{ number: '99 123456' }] }];
  expect(await problemsOf(upsert, { contacts })).toEqual(['contacts.0.phones.0.number: INVALID_PHONE']);
  expect((await changed({ countries: ['CY', 'GR'] })).countries).toEqual(['CY', 'GR']);
  await app.call(upsert, { input: { contacts } });
  expect((await app.call('{ contact(externalId: "P1") { phones { number } } }')).contact.phones).toEqual([{ number: '+35799123456' }]);
  const { createCommunication } = await app.call(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { to } } }',
    { input: { contactExternalId: 'P1', medium: 'SMS', body: 'x', to: '6912345678' } },
  );
  expect(createCommunication.communication.to).toBe('+306912345678');
  expect((await changed({ countries: null })).countries).toEqual([]);
});

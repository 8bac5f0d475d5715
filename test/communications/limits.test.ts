import { expect, test } from 'vitest';
import { limitsOf } from '../../src/content/limits.js';
import { defaultSettings } from '../../src/settings/settings.js';
import { eventually, openApp } from '../support/app.js';

const app = await openApp();
const people = [
  { externalId: 'short', name: 'Al', phones: [{ number: '+35799000001' }], emails: [{ address: 'al@example.org' }] },
  { externalId: 'long', name: 'Bartholomew Featherstonehaugh', phones: [{ number: '+35799000002' }] },
  { externalId: 'greek', name: 'Ελένη', preferredLanguage: 'el', phones: [{ number: '+35799000003' }] },
];
await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
  input: { contacts: people },
});
const { createSegment } = await app.call(
  'mutation { createSegment(input: { name: "All", contactExternalIds: ["short", "long", "greek"] }) { segment { id } } }',
);

const set = async (input: Record<string, unknown>) =>
  await app.call('mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { smsMaxSegments } } }', { input });
const write = `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) {
  communication { id state expiresAt rejection { code message } } } }`;
const written = async (input: Record<string, unknown>) =>
  (await app.call(write, { input: { contactExternalId: 'short', medium: 'SMS', ...input } })).createCommunication.communication;
const systemWith = async (name: string, characterLimit: number | null): Promise<string> => {
  const { createExternalSystem } = await app.call(
    'mutation ($input: CreateExternalSystemInput!) { createExternalSystem(input: $input) { externalSystem { id } } }',
    { input: { name, code: name, media: ['SMS', 'DEVICE'], characterLimit } },
  );
  return createExternalSystem.externalSystem.id;
};
/** Runs a plan of one SMS and answers what became of it, by contact. */
async function run(name: string, content: { language: string; body: string }[], externalSystemId?: string) {
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: { name, includeSegmentIds: [createSegment.segment.id], messages: [{ medium: 'SMS', content, externalSystemId }] },
  });
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  const id = runPlan.run.id;
  await eventually(async () => (await app.call('query ($id: ID!) { run(id: $id) { state } }', { id })).run.state === 'COMPLETED');
  const { communications } = await app.call(
    'query ($id: ID!) { communications(filter: { runId: $id }) { nodes { contact { externalId } rejection { code } } } }',
    { id },
  );
  return Object.fromEntries(communications.nodes.map((each: any) => [each.contact.externalId, each.rejection?.code ?? 'SENT']));
}

test('C29 M16 an SMS over 160 characters is created REJECTED, without an error', async () => {
  expect(await written({ body: 'x'.repeat(160) })).toMatchObject({ rejection: null });
  expect(await written({ body: 'x'.repeat(161) })).toMatchObject({
    state: 'REJECTED',
    rejection: { code: 'TOO_LONG', message: 'It is longer than the 160 characters allowed.' },
  });
  expect(await written({ medium: 'EMAIL', body: 'x'.repeat(5_000) })).toMatchObject({ rejection: null });
});

test('M16 AMB-19 with SMPP the limit is 140, a setting', async () => {
  await set({ media: [{ medium: 'SMS', characterLimit: 140 }] });
  expect(await written({ body: 'x'.repeat(140) })).toMatchObject({ rejection: null });
  expect(await written({ body: 'x'.repeat(141) })).toMatchObject({ state: 'REJECTED', rejection: { code: 'TOO_LONG' } });
  await set({ media: null });
});

test('C29 M17 a plan keeps the same limit: what counts is what each recipient gets', async () => {
  const body = `${'x'.repeat(150)} #contact.name`;
  expect(await run('Values', [{ language: 'en', body }])).toEqual({ short: 'SENT', greek: 'SENT', long: 'TOO_LONG' });
  const texts = [
    { language: 'en', body: 'short' },
    { language: 'el', body: 'ξ'.repeat(161) },
  ];
  expect(await run('Languages', texts)).toEqual({ short: 'SENT', long: 'SENT', greek: 'TOO_LONG' });
});

test('X18 the lower of the medium’s and the external system’s limit counts', async () => {
  const [tight, wide] = [await systemWith('tight', 20), await systemWith('wide', 500)];
  expect(await written({ body: 'x'.repeat(21), externalSystemId: tight })).toMatchObject({ state: 'REJECTED' });
  expect(await written({ body: 'x'.repeat(20), externalSystemId: tight })).toMatchObject({ state: 'PENDING' });
  expect(await written({ body: 'x'.repeat(161), externalSystemId: wide })).toMatchObject({ state: 'REJECTED' });
  expect(await written({ medium: 'DEVICE', body: 'x'.repeat(161), externalSystemId: wide })).toMatchObject({ state: 'PENDING' });
  expect(await run('Tight', [{ language: 'en', body: 'x'.repeat(21) }], tight)).toEqual({
    short: 'TOO_LONG',
    long: 'TOO_LONG',
    greek: 'TOO_LONG',
  });
});

test('AMB-19 where more SMS are allowed, segments count instead of characters', async () => {
  await set({ smsMaxSegments: 2 });
  expect(await written({ body: 'x'.repeat(306) })).toMatchObject({ rejection: null });
  expect(await written({ body: 'x'.repeat(307) })).toMatchObject({
    state: 'REJECTED',
    rejection: { code: 'TOO_LONG', message: 'It is longer than the 2 SMS allowed.' },
  });
  expect(await written({ body: 'ξ'.repeat(134) })).toMatchObject({ rejection: null });
  expect(await written({ body: 'ξ'.repeat(135) })).toMatchObject({ state: 'REJECTED' });
  expect(await run('Segments', [{ language: 'en', body: 'x'.repeat(200) }])).toEqual({ short: 'SENT', long: 'SENT', greek: 'SENT' });
  await set({ smsMaxSegments: null });
});

test('M17 each medium can have a limit', async () => {
  await set({ media: [{ medium: 'DEVICE', characterLimit: 10 }] });
  expect(await written({ medium: 'DEVICE', body: 'x'.repeat(11) })).toMatchObject({ state: 'REJECTED' });
  await set({ media: [{ medium: 'DEVICE', characterLimit: null }] });
  expect(await written({ medium: 'DEVICE', body: 'x'.repeat(11) })).toMatchObject({ state: 'PENDING' });
});

test('limits are the lower ones, and none where there is none', () => {
  const settings = { ...defaultSettings, characterLimits: { SMS: 100 }, smsMaxSegments: 2 };
  expect(limitsOf(settings, 'EMAIL', null)).toEqual({ characters: null, segments: null });
  expect(limitsOf(settings, 'EMAIL', 50)).toEqual({ characters: 50, segments: null });
  expect(limitsOf(settings, 'SMS', 150)).toEqual({ characters: 150, segments: 2 });
  expect(limitsOf({ ...settings, smsMaxSegments: null }, 'SMS', 150)).toEqual({ characters: 100, segments: null });
});

test('C16 AMB-25 without a date it expires after its medium’s lifetime, where there is one', async () => {
  const expiry = async (input: Record<string, unknown>) => {
    const { expiresAt } = await written({ medium: 'DEVICE', body: 'x', ...input });
    return expiresAt === null ? null : Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000);
  };
  expect(await expiry({})).toBeNull();
  await set({ media: [{ medium: 'DEVICE', lifetimeHours: 48 }] });
  expect(await expiry({})).toBe(48);
  expect(await expiry({ medium: 'SMS' })).toBeNull();
  expect(await expiry({ expiresAt: new Date(Date.now() + 5 * 3_600_000).toISOString() })).toBe(5);
  expect(await expiry({ saveAsDraft: true })).toBeNull();
  expect(await expiry({ direction: 'INCOMING' })).toBeNull();
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Lifetime',
      includeSegmentIds: [createSegment.segment.id],
      messages: [{ medium: 'DEVICE', content: [{ language: 'en', body: 'Until #communication.expires_on' }] }],
    },
  });
  await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  const made = await eventually(async () => {
    const { communications } = await app.call(
      '{ communications(filter: { media: [DEVICE], text: "Until" }) { nodes { expiresAt body } } }',
    );
    return communications.nodes.length === 3 && communications.nodes;
  });
  for (const { expiresAt, body } of made as { expiresAt: string; body: string }[]) {
    expect(Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000)).toBe(48);
    expect(body).toMatch(/^Until .*\d/);
  }
});

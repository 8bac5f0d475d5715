import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();
const warnings = 'warnings { path code message language offset length }';
const create = `mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id version } ${warnings} } }`;
const update = `mutation ($input: UpdateTemplateInput!) { updateTemplate(input: $input) { template { id version } ${warnings} } }`;
const set = async (input: Record<string, unknown>) =>
  await app.call('mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { smsMaxSegments } } }', { input });

let count = 0;
async function saved(input: Record<string, unknown>) {
  count += 1;
  return (await app.call(create, { input: { name: `Warned ${count}`, medium: 'SMS', ...input } })).createTemplate;
}
const english = (body: string, more: Record<string, unknown> = {}) => [{ language: 'en', body, ...more }];

test('XU7 a text without anything to warn of has no warnings', async () => {
  expect((await saved({ content: english('Dear #contact.name, thank you.') })).warnings).toEqual([]);
});

test('XU7 the worst-case length of an SMS is compared with the limit, for each language', async () => {
  const greek = `${'ξ'.repeat(140)} #account.balance #date.today`;
  const content = [
    ...english(`${'x'.repeat(131)} #contact.name`),
    { language: 'el', body: greek },
    { language: 'de', body: 'y'.repeat(161) },
  ];
  const { template, warnings: found } = await saved({ content });
  expect(template.version).toBe(1);
  expect(found.map(({ path, code, language }: any) => [path.join('.'), code, language])).toEqual([
    ['content.0.body', 'MAY_BE_TOO_LONG', 'en'],
    ['content.1.body', 'MAY_BE_TOO_LONG', 'el'],
    ['content.2.body', 'TOO_LONG', 'de'],
  ]);
  expect(found[0].message).toContain('162 characters (2 SMS); 160 characters are allowed');
  expect(found[1].message).toMatch(/16\d|17\d characters \(3 SMS\)/);
  expect(found[2].message).toBe(
    'Even with empty tags the text in de has 161 characters (2 SMS); 160 characters are allowed, so every one is rejected.',
  );
  expect((await saved({ content: english(`${'x'.repeat(129)} #contact.name`) })).warnings).toEqual([]);
});

test('the limit is that of the settings when it is saved', async () => {
  const content = english('x'.repeat(200));
  await set({ smsMaxSegments: 2 });
  expect((await saved({ content })).warnings).toEqual([]);
  await set({ smsMaxSegments: 1 });
  expect((await saved({ content })).warnings[0].message).toContain('200 characters (2 SMS); 1 SMS are allowed');
  await set({ smsMaxSegments: null, media: [{ medium: 'EMAIL', characterLimit: 20 }] });
  const mail = english('<p>Dear #contact.name</p>', { format: 'HTML', subject: 'x' });
  expect((await saved({ medium: 'EMAIL', content: mail })).warnings.map((each: any) => each.code)).toEqual(['MAY_BE_TOO_LONG']);
  await set({ media: null });
});

test('XU7 X18 external systems that take less than the medium are named where the worst case passes their limit', async () => {
  const system = async (name: string, characterLimit: number | null, media: string[]) =>
    await app.call('mutation ($input: CreateExternalSystemInput!) { createExternalSystem(input: $input) { externalSystem { id } } }', {
      input: { name, characterLimit, media },
    });
  await system('Ticker', 40, ['SMS', 'DEVICE']);
  await system('Display', 60, ['DEVICE']);
  await system('Portal', null, ['SMS', 'DEVICE', 'EMAIL']);
  await system('Roomy', 1_000, ['SMS']);
  const codes = async (medium: string, content: object[]) =>
    (await saved({ medium, content })).warnings.map(({ path, code, language }: any) => [path.join('.'), code, language]);
  expect(await codes('SMS', english('x'.repeat(41)))).toEqual([['content.0.body', 'TOO_LONG_FOR_SYSTEM', 'en']]);
  expect(await codes('SMS', [...english('x'.repeat(40)), { language: 'el', body: `${'y'.repeat(11)}#contact.name` }])).toEqual([
    ['content.1.body', 'TOO_LONG_FOR_SYSTEM', 'el'],
  ]);
  // What the medium itself refuses is said once.
  expect(await codes('SMS', english('x'.repeat(161)))).toEqual([['content.0.body', 'TOO_LONG', 'en']]);
  const { warnings: found } = await saved({ medium: 'DEVICE', content: english('x'.repeat(61)) });
  expect(found.map((each: any) => each.message)).toEqual([
    'With long values the text in en has 61 characters; these external systems take less, and get it rejected: Ticker (40 characters), Display (60 characters).',
  ]);
  expect(await codes('EMAIL', english('x'.repeat(61)))).toEqual([]);
  await app.sql("update external_system set enabled = false where name = 'Ticker'");
  expect(await codes('SMS', english('x'.repeat(41)))).toEqual([]);
  await app.sql('delete from external_system');
});

test('XU7 supported languages without a text are named', async () => {
  await set({ supportedLanguages: ['en', 'el', 'de'] });
  const { warnings: found } = await saved({ content: [...english('x'), { language: 'el', body: 'y' }] });
  expect(found).toEqual([
    {
      path: ['content'],
      code: 'MISSING_LANGUAGE',
      message: 'There is no text in de; who prefers it gets the one in en.',
      language: 'de',
      offset: null,
      length: null,
    },
  ]);
  await set({ supportedLanguages: null });
});

test('XU7 AMB-23 a tag that may stay empty because there are several objects is marked where it stands', async () => {
  const body = 'Dear #contact.name, pay #bill.amount of #bill.number; again #BILL.amount. #wallet.balance #param.x';
  const content = english(body, { subject: 'Bill #bill.number' });
  const { template, warnings: found } = await saved({ medium: 'EMAIL', content });
  expect(found.map(({ path, code }: any) => [path.join('.'), code])).toEqual([
    ['content.0.subject', 'AMBIGUOUS_TAG'],
    ['content.0.body', 'AMBIGUOUS_TAG'],
    ['content.0.body', 'AMBIGUOUS_TAG'],
  ]);
  const marked = found.slice(1).map(({ offset, length }: any) => body.slice(offset, offset + length));
  expect(marked).toEqual(['#bill.amount', '#bill.number']);
  const { updateTemplate } = await app.call(update, { input: { templateId: template.id, objectType: 'bill' } });
  expect(updateTemplate).toEqual({ template: { id: template.id, version: 2 }, warnings: [] });
});

test('XU7 problems of tags say where in the text they stand', async () => {
  const content = [
    { language: 'en', subject: '  Hi #contact.nmae', body: 'Pay #bill.ammount' },
    { language: 'el', body: '<p title="#job.number">#contact.nmae</p>', format: 'HTML' },
  ];
  const input = { name: 'Positions', medium: 'EMAIL', objectType: 'bill', content };
  const { errors } = await app.ask(create, { input });
  const problems = (errors?.[0]?.extensions.problems ?? []) as any[];
  const marked = problems.map(({ path: [, index, field], code, offset, length }) => [
    code,
    (content[index] as any)[field].slice(offset, offset + length),
  ]);
  expect(marked).toEqual([
    ['UNKNOWN_TAG', '#contact.nmae'],
    ['UNKNOWN_TAG', '#bill.ammount'],
    ['UNKNOWN_TAG', '#contact.nmae'],
    ['UNREACHABLE_TAG', '#job.number'],
  ]);
});

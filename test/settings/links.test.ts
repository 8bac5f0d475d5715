import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { allActions, set } from '../support/links.js';

const app = await openApp();

const refused = async (input: Record<string, unknown>) => {
  const answer = await app.ask(
    'mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { settings { smsMaxSegments } } }',
    { input },
  );
  return (answer.errors?.[0]?.extensions.problems ?? []).map(({ path, code }) => `${path.join('.')} ${code}`);
};

test('D1, D13 dynamic links are off, and each of the nine is chosen by itself', async () => {
  const before = await set(app, {});
  expect(before.dynamicLinks).toMatchObject({ enabled: false, endpoint: null, customUrl: null, lifetimeDays: null });
  expect(before.dynamicLinks.links.map((each: { action: string }) => each.action)).toEqual(allActions);
  expect(before.dynamicLinks.links.every((each: { enabled: boolean }) => !each.enabled)).toBe(true);
  const { dynamicLinks } = await set(app, {
    dynamicLinks: { enabled: true, links: [{ action: 'CONTACT_CONSENT_REJECTION', enabled: true }] },
  });
  const enabled = dynamicLinks.links.filter((each: { enabled: boolean }) => each.enabled);
  expect(enabled.map((each: { tag: string }) => each.tag)).toEqual(['#dynamic_link.contact_consent_rejection']);
});

test('D2, D3, D14, D15 end point, custom URL, words and redirection are kept; what is left out stays', async () => {
  const link = {
    action: 'OPT_OUT_DIRECT_MARKETING',
    enabled: true,
    redirectUrl: 'https://example.org/bye',
    texts: [{ language: 'de', text: 'Abmelden' }],
  };
  await set(app, {
    dynamicLinks: {
      endpoint: 'https://links.example.org/',
      customUrl: 'https://portal.example.org/l?t={token}',
      lifetimeDays: 30,
      links: [link],
    },
  });
  const { dynamicLinks } = await set(app, { dynamicLinks: { links: [{ action: 'OPT_OUT_DIRECT_MARKETING', enabled: false }] } });
  expect(dynamicLinks).toMatchObject({
    endpoint: 'https://links.example.org',
    customUrl: 'https://portal.example.org/l?t={token}',
    lifetimeDays: 30,
  });
  const shown = dynamicLinks.links.find((each: { action: string }) => each.action === 'OPT_OUT_DIRECT_MARKETING');
  expect(shown).toMatchObject({ enabled: false, redirectUrl: 'https://example.org/bye' });
  expect(shown.texts).toContainEqual({ language: 'de', text: 'Abmelden' });
  expect(shown.texts).toContainEqual({ language: 'en', text: 'Unsubscribe from our offers' });
  const cleared = await set(app, {
    dynamicLinks: { endpoint: null, customUrl: null, links: [{ action: 'OPT_OUT_DIRECT_MARKETING', redirectUrl: null, texts: null }] },
  });
  expect(cleared.dynamicLinks).toMatchObject({ endpoint: null, customUrl: null });
  expect((await set(app, { dynamicLinks: null })).dynamicLinks).toMatchObject({ enabled: false, lifetimeDays: null });
});

test('D2, D15 everything that is wrong is said at once, and changes nothing', async () => {
  const dynamicLinks = {
    enabled: true,
    endpoint: 'https://links.example.org/?x',
    customUrl: 'javascript:alert(1)',
    lifetimeDays: 0,
    links: [
      { action: 'OPT_OUT_DIRECT_MARKETING', redirectUrl: 'http://example.org' },
      { action: 'OPT_OUT_DIRECT_MARKETING', redirectUrl: 'https://good@evil.example' },
      {
        action: 'OPT_IN_DIRECT_MARKETING',
        redirectUrl: '//evil.example',
        texts: [
          { language: 'en', text: 'a\nb' },
          { language: 'EN', text: ' ' },
        ],
      },
    ],
  };
  expect(await refused({ dynamicLinks })).toEqual([
    'dynamicLinks.endpoint INVALID_URL',
    'dynamicLinks.customUrl INVALID_URL',
    'dynamicLinks.lifetimeDays OUT_OF_RANGE',
    'dynamicLinks.links.0.redirectUrl INVALID_URL',
    'dynamicLinks.links.1.action DUPLICATE',
    'dynamicLinks.links.1.redirectUrl INVALID_URL',
    'dynamicLinks.links.2.redirectUrl INVALID_URL',
    'dynamicLinks.links.2.texts.0.text INVALID',
    'dynamicLinks.links.2.texts.1.language DUPLICATE',
    'dynamicLinks.links.2.texts.1.text INVALID',
  ]);
  expect((await set(app, {})).dynamicLinks.enabled).toBe(false);
});

test('H1, M18 the shortener is switched for each medium that carries links', async () => {
  const on = async () => {
    const { media } = await set(app, {});
    return media.filter((each: { shortenUrls: boolean }) => each.shortenUrls).map((each: { medium: string }) => each.medium);
  };
  expect(await on()).toEqual([]);
  await set(app, {
    media: [
      { medium: 'SMS', shortenUrls: true },
      { medium: 'EMAIL', shortenUrls: true },
    ],
  });
  await set(app, {
    media: [
      { medium: 'EMAIL', shortenUrls: false },
      { medium: 'DEVICE', shortenUrls: true },
    ],
  });
  expect(await on()).toEqual(['SMS', 'DEVICE']);
  expect(await refused({ media: [{ medium: 'LETTER', shortenUrls: true }] })).toEqual(['media.0.shortenUrls NOT_ALLOWED']);
  await set(app, {
    media: [
      { medium: 'SMS', shortenUrls: null },
      { medium: 'DEVICE', shortenUrls: null },
    ],
  });
  expect(await on()).toEqual([]);
});

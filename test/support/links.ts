import type { TestApp } from './app.js';

export const allActions = [
  'OPT_IN_DIRECT_MARKETING',
  'OPT_OUT_DIRECT_MARKETING',
  'OPT_IN_AFFILIATE_MARKETING',
  'OPT_OUT_AFFILIATE_MARKETING',
  'SERVICE_REQUEST_RESPONSE_ACCEPTANCE',
  'SERVICE_REQUEST_TEMPORARY_RESOLUTION_ACCEPTANCE',
  'SERVICE_REQUEST_FINAL_RESOLUTION_ACCEPTANCE',
  'CONTACT_CONSENT_ACCEPTANCE',
  'CONTACT_CONSENT_REJECTION',
];

/** Changes settings. */
export async function set(app: TestApp, input: Record<string, unknown>): Promise<any> {
  const selection = `settings { media { medium shortenUrls } dynamicLinks { enabled endpoint customUrl lifetimeDays links { action tag enabled redirectUrl texts { language text } } } }`;
  return (await app.call(`mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { ${selection} } }`, { input }))
    .updateSettings.settings;
}

/** Switches dynamic links on, these or all nine. */
export async function enableLinks(
  app: TestApp,
  actions: readonly string[] = allActions,
  more: Record<string, unknown> = {},
): Promise<void> {
  await set(app, { dynamicLinks: { enabled: true, links: actions.map((action) => ({ action, enabled: true })), ...more } });
}

/** Writes one communication and answers it. */
export async function communicate(app: TestApp, input: Record<string, unknown>): Promise<{ id: string; body: string; state: string }> {
  const { createCommunication } = await app.call(
    'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id body state rejection { code } } } }',
    { input },
  );
  return createCommunication.communication;
}

/** The addresses in a text that lead to our own pages. */
export function ourLinks(text: string): string[] {
  return [...text.matchAll(/https?:\/\/[^\s"<>]+\/[ps]\/[\w-]+/g)].map(([url]) => url);
}

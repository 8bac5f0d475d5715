import { z } from 'zod';
import type { Context } from '../context.js';
import type { Problems } from '../errors.js';
import { Medium } from '../graphql/medium.js';
import { builtInLinkTexts, DynamicLinkAction, dynamicLinkActions, tagOfAction } from './dynamic-links.js';
import type { DynamicLinkSettingsInput, DynamicLinkSettingsType } from './link-settings.type.js';
import { checkAddress } from './web-address.js';

const link = z.object({
  enabled: z.boolean().default(false),
  /** By language; what is missing is said in our own words. */
  texts: z.record(z.string(), z.string()).default({}),
  redirectUrl: z.string().nullable().default(null),
});

export const DynamicLinks = z.object({
  enabled: z.boolean().default(false),
  /** Where the pages are reached, when that is not PUBLIC_URL. */
  endpoint: z.string().nullable().default(null),
  /** The customer's own page, which calls followDynamicLink. */
  customUrl: z.string().nullable().default(null),
  /** Days that a link works; null: for ever. */
  lifetimeDays: z.int().positive().nullable().default(null),
  links: z.partialRecord(z.enum(DynamicLinkAction), link).default({}),
});
export type DynamicLinks = z.output<typeof DynamicLinks>;

/** Ids of the keys that sign links: the one that signs now, and the oldest that is still believed. */
export const LinkKeys = z.object({ current: z.int().min(1).max(255), oldest: z.int().min(1).max(255) });

/** Media in which links may be replaced by short ones (H1). */
export const shortenedMedia: readonly Medium[] = ['EMAIL', 'DEVICE', 'SMS', 'WHATSAPP'];

export function isLinkEnabled({ enabled, links }: DynamicLinks, action: DynamicLinkAction): boolean {
  return enabled && links[action]?.enabled === true;
}

/** What a link says, by language: the operator's words before ours. */
export function textsOf({ links }: DynamicLinks, action: DynamicLinkAction): Record<string, string> {
  return { ...builtInLinkTexts[action], ...links[action]?.texts };
}

export function shownLinks(settings: DynamicLinks): DynamicLinkSettingsType {
  const { enabled, endpoint, customUrl, lifetimeDays, links } = settings;
  return {
    enabled,
    endpoint,
    customUrl,
    lifetimeDays,
    links: dynamicLinkActions.map((action) => ({
      action,
      tag: `#${tagOfAction(action)}`,
      enabled: links[action]?.enabled ?? false,
      texts: Object.entries(textsOf(settings, action)).map(([language, text]) => ({ language, text })),
      redirectUrl: links[action]?.redirectUrl ?? null,
    })),
  };
}

/** What is given, over what was there; null puts the default back. */
export function changedLinks(before: DynamicLinks, input: DynamicLinkSettingsInput): DynamicLinks {
  const links = { ...before.links };
  for (const { action, enabled, texts, redirectUrl } of input.links ?? []) {
    const known = links[action] ?? link.parse({});
    links[action] = {
      enabled: enabled ?? known.enabled,
      texts:
        texts === undefined
          ? known.texts
          : Object.fromEntries(
              (texts ?? []).map((each) => [Intl.getCanonicalLocales(each.language)[0] ?? each.language, each.text.trim()]),
            ),
      redirectUrl: redirectUrl === undefined ? known.redirectUrl : redirectUrl,
    };
  }
  return {
    enabled: input.enabled ?? before.enabled,
    endpoint: input.endpoint === undefined ? before.endpoint : (input.endpoint?.replace(/\/+$/, '') ?? null),
    customUrl: input.customUrl === undefined ? before.customUrl : input.customUrl,
    lifetimeDays: input.lifetimeDays === undefined ? before.lifetimeDays : input.lifetimeDays,
    links,
  };
}

const longestText = 200;
const mostDays = 36_500;

/** Adds every problem of the input. */
export function checkLinks(ctx: Context, input: DynamicLinkSettingsInput, problems: Problems): void {
  const at = (...rest: (string | number)[]) => ['dynamicLinks', ...rest];
  checkAddress(ctx, input.endpoint, at('endpoint'), problems, '/p/...');
  // The place of the token is no part of an address.
  checkAddress(ctx, input.customUrl?.replace('{token}', 'token'), at('customUrl'), problems);
  const { lifetimeDays } = input;
  if (lifetimeDays != null && (lifetimeDays < 1 || lifetimeDays > mostDays))
    problems.add(at('lifetimeDays'), 'OUT_OF_RANGE', `${lifetimeDays} is out of range: give 1 to ${mostDays}.`);
  const links = input.links ?? [];
  for (const [index, { action, texts, redirectUrl }] of links.entries()) {
    if (links.findIndex((each) => each.action === action) < index)
      problems.add(at('links', index, 'action'), 'DUPLICATE', `${action} is given twice.`);
    checkAddress(ctx, redirectUrl, at('links', index, 'redirectUrl'), problems);
    const languages = (texts ?? []).map((each) => each.language.toLowerCase());
    for (const [place, { language, text }] of (texts ?? []).entries()) {
      if (languages.indexOf(language.toLowerCase()) < place)
        problems.add(at('links', index, 'texts', place, 'language'), 'DUPLICATE', `There are two texts in ${language}.`);
      if (text.trim() === '' || text.length > longestText || /[\p{Cc}\u2028\u2029]/u.test(text) || !text.isWellFormed())
        problems.add(at('links', index, 'texts', place, 'text'), 'INVALID', `A link's text is one line of 1 to ${longestText} characters.`);
    }
  }
}

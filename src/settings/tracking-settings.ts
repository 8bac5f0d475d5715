import { z } from 'zod';
import type { Context } from '../context.js';
import type { Problems } from '../errors.js';
import { type TrackingSettingsInput, trackingModes } from './tracking-settings.type.js';
import { checkAddress } from './web-address.js';

const mode = z.enum(trackingModes);

export const Tracking = z.object({
  enabled: z.boolean().default(false),
  /** Of which e-mails it is learned that they were opened. */
  emailMode: mode.default('ALL'),
  /** Of which messages the links are. */
  linkMode: mode.default('ALL'),
  /** What `/t/...` and `/s/...` of tracked e-mails follow, when that is not PUBLIC_URL. */
  endpoint: z.string().nullable().default(null),
  /** The customer's own addresses, whose server calls recordTracking. */
  customUrl: z.string().nullable().default(null),
});
export type Tracking = z.output<typeof Tracking>;

/** Where the code of a communication stands in an address. */
export const codePlace = '{code}';

/** The address of an open pixel or of a tracked link, with the place of the code in it (V2, V3). */
export function trackedAddress({ endpoint, customUrl }: Tracking, kind: 'open' | 'click', publicUrl: string): string {
  if (customUrl === null) return `${endpoint ?? publicUrl}${kind === 'open' ? `/t/${codePlace}.gif` : `/s/${codePlace}`}`;
  const own = customUrl.replace('{kind}', kind);
  if (own.includes(codePlace)) return own;
  const [address = '', fragment] = own.split('#', 2);
  return `${address}${address.includes('?') ? '&' : '?'}kind=${kind}&code=${codePlace}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** What is given, over what was there; null puts the default back. */
export function changedTracking(before: Tracking, input: TrackingSettingsInput): Tracking {
  const { enabled, emailMode, linkMode, endpoint, customUrl } = input;
  return {
    enabled: enabled === undefined ? before.enabled : (enabled ?? false),
    emailMode: emailMode === undefined ? before.emailMode : (emailMode ?? 'ALL'),
    linkMode: linkMode === undefined ? before.linkMode : (linkMode ?? 'ALL'),
    endpoint: endpoint === undefined ? before.endpoint : (endpoint?.replace(/\/+$/, '') ?? null),
    customUrl: customUrl === undefined ? before.customUrl : customUrl,
  };
}

/** Adds every problem of the input. */
export function checkTracking(ctx: Context, { endpoint, customUrl }: TrackingSettingsInput, problems: Problems): void {
  checkAddress(ctx, endpoint, ['tracking', 'endpoint'], problems, '/t/...');
  // The places of the code and of the kind are no part of an address.
  checkAddress(ctx, customUrl?.replace(codePlace, 'code').replace('{kind}', 'kind'), ['tracking', 'customUrl'], problems);
}

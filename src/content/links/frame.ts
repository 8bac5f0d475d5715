import { createHash } from 'node:crypto';
import type { Direction, Medium } from '../../catalogue/medium.js';
import type { Context } from '../../context.js';
import { affected, type HasEntityManager, rows } from '../../database/sql.js';
import { type DynamicLinkAction, dynamicLinkActions } from '../../settings/dynamic-links.js';
import { type DynamicLinks, isLinkEnabled, textsOf } from '../../settings/link-settings.js';
import { readSettings, type Settings } from '../../settings/settings.js';
import { codePlace, trackedAddress } from '../../settings/tracking-settings.js';
import type { Content } from '../content.js';

/**
 * What the links of many communications share: where they lead, which key signs them, what they say. Never changed, and named by
 * what it holds, so that a communication that refers to it has the same links for ever, whatever operators set later.
 */
export interface LinkFrame {
  readonly key: number;
  /** Address of a dynamic link, with `{action}` and `{token}` in it; null: there are none. */
  readonly dynamic: string | null;
  /** What enabled links say, by language. */
  readonly texts: Readonly<Partial<Record<DynamicLinkAction, Readonly<Record<string, string>>>>>;
  readonly defaultLanguage: string;
  /** What the codes of short links follow; null: links stay as they are. */
  readonly short: string | null;
  /** Absent: nothing is tracked. */
  readonly tracking?: TrackedFrame;
}

/** How what its reader does is learned; the addresses have a place for the code. */
export interface TrackedFrame {
  /** Of the image in HTML e-mails; null: nobody learns that they are opened. */
  readonly pixel: string | null;
  /** Of links whose clicks are kept; null: none are. */
  readonly link: string | null;
  /** Every link is replaced, also where that makes it no shorter. */
  readonly everyLink: boolean;
}

/** What of a communication decides whether it is tracked. */
export interface Made {
  origin: string;
  direction?: Direction | undefined;
}

/** The frame of what is written now with that content; undefined where it has no links that need one. */
export async function frameOf(
  ctx: Pick<Context, 'em' | 'config' | 'publicUrl'>,
  content: Pick<Content, 'hasLinks' | 'hasDynamicLinks' | 'hasHtml'>,
  medium: Medium,
  made: Made,
): Promise<LinkFrame | undefined> {
  const settings = await readSettings(ctx);
  const { dynamicLinks, shortenUrls, linkKeys } = settings;
  const short = content.hasLinks && shortenUrls[medium] ? `${ctx.publicUrl()}/s/` : null;
  const hasDynamic = content.hasDynamicLinks && dynamicLinks.enabled;
  const tracking = trackedFrame(settings, ctx.publicUrl(), { content, medium, short, made });
  if (short === null && !hasDynamic && !tracking) return undefined;
  const enabled = hasDynamic ? dynamicLinkActions.filter((each) => isLinkEnabled(dynamicLinks, each)) : [];
  return {
    key: linkKeys.current,
    dynamic: hasDynamic ? addressOf(dynamicLinks, ctx.publicUrl()) : null,
    texts: Object.fromEntries(enabled.map((action) => [action, textsOf(dynamicLinks, action)])),
    defaultLanguage: ctx.config.defaultLanguage,
    short,
    ...(tracking && { tracking }),
  };
}

interface Tracked {
  content: Pick<Content, 'hasLinks' | 'hasHtml'>;
  medium: Medium;
  short: string | null;
  made: Made;
}

/** V4, V5, V9. What a colleague tests and what a contact wrote is never tracked. */
function trackedFrame(
  { tracking }: Pick<Settings, 'tracking'>,
  publicUrl: string,
  { content, medium, short, made }: Tracked,
): TrackedFrame | undefined {
  if (!tracking.enabled || made.origin === 'TEST' || made.direction === 'INCOMING') return undefined;
  const byRun = made.origin === 'PLAN' || made.origin === 'NOTIFICATION';
  const everyLink = medium === 'EMAIL' && content.hasLinks && (byRun || tracking.linkMode === 'ALL');
  const pixel = medium === 'EMAIL' && content.hasHtml && (byRun || tracking.emailMode === 'ALL');
  // In other media clicks are kept of links that are shortened anyway.
  const shortened = short !== null && (byRun || tracking.linkMode === 'ALL') ? short + codePlace : null;
  if (!pixel && !everyLink && shortened === null) return undefined;
  return {
    pixel: pixel ? trackedAddress(tracking, 'open', publicUrl) : null,
    link: everyLink ? trackedAddress(tracking, 'click', publicUrl) : shortened,
    everyLink,
  };
}

function addressOf({ endpoint, customUrl }: DynamicLinks, publicUrl: string): string {
  if (customUrl === null) return `${endpoint ?? publicUrl}/p/{token}`;
  if (customUrl.includes('{token}')) return customUrl;
  const [address = '', fragment] = customUrl.split('#', 2);
  return `${address}${address.includes('?') ? '&' : '?'}action={action}&token={token}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** Keeps the frame, once for all that share it, in the caller's transaction; answers its id. */
export async function keepFrame(ctx: HasEntityManager, frame: LinkFrame): Promise<string> {
  const text = JSON.stringify(frame);
  const id = createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  await affected(ctx, 'insert into link_frame (id, frame) values ($1, $2) on conflict (id) do nothing', [id, text]);
  return id;
}

/** Frames kept in memory: there are as many as settings of links were in use. */
const most = 1_000;
const cache = new Map<string, LinkFrame>();

/** The frames of these ids; null ids, and those that do not exist, are left out. */
export async function loadFrames(ctx: HasEntityManager, ids: readonly (string | null)[]): Promise<Map<string, LinkFrame>> {
  const wanted = [...new Set(ids.filter((each) => each !== null))];
  const missing = wanted.filter((each) => !cache.has(each));
  if (missing.length > 0) {
    const found = await rows<{ id: string; frame: LinkFrame }>(ctx, 'select id, frame from link_frame where id = any($1::uuid[])', [
      missing,
    ]);
    if (cache.size + found.length > most) cache.clear();
    for (const { id, frame } of found) cache.set(id, frame);
  }
  return new Map(wanted.flatMap((id) => (cache.has(id) ? [[id, cache.get(id)] as [string, LinkFrame]] : [])));
}

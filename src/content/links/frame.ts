import { createHash } from 'node:crypto';
import type { Medium } from '../../catalogue/medium.js';
import type { Context } from '../../context.js';
import { affected, type HasEntityManager, rows } from '../../database/sql.js';
import { type DynamicLinkAction, dynamicLinkActions } from '../../settings/dynamic-links.js';
import { type DynamicLinks, isLinkEnabled, textsOf } from '../../settings/link-settings.js';
import { readSettings } from '../../settings/settings.js';
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
}

/** The frame of what is written now with that content; undefined where it has no links that need one. */
export async function frameOf(
  ctx: Pick<Context, 'em' | 'config' | 'publicUrl'>,
  content: Pick<Content, 'hasLinks' | 'hasDynamicLinks'>,
  medium: Medium,
): Promise<LinkFrame | undefined> {
  const { dynamicLinks, shortenUrls, linkKeys } = await readSettings(ctx);
  const short = content.hasLinks && shortenUrls[medium] ? `${ctx.publicUrl()}/s/` : null;
  const hasDynamic = content.hasDynamicLinks && dynamicLinks.enabled;
  if (short === null && !hasDynamic) return undefined;
  const enabled = hasDynamic ? dynamicLinkActions.filter((each) => isLinkEnabled(dynamicLinks, each)) : [];
  return {
    key: linkKeys.current,
    dynamic: hasDynamic ? addressOf(dynamicLinks, ctx.publicUrl()) : null,
    texts: Object.fromEntries(enabled.map((action) => [action, textsOf(dynamicLinks, action)])),
    defaultLanguage: ctx.config.defaultLanguage,
    short,
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

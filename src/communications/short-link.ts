import { isCodeOf, readCode } from '../content/links/token.js';
import { linkTarget } from '../content/render.js';
import type { Context } from '../context.js';
import { first } from '../database/sql.js';
import { readSettings } from '../settings/settings.js';
import { believedKeys } from './dynamic-link.js';
import { partsOf, type RenderedRow } from './rendered.js';

/** Where a short link leads, and whose it is: what tracking wants to know. */
export interface ShortLink {
  target: string;
  communicationId: string;
  index: number;
  /** Whether clicks on it are kept. */
  tracked: boolean;
}

/** What the communication says at that link, always the same; undefined where the code is none of ours. */
export async function openShortLink(ctx: Context, text: string): Promise<ShortLink | undefined> {
  const code = readCode(text);
  const row = code && (await first<RenderedRow>(ctx, `select ${columns} from communication c where c.seq = $1`, [code.seq]));
  if (!row || row.linkFrameId === null) return undefined;
  const { content, frame, options } = await partsOf(ctx, row);
  const key = frame && believedKeys(ctx, (await readSettings(ctx)).linkKeys)(frame.key);
  if (!key || !isCodeOf(text, row.id, key)) return undefined;
  const target = linkTarget(content, row.language, row.tagValues, code.index, options);
  return target === undefined ? undefined : { target, communicationId: row.id, index: code.index, tracked: frame.tracking?.link != null };
}

const columns = `c.id, c.seq, c.origin, c.contact_id as "contactId", c.content_id as "contentId", c.language, c.tag_values as "tagValues",
  c.zone_offset as "zoneOffset", c.link_frame_id as "linkFrameId"`;

import type { Context } from '../context.js';
import { publicId } from '../graphql/node.js';
import type { Attachment } from './attachment.js';
import { attachmentLink } from './link.js';

/**
 * HTML whose `cid:` references to images among these attachments lead to them (W2); others stay as they are. `embed`: the bytes
 * stand in the text itself, for who reaches nothing; otherwise they are fetched by links that last ten minutes.
 */
export async function showImages(ctx: Context, html: string, attachments: readonly Attachment[], embed: boolean): Promise<string> {
  const places = new Map<string, string>();
  for (const each of attachments) {
    const name = publicId('Attachment', each.id);
    if (!each.type.startsWith('image/') || !html.includes(name)) continue;
    const place = embed ? await written(ctx, each) : await attachmentLink(ctx, each.id);
    if (place !== undefined) places.set(name, place);
  }
  return html.replaceAll(/\bcid:(att_[\da-f]{32})\b/gi, (whole, name: string) => places.get(name.toLowerCase()) ?? whole);
}

async function written({ attachments, log }: Context, { id, type }: Attachment): Promise<string | undefined> {
  try {
    return `data:${type};base64,${(await attachments.get(id)).toString('base64')}`;
  } catch (error) {
    // The words can be read without it.
    log.error({ err: error, attachmentId: id }, 'an image of a page cannot be read');
    return undefined;
  }
}

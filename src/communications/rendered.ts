import type { Content } from '../content/content.js';
import { type LinkFrame, loadFrames } from '../content/links/frame.js';
import { linksOf } from '../content/links/maker.js';
import { contentAtHand, loadContents } from '../content/load.js';
import { type Rendered, type RenderOptions, render } from '../content/render.js';
import type { Context } from '../context.js';
import type { CommunicationRow } from './row.js';

/** What of a communication it is rendered from. */
export type RenderedRow = Pick<
  CommunicationRow,
  'id' | 'seq' | 'origin' | 'contactId' | 'contentId' | 'language' | 'tagValues' | 'zoneOffset' | 'linkFrameId'
>;

/** A communication as its recipient sees it: its immutable content with its frozen values, always the same (design.md, idea 2). */
export async function renderedOf(ctx: Context, row: RenderedRow): Promise<Rendered> {
  const { content, options } = await partsOf(ctx, row);
  return render(content, row.language, row.tagValues, options);
}

/** The same, where nothing has to be loaded for it. */
export function renderedAtHand(row: RenderedRow): Rendered | undefined {
  if (row === latest?.row) return latest.rendered;
  const content = row.linkFrameId === null ? contentAtHand(row.contentId) : undefined;
  if (!content) return undefined;
  const rendered = render(content, row.language, row.tagValues, { zoneOffset: row.zoneOffset });
  latest = { row, rendered };
  return rendered;
}

/** Subject and body are asked for one after the other. Rows are never changed. */
let latest: { row: RenderedRow; rendered: Rendered } | undefined;

/** The same for a colleague who looks at it on our own pages: without the image that would tell that its reader did. */
export async function unseenOf(ctx: Context, row: RenderedRow): Promise<Rendered> {
  const { content, options } = await partsOf(ctx, row);
  const links = options.links && { ...options.links, pixel: () => undefined };
  return render(content, row.language, row.tagValues, { ...options, links });
}

/** What render() needs for it. */
export async function partsOf(ctx: Context, row: RenderedRow): Promise<{ content: Content; options: RenderOptions; frame?: LinkFrame }> {
  const content = await contentOf(ctx, row);
  if (row.linkFrameId === null) return { content, options: { zoneOffset: row.zoneOffset } };
  const frames = ctx.loader('link frame', async (inside, ids: readonly string[]) => {
    const found = await loadFrames(inside, ids);
    return ids.map((id) => found.get(id) ?? new Error(`Link frame ${id} is missing`));
  });
  const frame = await frames.load(row.linkFrameId);
  return { content, frame, options: { zoneOffset: row.zoneOffset, links: linksOf(frame, row, ctx.secrets.link) } };
}

/** The content version that it was written with. */
export async function contentOf(ctx: Context, row: Pick<CommunicationRow, 'contentId'>): Promise<Content> {
  const known = contentAtHand(row.contentId);
  if (known) return known;
  const contents = ctx.loader('content', async (inside, ids: readonly string[]) => {
    const found = await loadContents(inside, [...ids]);
    return ids.map((id) => found.get(id) ?? new Error(`Content ${id} is missing`));
  });
  return await contents.load(row.contentId);
}

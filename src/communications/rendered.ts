import type { Content } from '../content/content.js';
import { loadContents } from '../content/load.js';
import { type Rendered, render } from '../content/render.js';
import type { Context } from '../context.js';
import type { CommunicationRow } from './row.js';

/** A communication as its recipient sees it: its immutable content with its frozen values, always the same (design.md, idea 2). */
export async function renderedOf(ctx: Context, row: CommunicationRow): Promise<Rendered> {
  return render(await contentOf(ctx, row), row.language, row.tagValues, { zoneOffset: row.zoneOffset });
}

/** The content version that it was written with. */
export async function contentOf(ctx: Context, row: Pick<CommunicationRow, 'contentId'>): Promise<Content> {
  const contents = ctx.loader('content', async (inside, ids: readonly string[]) => {
    const found = await loadContents(inside, [...ids]);
    return ids.map((id) => found.get(id) ?? new Error(`Content ${id} is missing`));
  });
  return await contents.load(row.contentId);
}

import { loadContents } from '../content/load.js';
import { type Rendered, render } from '../content/render.js';
import type { Context } from '../context.js';
import type { CommunicationRow } from './row.js';

/** A communication as its recipient sees it: its immutable content with its frozen values, always the same (design.md, idea 2). */
export async function renderedOf(ctx: Context, row: CommunicationRow): Promise<Rendered> {
  const contents = ctx.loader('content', async (inside, ids: readonly string[]) => {
    const found = await loadContents(inside, [...ids]);
    return ids.map((id) => found.get(id) ?? new Error(`Content ${id} is missing`));
  });
  const content = await contents.load(row.contentId);
  return render(content, row.language, row.tagValues, { zoneOffset: row.zoneOffset });
}

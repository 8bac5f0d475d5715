import type { Context } from '../context.js';
import { affected, rows } from '../database/sql.js';
import { transact } from '../graphql/request.js';

const most = 100;

/**
 * Forgets uploads that nothing has used for a day, and those that never came to an end. Their rows cease to count, then the
 * bytes go, then the rows: whatever is interrupted is found again. Answers whether there may be more.
 */
export async function pruneAttachments(ctx: Context): Promise<boolean> {
  const ids = await transact(ctx, async (inside) => {
    // Locked first, and asked with a fresh look: one that is being attached is skipped, one that was attached is seen.
    const old = await rows<{ id: string }>(
      inside,
      `select a.id from attachment a where a.created_at < clock_timestamp() - interval '1 day'
         and not exists (select from communication_attachment ca where ca.attachment_id = a.id)
       order by a.created_at limit $1 for update skip locked`,
      [most],
    );
    return await rows<{ id: string }>(
      inside,
      `update attachment a set stored_at = null
       where a.id = any($1::uuid[]) and not exists (select from communication_attachment ca where ca.attachment_id = a.id) returning a.id`,
      [old.map((each) => each.id)],
    );
  });
  for (const { id } of ids) await ctx.attachments.remove(id);
  await affected(ctx, 'delete from attachment where id = any($1::uuid[]) and stored_at is null', [ids.map((each) => each.id)]);
  return ids.length === most;
}

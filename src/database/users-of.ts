import { type HasEntityManager, rows } from './sql.js';

const mostNamed = 10;

/**
 * Who uses a thing, in words for the one who wants to delete it; empty where nobody does. The views `template_use`,
 * `category_use`, `segment_use` and `external_system_use` say it: each migration that brings a user adds its rows there.
 */
export async function usersOf(
  ctx: HasEntityManager,
  what: 'template' | 'category' | 'segment' | 'external_system',
  id: string,
): Promise<string> {
  const users = await rows<{ name: string }>(
    ctx,
    `select distinct used_by as name from ${what}_use where ${what}_id = $1 order by 1 limit ${mostNamed + 1}`,
    [id],
  );
  const named = users.slice(0, mostNamed).map((each) => each.name);
  return [...named, ...(users.length > mostNamed ? ['others'] : [])].join(', ');
}

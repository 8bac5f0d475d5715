import { type HasEntityManager, rows } from '../database/sql.js';
import { type Content, readyContent, type StoredContent } from './content.js';

/** Contents kept ready; they never change, so what is here is right. */
const kept = 1_000;
const cache = new Map<string, Content>();

const columns = `id, medium, object_type as "objectType", default_language as "defaultLanguage", languages, tags, kinds, texts, sources`;

/** The contents of these ids, ready to be rendered; those that do not exist are left out. */
export async function loadContents(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, Content>> {
  const found = new Map<string, Content>();
  const missing: string[] = [];
  for (const id of ids) {
    const content = cache.get(id);
    if (content) found.set(id, keep(content));
    else missing.push(id);
  }
  if (missing.length > 0) {
    const loaded = await rows<StoredContent & { id: string }>(ctx, `select ${columns} from content where id = any($1::uuid[])`, [missing]);
    for (const { id, ...stored } of loaded) found.set(id, keep(readyContent(id, stored)));
  }
  return found;
}

/** The content, where it is at hand: most are, and then nothing has to be waited for. */
export function contentAtHand(id: string): Content | undefined {
  const content = cache.get(id);
  return content && keep(content);
}

let latest: Content | undefined;

/** Moves it to the end of the line, and lets the one go that was longest unused. Mostly it is there already: a run has one content. */
function keep(content: Content): Content {
  if (content === latest) return content;
  latest = content;
  cache.delete(content.id);
  cache.set(content.id, content);
  if (cache.size > kept) cache.delete(cache.keys().next().value ?? '');
  return content;
}

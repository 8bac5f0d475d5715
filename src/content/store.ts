import type { Context } from '../context.js';
import { first } from '../database/sql.js';
import type { StoredContent } from './content.js';
import { searchedText } from './search.js';

/** Keeps an immutable content version; answers its id. */
export async function storeContent(ctx: Context, content: StoredContent): Promise<string> {
  const stored = await first<{ id: string }>(
    ctx,
    `insert into content (medium, object_type, default_language, languages, tags, kinds, texts, sources, search)
     values ($1, $2, $3, $4, $5, $6, $7, $8, to_tsvector('simple', $9)) returning id`,
    [
      content.medium,
      content.objectType,
      content.defaultLanguage,
      content.languages,
      content.tags,
      content.kinds,
      JSON.stringify(content.texts),
      JSON.stringify(content.sources),
      searchedText(content),
    ],
  );
  if (!stored) throw new Error('An insert answers its row');
  return stored.id;
}

/** The same texts once more, for another owner. */
export async function copyContent(ctx: Context, id: string): Promise<string> {
  const copied = await first<{ id: string }>(
    ctx,
    `insert into content (medium, object_type, default_language, languages, tags, kinds, texts, sources, search)
     select medium, object_type, default_language, languages, tags, kinds, texts, sources, search from content where id = $1 returning id`,
    [id],
  );
  if (!copied) throw new Error(`Content ${id} is missing`);
  return copied.id;
}

import { type Medium, queueingMedia } from '../catalogue/medium.js';
import type { Config } from '../config.js';
import { type HasEntityManager, rows } from '../database/sql.js';

/** The media that the engine carries itself with this configuration. */
export function carriedMedia({ deliveryMode, smtpUrl }: Pick<Config, 'deliveryMode' | 'smtpUrl'>): readonly Medium[] {
  if (deliveryMode === 'sandbox') return queueingMedia;
  return smtpUrl ? ['EMAIL'] : [];
}

/**
 * Says where messages wait that nobody carries: without an external system, and of a medium that has no provider. They are kept, not
 * rejected: a provider may be set up any minute, and an expiry ends what nobody wants late.
 */
export async function strandedMessages(ctx: HasEntityManager, config: Pick<Config, 'deliveryMode' | 'smtpUrl'>): Promise<string[]> {
  const found = await rows<{ medium: Medium; count: number }>(
    ctx,
    `select m.medium, w.count from unnest($1::text[]) as m (medium)
     cross join lateral (
       -- Enough to say it; a million of them need not be counted for that.
       select count(*)::int as count from (
         select from queue_entry q where q.external_system_id is null and q.medium = m.medium limit ${mostCounted}
       ) q
     ) w
     where w.count > 0`,
    [queueingMedia.filter((each) => !carriedMedia(config).includes(each))],
  );
  return found.map(({ medium, count }) => {
    const many = count < mostCounted ? String(count) : `${mostCounted} or more`;
    return `${many} ${medium} ${count === 1 ? 'message waits' : 'messages wait'} and no provider carries ${medium}: ${ways[medium] ?? ''}give an external system, or cancel them.`;
  });
}

const mostCounted = 1_000;
const ways: Partial<Record<Medium, string>> = { EMAIL: 'set SMTP_URL, ' };

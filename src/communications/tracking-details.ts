import { writtenLinks } from '../content/links/written.js';
import { linkTarget } from '../content/render.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { partsOf } from './rendered.js';
import type { CommunicationRow } from './row.js';

/** What its reader did with one communication (C31, V6). */
export interface TrackingDetails {
  viewedAt: Date | null;
  viewCount: number;
  links: { url: string; clickedAt: Date | null; clickCount: number }[];
  machineCount: number;
}

/** Null where nothing of it is tracked. */
export async function trackingDetails(ctx: Context, row: CommunicationRow): Promise<TrackingDetails | null> {
  const { content, frame, options } = await partsOf(ctx, row);
  if (!frame?.tracking) return null;
  const seen = await ctx.loader<string, Seen[]>('tracking', seenOf).load(row.id);
  const readers = seen.filter((each) => !each.machine);
  const opened = readers.find((each) => each.kind === 'OPENED');
  const links = frame.tracking.link === null ? [] : writtenLinks(content, row.language);
  return {
    viewedAt: opened?.firstAt ?? null,
    viewCount: opened?.count ?? 0,
    links: links.flatMap(({ index }) => {
      const url = linkTarget(content, row.language, row.tagValues, index, options);
      const clicked = readers.find((each) => each.link === index);
      return url === undefined ? [] : [{ url, clickedAt: clicked?.firstAt ?? null, clickCount: clicked?.count ?? 0 }];
    }),
    machineCount: seen.filter((each) => each.machine).reduce((sum, { count }) => sum + count, 0),
  };
}

interface Seen {
  kind: 'OPENED' | 'CLICKED';
  link: number | null;
  machine: boolean;
  firstAt: Date;
  count: number;
}

/** For a loader: one statement for all communications that the request asks about. */
async function seenOf(ctx: Context, ids: readonly string[]): Promise<Seen[][]> {
  const found = await rows<Seen & { id: string }>(
    ctx,
    `select communication_id as id, kind, link, machine, min(at) as "firstAt", count(*)::int as count
     from tracking_event where communication_id = any($1::uuid[]) group by communication_id, kind, link, machine`,
    [ids],
  );
  const byId = Map.groupBy(found, (each) => each.id);
  return ids.map((id) => byId.get(id) ?? []);
}

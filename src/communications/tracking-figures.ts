import { writtenLinks } from '../content/links/written.js';
import { loadContents } from '../content/load.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';

/** What the readers of many communications did, programs aside (P25, V8). */
export interface TrackingFigures {
  delivered: number;
  viewed: number;
  clicked: number;
  links: LinkFigures[];
}

interface LinkFigures {
  url: string;
  clicks: number;
  contacts: number;
}

/** For a loader: the figures of these runs, or of all runs of these plans; a few statements for all of them. */
export function figuresOf(by: 'id' | 'plan_id'): (ctx: Context, keys: readonly string[]) => Promise<TrackingFigures[]> {
  return async (ctx, keys) => {
    const totals = await rows<Omit<TrackingFigures, 'links'> & { key: string }>(
      ctx,
      `select k.key, coalesce(t.delivered, 0)::int as delivered, coalesce(e.viewed, 0)::int as viewed, coalesce(e.clicked, 0)::int as clicked
       from unnest($1::uuid[]) k (key)
       left join (
         select r.${by} as key, sum(t.completed + t.removed) as delivered
         from run r join run_tally t on t.run_id = r.id where r.${by} = any($1) group by 1
       ) t on t.key = k.key
       left join (
         select r.${by} as key, count(distinct e.communication_id) filter (where e.kind = 'OPENED') as viewed,
           count(distinct e.communication_id) filter (where e.kind = 'CLICKED') as clicked
         from run r join tracking_event e on e.run_id = r.id where r.${by} = any($1) and not e.machine group by 1
       ) e on e.key = k.key`,
      [keys],
    );
    const links = await linkFigures(ctx, by, keys);
    const byKey = new Map(totals.map((each) => [each.key, each]));
    return keys.map((key) => ({ delivered: 0, viewed: 0, clicked: 0, ...byKey.get(key), links: links.get(key) ?? [] }));
  };
}

/** Links are told apart as they are written, tags and all: what each recipient's values made of one is the same link. */
async function linkFigures(ctx: Context, by: 'id' | 'plan_id', keys: readonly string[]): Promise<Map<string, LinkFigures[]>> {
  const said = await rows<{ key: string; contentId: string }>(
    ctx,
    `select distinct r.${by} as key, m ->> 'contentId' as "contentId"
     from run r cross join lateral jsonb_array_elements(r.messages) m where r.${by} = any($1::uuid[])`,
    [keys],
  );
  const contents = await loadContents(ctx, [...new Set(said.map((each) => each.contentId))]);
  const links = [...contents.values()].flatMap((content) =>
    content.languages.flatMap((language) => writtenLinks(content, language).map((link) => ({ ...link, language, contentId: content.id }))),
  );
  const clicked = await rows<LinkFigures & { key: string }>(
    ctx,
    `select r.${by} as key, l.url, count(*)::int as clicks, count(distinct e.contact_id)::int as contacts
     from run r join tracking_event e on e.run_id = r.id and e.kind = 'CLICKED' and not e.machine
     join communication c on c.id = e.communication_id
     join unnest($2::uuid[], $3::text[], $4::smallint[], $5::text[]) as l (content_id, language, link, url)
       on l.content_id = c.content_id and l.language = c.language and l.link = e.link
     where r.${by} = any($1::uuid[]) group by 1, 2`,
    [
      keys,
      links.map((each) => each.contentId),
      links.map((each) => each.language),
      links.map((each) => each.index),
      links.map((each) => each.url),
    ],
  );
  const figures = new Map(clicked.map(({ key, ...each }) => [`${key} ${each.url}`, each]));
  return new Map(
    keys.map((key) => {
      const own = new Set(said.filter((each) => each.key === key).map((each) => each.contentId));
      const urls = new Set(links.filter((each) => own.has(each.contentId)).map((each) => each.url));
      return [key, [...urls].map((url) => figures.get(`${key} ${url}`) ?? { url, clicks: 0, contacts: 0 })];
    }),
  );
}

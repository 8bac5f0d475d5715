import { loadFrames } from '../content/links/frame.js';
import { isPixelCodeOf, readCode } from '../content/links/token.js';
import type { Context } from '../context.js';
import { affected, rows } from '../database/sql.js';
import { readSettings } from '../settings/settings.js';
import { believedKeys } from './dynamic-link.js';

/** Something that was done with a message. */
export interface Sighting {
  /** The code of an open pixel, not yet proven; or a link that was followed, and led somewhere. */
  what: { pixel: string } | { communicationId: string; link: number };
  /** A program did it, no reader. */
  machine: boolean;
  /** How long ago, in milliseconds. */
  ageMs: number;
}

/** Events of each kind that are kept for a communication, of readers and of programs: nobody fills the database with one. */
export const mostEvents = 200;

/**
 * Keeps what was seen, all by one statement; answers how much of it. Only of communications that are COMPLETED at that moment (V7):
 * what is still PENDING can have been read by nobody, and what was rejected or removed says nothing any more.
 */
export async function recordSightings(ctx: Context, sightings: readonly Sighting[]): Promise<number> {
  const opened = await openPixels(
    ctx,
    sightings.flatMap(({ what }) => ('pixel' in what ? [what.pixel] : [])),
  );
  const known = sightings.flatMap(({ what, machine, ageMs }): Known[] => {
    if (!('pixel' in what)) return [{ id: what.communicationId, kind: 'CLICKED', link: what.link, machine, ageMs }];
    const id = opened.get(what.pixel);
    return id === undefined ? [] : [{ id, kind: 'OPENED', link: null, machine, ageMs }];
  });
  if (known.length === 0) return 0;
  return await affected(
    ctx,
    `insert into tracking_event (communication_id, contact_id, run_id, kind, link, machine, at)
     select s.id, c.contact_id, c.run_id, s.kind, s.link, s.machine, clock_timestamp() - make_interval(secs => s.age_ms / 1000)
     from (
       select g.*, row_number() over (partition by g.id, g.kind, g.machine) as nth
       from unnest($1::uuid[], $2::text[], $3::smallint[], $4::boolean[], $5::float8[]) as g (id, kind, link, machine, age_ms)
     ) s join communication c on c.id = s.id
     where c.state = 'COMPLETED' and s.nth + (
       select count(*) from tracking_event e where e.communication_id = s.id and e.kind = s.kind and e.machine = s.machine
     ) <= $6`,
    [
      known.map((each) => each.id),
      known.map((each) => each.kind),
      known.map((each) => each.link),
      known.map((each) => each.machine),
      known.map((each) => each.ageMs),
      mostEvents,
    ],
  );
}

interface Known {
  id: string;
  kind: 'OPENED' | 'CLICKED';
  link: number | null;
  machine: boolean;
  ageMs: number;
}

/** The communications whose open pixels have these codes; codes that are none of ours are left out. */
export async function openPixels(ctx: Context, codes: readonly string[]): Promise<Map<string, string>> {
  const seqs = new Map(codes.flatMap((code) => readCode(code)?.seq ?? []).map((seq) => [seq, undefined]));
  if (seqs.size === 0) return new Map();
  const found = await rows<{ id: string; seq: number; linkFrameId: string }>(
    ctx,
    'select id, seq, link_frame_id as "linkFrameId" from communication where seq = any($1::bigint[]) and link_frame_id is not null',
    [[...seqs.keys()]],
  );
  const bySeq = new Map(found.map((each) => [Number(each.seq), each]));
  const frames = await loadFrames(
    ctx,
    found.map((each) => each.linkFrameId),
  );
  const keyOf = believedKeys(ctx, (await readSettings(ctx)).linkKeys);
  return new Map(
    codes.flatMap((code): [string, string][] => {
      const row = bySeq.get(readCode(code)?.seq ?? -1);
      const key = row && keyOf(frames.get(row.linkFrameId)?.key ?? 0);
      return row && key && isPixelCodeOf(code, row.id, key) ? [[code, row.id]] : [];
    }),
  );
}

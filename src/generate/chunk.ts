import { appendChanges } from '../changes/append.js';
import { loadContents } from '../content/load.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { insertCommunications } from './insert.js';
import type { FrozenRun } from './run.js';

/** Measured: twice as much is a twentieth faster, but other runs and live traffic wait behind the end of a chunk (performance.md B2). */
const chunkSize = 5_000;

/** The recipients of a chunk: those with ordinals above `from`, up to `to`. */
export interface Part {
  from: number;
  to: number;
}

/**
 * Turns the next recipients into communications with their queue entries and changes, and moves the run on, all in the
 * caller's transaction.
 */
export async function generateChunk(
  ctx: Context,
  run: FrozenRun,
  notify?: (ctx: Context, run: FrozenRun, part: Part) => Promise<void>,
): Promise<void> {
  const stand = await first<{ doneTo: number; lastOrdinal: number }>(
    ctx,
    'select done_to as "doneTo", last_ordinal as "lastOrdinal" from run where id = $1',
    [run.id],
  );
  if (!stand || stand.doneTo >= stand.lastOrdinal) return;
  const from = stand.doneTo;
  const to = Math.min(from + chunkSize, stand.lastOrdinal);
  const contents = await loadContents(ctx, [...new Set(run.messages.map((each) => each.contentId))]);
  await notify?.(ctx, run, { from, to });
  const sum = { generated: 0, rejected: 0 };
  /** Of the first that the queue of an external system got. */
  let announcedFrom: number | undefined;
  for (const [
    place,
    { medium, contentId, externalSystemId, categoryId = null, characterLimit, segmentLimit = null, expiresAt },
  ] of run.messages.entries()) {
    const content = contents.get(contentId);
    if (!content) throw new Error(`Content ${contentId} is missing`);
    const { count, rejected, firstSeq } = await insertCommunications(ctx, {
      picked: (parameters) => pickedSql(run.id, from, to, place, notify !== undefined, parameters),
      ...(notify && { carries: { id: true, notification: true } }),
      medium,
      content,
      externalSystemId,
      categoryId,
      runId: run.id,
      objectType: run.settings.objectType,
      limits: { characters: characterLimit, segments: segmentLimit },
      expiresAt,
      origin: run.settings.origin,
      priority: run.settings.priority,
      announcesItself: true,
    });
    if (externalSystemId !== null) announcedFrom ??= firstSeq ?? undefined;
    sum.generated += count;
    sum.rejected += rejected;
  }
  const done = to === stand.lastOrdinal;
  await rows(
    ctx,
    `with moved as (
       update run set done_to = $2, generated = generated + $3, state = case when $5 then 'COMPLETED' else state end,
         finished_at = case when $5 then clock_timestamp() end
       where id = $1
     )
     insert into run_tally (run_id, pending, rejected) values ($1, $3::int - $4::int, $4)`,
    [run.id, to, sum.generated, sum.rejected, done],
  );
  await appendChanges(ctx, [{ kind: 'run.changed', runId: run.id }]);
  // Last, because nobody else's changes get positions from here to the commit.
  if (announcedFrom !== undefined) await rows(ctx, 'select place_created($1, $2)', [run.id, announcedFrom]);
}

function pickedSql(runId: string, from: number, to: number, place: number, notified: boolean, parameters: unknown[]): string {
  const at = parameters.length;
  parameters.push(runId, from, to, place);
  return `select r.ordinal, r.contact_id, r.account_id, r.object_id, r.language, r.address${notified ? ', n.id' : ''}
    from run_recipient r ${notified ? 'join notification n on n.run_id = r.run_id and n.ordinal = r.ordinal' : ''} where r.run_id = $${at + 1} and r.ordinal > $${at + 2} and r.ordinal <= $${at + 3} and r.message = $${at + 4}`;
}

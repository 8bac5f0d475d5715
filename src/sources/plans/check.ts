import { keepSegments, loadSegments } from '../../audience/segment.js';
import type { Context } from '../../context.js';
import { databaseNow } from '../../database/clock.js';
import type { Problems } from '../../errors.js';
import { localId } from '../../graphql/node.js';

/** A validity is an instant, and lies ahead of us by the database's clock (P5). */
export async function checkExpiry(ctx: Context, expiresAt: string | null | undefined, problems: Problems): Promise<void> {
  if (expiresAt == null || !(new Date(expiresAt) <= (await databaseNow(ctx)))) return;
  problems.add(['expiresAt'], 'IN_THE_PAST', 'The expiry must be in the future.');
}

/** Without segments a plan can be kept as a DRAFT only: they are mandatory to run it (P23). */
export function checkAudience(segmentIds: readonly string[], state: string, problems: Problems): void {
  if (segmentIds.length > 0 || state === 'DRAFT') return;
  problems.add(
    ['includeSegmentIds'],
    'REQUIRED',
    'Give at least one segment, whose members are the recipients; only a DRAFT may have none.',
  );
}

/** The ids of segments that are there, kept from being deleted until the transaction ends. */
export async function keptSegmentIds(ctx: Context, given: readonly string[], path: string, problems: Problems): Promise<string[]> {
  await keepSegments(
    ctx,
    given.flatMap((each) => localId('Segment', each) ?? []),
  );
  return await segmentIds(ctx, given, path, problems);
}

/** The ids of segments that are there now; a problem for each other one. */
export async function segmentIds(ctx: Context, given: readonly string[], path: string, problems: Problems): Promise<string[]> {
  const ids = given.map((each) => localId('Segment', each));
  const asked = ids.filter((each) => each !== undefined);
  const found = new Set((await loadSegments(ctx, asked)).map((each) => each.id));
  for (const [index, id] of ids.entries()) {
    if (id === undefined || !found.has(id)) problems.add([path, index], 'NOT_FOUND', 'There is no such segment.');
  }
  return [...found];
}

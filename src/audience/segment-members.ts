import type { Context } from '../context.js';
import { affected, first, type HasEntityManager, rows } from '../database/sql.js';
import { Invalid, NotFound, type Problem, Problems } from '../errors.js';
import { localId } from '../graphql/node.js';
import { type SegmentRow, segmentColumns } from './segment.js';

/** Contacts in one call of addSegmentMembers or removeSegmentMembers. */
export const greatestBatch = 1_000;

export interface MembersChanged {
  segment: SegmentRow;
  /** Contacts that were listed, or that no longer are. */
  changed: number;
  /** Contacts of whom nothing changed. */
  unchanged: number;
}

/** Lists further contacts, all or none of those given. Runs in the caller's transaction. */
export async function addSegmentMembers(ctx: Context, publicId: string, externalIds: readonly string[]): Promise<MembersChanged> {
  const { before, asked } = await checked(ctx, publicId, externalIds);
  return await afterwards(ctx, before, asked, await listContacts(ctx, before.id, asked));
}

/** Takes contacts off the list; those that meet the condition stay members. Runs in the caller's transaction. */
export async function removeSegmentMembers(ctx: Context, publicId: string, externalIds: readonly string[]): Promise<MembersChanged> {
  const { before, asked } = await checked(ctx, publicId, externalIds);
  return await afterwards(ctx, before, asked, await unlistContacts(ctx, before.id, asked));
}

async function checked(ctx: Context, publicId: string, externalIds: readonly string[]): Promise<{ before: SegmentRow; asked: string[] }> {
  // One change of a list after the other: which of two leaves it empty must be known.
  const before = await lockSegment(ctx, publicId, 'no key update');
  const problems = new Problems();
  await checkListed(ctx, problems, 'contactExternalIds', externalIds, greatestBatch);
  problems.throwIfAny();
  return { before, asked: [...new Set(externalIds)] };
}

async function afterwards(ctx: Context, before: SegmentRow, asked: readonly string[], changed: number): Promise<MembersChanged> {
  await affected(ctx, 'update segment set updated_at = clock_timestamp() where id = $1', [before.id]);
  const segment = await first<SegmentRow>(ctx, `select ${segmentColumns} from segment s where s.id = $1`, [before.id]);
  if (!segment) throw new NotFound('segment');
  if (segment.condition === null && !segment.listed) throw new Invalid([withoutMembers]);
  return { segment, changed, unchanged: asked.length - changed };
}

/** The segment, kept from changing and from being deleted until the transaction ends. */
export async function lockSegment(ctx: Context, publicId: string, lock: 'no key update' | 'update' = 'update'): Promise<SegmentRow> {
  const id = localId('Segment', publicId);
  const found = id && (await first<SegmentRow>(ctx, `select ${segmentColumns} from segment s where s.id = $1 for ${lock}`, [id]));
  if (!found) throw new NotFound('segment');
  return found;
}

/** Lists those that are contacts; answers how many were not listed before. */
export async function listContacts(ctx: HasEntityManager, id: string, externalIds: readonly string[]): Promise<number> {
  return await affected(
    ctx,
    'insert into segment_contact (segment_id, contact_id) select $1, id from contact where external_id = any($2) on conflict do nothing',
    [id, externalIds],
  );
}

export async function unlistContacts(ctx: HasEntityManager, id: string, externalIds: readonly string[]): Promise<number> {
  return await affected(
    ctx,
    'delete from segment_contact m using contact c where m.segment_id = $1 and c.id = m.contact_id and c.external_id = any($2)',
    [id, externalIds],
  );
}

export const withoutMembers: Problem = {
  path: [],
  code: 'REQUIRED',
  message: 'A segment needs a `condition`, `contactExternalIds` or both; otherwise it would have no members for ever.',
};

/** Adds a problem for each that is no contact, and for too many of them. */
export async function checkListed(
  ctx: HasEntityManager,
  problems: Problems,
  path: string,
  externalIds: readonly string[],
  most: number,
): Promise<void> {
  if (externalIds.length > most) {
    const instead = most === greatestBatch ? 'Send them in several calls.' : 'Say by a condition what they have in common, or import them.';
    problems.add([path], 'TOO_MANY', `${externalIds.length} contacts are listed; at most ${most} can be. ${instead}`);
    return;
  }
  const known = await knownContacts(ctx, externalIds);
  for (const [index, each] of externalIds.entries()) {
    if (!known.has(each)) problems.add([path, index], 'UNKNOWN_CONTACT', `There is no contact ${JSON.stringify(each.slice(0, 80))}.`);
  }
}

/** Those of the ids that are contacts'. */
export async function knownContacts(ctx: HasEntityManager, externalIds: readonly string[]): Promise<Set<string>> {
  // PostgreSQL takes no NUL.
  const asked = externalIds.filter((each) => !each.includes('\0'));
  const found = await rows<{ external_id: string }>(ctx, 'select external_id from contact where external_id = any($1)', [asked]);
  return new Set(found.map((each) => each.external_id));
}

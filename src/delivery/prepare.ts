import { type Attachment, attachmentsOf } from '../attachments/attachment.js';
import { type Content, isHtml } from '../content/content.js';
import { type LinkFrame, loadFrames } from '../content/links/frame.js';
import type { LinkMaker } from '../content/links/link.js';
import { linksOf } from '../content/links/maker.js';
import { loadContents } from '../content/load.js';
import { render } from '../content/render.js';
import type { Context } from '../context.js';
import { isAway } from '../graphql/errors.js';
import { publicId } from '../graphql/node.js';
import type { EngineEntry } from '../queue/lease.js';
import { type Check, checkAgain } from './check.js';
import { decideUnrendered, reject, type Verdict } from './decide.js';
import type { Pace } from './pace.js';
import type { OutgoingAttachment, OutgoingMessage } from './provider.js';

/** An entry that may be sent, with the moment of its check on this process's own clock. */
export interface Ready {
  readonly entry: EngineEntry;
  readonly message: OutgoingMessage;
  readonly checkedAt: number;
}

/** An entry that is not sent: with a verdict, or without one where it is no longer ours. */
export interface Dropped {
  readonly entry: EngineEntry;
  readonly verdict: Verdict | undefined;
}

export type Prepared = Ready | Dropped;

/**
 * Checks leased entries again and renders them. What cannot be rendered is that entry's failure alone; it rejects only where
 * the database cannot be asked.
 */
export async function prepare(ctx: Context, entries: readonly EngineEntry[], pace: Pace): Promise<Prepared[]> {
  const contents = await contentsOf(ctx, [...new Set(entries.map((each) => each.contentId))]);
  const attachments = await attachmentsOf(
    ctx,
    entries.filter((each) => each.medium === 'EMAIL').map((each) => each.id),
  );
  const frames = await loadFrames(
    ctx,
    entries.map((each) => each.linkFrameId),
  );
  // Last, so that nothing that takes long lies between it and the sending.
  const checks = await checkAgain(ctx, entries);
  const checkedAt = performance.now();
  const partsOf = (entry: EngineEntry): Parts => ({
    content: contents.get(entry.contentId),
    links: linksOf(frameOf(entry, frames), entry, ctx.secrets.link),
    files: (attachments.get(entry.id) ?? []).map((each) => outgoing(ctx, each)),
  });
  return entries.map((entry) => {
    return prepared(entry, () => messageOf(entry, partsOf(entry)), checks.get(entry.id), checkedAt, pace);
  });
}

/** A stored content that cannot be read is missing here, and no other with it. */
async function contentsOf(ctx: Context, ids: readonly string[]): Promise<Map<string, Content>> {
  try {
    return await loadContents(ctx, ids);
  } catch (error) {
    // The database says what it cannot do with a code of its own: that is no content's fault.
    if (isAway(error) || (error as { code?: unknown }).code !== undefined) throw error;
    if (ids.length === 1) return new Map();
    const singly = await Promise.all(ids.map(async (id) => await contentsOf(ctx, [id])));
    return new Map(singly.flatMap((each) => [...each]));
  }
}

/** What an entry's message is made of. */
interface Parts {
  content: Content | undefined;
  links: LinkMaker | undefined;
  files: readonly OutgoingAttachment[];
}

function outgoing({ attachments }: Context, { id, name, type }: Attachment): OutgoingAttachment {
  return { name, type, contentId: publicId('Attachment', id), read: async () => await attachments.get(id) };
}

function frameOf({ linkFrameId }: EngineEntry, frames: ReadonlyMap<string, LinkFrame>): LinkFrame | undefined {
  if (linkFrameId === null) return undefined;
  const frame = frames.get(linkFrameId);
  if (!frame) throw new Error(`link frame ${linkFrameId} cannot be read`);
  return frame;
}

function prepared(entry: EngineEntry, message: () => OutgoingMessage, check: Check | undefined, checkedAt: number, pace: Pace): Prepared {
  if (check === undefined || check === 'GONE') return { entry, verdict: undefined };
  if (check !== 'SEND') return { entry, verdict: reject(entry, check.code, check.message) };
  try {
    return { entry, message: message(), checkedAt };
  } catch (error) {
    return { entry, verdict: decideUnrendered(entry, error, pace) };
  }
}

function messageOf(entry: EngineEntry, { content, links, files: attachments }: Parts): OutgoingMessage {
  if (!content) throw new Error(`content ${entry.contentId} cannot be read`);
  const { subject, body, text } = render(content, entry.language, entry.tagValues, { zoneOffset: entry.zoneOffset, links });
  return {
    communicationId: entry.id,
    medium: entry.medium,
    to: entry.address ?? '',
    toName: entry.contactName,
    subject,
    text,
    html: isHtml(content, entry.language) ? body : null,
    ...(attachments.length > 0 && { attachments }),
  };
}

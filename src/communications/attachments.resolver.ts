import type DataLoader from 'dataloader';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { type Attachment, attachmentsOf, loadAttachments } from '../attachments/attachment.js';
import { AttachmentType } from '../attachments/attachment.type.js';
import { attachmentLink } from '../attachments/link.js';
import type { Context } from '../context.js';
import type { NodeKind } from '../graphql/node.js';
import { CommunicationType } from './communication.type.js';
import type { CommunicationRow } from './row.js';

/** Of one request; what changes a communication's files forgets what it has loaded. */
export function attachmentLoader(ctx: Context): DataLoader<string, Attachment[]> {
  return ctx.loader('attachments', async (inside, ids: readonly string[]) => {
    const found = await attachmentsOf(inside, ids);
    return ids.map((id) => found.get(id) ?? []);
  });
}

/** The files that go with a communication: who may see it may fetch them. */
@Resolver(() => CommunicationType)
export class CommunicationAttachmentsResolver {
  @FieldResolver(() => [AttachmentType], { description: 'The files that go with it, at most ten.' })
  async attachments(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<Attachment[]> {
    return await attachmentLoader(ctx).load(row.id);
  }
}

@Resolver(() => AttachmentType)
export class AttachmentResolver {
  @FieldResolver(() => String, {
    description:
      "A path on this server that gives it without a token, for ten minutes, while its asker may see it: for an image's address in a page, and for a browser's tab.",
  })
  async url(@Ctx() ctx: Context, @Root() { id }: Attachment): Promise<string> {
    return await attachmentLink(ctx, id);
  }
}

export const attachmentNode: NodeKind = {
  type: 'Attachment',
  load: async (ctx, id) =>
    ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? ((await loadAttachments(ctx, [id])).get(id) ?? null) : null,
};

import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { PageArgs } from '../graphql/connection.js';
import type { NodeKind } from '../graphql/node.js';
import { ContactConnection } from './contact.type.js';
import { countContacts, pageOfContacts } from './list.js';
import {
  AddSegmentMembersInput,
  CreateSegmentInput,
  DeleteSegmentInput,
  PreviewSegmentInput,
  RemoveSegmentMembersInput,
  UpdateSegmentInput,
} from './segment.input.js';
import { listSegments, loadSegments, type SegmentRow, segmentMembersSql } from './segment.js';
import {
  AddSegmentMembersPayloadType,
  CreateSegmentPayloadType,
  DeleteSegmentPayloadType,
  RemoveSegmentMembersPayloadType,
  SegmentConnection,
  SegmentPreviewType,
  SegmentType,
  UpdateSegmentPayloadType,
} from './segment.type.js';
import { addSegmentMembers, removeSegmentMembers } from './segment-members.js';
import { draftMembersSql, previewSegment, type SegmentDraft } from './segment-preview.js';
import { createSegment, deleteSegment, updateSegment } from './segment-write.js';

@Resolver(() => SegmentType)
export class SegmentResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => SegmentConnection, { description: 'The segments, oldest first.' })
  async segments(@Ctx() ctx: Context, @Args(() => PageArgs) page: PageArgs): Promise<unknown> {
    return await listSegments(ctx, page);
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateSegmentPayloadType, { description: 'Makes a segment of the contacts listed and of those that meet the condition.' })
  async createSegment(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateSegmentInput, { description: 'What it is.' }) input: CreateSegmentInput,
  ): Promise<CreateSegmentPayloadType> {
    return { segment: await createSegment(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateSegmentPayloadType, { description: 'Changes a segment: its name, its condition, the contacts listed.' })
  async updateSegment(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateSegmentInput, { description: 'What changes.' }) input: UpdateSegmentInput,
  ): Promise<UpdateSegmentPayloadType> {
    return { segment: await updateSegment(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => AddSegmentMembersPayloadType, { description: 'Lists further contacts in a segment, all of those given or none.' })
  async addSegmentMembers(
    @Ctx() ctx: Context,
    @Arg('input', () => AddSegmentMembersInput, { description: 'Which, and where.' }) input: AddSegmentMembersInput,
  ): Promise<AddSegmentMembersPayloadType> {
    const { segment, changed, unchanged } = await addSegmentMembers(ctx, input.segmentId, input.contactExternalIds);
    return { segment, added: changed, unchanged };
  }

  @Authorized('ADMIN')
  @Mutation(() => RemoveSegmentMembersPayloadType, {
    description: 'Takes contacts off the list of a segment, all of those given or none; those that meet its condition stay members.',
  })
  async removeSegmentMembers(
    @Ctx() ctx: Context,
    @Arg('input', () => RemoveSegmentMembersInput, { description: 'Which, and where.' }) input: RemoveSegmentMembersInput,
  ): Promise<RemoveSegmentMembersPayloadType> {
    const { segment, changed, unchanged } = await removeSegmentMembers(ctx, input.segmentId, input.contactExternalIds);
    return { segment, removed: changed, unchanged };
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => SegmentPreviewType, { description: 'Who would be in a segment, before it is saved.' })
  async previewSegment(
    @Ctx() ctx: Context,
    @Arg('input', () => PreviewSegmentInput, { description: 'What it would be made of.' }) input: PreviewSegmentInput,
  ): Promise<SegmentDraft> {
    return await previewSegment(ctx, input);
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteSegmentPayloadType, { description: 'Deletes a segment that nothing uses; otherwise CONFLICT says what does.' })
  async deleteSegment(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteSegmentInput, { description: 'Which.' }) input: DeleteSegmentInput,
  ): Promise<DeleteSegmentPayloadType> {
    await deleteSegment(ctx, input.segmentId);
    return { segmentId: input.segmentId };
  }

  @FieldResolver()
  async size(@Ctx() ctx: Context, @Root() segment: SegmentRow): Promise<number> {
    const parameters: unknown[] = [];
    return await countContacts(ctx, membersSql(ctx, segment, parameters), parameters);
  }

  @FieldResolver(() => ContactConnection)
  async contacts(@Ctx() ctx: Context, @Root() segment: SegmentRow, @Args(() => PageArgs) page: PageArgs): Promise<unknown> {
    const parameters: unknown[] = [];
    return await pageOfContacts(ctx, page, membersSql(ctx, segment, parameters), parameters);
  }
}

/** The members that a segment would have. */
@Resolver(() => SegmentPreviewType)
export class SegmentPreviewResolver {
  @FieldResolver()
  async size(@Ctx() ctx: Context, @Root() draft: SegmentDraft): Promise<number> {
    const parameters: unknown[] = [];
    return await countContacts(ctx, draftMembersSql(ctx, draft, parameters), parameters);
  }

  @FieldResolver(() => ContactConnection)
  async contacts(@Ctx() ctx: Context, @Root() draft: SegmentDraft, @Args(() => PageArgs) page: PageArgs): Promise<unknown> {
    const parameters: unknown[] = [];
    return await pageOfContacts(ctx, page, draftMembersSql(ctx, draft, parameters), parameters);
  }
}

function membersSql(ctx: Context, segment: SegmentRow, parameters: unknown[]): string {
  return segmentMembersSql([segment], parameters, 'c', ctx.config.defaultTimeZone);
}

/** `node(id)` of a segment. */
export const segmentNode: NodeKind = {
  type: 'Segment',
  async load(ctx, id) {
    if (ctx.viewer.role !== 'ADMIN' && ctx.viewer.role !== 'AGENT') return null;
    return (await loadSegments(ctx, [id]))[0] ?? null;
  },
};

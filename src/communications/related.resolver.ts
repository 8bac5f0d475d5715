import { Arg, Args, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { loadTemplates, type Template } from '../content/template.js';
import { TemplateType } from '../content/template.type.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { type Connection, PageArgs } from '../graphql/connection.js';
import { type NodeKind, requireLocalId } from '../graphql/node.js';
import { communicationById } from './communication.resolver.js';
import { CommunicationConnection, CommunicationFilter, CommunicationType } from './communication.type.js';
import { listCommunications } from './list.js';
import { addNote, listNotes, loadNote, type Note } from './note.js';
import { AddNoteInput, AddNotePayload, NoteConnection } from './note.type.js';
import { chainSql, loadRetries, type ReferredObject, referredObject } from './related.js';
import { ReferredObjectType } from './related.type.js';
import type { CommunicationRow } from './row.js';

/**
 * What stands around a communication. Whoever sees an entry of a queue sees that entry: what belongs to it may be meant for those
 * who work here alone, and is not there for them.
 */
@Resolver(() => CommunicationType)
export class RelatedResolver {
  @FieldResolver(() => ReferredObjectType, { nullable: true, description: 'The record that it is about.' })
  async referringTo(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<ReferredObject | null> {
    const object = await referredObject(ctx, row);
    return object?.type === 'communication' && !worksHere(ctx) ? null : object;
  }

  @FieldResolver(() => String, { nullable: true, description: "Who wrote it: the token's subject; null for what no person wrote." })
  createdBy(@Ctx() ctx: Context, @Root() row: CommunicationRow): string | null {
    return worksHere(ctx) ? row.createdBy : null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'The code of the business unit that owns it (C14).' })
  ownedByUnit(@Ctx() ctx: Context, @Root() row: CommunicationRow): string | null {
    return worksHere(ctx) ? row.ownedByUnit : null;
  }

  @FieldResolver(() => TemplateType, { nullable: true, description: 'The template that it was written with, in the version of then.' })
  async template(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<Template | null> {
    if (!worksHere(ctx)) return null;
    return await ctx.loader<string, Template | null>('template of content', templatesOfContents).load(row.contentId);
  }

  @FieldResolver(() => CommunicationConnection, { description: 'The communications that follow it up, newest first.' })
  async followUps(
    @Ctx() ctx: Context,
    @Root() row: CommunicationRow,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => CommunicationFilter, { nullable: true }) filter?: CommunicationFilter,
  ): Promise<Connection<CommunicationRow>> {
    return await listCommunications(ctx, page, filter, {
      narrow: (parameters) => (worksHere(ctx) ? `c.follow_up_of = $${parameters.push(row.id)}` : 'false'),
    });
  }

  @FieldResolver(() => CommunicationConnection, {
    description:
      'All communications about the same issue, this one among them: from the first, through everything that follows it up, oldest first.',
  })
  async chain(
    @Ctx() ctx: Context,
    @Root() row: CommunicationRow,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<CommunicationRow>> {
    return await listCommunications(ctx, page, null, {
      narrow: (parameters) => (worksHere(ctx) ? `c.id in ${chainSql(`$${parameters.push(row.id)}`)}` : 'false'),
      oldestFirst: true,
    });
  }

  @FieldResolver(() => CommunicationType, { nullable: true, description: 'The rejected communication that it tries again.' })
  async retryOf(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<CommunicationRow | null> {
    return worksHere(ctx) && row.retryOfId !== null ? await communicationById(ctx, row.retryOfId) : null;
  }

  @FieldResolver(() => CommunicationType, { nullable: true, description: 'What it was tried again as.' })
  async retriedAs(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<CommunicationRow | null> {
    return worksHere(ctx) ? await ctx.loader('retry', loadRetries).load(row.id) : null;
  }

  @FieldResolver(() => NoteConnection, { description: 'What was written down about it, newest first.' })
  async notes(@Ctx() ctx: Context, @Root() row: CommunicationRow, @Args(() => PageArgs) page: PageArgs): Promise<Connection<Note>> {
    if (worksHere(ctx)) return await listNotes(ctx, row.id, page);
    return { edges: [], nodes: [], pageInfo: { hasNextPage: false, hasPreviousPage: false }, totalCount: async () => 0 };
  }

  @Authorized('ADMIN', 'AGENT')
  @Mutation(() => AddNotePayload, { description: 'Writes something down about a communication, in any state.' })
  async addNote(@Ctx() ctx: Context, @Arg('input', () => AddNoteInput) input: AddNoteInput): Promise<{ note: Note }> {
    return { note: await addNote(ctx, requireLocalId('Communication', input.communicationId, 'communication'), input.body) };
  }
}

function worksHere({ viewer }: Context): boolean {
  return viewer.role === 'ADMIN' || viewer.role === 'AGENT';
}

async function templatesOfContents(ctx: Context, contentIds: readonly string[]): Promise<(Template | null)[]> {
  const versions = await rows<{ contentId: string; templateId: string }>(
    ctx,
    'select content_id as "contentId", template_id as "templateId" from template_version where content_id = any($1::uuid[])',
    [contentIds],
  );
  const templates = await loadTemplates(
    ctx,
    versions.map((each) => each.templateId),
  );
  const byContent = new Map(versions.map((each) => [each.contentId, templates.get(each.templateId)]));
  return contentIds.map((id) => byContent.get(id) ?? null);
}

export const noteNode: NodeKind = {
  type: 'Note',
  load: async (ctx, id) => (worksHere(ctx) ? await loadNote(ctx, id) : null),
};

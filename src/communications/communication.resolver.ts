import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ContactType } from '../audience/contact.type.js';
import { loadContact } from '../audience/load.js';
import { categoryById } from '../content/category.js';
import { CategoryType } from '../content/category.type.js';
import type { Context } from '../context.js';
import { Forbidden } from '../errors.js';
import { type Connection, PageArgs } from '../graphql/connection.js';
import { localId, type NodeKind } from '../graphql/node.js';
import { CommunicationConnection, CommunicationFilter, CommunicationType, type RejectionType } from './communication.type.js';
import { listCommunications } from './list.js';
import { renderedOf } from './rendered.js';
import { type CommunicationRow, loadCommunications, numberOf } from './row.js';

type Fields = CommunicationType;

@Resolver(() => CommunicationType)
export class CommunicationResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => CommunicationType, { nullable: true, description: 'A communication by its id.' })
  async communication(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<unknown> {
    const row = localId('Communication', id);
    return row === undefined ? null : await communicationById(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => CommunicationConnection, { description: 'Communications of every origin, newest first.' })
  async communications(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => CommunicationFilter, { nullable: true }) filter?: CommunicationFilter,
  ): Promise<unknown> {
    return await listCommunications(ctx, page, filter);
  }

  @FieldResolver()
  number(@Root() row: CommunicationRow): Fields['number'] {
    return numberOf(row);
  }

  @FieldResolver(() => ContactType)
  async contact(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<unknown> {
    return await loadContact(ctx, row.contactId);
  }

  @FieldResolver()
  to(@Root() row: CommunicationRow): Fields['to'] {
    return row.address;
  }

  @FieldResolver()
  async subject(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<Fields['subject']> {
    return (await renderedOf(ctx, row)).subject;
  }

  @FieldResolver()
  async body(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<Fields['body']> {
    return (await renderedOf(ctx, row)).body;
  }

  @FieldResolver(() => CategoryType)
  async category(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<unknown> {
    return await categoryById(ctx, row.categoryId);
  }

  @FieldResolver()
  rejection(@Root() row: CommunicationRow): RejectionType | null {
    if (row.rejectionCode === null || row.rejectedAt === null) return null;
    return { code: row.rejectionCode, message: row.rejectionMessage ?? row.rejectionCode, at: row.rejectedAt };
  }

  @FieldResolver(() => CommunicationType)
  async followUpOf(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<unknown> {
    // Whoever sees an entry of a queue sees that entry: what it follows may be a note that was never meant for them.
    if (ctx.viewer.role === 'CONTACT' || ctx.viewer.role === 'EXTERNAL_SYSTEM') return null;
    return row.followUpOfId && (await communicationById(ctx, row.followUpOfId));
  }
}

/** A contact's communications: data of the stage on the right, answered by the one that keeps them. */
@Resolver(() => ContactType)
export class ContactCommunicationsResolver {
  @FieldResolver(() => CommunicationConnection, { description: 'What was said to and by the contact, newest first.' })
  async communications(
    @Ctx() ctx: Context,
    @Root() contact: { id: string },
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => CommunicationFilter, { nullable: true }) filter?: CommunicationFilter,
  ): Promise<Connection<CommunicationRow>> {
    if (ctx.viewer.role === 'CONTACT' || ctx.viewer.role === 'EXTERNAL_SYSTEM') {
      throw new Forbidden(`A token for ${ctx.viewer.role} reads queue entries and the inbox, not all communications.`);
    }
    return await listCommunications(ctx, page, filter, { narrow: (parameters) => `c.contact_id = $${parameters.push(contact.id)}` });
  }
}

export async function communicationById(ctx: Context, id: string): Promise<CommunicationRow | null> {
  return await ctx.loader('communication', (inside, ids: readonly string[]) => loadCommunications(inside, ids)).load(id);
}

export const communicationNode: NodeKind = {
  type: 'Communication',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await communicationById(ctx, id) : null),
};

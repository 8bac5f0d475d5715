import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { type Connection, PageArgs } from '../graphql/connection.js';
import { localId, type NodeKind, publicId } from '../graphql/node.js';
import { loadMessage, loadWireFormats, pageOfMessages, type SandboxMessage, type WireFormat } from './sandbox.js';
import { MailHeaderType, SandboxMessageConnection, SandboxMessageType } from './sandbox-message.type.js';

@Resolver(() => SandboxMessageType)
export class SandboxMessageResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => SandboxMessageConnection, { description: 'What the sandbox kept instead of sending it, newest first.' })
  async sandboxMessages(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('search', () => String, { nullable: true, description: 'Only those with this in an address, the subject or the text.' })
    search?: string | null,
  ): Promise<Connection<SandboxMessage>> {
    return await pageOfMessages(ctx, page, search);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => SandboxMessageType, { nullable: true, description: 'One kept message; null where there is none with this id.' })
  async sandboxMessage(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<SandboxMessage | null> {
    const row = localId('SandboxMessage', id);
    return row === undefined ? null : await loadMessage(ctx, row);
  }

  @FieldResolver(() => String, { nullable: true, description: 'The sender, as in the message; null for media without one.' })
  from(@Root() message: SandboxMessage): string | null {
    return message.sender;
  }

  @FieldResolver(() => String, { description: 'The address that it would have gone to.' })
  to(@Root() message: SandboxMessage): string {
    return message.recipient;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Its plain text; of an HTML e-mail, the plain alternative.' })
  text(@Root() message: SandboxMessage): string | null {
    return message.body;
  }

  @FieldResolver(() => String, { nullable: true, description: 'Its HTML, where it has some. Show it only in a sandboxed frame.' })
  async html(@Ctx() ctx: Context, @Root() message: SandboxMessage): Promise<string | null> {
    return (await wireFormatOf(ctx, message))?.html ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'An e-mail as it came over the wire; null for other media.' })
  async raw(@Ctx() ctx: Context, @Root() message: SandboxMessage): Promise<string | null> {
    return (await wireFormatOf(ctx, message))?.raw ?? null;
  }

  @FieldResolver(() => [MailHeaderType], { description: 'The headers of an e-mail, in their order; none for other media.' })
  async headers(@Ctx() ctx: Context, @Root() message: SandboxMessage): Promise<WireFormat['headers']> {
    return (await wireFormatOf(ctx, message))?.headers ?? [];
  }

  @FieldResolver(() => ID, { nullable: true, description: 'The id of the communication that it is.' })
  communicationId(@Root() message: SandboxMessage): string | null {
    return message.communicationId && publicId('Communication', message.communicationId);
  }
}

async function wireFormatOf(ctx: Context, message: SandboxMessage): Promise<WireFormat | null> {
  return await ctx.loader('sandbox wire format', loadWireFormats).load(message.id);
}

/** `node(id)` finds kept messages, for those who may list them. */
export const sandboxMessageNode: NodeKind = {
  type: 'SandboxMessage',
  load: async (ctx, id) => (['ADMIN', 'AGENT'].includes(ctx.viewer.role) ? await loadMessage(ctx, id) : null),
};

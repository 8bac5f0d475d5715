import { Args, ArgsType, Ctx, Extensions, Field, FieldResolver, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import { listCommunications } from '../../communications/list.js';
import type { Context } from '../../context.js';
import { PageArgs } from '../../graphql/connection.js';
import { hotField } from '../../graphql/hot-field.js';
import { publicId } from '../../graphql/node.js';
import { QueueEntryConnection } from '../entry.type.js';
import { readCursor } from './cursor.js';
import type { InboxEvent } from './event.js';
import { inboxHub } from './hub.js';
import { InboxEventType } from './inbox.type.js';
import { inboxScope, inScope, nowInInbox } from './scope.js';
import { inboxStream } from './stream.js';

@ArgsType()
class InboxArgs {
  @Field(() => String, { nullable: true, description: 'Whose inbox. A CONTACT token names its contact; others pass it.' })
  contactExternalId?: string | null;

  @Field(() => [ID], { nullable: true, description: 'Only entries of these systems; default: all with `contactInbox`.' })
  externalSystemIds?: string[] | null;
}

@ArgsType()
class InboxChangedArgs extends InboxArgs {
  @Field(() => String, { nullable: true, description: 'The cursor of the last event that was handled.' })
  after?: string | null;
}

const itself = hotField((event: InboxEvent) => event);
const entryIdOf = ({ entryId }: InboxEvent) => entryId && publicId('QueueEntry', entryId);

@Resolver(() => InboxEventType)
export class InboxResolver {
  @Query(() => QueueEntryConnection, {
    description:
      'PENDING and COMPLETED entries that have not expired, newest first, of the systems named (default: all with `contactInbox`; an EXTERNAL_SYSTEM sees its own). A CONTACT token names its contact; others pass it.',
  })
  async inbox(@Ctx() ctx: Context, @Args(() => InboxArgs) args: InboxArgs, @Args(() => PageArgs) pageArgs: PageArgs): Promise<unknown> {
    const scope = await inboxScope(ctx, args);
    return await listCommunications(ctx, pageArgs, null, {
      narrow: (parameters) => `${inScope(scope, parameters)} and c.direction = 'OUTGOING' and ${nowInInbox}`,
    });
  }

  @Extensions(itself)
  @Subscription(() => InboxEventType, {
    description:
      "A contact's inbox. Without `after` it begins with an ADDED event for each entry now in the inbox, oldest first; with `after`, the cursor of the last event that the client handled, with every change since; then SYNCED, then it goes on live. No gap, no event twice, the changes of one entry in their order; a client that reconnects days later misses nothing, and is told by RESYNC where that cannot be.",
    subscribe: async ({ args, context }: { args: InboxChangedArgs; context: Context }) => {
      const scope = await inboxScope(context, args);
      if (args.after != null) readCursor(args.after);
      // Not the context itself: a subscription lives for days, and would keep all that its request had.
      const { open, viewer } = context;
      return inboxStream({ scope, after: args.after, hub: inboxHub(context), open: () => open(viewer) });
    },
  })
  inboxChanged(@Root() event: InboxEvent, @Args(() => InboxChangedArgs) _args: InboxChangedArgs): unknown {
    return event;
  }

  @Extensions(hotField(entryIdOf))
  @FieldResolver(() => ID)
  entryId(@Root() event: InboxEvent): string | null {
    return entryIdOf(event);
  }
}

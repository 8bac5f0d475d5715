import { Arg, Args, ArgsType, Ctx, Field, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { countInboxes, countsOf, type InboxCounts } from './inbox/counts.js';
import { type InboxScope, inboxScope } from './inbox/scope.js';
import { InboxCountsType, ViewAllQueueEntriesInput, ViewAllQueueEntriesPayload } from './inboxCounts.type.js';
import { viewAll } from './viewAll.js';

@ArgsType()
class InboxCountsArgs {
  @Field(() => String, { nullable: true, description: 'Whose inbox. A CONTACT token names its contact; others pass it.' })
  contactExternalId?: string | null;

  @Field(() => [ID], { nullable: true, description: 'Only entries of these systems; default: all with `contactInbox`.' })
  externalSystemIds?: string[] | null;
}

@Resolver(() => InboxCountsType)
export class InboxCountsResolver {
  @Query(() => InboxCountsType, {
    description: 'The counters of an inbox, for a badge, without its entries. `inboxChanged` brings them live.',
  })
  async inboxCounts(@Ctx() ctx: Context, @Args(() => InboxCountsArgs) args: InboxCountsArgs): Promise<InboxCounts> {
    return await countsIn(ctx, await inboxScope(ctx, args));
  }

  @Mutation(() => ViewAllQueueEntriesPayload, {
    description: 'Says that the reader has seen everything that is in an inbox now. Every device is told.',
  })
  async viewAllQueueEntries(
    @Ctx() ctx: Context,
    @Arg('input', () => ViewAllQueueEntriesInput) input: ViewAllQueueEntriesInput,
  ): Promise<{ viewed: number; counts: InboxCounts }> {
    const scope = await inboxScope(ctx, input);
    return { viewed: await viewAll(ctx, scope), counts: await countsIn(ctx, scope) };
  }
}

async function countsIn(ctx: Context, scope: InboxScope): Promise<InboxCounts> {
  const [counts] = await countInboxes(ctx, [scope.contactId]);
  return countsOf(counts, scope);
}

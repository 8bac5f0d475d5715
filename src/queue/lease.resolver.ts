import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Authorized, Ctx, Extensions, Info, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../context.js';
import { Forbidden } from '../errors.js';
import type { HotMutation } from '../graphql/compiled.js';
import { hotField } from '../graphql/hot-field.js';
import type { TakesTurns } from '../graphql/in-turn.js';
import { selectsOnly } from '../graphql/selection.js';
import type { MayCommitItself } from '../graphql/together.js';
import { QueueEntryType } from './entry.type.js';
import { LeaseQueueEntriesInput, LeaseQueueEntriesPayload, QueueEntryLeasedArgs } from './lease.type.js';
import { askInTurn, leaseAsked } from './leaseAsked.js';
import { leasedStream } from './leasedStream.js';
import { checkRanges } from './ranges.js';
import type { LeasedEntry, LeasedId } from './systemLease.js';
import { requireEnabled, requireSystem } from './systems.js';

/** The fields of an entry that need nothing of its communication. */
const ofTheQueue: readonly string[] = ['__typename', 'id', 'number', 'lease'];

const sure = ['entries', ...ofTheQueue, 'token', 'expiresAt', 'attempt'];
const hot = { hotMutation: true, sure, inTurn: askInTurn } satisfies HotMutation & MayCommitItself & TakesTurns;
const itself = hotField((entry: LeasedEntry) => entry);

@Resolver(() => QueueEntryType)
export class LeaseResolver {
  @Authorized('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM')
  @Extensions(hot)
  @Mutation(() => LeaseQueueEntriesPayload, {
    description: 'Leases up to `limit` entries that wait, oldest first; what is not settled when its lease ends goes back to the queue.',
  })
  async leaseQueueEntries(
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('input', () => LeaseQueueEntriesInput) input: LeaseQueueEntriesInput,
  ): Promise<{ entries: LeasedId[] }> {
    checkRanges([
      ['limit', input.limit, 1_000],
      ['leaseSeconds', input.leaseSeconds ?? 1, 3_600],
    ]);
    const idsOnly = selectsOnly(info, ['entries'], ofTheQueue);
    const { externalSystemId: systemId, limit, leaseSeconds = null } = input;
    return { entries: await leaseAsked(ctx, { systemId, limit, leaseSeconds, idsOnly }) };
  }

  @Extensions(itself)
  @Subscription(() => QueueEntryType, {
    description:
      "Work for an external system: each entry that waits goes, leased, to exactly one of the system's subscribers, and to another when the lease ends unsettled. At most `maxInFlight` unsettled entries are out to this subscriber at a time.",
    subscribe: async ({ args, context }: { args: QueueEntryLeasedArgs; context: Context }) => {
      if (context.viewer.role === 'CONTACT')
        throw new Forbidden('queueEntryLeased is for ADMIN, AGENT, EXTERNAL_SYSTEM; this token is for CONTACT.');
      const maxInFlight = args.maxInFlight ?? 100;
      checkRanges([
        ['leaseSeconds', args.leaseSeconds ?? 1, 3_600],
        ['maxInFlight', maxInFlight, 1_000],
      ]);
      const system = await requireSystem(context, args.externalSystemId);
      requireEnabled(system);
      const leaseSeconds = args.leaseSeconds ?? system.leaseSeconds;
      return leasedStream({ ctx: context, systemId: system.id, leaseSeconds, maxInFlight });
    },
  })
  queueEntryLeased(@Root() entry: LeasedEntry, @Args(() => QueueEntryLeasedArgs) _args: QueueEntryLeasedArgs): LeasedEntry {
    return entry;
  }
}

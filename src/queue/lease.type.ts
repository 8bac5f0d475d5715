import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { QueueEntryType } from './entry.type.js';

@InputType('LeaseQueueEntriesInput', { description: 'How much work to take, and for how long.' })
export class LeaseQueueEntriesInput {
  @Field(() => ID, { nullable: true, description: 'An EXTERNAL_SYSTEM token names its own system; others pass it.' })
  externalSystemId?: string | null;

  @Field(() => Int, { defaultValue: 100, description: 'Entries at most, 1 to 1,000.' })
  limit!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Seconds, 1 to 3,600: what is not settled by then goes back to the queue. Default: the system's `leaseSeconds`, 60.",
  })
  leaseSeconds?: number | null;
}

@ObjectType('LeaseQueueEntriesPayload', { simpleResolvers: true, description: 'The work taken.' })
export class LeaseQueueEntriesPayload {
  @Field(() => [QueueEntryType], { description: 'Oldest first; empty when nothing waits.' })
  entries!: QueueEntryType[];
}

@InputType('ExtendLeaseInput', { description: 'One lease to extend.' })
export class ExtendLeaseInput {
  @Field(() => ID, { description: "The entry's id." })
  id!: string;

  @Field(() => String, { description: 'Of the lease that is held.' })
  leaseToken!: string;
}

@InputType('ExtendLeasesInput', { description: 'Leases that need longer; at most 1,000.' })
export class ExtendLeasesInput {
  @Field(() => [ExtendLeaseInput], { description: 'Which.' })
  entries!: ExtendLeaseInput[];

  @Field(() => Int, { defaultValue: 60, description: 'Seconds from now, 1 to 3,600.' })
  leaseSeconds!: number;
}

@ArgsType()
export class QueueEntryLeasedArgs {
  @Field(() => ID, { nullable: true, description: 'An EXTERNAL_SYSTEM token names its own system; others pass it.' })
  externalSystemId?: string | null;

  @Field(() => Int, { nullable: true, description: "Seconds, 1 to 3,600. Default: the system's `leaseSeconds`, 60." })
  leaseSeconds?: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 100,
    description: 'Unsettled entries that are out to this subscriber at most, 1 to 1,000.',
  })
  maxInFlight?: number | null;
}

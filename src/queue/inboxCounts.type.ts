import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('InboxCounts', { simpleResolvers: true, description: 'How much is in an inbox.' })
export class InboxCountsType {
  @Field(() => Int, { description: 'PENDING entries in the inbox now.' })
  pendingCount!: number;

  @Field(() => Int, { description: 'Entries in the inbox now that nobody has viewed.' })
  unviewedCount!: number;
}

@InputType('ViewAllQueueEntriesInput', { description: 'Whose inbox has been seen.' })
export class ViewAllQueueEntriesInput {
  @Field(() => String, { nullable: true, description: 'Whose inbox. A CONTACT token names its contact; others pass it.' })
  contactExternalId?: string | null;

  @Field(() => [ID], { nullable: true, description: 'Only entries of these systems; default: all with `contactInbox`.' })
  externalSystemIds?: string[] | null;
}

@ObjectType('ViewAllQueueEntriesPayload', { simpleResolvers: true, description: 'What viewAllQueueEntries answers.' })
export class ViewAllQueueEntriesPayload {
  @Field(() => Int, { description: 'How many entries had not been viewed before.' })
  viewed!: number;

  @Field(() => InboxCountsType, { description: 'What is in the inbox now.' })
  counts!: InboxCountsType;
}

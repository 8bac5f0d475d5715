import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ContactType } from '../audience/contact.type.js';
import { Medium } from '../catalogue/medium.js';
import { CommunicationType } from '../communications/communication.type.js';
import { LifeCycleState } from '../communications/lifeCycle.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { ExternalSystemType } from './externalSystem.type.js';

@ObjectType('Lease', { simpleResolvers: true, description: 'The right to process an entry, for a while.' })
export class LeaseType {
  @Field(() => String, { description: 'Show it when settling.' })
  token!: string;

  @Field(() => DateTimeScalar, { description: 'Unsettled by then, the entry goes back to the queue.' })
  expiresAt!: Date;

  @Field(() => Int, { description: 'Which try this is, from 1.' })
  attempt!: number;
}

@ObjectType('QueueEntry', {
  implements: NodeType,
  simpleResolvers: true,
  description:
    "A communication as the external system, portal or app that must process it sees it; `id` is the communication's. It stays a queue entry after it is settled.",
})
export class QueueEntryType extends NodeType {
  @Field(() => String, { description: 'Unique, for people to quote; that of its communication is another one.' })
  number!: string;

  @Field(() => CommunicationType, { description: 'All of it.' })
  communication!: CommunicationType;

  @Field(() => ContactType, { description: 'Whose it is.' })
  contact!: ContactType;

  @Field(() => ExternalSystemType, {
    nullable: true,
    description: 'The system that it is meant for; null where the engine sends it, and for the contact.',
  })
  externalSystem?: ExternalSystemType | null;

  @Field(() => Medium, { description: 'How it reaches the contact.' })
  medium!: Medium;

  @Field(() => LifeCycleState, { description: 'Where it stands; one whose time has passed is REJECTED from that instant.' })
  state!: LifeCycleState;

  @Field(() => String, { nullable: true, description: 'The subject as the recipient sees it.' })
  subject?: string | null;

  @Field(() => String, { description: 'The content as the recipient sees it: HTML for HTML and MJML contents, text otherwise.' })
  body!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its reader first saw it.' })
  viewedAt?: Date | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'From then on it is out of reach.' })
  expiresAt?: Date | null;

  @Field(() => LeaseType, { nullable: true, description: 'Shown only to the caller that holds it.' })
  lease?: LeaseType | null;
}

export const QueueEntryConnection = connectionType('QueueEntry', () => QueueEntryType);

@InputType('QueueEntryFilter', { description: 'All that is given must hold.' })
export class QueueEntryFilter {
  @Field(() => [Medium], { nullable: true, description: 'Of one of these media.' })
  media?: Medium[] | null;

  @Field(() => String, { nullable: true, description: 'To this contact.' })
  contactExternalId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Made by this run.' })
  runId?: string | null;

  @Field(() => String, { nullable: true, description: 'With this number, `QE000680`, or that of its communication, `CM000680`.' })
  number?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Viewed by their reader, or not.' })
  viewed?: boolean | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made at this instant or later.' })
  createdAfter?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made before this instant.' })
  createdBefore?: string | null;
}

@InputType('SettleEntryInput', { description: 'One entry to settle.' })
export class SettleEntryInput {
  @Field(() => ID, { description: "The entry's id." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Needed where the entry is leased, but not by a CONTACT, whose settlement ends the lease. The token of the lease that settled the entry, or none, succeeds again; any other is CONFLICT.',
  })
  leaseToken?: string | null;
}

@InputType('RejectEntryInput', { description: 'One entry to reject.' })
export class RejectEntryInput extends SettleEntryInput {
  @Field(() => String, { description: 'Why, in words for people.' })
  reason!: string;
}

@InputType('CompleteQueueEntriesInput', { description: 'Entries that were handed over; at most 1,000.' })
export class CompleteQueueEntriesInput {
  @Field(() => [SettleEntryInput], { description: 'Which.' })
  entries!: SettleEntryInput[];
}

@InputType('RemoveQueueEntriesInput', { description: 'Entries that their reader deleted; at most 1,000.' })
export class RemoveQueueEntriesInput {
  @Field(() => [SettleEntryInput], { description: 'Which.' })
  entries!: SettleEntryInput[];
}

@InputType('RejectQueueEntriesInput', { description: 'Entries that could not be handed over; at most 1,000.' })
export class RejectQueueEntriesInput {
  @Field(() => [RejectEntryInput], { description: 'Which, and why.' })
  entries!: RejectEntryInput[];
}

@InputType('ViewQueueEntriesInput', { description: 'Entries that their reader has seen; at most 1,000.' })
export class ViewQueueEntriesInput {
  @Field(() => [ID], { description: 'Which.' })
  ids!: string[];
}

@ObjectType('SettleError', { simpleResolvers: true, description: 'Why one entry was not settled.' })
export class SettleErrorType {
  @Field(() => String, { description: 'NOT_FOUND, CONFLICT or INVALID_STATE_TRANSITION.' })
  code!: string;

  @Field(() => String, { description: 'The same in words.' })
  message!: string;
}

@ObjectType('SettleResult', { simpleResolvers: true, description: 'What became of one entry.' })
export class SettleResultType {
  @Field(() => ID, { description: 'As it was asked.' })
  id!: string;

  @Field(() => QueueEntryType, { nullable: true, description: 'The entry as it is now.' })
  entry?: QueueEntryType | null;

  @Field(() => SettleErrorType, { nullable: true, description: 'Why it was refused.' })
  error?: SettleErrorType | null;
}

@ObjectType('SettleQueueEntriesPayload', {
  simpleResolvers: true,
  description: 'One result for each entry asked, in that order; a refused one never stops the others.',
})
export class SettleQueueEntriesPayload {
  @Field(() => [SettleResultType], { description: 'In the order asked.' })
  results!: SettleResultType[];
}

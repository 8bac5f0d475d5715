import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { ContactType } from '../audience/contact.type.js';
import { Direction, Medium } from '../catalogue/medium.js';
import { ObjectRefInput } from '../catalogue/object-ref.js';
import { CategoryType } from '../content/category.type.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { LifeCycleState } from './lifeCycle.js';
import { CommunicationOrigin } from './origin.js';

@ObjectType('Rejection', { simpleResolvers: true, description: 'Why a communication was not handed over.' })
export class RejectionType {
  @Field(() => String, {
    description:
      'EXPIRED, TOO_LONG, UNSUPPORTED_MEDIUM, NO_ADDRESS, OPTED_OUT, CANCELLED, PROVIDER_REFUSED, EXTERNAL_SYSTEM, IN_DOUBT, ...',
  })
  code!: string;

  @Field(() => String, { description: 'The same in words, with what the provider or external system said.' })
  message!: string;

  @Field(() => DateTimeScalar, { description: 'When.' })
  at!: Date;
}

@ObjectType('Communication', { implements: NodeType, description: 'One message to or from one contact.' })
export class CommunicationType extends NodeType {
  @Field(() => String, { description: 'Unique, for people to quote.' })
  number!: string;

  @Field(() => ContactType, { description: 'Whose it is.' })
  contact!: ContactType;

  @Field(() => Medium, { description: 'How it reaches the contact.' })
  medium!: Medium;

  @Field(() => Direction, { description: 'Who speaks.' })
  direction!: Direction;

  @Field(() => CommunicationOrigin, { description: 'What caused it.' })
  origin!: CommunicationOrigin;

  @Field(() => LifeCycleState, { description: 'Where it stands; one whose time has passed is REJECTED from that instant.' })
  state!: LifeCycleState;

  @Field(() => String, { nullable: true, description: 'The e-mail address or phone number, for media that need one.' })
  to?: string | null;

  @Field(() => String, { nullable: true, description: 'The subject as the recipient sees it.' })
  subject?: string | null;

  @Field(() => String, { description: 'The content as the recipient sees it: HTML for HTML and MJML contents, text otherwise.' })
  body!: string;

  @Field(() => CategoryType, { nullable: true, description: 'What it is about for the business.' })
  category?: CategoryType | null;

  @Field(() => RejectionType, { nullable: true, description: 'Why it was rejected.' })
  rejection?: RejectionType | null;

  @Field(() => CommunicationType, { nullable: true, description: 'The communication that it follows up.' })
  followUpOf?: CommunicationType | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'From then on it is out of reach.' })
  expiresAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was handed over.' })
  completedAt?: Date | null;
}

export const CommunicationConnection = connectionType('Communication', () => CommunicationType);

@InputType('CommunicationFilter', { description: 'All that is given must hold.' })
export class CommunicationFilter {
  @Field(() => [LifeCycleState], { nullable: true, description: 'In one of these states.' })
  states?: LifeCycleState[] | null;

  @Field(() => [Medium], { nullable: true, description: 'Of one of these media.' })
  media?: Medium[] | null;

  @Field(() => Direction, { nullable: true, description: 'Where this one speaks.' })
  direction?: Direction | null;

  @Field(() => [CommunicationOrigin], { nullable: true, description: 'Caused by one of these.' })
  origins?: CommunicationOrigin[] | null;

  @Field(() => String, { nullable: true, description: 'With this number.' })
  number?: string | null;

  @Field(() => ID, { nullable: true, description: 'Made by this run.' })
  runId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Made by a run of this plan.' })
  planId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Written with this template, in any of its versions.' })
  templateId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Processed by this external system.' })
  externalSystemId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'To an address that begins so, in small or capital letters. What a run sent is found while its contact has the address still.',
  })
  to?: string | null;

  @Field(() => ObjectRefInput, {
    nullable: true,
    description: 'That refer to this object; the type `communication` with a number finds the follow-ups of that one.',
  })
  referringTo?: ObjectRefInput | null;

  @Field(() => String, {
    nullable: true,
    description: "Written by this person: the token's subject. With the state DRAFT, the drafts of one person.",
  })
  createdBy?: string | null;

  @Field(() => String, { nullable: true, description: 'Owned by the business unit of this code.' })
  ownedByUnit?: string | null;

  @Field(() => ID, { nullable: true, description: 'In this category or one below it.' })
  categoryId?: string | null;

  @Field(() => String, { nullable: true, description: 'To or from this contact.' })
  contactExternalId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made at this instant or later.' })
  createdAfter?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made before this instant.' })
  createdBefore?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Handed over at this instant or later.' })
  completedAfter?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Handed over before this instant.' })
  completedBefore?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A number, the beginning of an address, or words that begin so in what the text says to everybody, accents aside. What it says to one alone, the values of tags, is searched within one contact or run: name one of them, too.',
  })
  text?: string | null;
}

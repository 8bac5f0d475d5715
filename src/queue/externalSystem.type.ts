import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Medium } from '../catalogue/medium.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';

const providerWords =
  'The provisioning provider that works off its DEVICE entries; only where media include DEVICE, and at most one system for each.';
const unitsWords = 'Codes of the business units that may use it; null: all of them.';
const attemptsWords =
  'An entry whose lease has ended this often unsettled is REJECTED with LEASE_ATTEMPTS, 1 to 1,000; null: it goes back to the queue for ever.';
const leaseWords = 'How long a lease lasts that names no time, in seconds, 1 to 3,600.';
const limitWords = "Characters that a message may have; the lower of this and the medium's counts, longer ones are REJECTED with TOO_LONG.";

@ObjectType('ExternalSystem', {
  implements: NodeType,
  simpleResolvers: true,
  description:
    'A third-party portal, app or gateway that may process queue entries of its media. With `contactInbox` its entries are the inbox of each contact: a CONTACT token reads and settles its own.',
})
export class ExternalSystemType extends NodeType {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { description: 'Unique; the `sub` of its tokens. Never changes.' })
  code!: string;

  @Field(() => [Medium], { description: 'What it can process; the queue rejects other media.' })
  media!: Medium[];

  @Field(() => Boolean, { description: 'Its entries are the inbox of each contact.' })
  contactInbox!: boolean;

  @Field(() => Int, { nullable: true, description: limitWords })
  characterLimit?: number | null;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => Boolean, { description: 'False: it cannot be chosen for new communications, is handed no work, and its entries wait.' })
  enabled!: boolean;

  @Field(() => String, { nullable: true, description: providerWords })
  provisioningProvider?: string | null;

  @Field(() => [String], { nullable: true, description: unitsWords })
  usableByUnits?: string[] | null;

  @Field(() => Int, { nullable: true, description: attemptsWords })
  maxAttempts?: number | null;

  @Field(() => Int, { description: leaseWords })
  leaseSeconds!: number;

  @Field(() => DateTimeScalar, { description: 'When it was added.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  updatedAt!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was deleted: it is shown by what it was sent before, and cannot be named for anything else.',
  })
  deletedAt?: Date | null;
}

export const ExternalSystemConnection = connectionType('ExternalSystem', () => ExternalSystemType);

@InputType('ExternalSystemFilter', { description: 'All that is given must hold.' })
export class ExternalSystemFilter {
  @Field(() => Medium, { nullable: true, description: 'That process this medium: those to offer for a communication, rule or plan of it.' })
  medium?: Medium | null;

  @Field(() => Boolean, { nullable: true, description: 'That can be chosen, or cannot.' })
  enabled?: boolean | null;

  @Field(() => String, { nullable: true, description: 'The code of a business unit that may use them.' })
  unit?: string | null;

  @Field(() => String, { nullable: true, description: 'The one tied to this provisioning provider.' })
  provisioningProvider?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'That feed the inboxes of contacts, or do not.' })
  contactInbox?: boolean | null;
}

@InputType('CreateExternalSystemInput', { description: 'A new external system.' })
export class CreateExternalSystemInput {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Unique; made from the name when left out.' })
  code?: string | null;

  @Field(() => [Medium], { description: 'What it can process: at least one medium.' })
  media!: Medium[];

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Its entries are the inbox of each contact.' })
  contactInbox?: boolean | null;

  @Field(() => Int, { nullable: true, description: limitWords })
  characterLimit?: number | null;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: 'It can be chosen, and is handed work.' })
  enabled?: boolean | null;

  @Field(() => String, { nullable: true, description: providerWords })
  provisioningProvider?: string | null;

  @Field(() => [String], { nullable: true, description: unitsWords })
  usableByUnits?: string[] | null;

  @Field(() => Int, { nullable: true, description: attemptsWords })
  maxAttempts?: number | null;

  @Field(() => Int, { nullable: true, defaultValue: 60, description: leaseWords })
  leaseSeconds?: number | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('CreateExternalSystemPayload', { simpleResolvers: true, description: 'What createExternalSystem answers.' })
export class CreateExternalSystemPayload {
  @Field(() => ExternalSystemType, { description: 'The new system.' })
  externalSystem!: ExternalSystemType;
}

@InputType('UpdateExternalSystemInput', {
  description: 'Changes an external system. A field left out keeps its value; null clears it. Its code, the `sub` of its tokens, stays.',
})
export class UpdateExternalSystemInput {
  @Field(() => ID, { description: 'Which.' })
  externalSystemId!: string;

  @Field(() => String, { nullable: true, description: 'Unique.' })
  name?: string | null;

  @Field(() => [Medium], {
    nullable: true,
    description: 'What it can process. CONFLICT where entries of a medium wait that is taken away.',
  })
  media?: Medium[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Its entries are the inbox of each contact.' })
  contactInbox?: boolean | null;

  @Field(() => Int, { nullable: true, description: `${limitWords} What waits already stays.` })
  characterLimit?: number | null;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'False: it cannot be chosen, is handed no work, and its entries wait.' })
  enabled?: boolean | null;

  @Field(() => String, { nullable: true, description: providerWords })
  provisioningProvider?: string | null;

  @Field(() => [String], { nullable: true, description: unitsWords })
  usableByUnits?: string[] | null;

  @Field(() => Int, { nullable: true, description: attemptsWords })
  maxAttempts?: number | null;

  @Field(() => Int, { nullable: true, description: leaseWords })
  leaseSeconds?: number | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('UpdateExternalSystemPayload', { simpleResolvers: true, description: 'What updateExternalSystem answers.' })
export class UpdateExternalSystemPayload {
  @Field(() => ExternalSystemType, { description: 'The system as it is now.' })
  externalSystem!: ExternalSystemType;
}

@InputType('DeleteExternalSystemInput', { description: 'An external system to delete.' })
export class DeleteExternalSystemInput {
  @Field(() => ID, { description: 'Which.' })
  externalSystemId!: string;
}

@ObjectType('DeleteExternalSystemPayload', { simpleResolvers: true, description: 'What deleteExternalSystem answers.' })
export class DeleteExternalSystemPayload {
  @Field(() => ID, { description: 'Which it was.' })
  externalSystemId!: string;
}

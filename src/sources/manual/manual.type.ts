import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Direction, Medium } from '../../catalogue/medium.js';
import { ObjectRefInput } from '../../catalogue/object-ref.js';
import { CommunicationType } from '../../communications/communication.type.js';
import { ContentFormat, ParameterInput } from '../../content/content.input.js';
import { DateTimeScalar } from '../../graphql/scalars.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';

const olderWords = 'Where somebody has changed the draft since, nothing happens and the answer is CONFLICT; left out: the last one wins.';

/** What a communication says and to whom, as creating and updating share it. */
@InputType()
abstract class WrittenInput {
  @Field(() => String, {
    nullable: true,
    description: "An e-mail address or phone number; default: the contact's primary one for the medium.",
  })
  to?: string | null;

  @Field(() => ID, { nullable: true, description: 'Who processes it; absent: the engine itself.' })
  externalSystemId?: string | null;

  @Field(() => String, { nullable: true, description: 'May hold tags.' })
  subject?: string | null;

  @Field(() => String, { nullable: true, description: 'May hold tags.' })
  body?: string | null;

  @Field(() => ID, { nullable: true, description: 'Instead of subject and body: an effective template of the medium.' })
  templateId?: string | null;

  @Field(() => ID, { nullable: true, description: "What it is about for the business; default: the template's category." })
  categoryId?: string | null;

  @Field(() => String, { nullable: true, description: 'The code of the business unit that owns it (C14); kept, and filtered by.' })
  ownedByUnit?: string | null;

  @Field(() => [ParameterInput], { nullable: true, description: 'Values for unrestricted tags, #param.NAME.' })
  parameters?: ParameterInput[] | null;

  @Field(() => ObjectRefInput, {
    nullable: true,
    description:
      "What it is about: one of the contact's business objects; or, with the type `communication` and a number, a completed communication that it follows up.",
  })
  referringTo?: ObjectRefInput | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Files that were uploaded to POST /attachments, at most ten; they go with it in this order, in place of those before. An e-mail shows an image among them where its HTML has `<img src="cid:ID">`.',
  })
  attachmentIds?: string[] | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'From then on it is out of reach; in the future.' })
  expiresAt?: string | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('CreateCommunicationInput', { description: 'A communication with one contact.' })
export class CreateCommunicationInput extends WrittenInput {
  @Field(() => String, { description: 'With whom.' })
  contactExternalId!: string;

  @Field(() => Medium, { nullable: true, description: "Default: the template's; another than the template's is BAD_USER_INPUT." })
  medium?: Medium | null;

  @Field(() => Direction, {
    nullable: true,
    description: "Default: the template's, else OUTGOING. Incoming ones are recorded, never queued.",
  })
  direction?: Direction | null;

  @Field(() => ContentFormat, { nullable: true, defaultValue: 'TEXT', description: 'How `body` is written.' })
  format?: ContentFormat | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Instead of `externalSystemId`: the system that is tied to this provisioning provider. For message runs of provisioning processes.',
  })
  provisioningProvider?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Keep it editable, and send nothing yet.' })
  saveAsDraft?: boolean | null;
}

@InputType('UpdateCommunicationInput', {
  description:
    'Changes a DRAFT; `saveAsDraft: false` also sends it (or, for media that never queue, completes it). A field left out keeps its value.',
})
export class UpdateCommunicationInput extends WrittenInput {
  @Field(() => ID, { description: 'The draft.' })
  communicationId!: string;

  @Field(() => ContentFormat, { nullable: true, description: 'How `body` is written.' })
  format?: ContentFormat | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: 'False sends it.' })
  saveAsDraft?: boolean | null;

  @Field(() => Int, { nullable: true, description: `The \`draftVersion\` that was read. ${olderWords}` })
  expectedVersion?: number | null;
}

@InputType('DeleteDraftInput', { description: 'Which draft is discarded.' })
export class DeleteDraftInput {
  @Field(() => ID, { description: 'The draft.' })
  communicationId!: string;

  @Field(() => Int, { nullable: true, description: `The \`draftVersion\` that was read. ${olderWords}` })
  expectedVersion?: number | null;
}

@InputType('FollowUpCommunicationInput', { description: 'A new communication that refers to a completed one of the same contact.' })
export class FollowUpCommunicationInput {
  @Field(() => ID, { description: 'The completed one.' })
  communicationId!: string;

  @Field(() => CreateCommunicationInput, { description: 'The new one.' })
  followUp!: CreateCommunicationInput;
}

@ObjectType('CreateCommunicationPayload', { simpleResolvers: true, description: 'What createCommunication answers.' })
export class CreateCommunicationPayload {
  @Field(() => CommunicationType, { description: 'The communication as it is now.' })
  communication!: CommunicationType;
}

@ObjectType('UpdateCommunicationPayload', { simpleResolvers: true, description: 'What updateCommunication answers.' })
export class UpdateCommunicationPayload {
  @Field(() => CommunicationType, { description: 'The communication as it is now.' })
  communication!: CommunicationType;
}

@ObjectType('DeleteDraftPayload', { simpleResolvers: true, description: 'The draft discarded.' })
export class DeleteDraftPayload {
  @Field(() => ID, { description: 'The id that it had.' })
  communicationId!: string;
}

@ObjectType('FollowUpCommunicationPayload', { simpleResolvers: true, description: 'What followUpCommunication answers.' })
export class FollowUpCommunicationPayload {
  @Field(() => CommunicationType, { description: 'The new communication.' })
  communication!: CommunicationType;
}

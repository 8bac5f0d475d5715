import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Medium } from '../../catalogue/medium.js';
import { ObjectRefInput } from '../../catalogue/object-ref.js';
import { CommunicationType } from '../../communications/communication.type.js';
import { ContentInput, ParameterInput } from '../../content/content.input.js';
import { DateTimeScalar, LocaleScalar } from '../../graphql/scalars.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';

@InputType('RetryCommunicationInput', { description: 'A rejected communication to try again, as it was but for what is given here.' })
export class RetryCommunicationInput {
  @Field(() => ID, { description: 'The rejected one.' })
  communicationId!: string;

  @Field(() => String, { nullable: true, description: "Default: the address before, else the contact's primary one." })
  to?: string | null;

  @Field(() => ID, { nullable: true, description: 'Default: the system before; null: the engine itself.' })
  externalSystemId?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "In the future. Default: the time before, where it has not passed, else the medium's lifetime; null: never.",
  })
  expiresAt?: string | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@ObjectType('RetryCommunicationPayload', { simpleResolvers: true, description: 'What retryCommunication answers.' })
export class RetryCommunicationPayload {
  @Field(() => CommunicationType, { description: 'The new communication; `retryOf` is the rejected one, which stays as it is.' })
  communication!: CommunicationType;
}

@InputType('SendTestInput', { description: 'A text to send as one contact would get it, to an address of your own.' })
export class SendTestInput {
  @Field(() => ID, { nullable: true, description: 'A template in any state; or give `content`.' })
  templateId?: string | null;

  @Field(() => [ContentInput], { nullable: true, description: 'Texts that are not saved as a template; or give `templateId`.' })
  content?: ContentInput[] | null;

  @Field(() => Medium, { nullable: true, description: "Default: the template's; e-mail for `content`." })
  medium?: Medium | null;

  @Field(() => String, { description: 'Where the test goes: an e-mail address, a phone number, or what the medium takes.' })
  to!: string;

  @Field(() => String, { description: 'As whom: the contact whose values the tags get. The test does not go there.' })
  contactExternalId!: string;

  @Field(() => ObjectRefInput, { nullable: true, description: 'What it is about.' })
  object?: ObjectRefInput | null;

  @Field(() => LocaleScalar, { nullable: true, description: "Default: the contact's preferred language." })
  language?: string | null;

  @Field(() => [ParameterInput], { nullable: true, description: 'Values for unrestricted tags.' })
  parameters?: ParameterInput[] | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@ObjectType('SendTestPayload', { simpleResolvers: true, description: 'What sendTest answers.' })
export class SendTestPayload {
  @Field(() => CommunicationType, { description: 'The test, of the origin TEST; its state says whether it was handed over.' })
  communication!: CommunicationType;
}

import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { CommunicationType } from '../communications/communication.type.js';

@InputType('CancelCommunicationInput', { description: 'A communication to call back.' })
export class CancelCommunicationInput {
  @Field(() => ID, { description: 'The communication.' })
  communicationId!: string;

  @Field(() => String, { nullable: true, description: 'Why, for the record; at most 500 characters.' })
  reason?: string | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('CancelCommunicationPayload', { simpleResolvers: true, description: 'What cancelCommunication answers.' })
export class CancelCommunicationPayload {
  @Field(() => CommunicationType, { description: 'The communication as it is now.' })
  communication!: CommunicationType;
}

import { Field, ObjectType } from 'type-graphql';

@ObjectType('ReferredObject', { simpleResolvers: true, description: 'The record of the contact that a communication is about.' })
export class ReferredObjectType {
  @Field(() => String, { description: 'Its type, as in tags; `communication` for a related communication.' })
  type!: string;

  @Field(() => String, { description: 'Its id in the CRM of record; of a communication, its number.' })
  externalId!: string;

  @Field(() => String, { nullable: true, description: 'Its number, for people.' })
  number?: string | null;
}

import { Field, ObjectType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar, JsonObjectScalar, LocaleScalar, TimeZoneScalar } from '../graphql/scalars.js';

@ObjectType('ContactEmail', { simpleResolvers: true, description: 'An e-mail address of a contact.' })
export class ContactEmailType {
  @Field(() => String, { description: 'What it is for, such as PRIMARY, WORK or BILLING.' })
  type!: string;

  @Field(() => String, { description: 'The address.' })
  address!: string;

  @Field(() => Boolean, { description: 'The one to use unless another type is asked for.' })
  primary!: boolean;
}

@ObjectType('ContactPhone', { simpleResolvers: true, description: 'A phone of a contact.' })
export class ContactPhoneType {
  @Field(() => String, { description: 'What it is for, such as MOBILE, WORK or HOME.' })
  type!: string;

  @Field(() => String, { description: 'The number, as E.164: +35799123456.' })
  number!: string;

  @Field(() => Boolean, { description: 'The one to use unless another type is asked for.' })
  primary!: boolean;
}

@ObjectType('Contact', { implements: NodeType, description: 'A person or company that communications go to and come from.' })
export class ContactType extends NodeType {
  @Field(() => String, { description: "The CRM's id of the contact." })
  externalId!: string;

  @Field(() => String, { description: 'The full name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The first name.' })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: 'The last name.' })
  lastName?: string | null;

  @Field(() => LocaleScalar, { nullable: true, description: "The language to write in; none: the system's default." })
  preferredLanguage?: string | null;

  @Field(() => TimeZoneScalar, { nullable: true, description: "The zone whose clock the contact lives by; none: the system's default." })
  timeZone?: string | null;

  @Field(() => Boolean, { description: 'May receive our own marketing.' })
  directMarketing!: boolean;

  @Field(() => Boolean, { description: "May receive partners' marketing." })
  affiliateMarketing!: boolean;

  @Field(() => [ContactEmailType], { description: 'The e-mail addresses, in the order in which the CRM gave them.' })
  emails!: ContactEmailType[];

  @Field(() => [ContactPhoneType], { description: 'The phones, in the order in which the CRM gave them.' })
  phones!: ContactPhoneType[];

  @Field(() => JsonObjectScalar, { description: 'Free extra fields.' })
  attributes!: Record<string, unknown>;

  @Field(() => JsonObjectScalar, { description: 'Its declared fields.' })
  fields!: Record<string, unknown>;

  @Field(() => DateTimeScalar, { description: 'When the contact was first seen here.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When something of it last changed.' })
  updatedAt!: Date;
}

export const ContactConnection = connectionType('Contact', () => ContactType);

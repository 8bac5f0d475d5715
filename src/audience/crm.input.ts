import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { DecimalScalar, JsonObjectScalar, LocaleScalar, TimeZoneScalar } from '../graphql/scalars.js';

/*
 * What a CRM pushes. A field left out keeps its value, null clears it: the two are told apart everywhere, so no field here has
 * a default of its own.
 */

@InputType({ description: 'An e-mail address of a contact.' })
export class ContactEmailInput {
  @Field(() => String, { defaultValue: 'PRIMARY', description: 'What it is for, such as PRIMARY, WORK or BILLING; each at most once.' })
  type?: string;

  @Field(() => String, { description: 'The address: maria@example.org.' })
  address!: string;

  @Field(() => Boolean, { nullable: true, description: 'The one to use unless another type is asked for; without any, the first.' })
  primary?: boolean | null;
}

@InputType({ description: 'A phone of a contact.' })
export class ContactPhoneInput {
  @Field(() => String, { defaultValue: 'MOBILE', description: 'What it is for, such as MOBILE, WORK or HOME; each at most once.' })
  type?: string;

  @Field(() => String, {
    description:
      'The international number: +35799123456; without + as it is dialled in one of the `countries` of the settings. Blanks, dots and hyphens are dropped.',
  })
  number!: string;

  @Field(() => Boolean, { nullable: true, description: 'The one to use unless another type is asked for; without any, the first.' })
  primary?: boolean | null;
}

@InputType({ description: 'A contact, by the id that it has in the CRM.' })
export class ContactInput {
  @Field(() => String, { description: "The CRM's id of the contact." })
  externalId!: string;

  @Field(() => String, { nullable: true, description: 'The full name; required the first time.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'The first name; left out, the first word of a new `name`.' })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: 'The last name; left out, what follows the first word of a new `name`.' })
  lastName?: string | null;

  @Field(() => LocaleScalar, { nullable: true, description: 'The language to write in.' })
  preferredLanguage?: string | null;

  @Field(() => TimeZoneScalar, { nullable: true, description: 'The zone whose clock the contact lives by.' })
  timeZone?: string | null;

  @Field(() => [ContactEmailInput], { nullable: true, description: 'Replaces the whole list.' })
  emails?: ContactEmailInput[] | null;

  @Field(() => [ContactPhoneInput], { nullable: true, description: 'Replaces the whole list.' })
  phones?: ContactPhoneInput[] | null;

  @Field(() => Boolean, { nullable: true, description: 'May receive our own marketing; default true.' })
  directMarketing?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "May receive partners' marketing; default true." })
  affiliateMarketing?: boolean | null;

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description:
      'Free extra fields: `#contact.attributes.NAME`, and in conditions. Joined with those kept: a name left out keeps its value, null clears it.',
  })
  attributes?: Record<string, unknown> | null;

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'Fields that declareField has declared for contacts: `#contact.NAME`. Joined with those kept, as `attributes`.',
  })
  fields?: Record<string, unknown> | null;
}

@InputType({ description: 'An account, by the id that it has in the CRM.' })
export class AccountInput {
  @Field(() => String, { description: "The CRM's id of the account." })
  externalId!: string;

  @Field(() => String, { nullable: true, description: "The owner's externalId; required the first time." })
  contact?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The externalId of the account that stands above it in a group; it may come with the same call.',
  })
  parentAccount?: string | null;

  @Field(() => String, { nullable: true, description: 'The number that people quote.' })
  number?: string | null;

  @Field(() => String, { nullable: true, description: 'What the account is called.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'How the account is classed, such as VIP.' })
  classification?: string | null;

  @Field(() => String, { nullable: true, description: 'Its currency, by the code of ISO 4217: EUR.' })
  currency?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Its balance.' })
  balance?: string | number | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'What it owes.' })
  outstandingAmount?: string | number | null;

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'Free extra fields: `#account.attributes.NAME`, and in conditions. Joined with those kept, as for contacts.',
  })
  attributes?: Record<string, unknown> | null;

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'Fields that declareField has declared for accounts: `#account.NAME`. Joined with those kept, as `attributes`.',
  })
  fields?: Record<string, unknown> | null;
}

@InputType({ description: 'Any other record of the CRM: a subscription, a bill, a wallet; by its type and its id there.' })
export class BusinessObjectInput {
  @Field(() => String, { description: 'Its type, as in tags: `subscription`, `bill`, `award_reward_transaction`.' })
  type!: string;

  @Field(() => String, { description: "The CRM's id of the object; unique within its type." })
  externalId!: string;

  @Field(() => String, { nullable: true, description: "The externalId of the contact that it belongs to; default: the account's owner." })
  contact?: string | null;

  @Field(() => String, { nullable: true, description: 'The externalId of the account that it belongs to.' })
  account?: string | null;

  @Field(() => String, { nullable: true, description: 'The number that people quote.' })
  number?: string | null;

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description:
      'Its fields, as the catalogue declares them for the type. Joined with those kept: a field left out keeps its value, null clears it.',
  })
  fields?: Record<string, unknown> | null;
}

@InputType({ description: 'Records to insert or update by `externalId`: all or nothing, at most 1,000 in all, in any order.' })
export class UpsertCrmRecordsInput {
  @Field(() => [ContactInput], { nullable: true, description: 'Contacts.' })
  contacts?: ContactInput[] | null;

  @Field(() => [AccountInput], { nullable: true, description: 'Accounts; they may refer to contacts of the same call.' })
  accounts?: AccountInput[] | null;

  @Field(() => [BusinessObjectInput], {
    nullable: true,
    description: 'Business objects; they may refer to contacts and accounts of the same call.',
  })
  objects?: BusinessObjectInput[] | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('UpsertCrmRecordsPayload', { description: 'What became of the records.', simpleResolvers: true })
export class UpsertCrmRecordsPayloadType {
  @Field(() => Int, { description: 'Records that were not there.' })
  inserted!: number;

  @Field(() => Int, { description: 'Records of which something changed.' })
  updated!: number;

  @Field(() => Int, { description: 'Records that were like this already.' })
  unchanged!: number;
}

@InputType({ description: 'A business object, contact or account, named by its type and the id that it has in the CRM.' })
export class ObjectRefInput {
  @Field(() => String, { description: 'Its type, as in tags: `subscription`, `bill`; `contact` and `account` are types too.' })
  type!: string;

  @Field(() => String, { description: "The CRM's id of the object." })
  externalId!: string;
}

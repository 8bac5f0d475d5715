import { Field, ObjectType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { DecimalScalar, JsonObjectScalar } from '../graphql/scalars.js';

@ObjectType('Account', { simpleResolvers: true, description: 'An account of a contact, as the CRM last gave it.' })
export class AccountType {
  @Field(() => String, { description: "The CRM's id of the account." })
  externalId!: string;

  @Field(() => String, { nullable: true, description: 'The number that people quote.' })
  number?: string | null;

  @Field(() => String, { nullable: true, description: 'What the account is called.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'How the account is classed, such as VIP.' })
  classification?: string | null;

  @Field(() => String, { nullable: true, description: 'Its currency, by the code of ISO 4217.' })
  currency?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Its balance.' })
  balance?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'What it owes.' })
  outstandingAmount?: string | null;

  @Field(() => JsonObjectScalar, { description: 'Free extra fields.' })
  attributes!: Record<string, unknown>;

  @Field(() => JsonObjectScalar, { description: 'Its declared fields.' })
  fields!: Record<string, unknown>;
}

@ObjectType('BusinessObject', { simpleResolvers: true, description: 'Any other record of the CRM, as the CRM last gave it.' })
export class BusinessObjectType {
  @Field(() => String, { description: 'Its type, as in tags: `subscription`, `bill`.' })
  type!: string;

  @Field(() => String, { description: "The CRM's id of the object; unique within its type." })
  externalId!: string;

  @Field(() => String, { nullable: true, description: 'The number that people quote.' })
  number?: string | null;

  @Field(() => String, { nullable: true, description: 'The externalId of the account that it belongs to.' })
  account?: string | null;

  @Field(() => JsonObjectScalar, { description: 'Its fields, as the catalogue declares them for the type.' })
  fields!: Record<string, unknown>;
}

export const AccountConnection = connectionType('Account', () => AccountType);
export const BusinessObjectConnection = connectionType('BusinessObject', () => BusinessObjectType);

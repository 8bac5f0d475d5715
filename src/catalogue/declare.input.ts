import { Field, InputType, ObjectType } from 'type-graphql';
import { LocaleScalar } from '../graphql/scalars.js';
import { FieldKindEnum, ObjectTypeInfoType } from './catalogue.type.js';
import type { FieldKind } from './types.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';
const nameShape = 'lower-case letters, digits and _, a letter first, at most 60';

@InputType('LabelInput', { description: 'What people call something, in one language.' })
export class LabelInput {
  @Field(() => LocaleScalar, { description: 'The language.' })
  language!: string;

  @Field(() => String, { description: 'The words, at most 200 characters.' })
  text!: string;
}

@InputType('DeclareObjectTypeInput', {
  description:
    'A type of object that the CRM sends, beside the built-in ones. Declared again, it takes the new labels and keeps what it has. It has a number, and leads to its account and its contact.',
})
export class DeclareObjectTypeInput {
  @Field(() => String, { description: `Its name in tags, conditions and records: ${nameShape}. No built-in type's.` })
  name!: string;

  @Field(() => [LabelInput], { description: 'What people call it, in each language once; English is shown where a language has none.' })
  labels!: LabelInput[];

  @Field(() => [String], {
    nullable: true,
    description:
      "Types that its objects lead to: each gets a field of that type's name, which holds the other object's external id. They are added to those it has.",
  })
  relations?: string[] | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('DeclareFieldInput', {
  description:
    'A field of a type, built-in or declared, contacts and accounts among them; known at once in records, tags and conditions. Declared again, it takes the new words and keeps its kind.',
})
export class DeclareFieldInput {
  @Field(() => String, { description: 'The type that gets it: `contact`, `account`, `subscription`.' })
  objectType!: string;

  @Field(() => String, { description: `Its name in \`fields\`, tags and conditions: ${nameShape}. Not one that the type has already.` })
  name!: string;

  @Field(() => FieldKindEnum, { description: 'What kind of value it holds; never changed later. ANY is for open attributes alone.' })
  kind!: FieldKind;

  @Field(() => [LabelInput], { description: 'What people call it, in each language once; English is shown where a language has none.' })
  labels!: LabelInput[];

  @Field(() => String, { nullable: true, description: 'A value as an example, for auto-complete; default: one that fits the kind.' })
  example?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Conditions often ask for it: an index is built in the background by a worker, and dropped when this becomes false. Default: as it is, at first false.',
  })
  indexed?: boolean | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('DeclareEventInput', {
  description:
    'Something that happens to objects of a type, built-in or declared, beside what the catalogue knows. Declared again, it takes the new labels.',
})
export class DeclareEventInput {
  @Field(() => String, { description: 'The type whose objects it happens to.' })
  objectType!: string;

  @Field(() => String, { description: `Its name: ${nameShape}; such as contract_signed.` })
  name!: string;

  @Field(() => [LabelInput], { description: 'What people call it, in each language once; English is shown where a language has none.' })
  labels!: LabelInput[];

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@ObjectType('DeclareObjectTypePayload', { simpleResolvers: true, description: 'What declareObjectType answers.' })
export class DeclareObjectTypePayload {
  @Field(() => ObjectTypeInfoType, { description: 'The type as it is now, with English labels.' })
  objectType!: ObjectTypeInfoType;
}

@ObjectType('DeclareFieldPayload', { simpleResolvers: true, description: 'What declareField answers.' })
export class DeclareFieldPayload {
  @Field(() => ObjectTypeInfoType, { description: 'The type that has it, with English labels.' })
  objectType!: ObjectTypeInfoType;
}

@ObjectType('DeclareEventPayload', { simpleResolvers: true, description: 'What declareEvent answers.' })
export class DeclareEventPayload {
  @Field(() => ObjectTypeInfoType, { description: 'The type that has it, with English labels.' })
  objectType!: ObjectTypeInfoType;
}

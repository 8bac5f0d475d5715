import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { ConditionOperatorEnum } from './condition.input.js';
import { operators } from './condition.js';
import type { FieldKind } from './types.js';

export const FieldKindEnum: Record<FieldKind, FieldKind> = {
  TEXT: 'TEXT',
  NUMBER: 'NUMBER',
  MONEY: 'MONEY',
  DATE: 'DATE',
  DATE_TIME: 'DATE_TIME',
  BOOLEAN: 'BOOLEAN',
  LIST: 'LIST',
  LOCALE: 'LOCALE',
  TIME_ZONE: 'TIME_ZONE',
  ANY: 'ANY',
};
registerEnumType(FieldKindEnum, {
  name: 'FieldKind',
  description: 'What kind of value a field holds.',
  valuesConfig: {
    TEXT: { description: 'A text.' },
    NUMBER: { description: 'An exact number; also as a string, "12.50".' },
    MONEY: { description: 'An exact amount in the object\'s currency; also as a string, "12.50".' },
    DATE: { description: 'A calendar day, 2027-03-28.' },
    DATE_TIME: { description: 'An instant, 2027-03-28T01:30:00Z.' },
    BOOLEAN: { description: 'True or false.' },
    LIST: { description: 'A list of texts.' },
    LOCALE: { description: 'A language tag, el-CY.' },
    TIME_ZONE: { description: 'A time zone, Europe/Nicosia.' },
    ANY: { description: 'Any JSON value: an open attribute.' },
  },
});

@ObjectType('ObjectFieldInfo', { description: 'A field of an object type.', simpleResolvers: true })
export class ObjectFieldInfoType {
  @Field(() => String, { description: 'Its name, in `fields`, in tags and in conditions.' })
  name!: string;

  @Field(() => FieldKindEnum, { description: 'What kind of value it holds.' })
  kind!: FieldKind;

  @Field(() => String, { description: 'What people call it.' })
  label!: string;

  @Field(() => String, { description: 'A value as an example.' })
  example!: string;

  @Field(() => String, { description: 'The tag that shows it, where the type is what the communication is about.' })
  tag!: string;

  @Field(() => [ConditionOperatorEnum], { description: 'How conditions may compare it.' })
  operators!: (typeof operators)[number][];

  @Field(() => Boolean, { description: 'An operator declared it, by declareField.' })
  declared!: boolean;

  @Field(() => Boolean, { description: 'Conditions on it have an index, as its declaration asked.' })
  indexed!: boolean;
}

@ObjectType('ObjectRelationInfo', { description: 'What an object of a type leads to: `subscription.account`.', simpleResolvers: true })
export class ObjectRelationInfoType {
  @Field(() => String, { description: 'Its name in tags and conditions.' })
  name!: string;

  @Field(() => String, { description: 'The type that it leads to.' })
  to!: string;
}

@ObjectType('ObjectEventInfo', {
  description: 'Something that happens to objects of a type; rules may listen to it.',
  simpleResolvers: true,
})
export class ObjectEventInfoType {
  @Field(() => String, { description: 'Its name, in rules and when it is recorded.' })
  name!: string;

  @Field(() => String, { description: 'What people call it.' })
  label!: string;

  @Field(() => Boolean, { description: 'An operator declared it, by declareEvent.' })
  declared!: boolean;
}

@ObjectType('ObjectTypeInfo', { description: 'A type of object that the CRM sends, as the catalogue declares it.', simpleResolvers: true })
export class ObjectTypeInfoType {
  @Field(() => String, { description: 'Its name in tags, conditions and records.' })
  name!: string;

  @Field(() => String, { description: 'What people call it.' })
  label!: string;

  @Field(() => [ObjectFieldInfoType], { description: 'Its fields.' })
  fields!: ObjectFieldInfoType[];

  @Field(() => [ObjectRelationInfoType], { description: 'What it leads to.' })
  relations!: ObjectRelationInfoType[];

  @Field(() => [ObjectEventInfoType], { description: 'What happens to its objects. Upserts imply created, updated and state_changed.' })
  events!: ObjectEventInfoType[];

  @Field(() => Boolean, { description: 'Takes open fields: `attributes.NAME`.' })
  attributes!: boolean;

  @Field(() => Boolean, { description: 'An operator declared it, by declareObjectType.' })
  declared!: boolean;
}

@ObjectType('Tag', { description: "What auto-complete shows after '#'.", simpleResolvers: true })
export class TagType {
  @Field(() => String, { description: 'The tag without its #.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The type that it begins with; null for tags of no CRM record.' })
  objectType?: string | null;

  @Field(() => String, { description: 'What people call it.' })
  label!: string;

  @Field(() => String, { nullable: true, description: 'A value as an example.' })
  example?: string | null;
}

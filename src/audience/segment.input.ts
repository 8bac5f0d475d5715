import { Field, InputType } from 'type-graphql';
import { ConditionInput } from '../catalogue/condition.input.js';

@InputType({
  description: 'A segment: its members are the contacts listed and those that meet the condition. At least one of the two is given.',
})
export class CreateSegmentInput {
  @Field(() => String, { description: 'Unique among the segments.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => ConditionInput, { nullable: true, description: 'Whoever meets it is a member, at the moment when the segment is used.' })
  condition?: ConditionInput | null;

  @Field(() => [String], { nullable: true, description: 'The externalIds of contacts that are members in any case.' })
  contactExternalIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

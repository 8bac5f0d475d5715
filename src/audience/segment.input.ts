import { Field, ID, InputType } from 'type-graphql';
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

@InputType('UpdateSegmentInput', {
  description: 'What changes of a segment; a field left out keeps its value. A run under way keeps whom it met.',
})
export class UpdateSegmentInput {
  @Field(() => ID, { description: 'The segment.' })
  segmentId!: string;

  @Field(() => String, { nullable: true, description: 'Unique among the segments.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for; null clears it.' })
  description?: string | null;

  @Field(() => ConditionInput, { nullable: true, description: 'Whoever meets it is a member; null: only those who are listed.' })
  condition?: ConditionInput | null;

  @Field(() => [String], { nullable: true, description: 'The externalIds of all contacts listed, in place of those before.' })
  contactExternalIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Contacts to list besides those before.' })
  addContactExternalIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Contacts that are listed no more; those that meet the condition stay members.' })
  removeContactExternalIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

/** What adding and removing share. */
@InputType()
abstract class SegmentMembersInput {
  @Field(() => ID, { description: 'The segment.' })
  segmentId!: string;

  @Field(() => [String], {
    description: 'The externalIds of the contacts, at most 1,000 a call. One that is no contact is a problem, and nothing changes.',
  })
  contactExternalIds!: string[];

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@InputType('AddSegmentMembersInput', { description: 'Contacts to list in a segment, beside those listed.' })
export class AddSegmentMembersInput extends SegmentMembersInput {}

@InputType('RemoveSegmentMembersInput', { description: 'Contacts to take off the list of a segment.' })
export class RemoveSegmentMembersInput extends SegmentMembersInput {}

@InputType('PreviewSegmentInput', { description: 'What a segment would be made of.' })
export class PreviewSegmentInput {
  @Field(() => ConditionInput, { nullable: true, description: 'Whoever meets it would be a member.' })
  condition?: ConditionInput | null;

  @Field(() => [String], { nullable: true, description: 'The externalIds of contacts that would be listed.' })
  contactExternalIds?: string[] | null;
}

@InputType('DeleteSegmentInput', { description: 'Which segment goes.' })
export class DeleteSegmentInput {
  @Field(() => ID, { description: 'The segment; one that a plan names stays.' })
  segmentId!: string;
}

import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { JsonScalar } from '../graphql/scalars.js';
import { ContactConnection } from './contact.type.js';

@ObjectType('Segment', {
  implements: NodeType,
  description: 'Contacts with something in common; plans and notification types are for segments.',
})
export class SegmentType extends NodeType {
  @Field(() => String, { description: 'Unique among the segments.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: 'The condition, as a ConditionInput.' })
  condition?: unknown;

  @Field(() => Int, { description: 'How many members it has now.' })
  size!: number;

  @Field(() => ContactConnection, { description: 'Its members now, oldest first.' })
  contacts!: unknown;
}

@ObjectType('CreateSegmentPayload', { simpleResolvers: true, description: 'The segment that was made.' })
export class CreateSegmentPayloadType {
  @Field(() => SegmentType, { description: 'The segment.' })
  segment!: object;
}

@ObjectType('UpdateSegmentPayload', { simpleResolvers: true, description: 'The segment that was changed.' })
export class UpdateSegmentPayloadType {
  @Field(() => SegmentType, { description: 'The segment as it is now.' })
  segment!: object;
}

@ObjectType('AddSegmentMembersPayload', { simpleResolvers: true, description: 'What addSegmentMembers answers.' })
export class AddSegmentMembersPayloadType {
  @Field(() => SegmentType, { description: 'The segment as it is now.' })
  segment!: object;

  @Field(() => Int, { description: 'Contacts that were not listed before.' })
  added!: number;

  @Field(() => Int, { description: 'Contacts that were listed already.' })
  unchanged!: number;
}

@ObjectType('RemoveSegmentMembersPayload', { simpleResolvers: true, description: 'What removeSegmentMembers answers.' })
export class RemoveSegmentMembersPayloadType {
  @Field(() => SegmentType, { description: 'The segment as it is now.' })
  segment!: object;

  @Field(() => Int, { description: 'Contacts that are listed no more.' })
  removed!: number;

  @Field(() => Int, { description: 'Contacts that were not listed.' })
  unchanged!: number;
}

@ObjectType('SegmentPreview', { description: 'Who would be in a segment.' })
export class SegmentPreviewType {
  @Field(() => Int, { description: 'How many members it would have now.' })
  size!: number;

  @Field(() => ContactConnection, { description: 'The members that it would have now, oldest first.' })
  contacts!: unknown;
}

@ObjectType('DeleteSegmentPayload', { simpleResolvers: true, description: 'The segment that was deleted.' })
export class DeleteSegmentPayloadType {
  @Field(() => ID, { description: 'The id that it had.' })
  segmentId!: string;
}

export const SegmentConnection = connectionType('Segment', () => SegmentType);

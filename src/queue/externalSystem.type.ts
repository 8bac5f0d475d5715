import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { Medium } from '../catalogue/medium.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';

@ObjectType('ExternalSystem', {
  implements: NodeType,
  simpleResolvers: true,
  description:
    'A third-party portal, app or gateway that may process queue entries of its media. With `contactInbox` its entries are the inbox of each contact: a CONTACT token reads and settles its own.',
})
export class ExternalSystemType extends NodeType {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { description: 'Unique; the `sub` of its tokens.' })
  code!: string;

  @Field(() => [Medium], { description: 'What it can process; the queue rejects other media.' })
  media!: Medium[];

  @Field(() => Boolean, { description: 'Its entries are the inbox of each contact.' })
  contactInbox!: boolean;

  @Field(() => Int, { nullable: true, description: 'Characters that a message may have; longer ones are REJECTED with TOO_LONG.' })
  characterLimit?: number | null;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;
}

export const ExternalSystemConnection = connectionType('ExternalSystem', () => ExternalSystemType);

@InputType('CreateExternalSystemInput', { description: 'A new external system.' })
export class CreateExternalSystemInput {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Unique; made from the name when left out.' })
  code?: string | null;

  @Field(() => [Medium], { description: 'What it can process: at least one medium.' })
  media!: Medium[];

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Its entries are the inbox of each contact.' })
  contactInbox?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'Characters that a message may have.' })
  characterLimit?: number | null;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('CreateExternalSystemPayload', { simpleResolvers: true, description: 'What createExternalSystem answers.' })
export class CreateExternalSystemPayload {
  @Field(() => ExternalSystemType, { description: 'The new system.' })
  externalSystem!: ExternalSystemType;
}

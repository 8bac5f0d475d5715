import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ObjectRefInput } from '../../catalogue/object-ref.js';
import { connectionType } from '../../graphql/connection.js';
import { NodeType } from '../../graphql/node.js';
import { DateTimeScalar, JsonObjectScalar } from '../../graphql/scalars.js';
import { ContactType } from '../contact.type.js';

@ObjectType('Event', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'Something that happened to an object of a contact. Recorded by the CRM, or implied by an upsert where a rule listens.',
})
export class EventType extends NodeType {
  @Field(() => String, { description: 'The type of the object.' })
  objectType!: string;

  @Field(() => String, { description: 'What happened, as the catalogue names it.' })
  event!: string;

  @Field(() => String, { nullable: true, description: 'The id of the object in the CRM of record; null where it is gone.' })
  objectExternalId?: string | null;

  @Field(() => ContactType, { description: 'Whose object it is.' })
  contact!: ContactType;

  @Field(() => JsonObjectScalar, {
    description: 'What came with it. Of implied ones: `changed`, `old` and `new` of `updated`; `from` and `to` of `state_changed`.',
  })
  payload!: Record<string, unknown>;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was recorded here.' })
  recordedAt!: Date;
}

export const EventConnection = connectionType('Event', () => EventType);

@InputType('EventInput', { description: 'Something that happened to an object.' })
export class EventInput {
  @Field(() => ObjectRefInput, { description: 'To what: an object that is known here.' })
  object!: ObjectRefInput;

  @Field(() => String, { description: "One of the events of the object's type: `objectTypes` lists them." })
  event!: string;

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What else is to say: rules read it as `event.payload.NAME`, texts as `#param.NAME`. At most 16 kB.',
  })
  payload?: Record<string, unknown> | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it happened; default: now.' })
  occurredAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Unique among all events: one whose key is known is a duplicate and not recorded again, for as long as events are kept. The same key with another event is CONFLICT.',
  })
  idempotencyKey?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The communication that led to it. After five in a row rules stop listening, so that none goes round in circles.',
  })
  causedBy?: string | null;
}

@InputType('RecordEventsInput', { description: 'Events to record: all or nothing, at most 1,000.' })
export class RecordEventsInput {
  @Field(() => [EventInput], { description: 'What happened, oldest first.' })
  events!: EventInput[];

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('RecordEventsPayload', { simpleResolvers: true, description: 'What recordEvents answers.' })
export class RecordEventsPayload {
  @Field(() => Int, { description: 'Events that are new.' })
  recorded!: number;

  @Field(() => Int, { description: 'Events whose key was known.' })
  duplicates!: number;

  @Field(() => [ID], { description: 'Their ids in the order given; of a duplicate the id of the first.' })
  eventIds!: string[];
}

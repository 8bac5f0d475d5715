import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';

@ObjectType('Note', {
  implements: NodeType,
  description: 'What somebody wrote down about a communication, for everybody who works with it.',
})
export class NoteType extends NodeType {
  @Field(() => String, { description: "Who wrote it: the token's subject." })
  author!: string;

  @Field(() => String, { description: 'What was written, as plain text.' })
  body!: string;

  @Field(() => DateTimeScalar, { description: 'When.' })
  createdAt!: Date;
}

export const NoteConnection = connectionType('Note', () => NoteType);

@InputType('AddNoteInput', { description: 'A note on a communication in any state. Notes are neither changed nor taken away.' })
export class AddNoteInput {
  @Field(() => ID, { description: 'The communication.' })
  communicationId!: string;

  @Field(() => String, { description: 'Plain text, 1 to 10,000 characters.' })
  body!: string;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('AddNotePayload', { simpleResolvers: true, description: 'What addNote answers.' })
export class AddNotePayload {
  @Field(() => NoteType, { description: 'The note.' })
  note!: NoteType;
}

import { Field, Int, ObjectType } from 'type-graphql';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';

@ObjectType('Attachment', {
  implements: NodeType,
  description: 'A file with a communication. Upload it with POST /attachments, fetch it with GET /attachments/ID.',
})
export class AttachmentType extends NodeType {
  @Field(() => String, { description: 'Its name, without a path.' })
  name!: string;

  @Field(() => String, { description: 'Its MIME type, as its content bears out.' })
  type!: string;

  @Field(() => Int, { description: 'Its size in bytes.' })
  size!: number;

  @Field(() => String, { description: 'The SHA-256 of its content, in hexadecimal digits.' })
  sha256!: string;

  @Field(() => DateTimeScalar, { description: 'When it was uploaded.' })
  createdAt!: Date;
}

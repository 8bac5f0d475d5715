import { Field, ObjectType } from 'type-graphql';
import { Medium } from '../catalogue/medium.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';

@ObjectType('MailHeader', { description: 'One header of an e-mail.', simpleResolvers: true })
export class MailHeaderType {
  @Field(() => String, { description: 'Its name, spelled as in the message.' })
  name!: string;

  @Field(() => String, { description: 'Its value, unfolded, not decoded.' })
  value!: string;
}

@ObjectType('SandboxMessage', { implements: NodeType, description: 'A message that was kept instead of sent (DELIVERY_MODE=sandbox).' })
export class SandboxMessageType extends NodeType {
  seq!: number;
  communicationId!: string | null;
  sender!: string | null;
  recipient!: string;
  body!: string | null;

  @Field(() => Medium, { description: 'The medium that it would have left by.' })
  medium!: Medium;

  @Field(() => String, { nullable: true, description: 'What it is about, where its medium has subjects.' })
  subject!: string | null;

  @Field(() => DateTimeScalar, { description: 'When the sandbox took it.' })
  receivedAt!: Date;
}

export const SandboxMessageConnection = connectionType('SandboxMessage', () => SandboxMessageType);

import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { ExternalSystemType } from './externalSystem.type.js';

@ObjectType('ExternalSystemToken', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'A key with which an external system shows who it is. Only its hash is kept: the key itself was shown once.',
})
export class ExternalSystemTokenType extends NodeType {
  @Field(() => String, { nullable: true, description: 'For people: where it is used.' })
  label?: string | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'From then on it is refused; null: it does not end by itself.' })
  expiresAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked.' })
  revokedAt?: Date | null;

  @Field(() => Boolean, { description: 'It is accepted now.' })
  active!: boolean;
}

@InputType('CreateExternalSystemTokenInput', {
  description: 'A further key. There is no idempotency key: a kept answer would hold the secret. Revoke a key whose answer was lost.',
})
export class CreateExternalSystemTokenInput {
  @Field(() => ID, { description: 'For which system.' })
  externalSystemId!: string;

  @Field(() => String, { nullable: true, description: 'For people: where it is used.' })
  label?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'In the future; default: it does not end by itself.' })
  expiresAt?: string | null;
}

@InputType('RotateExternalSystemTokenInput', {
  description: 'A new key in place of those that there are. Old and new are accepted side by side until the overlap ends.',
})
export class RotateExternalSystemTokenInput {
  @Field(() => ID, { description: 'For which system.' })
  externalSystemId!: string;

  @Field(() => Int, { defaultValue: 3_600, description: 'How long the old keys are still accepted, in seconds, 0 to 2,592,000 (30 days).' })
  overlapSeconds!: number;

  @Field(() => String, { nullable: true, description: 'For people: where the new key is used.' })
  label?: string | null;
}

@InputType('RevokeExternalSystemTokenInput', { description: 'A key to refuse from now on.' })
export class RevokeExternalSystemTokenInput {
  @Field(() => ID, { description: 'Which key.' })
  tokenId!: string;
}

@ObjectType('ExternalSystemTokenPayload', { simpleResolvers: true, description: 'A new key.' })
export class ExternalSystemTokenPayload {
  @Field(() => String, { description: 'The key itself, shown this once: `Authorization: Bearer ck_...`.' })
  token!: string;

  @Field(() => ExternalSystemTokenType, { description: 'What is known of it later.' })
  externalSystemToken!: ExternalSystemTokenType;

  @Field(() => ExternalSystemType, { description: 'Whose it is.' })
  externalSystem!: ExternalSystemType;
}

@ObjectType('RevokeExternalSystemTokenPayload', { simpleResolvers: true, description: 'What revokeExternalSystemToken answers.' })
export class RevokeExternalSystemTokenPayload {
  @Field(() => ExternalSystemTokenType, { description: 'The key as it is now.' })
  externalSystemToken!: ExternalSystemTokenType;
}

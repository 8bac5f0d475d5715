import { Ctx, Field, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql';
import type { Context } from '../context.js';
import type { Role } from './viewer.js';

export const RoleEnum = { ADMIN: 'ADMIN', AGENT: 'AGENT', EXTERNAL_SYSTEM: 'EXTERNAL_SYSTEM', CONTACT: 'CONTACT' } as const;
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a token is for.',
  valuesConfig: {
    ADMIN: { description: 'Sets everything up and sees everything.' },
    AGENT: { description: 'Sees everything, writes and settles communications by hand.' },
    EXTERNAL_SYSTEM: { description: 'Works off its own queue.' },
    CONTACT: { description: 'Reads and settles its own inbox and its own preferences, nothing else.' },
  },
});

@ObjectType('Caller', { description: 'Who the token says is calling.', simpleResolvers: true })
export class CallerType {
  @Field(() => RoleEnum, { description: 'What the token is for.' })
  role!: Role;

  @Field(() => String, { description: "The user's login name, the external system's code or the contact's externalId." })
  subject!: string;
}

@Resolver(() => CallerType)
export class CallerResolver {
  @Query(() => CallerType, { description: 'Who the token says is calling.' })
  me(@Ctx() ctx: Context): CallerType {
    return { role: ctx.viewer.role, subject: ctx.viewer.subject };
  }
}

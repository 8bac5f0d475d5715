import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Medium } from '../../catalogue/medium.js';
import { connectionType } from '../../graphql/connection.js';
import { NodeType } from '../../graphql/node.js';
import { DateTimeScalar } from '../../graphql/scalars.js';

export const PlanStateEnum = { DRAFT: 'DRAFT', EFFECTIVE: 'EFFECTIVE', NOT_EFFECTIVE: 'NOT_EFFECTIVE' } as const;

registerEnumType(PlanStateEnum, {
  name: 'PlanState',
  description: 'Whether a plan can run.',
  valuesConfig: {
    DRAFT: { description: 'Being written: it cannot run yet, and may be without segments.' },
    EFFECTIVE: { description: 'It can run, and its schedules do.' },
    NOT_EFFECTIVE: { description: 'Put away: it does not run, and runs of its schedules fail and say so.' },
  },
});

@ObjectType('Plan', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'A message to the members of segments, through one or more media, run now or on schedules.',
})
export class PlanType extends NodeType {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { description: 'Unique; made from the name when none was given.' })
  code!: string;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => PlanStateEnum, { description: 'Whether it can run.' })
  state!: keyof typeof PlanStateEnum;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Its validity: when the communications that it creates expire, and it runs no more.',
  })
  expiresAt?: Date | null;

  @Field(() => Boolean, { description: 'Leaves out who may not receive our own marketing.' })
  applyDirectMarketingPreference!: boolean;

  @Field(() => Boolean, { description: "Leaves out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference!: boolean;

  @Field(() => String, { nullable: true, description: 'The code of the business unit that owns it (P15).' })
  ownedByUnit?: string | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was changed last.' })
  updatedAt!: Date;
}

export const PlanConnection = connectionType('Plan', () => PlanType);

@ObjectType('PlanMessage', { description: 'What a plan says through one medium.' })
export class PlanMessageType {
  @Field(() => Medium, { description: 'Through which medium.' })
  medium!: Medium;

  @Field(() => Boolean, { description: 'Runs leave out what is switched off.' })
  enabled!: boolean;

  @Field(() => String, { nullable: true, description: 'The type of address that the contact must have; null takes its primary one.' })
  addressType?: string | null;
}

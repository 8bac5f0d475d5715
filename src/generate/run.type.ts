import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';

export const RunStateEnum = {
  SCHEDULED: 'SCHEDULED',
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  COMPLETED: 'COMPLETED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const;

registerEnumType(RunStateEnum, {
  name: 'RunState',
  description: 'Where a run stands.',
  valuesConfig: {
    SCHEDULED: { description: 'Recorded; a worker takes it up in a moment.' },
    RUNNING: { description: 'Matched; communications are being generated.' },
    PAUSED: { description: 'Held by a person.' },
    COMPLETED: { description: 'All communications are generated. They go on to be delivered.' },
    FAILED: { description: 'It could not take place; `error` says why.' },
    CANCELLED: { description: 'Stopped by a person.' },
  },
});

@ObjectType('RunSkip', { simpleResolvers: true, description: 'Recipients that a run left out.' })
export class RunSkipType {
  @Field(() => String, { description: 'OPTED_OUT_DIRECT, OPTED_OUT_AFFILIATE, EXCLUDED_SEGMENT, NO_ADDRESS, NO_CONTENT, ...' })
  reason!: string;

  @Field(() => Int, { description: 'How many, once for each medium.' })
  count!: number;
}

@ObjectType('Run', {
  implements: NodeType,
  simpleResolvers: true,
  description:
    'One execution of a plan or of a notification type. It adds up at every instant after matching: matched = generated + the sum of skipped + remaining, where a recipient is counted once for each medium; and generated = pending + completed + rejected + removed of its communications.',
})
export class RunType extends NodeType {
  @Field(() => RunStateEnum, { description: 'Where it stands.' })
  state!: keyof typeof RunStateEnum;

  @Field(() => Int, { description: 'Recipients met, once for each medium.' })
  matched!: number;

  @Field(() => Int, { description: 'Still to be generated.' })
  remaining!: number;

  @Field(() => Int, { description: 'Communications made.' })
  generated!: number;

  @Field(() => [RunSkipType], { description: 'Left out, by reason.' })
  skipped!: RunSkipType[];

  @Field(() => Int, { description: 'Communications that wait.' })
  pending!: number;

  @Field(() => Int, { description: 'Communications handed over.' })
  completed!: number;

  @Field(() => Int, { description: 'Communications that could not be handed over.' })
  rejected!: number;

  @Field(() => Int, { description: 'Communications that their readers removed.' })
  removed!: number;

  @Field(() => DateTimeScalar, { description: 'When it was due.' })
  scheduledFor!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its recipients were matched.' })
  startedAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the last communication was generated, or it failed or was cancelled.' })
  finishedAt?: Date | null;

  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  error?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When somebody asked for it to be taken back.' })
  retractRequestedAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When all that could be taken back was.' })
  retractFinishedAt?: Date | null;

  @Field(() => Int, { description: 'Communications that were taken back so far.' })
  retracted!: number;
}

export const RunConnection = connectionType('Run', () => RunType);

import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar, TimeZoneScalar } from '../graphql/scalars.js';

export const TimeUnitEnum = {
  MINUTE: 'MINUTE',
  HOUR: 'HOUR',
  DAY: 'DAY',
  WEEK: 'WEEK',
  MONTH: 'MONTH',
  YEAR: 'YEAR',
} as const;

registerEnumType(TimeUnitEnum, {
  name: 'TimeUnit',
  description: 'Minutes and hours are real time; the others keep the time of day in the zone when the clocks change.',
  valuesConfig: {
    MINUTE: { description: '60 seconds.' },
    HOUR: { description: '60 minutes, also where the clocks change.' },
    DAY: { description: 'The same time of day, the next day.' },
    WEEK: { description: 'The same time of day, 7 days later.' },
    MONTH: { description: 'The same day of the month, or the last one of a shorter month.' },
    YEAR: { description: 'The same day of the year; 29 February becomes the 28th in common years.' },
  },
});

export const MisfirePolicyEnum = { FIRE_ONCE: 'FIRE_ONCE', SKIP: 'SKIP', FIRE_ALL: 'FIRE_ALL' } as const;

registerEnumType(MisfirePolicyEnum, {
  name: 'MisfirePolicy',
  description: 'What becomes of instants that pass while nothing runs.',
  valuesConfig: {
    FIRE_ONCE: { description: 'They are made up for by one run, at once; then it goes on in step. The default.' },
    SKIP: { description: 'What is more than 15 seconds late does not run; it goes on with the next instant.' },
    FIRE_ALL: { description: 'Each gets its run, one after the other.' },
  },
});

export const FireOutcomeEnum = { FIRED: 'FIRED', MISSED: 'MISSED', MERGED: 'MERGED' } as const;

registerEnumType(FireOutcomeEnum, {
  name: 'ScheduleFireOutcome',
  description: 'What became of an instant of a schedule.',
  valuesConfig: {
    FIRED: { description: 'It started a run.' },
    MISSED: { description: 'It passed while nothing ran, and has no run of its own.' },
    MERGED: { description: 'An earlier run of the schedule had not begun yet: that one stands for this instant, too.' },
  },
});

@InputType('DurationInput', { description: 'A span of time: 2 WEEK.' })
export class DurationInput {
  @Field(() => Int, { description: 'How many: 1 or more, 10 years at most.' })
  amount!: number;

  @Field(() => TimeUnitEnum, { description: 'Of what.' })
  unit!: keyof typeof TimeUnitEnum;
}

@InputType('RepeatInput', {
  description:
    "Exactly one of `every` and `cron`, counted in the schedule's time zone. A monthly repeat from the 31st runs on the last day of shorter months. A time of day that the clocks skip is made up for as much later; one that comes twice counts the first time.",
})
export class RepeatInput {
  @Field(() => DurationInput, { nullable: true, description: 'The first run and then every so often, counted from the first.' })
  every?: DurationInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'Five fields: minute, hour, day of the month, month, day of the week. `30 9 * * 1-5` is half past nine on working days.',
  })
  cron?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'No run after this instant; one at it still takes place.' })
  until?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many runs at most.' })
  times?: number | null;
}

@InputType('ScheduleInput', {
  description: 'At most one of `at` and `after`; with neither, now (or the first instant that `repeat.cron` gives).',
})
export class ScheduleInput {
  @Field(() => DateTimeScalar, { nullable: true, description: 'The instant of the first run; with a cron, its earliest.' })
  at?: string | null;

  @Field(() => DurationInput, { nullable: true, description: 'So long after now.' })
  after?: DurationInput | null;

  @Field(() => RepeatInput, { nullable: true, description: 'Again and again; left out, it runs once.' })
  repeat?: RepeatInput | null;

  @Field(() => TimeZoneScalar, { nullable: true, description: "Where the clock hangs that it goes by; default the system's zone." })
  timeZone?: string | null;

  @Field(() => MisfirePolicyEnum, {
    nullable: true,
    description: 'What becomes of instants that pass while nothing runs; default FIRE_ONCE, for an update what it was.',
  })
  misfire?: keyof typeof MisfirePolicyEnum | null;
}

@ObjectType('Duration', { simpleResolvers: true, description: 'A span of time: 2 WEEK.' })
export class DurationType {
  @Field(() => Int, { description: 'How many.' })
  amount!: number;

  @Field(() => TimeUnitEnum, { description: 'Of what.' })
  unit!: keyof typeof TimeUnitEnum;
}

@ObjectType('Repeat', { simpleResolvers: true, description: 'How a schedule repeats: by `every` or by `cron`.' })
export class RepeatType {
  @Field(() => DurationType, { nullable: true, description: 'Every so often, counted from the first run.' })
  every?: DurationType | null;

  @Field(() => String, { nullable: true, description: 'Five fields: minute, hour, day of the month, month, day of the week.' })
  cron?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'No run after this instant.' })
  until?: Date | null;

  @Field(() => Int, { nullable: true, description: 'How many runs at most.' })
  times?: number | null;
}

@ObjectType('Schedule', {
  implements: NodeType,
  simpleResolvers: true,
  description:
    'When something runs by itself. Its runs do not overlap: one that is due while the former is not finished waits for it, and what is due meanwhile is merged into the one that waits.',
})
export class ScheduleType extends NodeType {
  @Field(() => String, { nullable: true, description: 'Its name.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its code, unique; null where it was given none.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => Boolean, { description: 'It waits for its next run: neither paused nor at its end.' })
  active!: boolean;

  @Field(() => Boolean, { description: 'Somebody has paused it.' })
  paused!: boolean;

  @Field(() => TimeZoneScalar, { description: 'Where the clock hangs that it goes by.' })
  timeZone!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it last started a run.' })
  lastRunAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'The next run; null when it is not active.' })
  nextRunAt?: Date | null;

  @Field(() => Boolean, { description: 'Its next run has been due for more than 15 seconds, and no worker has started it.' })
  isLate!: boolean;

  @Field(() => MisfirePolicyEnum, { description: 'What becomes of instants that pass while nothing runs.' })
  misfire!: keyof typeof MisfirePolicyEnum;

  @Field(() => Int, { description: 'Instants that passed without a run of their own, 1,000 at a time; `fires` says what became of each.' })
  missed!: number;
}

@ObjectType('ScheduleFire', { description: 'What became of one instant of a schedule; kept for 400 days.' })
export class ScheduleFireType {
  @Field(() => DateTimeScalar, { description: 'The instant that the rule gave.' })
  dueAt!: Date;

  @Field(() => FireOutcomeEnum, { description: 'What became of it.' })
  outcome!: keyof typeof FireOutcomeEnum;

  @Field(() => DateTimeScalar, { description: 'When that was decided.' })
  decidedAt!: Date;
}

export const ScheduleFireConnection = connectionType('ScheduleFire', () => ScheduleFireType);

export const ScheduleConnection = connectionType('Schedule', () => ScheduleType);

@InputType('PauseScheduleInput', { description: 'Which schedule to pause.' })
export class PauseScheduleInput {
  @Field(() => ID, { description: 'The schedule.' })
  scheduleId!: string;
}

@InputType('ResumeScheduleInput', { description: 'Which schedule to resume.' })
export class ResumeScheduleInput {
  @Field(() => ID, { description: 'The schedule.' })
  scheduleId!: string;
}

@InputType('DeleteScheduleInput', { description: 'Which schedule to delete.' })
export class DeleteScheduleInput {
  @Field(() => ID, { description: 'The schedule.' })
  scheduleId!: string;
}

@InputType('UpdateScheduleInput', { description: 'What to change about a schedule; what is left out stays.' })
export class UpdateScheduleInput {
  @Field(() => ID, { description: 'The schedule.' })
  scheduleId!: string;

  @Field(() => String, { nullable: true, description: 'Its name; null takes it away.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its code, unique; null takes it away.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for; null takes it away.' })
  description?: string | null;

  @Field(() => ScheduleInput, {
    nullable: true,
    description: 'Another rule in place of the old one; left out time zone and misfire policy stay.',
  })
  schedule?: ScheduleInput | null;
}

@ObjectType('UpdateSchedulePayload', { simpleResolvers: true, description: 'What updateSchedule answers.' })
export class UpdateSchedulePayload {
  @Field(() => ScheduleType, { description: 'The schedule, with its next run.' })
  schedule!: ScheduleType;
}

@ObjectType('PauseSchedulePayload', { simpleResolvers: true, description: 'What pauseSchedule answers.' })
export class PauseSchedulePayload {
  @Field(() => ScheduleType, { description: 'The schedule, no longer active.' })
  schedule!: ScheduleType;
}

@ObjectType('ResumeSchedulePayload', { simpleResolvers: true, description: 'What resumeSchedule answers.' })
export class ResumeSchedulePayload {
  @Field(() => ScheduleType, { description: 'The schedule, with its next run.' })
  schedule!: ScheduleType;
}

@ObjectType('DeleteSchedulePayload', { simpleResolvers: true, description: 'What deleteSchedule answers.' })
export class DeleteSchedulePayload {
  @Field(() => ID, { description: 'The id that the schedule had.' })
  scheduleId!: string;
}

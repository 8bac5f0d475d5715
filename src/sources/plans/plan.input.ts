import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Medium } from '../../catalogue/medium.js';
import { ContentInput } from '../../content/content.input.js';
import { TemplateState, TemplateType } from '../../content/template.type.js';
import { CauseMessageInput } from '../../generate/message.input.js';
import { RunType } from '../../generate/run.type.js';
import { ScheduleInput, ScheduleType } from '../../generate/schedule.type.js';
import { DateTimeScalar } from '../../graphql/scalars.js';
import { PlanStateEnum, PlanType } from './plan.type.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';

@InputType('PlanMessageInput', {
  description: 'What a plan says through one medium: `templateId` or `content`.',
})
export class PlanMessageInput extends CauseMessageInput {
  @Field(() => ID, { nullable: true, description: 'An effective template of this medium. Each run takes its content as it is then.' })
  templateId?: string | null;

  @Field(() => [ContentInput], { nullable: true, description: 'The content itself, one for each language.' })
  content?: ContentInput[] | null;
}

@InputType('CreatePlanInput', { description: 'A new plan.' })
export class CreatePlanInput {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Unique; made from the name when left out.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => PlanStateEnum, { nullable: true, defaultValue: 'EFFECTIVE', description: 'Whether it can run.' })
  state?: keyof typeof PlanStateEnum | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Of the communications that it creates; in the future.' })
  expiresAt?: string | null;

  @Field(() => [PlanMessageInput], { description: 'One for each medium.' })
  messages!: PlanMessageInput[];

  @Field(() => [ID], { description: 'Their members are the recipients: at least one segment, unless it is a DRAFT.' })
  includeSegmentIds!: string[];

  @Field(() => [ID], { nullable: true, description: 'Their members are left out.' })
  excludeSegmentIds?: string[] | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Leave out who may not receive our own marketing.' })
  applyDirectMarketingPreference?: boolean | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Leave out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference?: boolean | null;

  @Field(() => String, { nullable: true, description: 'The code of the business unit that owns it (P15); kept, and filtered by.' })
  ownedByUnit?: string | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('UpdatePlanInput', { description: 'What to change about a plan; what is left out stays.' })
export class UpdatePlanInput {
  @Field(() => ID, { description: 'The plan.' })
  planId!: string;

  @Field(() => String, { nullable: true, description: 'Unique.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Unique.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'For people; null takes it away.' })
  description?: string | null;

  @Field(() => PlanStateEnum, { nullable: true, description: 'Whether it can run; it never becomes a DRAFT again.' })
  state?: keyof typeof PlanStateEnum | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'In the future; null takes it away. Communications that are there keep theirs.',
  })
  expiresAt?: string | null;

  @Field(() => [PlanMessageInput], { nullable: true, description: 'In place of all that it had.' })
  messages?: PlanMessageInput[] | null;

  @Field(() => [ID], { nullable: true, description: 'In place of all that were included.' })
  includeSegmentIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'In place of all that were excluded.' })
  excludeSegmentIds?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Leave out who may not receive our own marketing.' })
  applyDirectMarketingPreference?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Leave out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference?: boolean | null;

  @Field(() => String, { nullable: true, description: 'The code of the business unit that owns it (P15); kept, and filtered by.' })
  ownedByUnit?: string | null;
}

@InputType('CopyPlanInput', { description: 'Which plan to copy, and what the copy is called.' })
export class CopyPlanInput {
  @Field(() => ID, { description: 'The plan that is copied.' })
  planId!: string;

  @Field(() => String, { description: 'Of the copy; unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Of the copy; unique, made from the name when left out.' })
  code?: string | null;

  @Field(() => PlanStateEnum, { nullable: true, defaultValue: 'DRAFT', description: 'Whether the copy can run at once.' })
  state?: keyof typeof PlanStateEnum | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('DeletePlanInput', { description: 'Which plan to delete.' })
export class DeletePlanInput {
  @Field(() => ID, { description: 'A plan without open runs.' })
  planId!: string;
}

@InputType('PlanFilter', { description: 'All that is given must hold.' })
export class PlanFilter {
  @Field(() => String, { nullable: true, description: 'In the name.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'In the code.' })
  code?: string | null;

  @Field(() => [Medium], { nullable: true, description: 'With a message for one of these media.' })
  media?: Medium[] | null;

  @Field(() => [PlanStateEnum], { nullable: true, description: 'In one of these states.' })
  states?: (keyof typeof PlanStateEnum)[] | null;

  @Field(() => ID, { nullable: true, description: 'That includes or excludes this segment.' })
  segmentId?: string | null;

  @Field(() => String, { nullable: true, description: 'Owned by the business unit of this code.' })
  ownedByUnit?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made at this instant or later.' })
  createdAfter?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made before this instant.' })
  createdBefore?: string | null;

  @Field(() => String, { nullable: true, description: 'In the name, the code or the description.' })
  search?: string | null;
}

@ObjectType('CreatePlanPayload', { description: 'What createPlan answers.' })
export class CreatePlanPayload {
  @Field(() => PlanType, { description: 'The new plan.' })
  plan!: PlanType;
}

@ObjectType('UpdatePlanPayload', { description: 'What updatePlan answers.' })
export class UpdatePlanPayload {
  @Field(() => PlanType, { description: 'The plan as it is now.' })
  plan!: PlanType;
}

@ObjectType('CopyPlanPayload', { simpleResolvers: true, description: 'What copyPlan answers.' })
export class CopyPlanPayload {
  @Field(() => PlanType, { description: 'The copy.' })
  plan!: PlanType;
}

@ObjectType('DeletePlanPayload', { simpleResolvers: true, description: 'What deletePlan answers.' })
export class DeletePlanPayload {
  @Field(() => ID, { description: 'The id that the plan had.' })
  planId!: string;
}

@InputType('SavePlanAsTemplateInput', { description: 'What a plan says through one medium, to keep as a template.' })
export class SavePlanAsTemplateInput {
  @Field(() => ID, { description: 'The plan.' })
  planId!: string;

  @Field(() => Medium, { description: 'Which of its messages.' })
  medium!: Medium;

  @Field(() => String, { description: 'The name of the template, unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The code of the template, unique; made from the name where none is given.' })
  code?: string | null;

  @Field(() => TemplateState, { nullable: true, defaultValue: 'EFFECTIVE', description: 'Whether it can be chosen at once.' })
  state?: TemplateState | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@ObjectType('SavePlanAsTemplatePayload', { simpleResolvers: true, description: 'What savePlanAsTemplate answers.' })
export class SavePlanAsTemplatePayload {
  @Field(() => TemplateType, { description: 'The new template; the plan stays as it is.' })
  template!: TemplateType;
}

@InputType('RunPlanInput', { description: 'Which plan to run now.' })
export class RunPlanInput {
  @Field(() => ID, { description: 'The plan.' })
  planId!: string;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@ObjectType('RunPlanPayload', { simpleResolvers: true, description: 'What runPlan answers.' })
export class RunPlanPayload {
  @Field(() => RunType, { description: 'The run, recorded; it starts in a moment. Follow it with `node`, `run` or `runProgressed`.' })
  run!: RunType;
}

@InputType('SchedulePlanInput', { description: 'Which plan to run, and when.' })
export class SchedulePlanInput {
  @Field(() => ID, { description: 'The plan.' })
  planId!: string;

  @Field(() => String, { nullable: true, description: "The schedule's name; default the plan's." })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its code, unique among schedules.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => ScheduleInput, { description: 'When.' })
  schedule!: ScheduleInput;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@ObjectType('SchedulePlanPayload', { simpleResolvers: true, description: 'What schedulePlan answers.' })
export class SchedulePlanPayload {
  @Field(() => ScheduleType, { description: 'The schedule, with its next run.' })
  schedule!: ScheduleType;
}

@InputType('RetractPlanInput', { description: 'Which plan to take back.' })
export class RetractPlanInput {
  @Field(() => ID, { description: 'The plan.' })
  planId!: string;
}

@ObjectType('RetractPlanPayload', { simpleResolvers: true, description: 'What retractPlan answers.' })
export class RetractPlanPayload {
  @Field(() => [RunType], {
    description: 'The runs that are taken back from now on, newest first; those that were before are not among them.',
  })
  runs!: RunType[];
}

import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Medium } from '../../catalogue/medium.js';
import { ContentInput } from '../../content/content.input.js';
import { TemplateState, TemplateType } from '../../content/template.type.js';
import { RunType } from '../../generate/run.type.js';
import { ScheduleInput, ScheduleType } from '../../generate/schedule.type.js';
import { connectionType } from '../../graphql/connection.js';
import { NodeType } from '../../graphql/node.js';
import { DateTimeScalar } from '../../graphql/scalars.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';

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

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the communications that it creates expire.' })
  expiresAt?: Date | null;

  @Field(() => Boolean, { description: 'Leaves out who may not receive our own marketing.' })
  applyDirectMarketingPreference!: boolean;

  @Field(() => Boolean, { description: "Leaves out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference!: boolean;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;
}

export const PlanConnection = connectionType('Plan', () => PlanType);

@InputType('PlanMessageInput', {
  description: 'What a plan says through one medium: `templateId` or `content`.',
})
export class PlanMessageInput {
  @Field(() => Medium, { description: 'One that queues; each once in a plan.' })
  medium!: Medium;

  @Field(() => ID, { nullable: true, description: 'An effective template of this medium. Each run takes its content as it is then.' })
  templateId?: string | null;

  @Field(() => [ContentInput], { nullable: true, description: 'The content itself, one for each language.' })
  content?: ContentInput[] | null;

  @Field(() => ID, { nullable: true, description: 'Who processes it; absent: the engine itself.' })
  externalSystemId?: string | null;

  @Field(() => ID, { nullable: true, description: "What it is about for the business; default: the template's category." })
  categoryId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A type of e-mail address or phone that the contact must have; default: its primary one, of any type.',
  })
  addressType?: string | null;
}

@InputType('CreatePlanInput', { description: 'A new plan.' })
export class CreatePlanInput {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Unique; made from the name when left out.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Of the communications that it creates; in the future.' })
  expiresAt?: string | null;

  @Field(() => [PlanMessageInput], { description: 'One for each medium.' })
  messages!: PlanMessageInput[];

  @Field(() => [ID], { description: 'Their members are the recipients: at least one segment.' })
  includeSegmentIds!: string[];

  @Field(() => [ID], { nullable: true, description: 'Their members are left out.' })
  excludeSegmentIds?: string[] | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Leave out who may not receive our own marketing.' })
  applyDirectMarketingPreference?: boolean | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Leave out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference?: boolean | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@ObjectType('CreatePlanPayload', { simpleResolvers: true, description: 'What createPlan answers.' })
export class CreatePlanPayload {
  @Field(() => PlanType, { description: 'The new plan.' })
  plan!: PlanType;
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

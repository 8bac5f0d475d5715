import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Medium } from '../../catalogue/medium.js';
import { ContentWarningType, TemplateType } from '../../content/template.type.js';
import { DurationType } from '../../generate/schedule.type.js';
import { connectionType } from '../../graphql/connection.js';
import { NodeType } from '../../graphql/node.js';
import { DateTimeScalar, JsonScalar } from '../../graphql/scalars.js';

@ObjectType('RuleContent', { simpleResolvers: true, description: 'A text in one language, as it was written.' })
export class RuleContentType {
  @Field(() => String, { description: 'Its language.' })
  language!: string;

  @Field(() => String, { nullable: true, description: 'Its subject.' })
  subject?: string | null;

  @Field(() => String, { description: 'The text itself.' })
  body!: string;

  @Field(() => String, { description: 'How the body is written: TEXT, HTML or MJML.' })
  format!: string;
}

@ObjectType('RuleMessage', { simpleResolvers: true, description: 'What a rule says through one medium.' })
export class RuleMessageType {
  @Field(() => Medium, { description: 'How.' })
  medium!: Medium;

  @Field(() => Boolean, { description: 'What is switched off is not sent.' })
  enabled!: boolean;

  @Field(() => TemplateType, { nullable: true, description: 'The template whose text it takes; null where it has a text of its own.' })
  template?: TemplateType | null;

  @Field(() => [RuleContentType], { description: 'Its own text in each language, as it was written; empty where it takes a template.' })
  content!: RuleContentType[];

  @Field(() => ID, { nullable: true, description: 'The external system that processes it; null: the engine itself.' })
  externalSystemId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The category that it is in.' })
  categoryId?: string | null;

  @Field(() => String, { nullable: true, description: 'The type of address that the contact must have; null: its primary one.' })
  addressType?: string | null;
}

@ObjectType('RuleTiming', { simpleResolvers: true, description: 'When a rule sends, where it is not at once.' })
export class RuleTimingType {
  @Field(() => String, { nullable: true, description: 'A time of day, 09:30, where the contact lives: the next one after the event.' })
  timeOfDay?: string | null;

  @Field(() => DurationType, { nullable: true, description: 'So long after the event.' })
  after?: DurationType | null;
}

@ObjectType('Rule', {
  implements: NodeType,
  description: 'Sends something when an event happens: to the contact whose object it happened to.',
})
export class RuleType extends NodeType {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { description: 'Unique; made from the name when none was given.' })
  code!: string;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => String, { description: 'The type of the objects whose events it listens to.' })
  objectType!: string;

  @Field(() => [String], { description: 'The events that it listens to.' })
  events!: string[];

  @Field(() => [JsonScalar], { description: 'Conditions, each as a ConditionInput; at least one must be met. None: always.' })
  conditions!: unknown[];

  @Field(() => [RuleMessageType], { description: 'What it says, one for each medium.' })
  messages!: RuleMessageType[];

  @Field(() => RuleTimingType, {
    nullable: true,
    description: 'When it sends; null: at once. What it says is that of the event in any case.',
  })
  timing?: RuleTimingType | null;

  @Field(() => DurationType, { nullable: true, description: 'How long its communications live from when they are made.' })
  expiresAfter?: DurationType | null;

  @Field(() => Boolean, { description: 'Tells the contact of the parent account, too, where the account stands in a group.' })
  notifyParentAccount!: boolean;

  @Field(() => Boolean, { description: 'Leaves out who may not receive our own marketing.' })
  applyDirectMarketingPreference!: boolean;

  @Field(() => Boolean, { description: "Leaves out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference!: boolean;

  @Field(() => Int, { description: 'Smaller goes first: rules have 2, what people write 3, campaigns 7.' })
  priority!: number;

  @Field(() => Boolean, { description: 'It listens. Off, it sends nothing, not even what waits for its time.' })
  enabled!: boolean;

  @Field(() => String, { nullable: true, description: 'What went wrong when it last failed on an event; others were not held up.' })
  lastError?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When that was.' })
  lastErrorAt?: Date | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const RuleConnection = connectionType('Rule', () => RuleType);

@InputType('RuleFilter', { description: 'All that is given must hold.' })
export class RuleFilter {
  @Field(() => String, { nullable: true, description: 'In the name, the code or the description.' })
  search?: string | null;

  @Field(() => String, { nullable: true, description: 'Listening to events of this type of object.' })
  objectType?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'On, or off.' })
  enabled?: boolean | null;
}

@ObjectType('CreateRulePayload', { simpleResolvers: true, description: 'What createRule answers.' })
export class CreateRulePayload {
  @Field(() => RuleType, { description: 'The new rule.' })
  rule!: RuleType;

  @Field(() => [ContentWarningType], { description: 'What may go wrong with its texts; it is kept all the same.' })
  warnings!: ContentWarningType[];
}

@ObjectType('UpdateRulePayload', { simpleResolvers: true, description: 'What updateRule answers.' })
export class UpdateRulePayload {
  @Field(() => RuleType, { description: 'The rule as it is now.' })
  rule!: RuleType;

  @Field(() => [ContentWarningType], { description: 'What may go wrong with its texts; it is kept all the same.' })
  warnings!: ContentWarningType[];
}

@ObjectType('CopyRulePayload', { simpleResolvers: true, description: 'What copyRule answers.' })
export class CopyRulePayload {
  @Field(() => RuleType, { description: 'The new rule, off.' })
  rule!: RuleType;
}

@ObjectType('EnableRulePayload', { simpleResolvers: true, description: 'What enableRule answers.' })
export class EnableRulePayload {
  @Field(() => RuleType, { description: 'The rule, on.' })
  rule!: RuleType;
}

@ObjectType('DisableRulePayload', { simpleResolvers: true, description: 'What disableRule answers.' })
export class DisableRulePayload {
  @Field(() => RuleType, { description: 'The rule, off.' })
  rule!: RuleType;
}

@ObjectType('DeleteRulePayload', { simpleResolvers: true, description: 'What deleteRule answers.' })
export class DeleteRulePayload {
  @Field(() => ID, { description: 'The id that it had.' })
  ruleId!: string;
}

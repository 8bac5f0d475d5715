import { Field, ID, InputType, Int } from 'type-graphql';
import { ConditionInput } from '../../catalogue/condition.input.js';
import { ContentInput } from '../../content/content.input.js';
import { CauseMessageInput } from '../../generate/message.input.js';
import { DurationInput } from '../../generate/schedule.type.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';

@InputType('RuleMessageInput', { description: 'What a rule says through one medium: `templateId` or `content`.' })
export class RuleMessageInput extends CauseMessageInput {
  @Field(() => ID, {
    nullable: true,
    description:
      "An effective template of this medium, about the rule's type of object or about none. Each event takes its content as it is then.",
  })
  templateId?: string | null;

  @Field(() => [ContentInput], {
    nullable: true,
    description:
      "The content itself, one for each language. Tags reach the rule's type of object; `#param.NAME` is what came with the event.",
  })
  content?: ContentInput[] | null;
}

@InputType('RuleTimingInput', { description: 'Exactly one of the two.' })
export class RuleTimingInput {
  @Field(() => String, {
    nullable: true,
    description: 'A time of day such as 09:30 where the contact lives: the next one after the event.',
  })
  timeOfDay?: string | null;

  @Field(() => DurationInput, { nullable: true, description: 'So long after the event.' })
  after?: DurationInput | null;
}

/** What creating and updating share. */
@InputType()
abstract class WrittenRuleInput {
  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string | null;

  @Field(() => [ConditionInput], {
    nullable: true,
    description:
      'At least one must be met; none: always. They speak of the object, its account and contact as they were at the event, of other objects of the contact, and of `event.from`, `event.to`, `event.changed`, `event.payload.NAME`, `event.old.NAME`, `event.new.NAME`.',
  })
  conditions?: ConditionInput[] | null;

  @Field(() => RuleTimingInput, { nullable: true, description: 'When it sends; default: at once.' })
  timing?: RuleTimingInput | null;

  @Field(() => DurationInput, { nullable: true, description: "How long its communications live; default: the medium's lifetime." })
  expiresAfter?: DurationInput | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Tell the contact of the parent account, too, where the account stands in a group. Not for events of contacts.',
  })
  notifyParentAccount?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Leave out who may not receive our own marketing; default false.' })
  applyDirectMarketingPreference?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Leave out who may not receive partners' marketing; default false." })
  applyAffiliateMarketingPreference?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: 'From 1 to 9, smaller goes first; default 2, before what people write (3) and campaigns (7).',
  })
  priority?: number | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('CreateRuleInput', { description: 'A new rule.' })
export class CreateRuleInput extends WrittenRuleInput {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Unique; made from the name when left out.' })
  code?: string | null;

  @Field(() => String, { description: 'The type of the objects whose events it listens to.' })
  objectType!: string;

  @Field(() => [String], { description: 'The events: at least one that the type has.' })
  events!: string[];

  @Field(() => [RuleMessageInput], { description: 'One for each medium.' })
  messages!: RuleMessageInput[];

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: 'Whether it listens at once.' })
  enabled?: boolean | null;
}

@InputType('UpdateRuleInput', {
  description: 'What changes of a rule; a field left out keeps its value, null clears it. Its type of object never changes.',
})
export class UpdateRuleInput extends WrittenRuleInput {
  @Field(() => ID, { description: 'The rule.' })
  ruleId!: string;

  @Field(() => String, { nullable: true, description: 'Unique.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Unique.' })
  code?: string | null;

  @Field(() => [String], { nullable: true, description: 'All events that it listens to, in place of those before.' })
  events?: string[] | null;

  @Field(() => [RuleMessageInput], { nullable: true, description: 'All that it says, in place of what it said before.' })
  messages?: RuleMessageInput[] | null;
}

@InputType('CopyRuleInput', { description: 'A new rule that begins with everything of another one, off.' })
export class CopyRuleInput {
  @Field(() => ID, { description: 'The rule to copy.' })
  ruleId!: string;

  @Field(() => String, { description: 'The name of the copy, unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The code of the copy, unique; made from the name where none is given.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('EnableRuleInput', { description: 'Which rule to turn on.' })
export class EnableRuleInput {
  @Field(() => ID, { description: 'The rule.' })
  ruleId!: string;
}

@InputType('DisableRuleInput', { description: 'Which rule to turn off.' })
export class DisableRuleInput {
  @Field(() => ID, { description: 'The rule.' })
  ruleId!: string;
}

@InputType('DeleteRuleInput', { description: 'Which rule goes.' })
export class DeleteRuleInput {
  @Field(() => ID, { description: 'The rule. What waits for its time goes with it; what it has sent stays.' })
  ruleId!: string;
}

import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { ContactType } from '../../audience/contact.type.js';
import { EventType } from '../../audience/events/event.type.js';
import { Medium } from '../../catalogue/medium.js';
import { ObjectRefInput } from '../../catalogue/object-ref.js';
import { CommunicationType } from '../../communications/communication.type.js';
import { connectionType } from '../../graphql/connection.js';
import { DateTimeScalar, JsonObjectScalar } from '../../graphql/scalars.js';
import { RuleType } from './rule.type.js';

export const RuleOutcomeStateEnum = {
  NOT_MET: 'NOT_MET',
  HELD: 'HELD',
  CREATED: 'CREATED',
  SKIPPED: 'SKIPPED',
  FAILED: 'FAILED',
} as const;
registerEnumType(RuleOutcomeStateEnum, {
  name: 'RuleOutcomeState',
  description: 'What an event came to by a rule.',
  valuesConfig: {
    NOT_MET: { description: 'None of the conditions held.' },
    HELD: { description: 'It waits for its time, with its values frozen; then it is CREATED or SKIPPED.' },
    CREATED: { description: 'A communication was made.' },
    SKIPPED: { description: 'The contact was left out; `reason` says why.' },
    FAILED: { description: 'It could not be carried out; `reason` says why.' },
  },
});

@ObjectType('RuleOutcome', { description: 'What an event came to by a rule: one for each message and recipient, or that it was not met.' })
export class RuleOutcomeType {
  @Field(() => EventType, { description: 'The event.' })
  event!: EventType;

  @Field(() => RuleType, { description: 'The rule that listened.' })
  rule!: RuleType;

  @Field(() => RuleOutcomeStateEnum, { description: 'What it came to.' })
  state!: keyof typeof RuleOutcomeStateEnum;

  @Field(() => String, {
    nullable: true,
    description: 'OPTED_OUT_DIRECT, OPTED_OUT_AFFILIATE, NO_CONTENT, NO_ADDRESS, LOOP, RULE_OFF, EXPIRED, or what went wrong in words.',
  })
  reason?: string | null;

  @Field(() => [Boolean], { nullable: true, description: "Which of the rule's conditions held, in their order; null where it has none." })
  conditions?: boolean[] | null;

  @Field(() => Medium, { nullable: true, description: 'By which medium; null where nothing was to be said.' })
  medium?: Medium | null;

  @Field(() => ContactType, { description: 'To whom.' })
  contact!: ContactType;

  @Field(() => Boolean, { description: 'The contact is that of the parent account.' })
  toParent!: boolean;

  @Field(() => CommunicationType, { nullable: true, description: 'The communication that was made.' })
  communication?: CommunicationType | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Its time, where it waits or waited for one.' })
  dueAt?: Date | null;

  @Field(() => DateTimeScalar, { description: 'When the event was looked at.' })
  at!: Date;
}

export const RuleOutcomeConnection = connectionType('RuleOutcome', () => RuleOutcomeType);

@InputType('PreviewRuleInput', { description: 'What a rule would do, as if the event happened now.' })
export class PreviewRuleInput {
  @Field(() => ID, { description: 'The rule, on or off.' })
  ruleId!: string;

  @Field(() => ObjectRefInput, { description: "An object of the rule's type." })
  object!: ObjectRefInput;

  @Field(() => String, { nullable: true, description: "One of the rule's events; default: its first." })
  event?: string | null;

  @Field(() => JsonObjectScalar, { nullable: true, description: 'What comes with the event: `{ "from": "Open", "to": "Closed" }`.' })
  payload?: Record<string, unknown> | null;
}

@ObjectType('RulePreviewMessage', { simpleResolvers: true, description: 'What a rule would say to one contact through one medium.' })
export class RulePreviewMessageType {
  @Field(() => Medium, { description: 'How.' })
  medium!: Medium;

  @Field(() => ContactType, { description: 'To whom.' })
  contact!: unknown;

  @Field(() => Boolean, { description: 'The contact is that of the parent account.' })
  toParent!: boolean;

  @Field(() => String, { nullable: true, description: 'Why the contact would be left out; null where it would not.' })
  skipReason?: string | null;

  @Field(() => String, { nullable: true, description: 'The e-mail address or phone number.' })
  to?: string | null;

  @Field(() => String, { nullable: true, description: 'The language that would be chosen.' })
  language?: string | null;

  @Field(() => String, { nullable: true, description: 'The subject as the recipient would see it.' })
  subject?: string | null;

  @Field(() => String, { nullable: true, description: 'The content as the recipient would see it.' })
  body?: string | null;

  @Field(() => String, { nullable: true, description: 'Why it would be REJECTED at once, such as TOO_LONG.' })
  rejection?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it would be sent, where not at once.' })
  dueAt?: Date | null;
}

@ObjectType('RulePreview', { simpleResolvers: true, description: 'What a rule would do with an event of an object.' })
export class RulePreviewType {
  @Field(() => Boolean, { description: 'It has no conditions, or at least one holds.' })
  met!: boolean;

  @Field(() => [Boolean], { description: 'Which of its conditions hold, in their order.' })
  conditions!: boolean[];

  @Field(() => [RulePreviewMessageType], { description: 'What it would say; nothing where it is not met.' })
  messages!: RulePreviewMessageType[];
}

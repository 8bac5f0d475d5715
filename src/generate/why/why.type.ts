import { Field, ID, InputType, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { Medium } from '../../catalogue/medium.js';
import { ObjectRefInput } from '../../catalogue/object-ref.js';
import { connectionType } from '../../graphql/connection.js';
import { DateTimeScalar, JsonScalar } from '../../graphql/scalars.js';
import type { ExplainedStep } from './step.js';

@InputType('ExplainRecipientInput', {
  description: 'Exactly one of `planId`, `notificationTypeId`, `ruleId` and `runId`, and at least one of `contactExternalId` and `object`.',
})
export class ExplainRecipientInput {
  @Field(() => ID, { nullable: true, description: 'A plan: what a run of it would make of somebody.' })
  planId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A notification type: the same.' })
  notificationTypeId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A rule: what it would make of its event, if that happened now. What the event itself would carry counts as empty.',
  })
  ruleId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A run: what it made of somebody.' })
  runId?: string | null;

  @Field(() => String, { nullable: true, description: 'The contact.' })
  contactExternalId?: string | null;

  @Field(() => ObjectRefInput, { nullable: true, description: 'The object; default: all of the contact that it may be about, 50 at most.' })
  object?: ObjectRefInput | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'As if it ran at this instant, with the facts of now. Default: now. Not with `runId`.',
  })
  at?: string | null;
}

export const ExplanationBasis = { RECORDED: 'RECORDED', COMPUTED: 'COMPUTED' } as const;
registerEnumType(ExplanationBasis, {
  name: 'ExplanationBasis',
  description: 'Where an explanation comes from.',
  valuesConfig: {
    RECORDED: { description: 'From what the run wrote down when it matched.' },
    COMPUTED: { description: 'From the facts of now, by the statements that a run matches with.' },
  },
});

export const MarketingKind = { DIRECT: 'DIRECT', AFFILIATE: 'AFFILIATE' } as const;
registerEnumType(MarketingKind, {
  name: 'MarketingKind',
  description: 'Whose marketing a contact consents to.',
  valuesConfig: { DIRECT: { description: 'Our own.' }, AFFILIATE: { description: 'That of partners.' } },
});

const stepTypes: Record<ExplainedStep['type'], string> = {
  CAUSE: 'CauseStep',
  CRITERION: 'CriterionStep',
  SEGMENT: 'SegmentStep',
  CONSENT: 'ConsentStep',
  LANGUAGE: 'LanguageStep',
  ADDRESS: 'AddressStep',
};

@InterfaceType('ExplanationStep', {
  description: 'One thing that decides whether somebody hears of something (XU5).',
  resolveType: (step: ExplainedStep) => stepTypes[step.type],
})
export class ExplanationStepType {
  @Field(() => String, { description: 'What is asked, in words.' })
  label!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether it let pass; null where the run did not come to it, or did not record it.',
  })
  passed!: boolean | null;

  @Field(() => JsonScalar, { nullable: true, description: 'The value that it saw; null where there was none, or it was not recorded.' })
  saw!: unknown;
}

@ObjectType('CauseStep', {
  implements: ExplanationStepType,
  simpleResolvers: true,
  description: 'The plan or notification type itself cannot run: it is not effective, its validity has passed, its template is gone.',
})
export class CauseStepType extends ExplanationStepType {}

@ObjectType('CriterionStep', {
  implements: ExplanationStepType,
  simpleResolvers: true,
  description: 'A criterion of a notification type, or a condition of a rule.',
})
export class CriterionStepType extends ExplanationStepType {
  @Field(() => String, {
    description: 'Which: OUTSTANDING_AMOUNT, ACCOUNT_CLASSIFICATION, HISTORY, CONDITION, TOTAL_PER_NOTIFICATION, ...',
  })
  kind!: string;

  @Field(() => [String], { description: 'Where it stands in the criteria.' })
  path!: string[];
}

@ObjectType('SegmentStep', {
  implements: ExplanationStepType,
  simpleResolvers: true,
  description: 'The segments of a plan; it saw those that the contact is in.',
})
export class SegmentStepType extends ExplanationStepType {
  @Field(() => Boolean, { description: 'They are those whose members the plan leaves out.' })
  excludes!: boolean;
}

@ObjectType('ConsentStep', {
  implements: ExplanationStepType,
  simpleResolvers: true,
  description: 'A marketing preference; it saw whether the contact consents.',
})
export class ConsentStepType extends ExplanationStepType {
  @Field(() => MarketingKind, { description: 'Whose marketing.' })
  marketing!: 'DIRECT' | 'AFFILIATE';

  @Field(() => Boolean, { description: 'Whether the preference is asked at all; FINANCIAL notifications never ask.' })
  applied!: boolean;
}

@ObjectType('LanguageStep', {
  implements: ExplanationStepType,
  simpleResolvers: true,
  description: 'The language; it saw the one that the contact prefers.',
})
export class LanguageStepType extends ExplanationStepType {
  @Field(() => String, { nullable: true, description: 'The one that the contact gets.' })
  language!: string | null;
}

@ObjectType('AddressStep', { implements: ExplanationStepType, simpleResolvers: true, description: 'The address.' })
export class AddressStepType extends ExplanationStepType {
  @Field(() => Medium, { description: 'For this medium.' })
  medium!: Medium;

  @Field(() => String, { nullable: true, description: 'The type that is asked for; null: the primary one.' })
  addressType!: string | null;

  @Field(() => String, { nullable: true, description: 'The one found.' })
  address!: string | null;
}

@ObjectType('ExplainedOutcome', {
  simpleResolvers: true,
  description: 'What becomes of one contact, or of one of its objects, through one medium.',
})
export class ExplainedOutcomeType {
  @Field(() => String, { nullable: true, description: 'The type of what it is about; null where contacts are met for themselves.' })
  objectType!: string | null;

  @Field(() => String, { nullable: true, description: 'Its id in the CRM of record.' })
  externalId!: string | null;

  @Field(() => String, { nullable: true, description: 'Its number.' })
  number!: string | null;

  @Field(() => Medium, { nullable: true, description: 'The medium; null where the cause cannot run.' })
  medium!: Medium | null;

  @Field(() => [ExplanationStepType], { description: 'Everything that decides, in order.' })
  steps!: unknown[];

  @Field(() => Boolean, { description: 'The final word: it gets, or got, a communication.' })
  included!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Why not: the first reason. CANNOT_RUN, NOT_MATCHED, or a reason of RunSkip. Null where it is included.',
  })
  reason!: string | null;
}

@ObjectType('RecipientExplanation', { simpleResolvers: true, description: 'Why somebody did, or did not, get something.' })
export class RecipientExplanationType {
  @Field(() => Boolean, { description: 'The final word: at least one outcome is included.' })
  included!: boolean;

  @Field(() => DateTimeScalar, { description: 'The instant that it is about.' })
  at!: Date;

  @Field(() => ExplanationBasis, { description: 'Where it comes from.' })
  basis!: 'RECORDED' | 'COMPUTED';

  @Field(() => [ExplainedOutcomeType], { description: 'For each medium, and for each object that it may be about.' })
  outcomes!: unknown[];
}

@ObjectType('FunnelStep', { simpleResolvers: true, description: 'How many were left after a step of a run, once for each medium.' })
export class FunnelStepType {
  @Field(() => String, {
    description: 'CANDIDATES, the kind of a criterion (CriterionStep.kind), MATCHED, then the reason that took some away, as in RunSkip.',
  })
  kind!: string;

  @Field(() => [String], { description: 'Where the criterion stands in the criteria; empty for the other steps.' })
  path!: string[];

  @Field(() => String, { description: 'The step in words.' })
  label!: string;

  @Field(() => Int, { description: 'How many are left.' })
  left!: number;
}

@ObjectType('RunRecipient', { simpleResolvers: true, description: 'Somebody whom a run met.' })
export class RunRecipientType {
  @Field(() => Medium, { description: 'The medium.' })
  medium!: Medium;

  @Field(() => String, {
    nullable: true,
    description: 'The type of the object that it is about; null where the contact is met for itself.',
  })
  objectType!: string | null;

  @Field(() => String, { nullable: true, description: 'Its id in the CRM of record.' })
  externalId!: string | null;

  @Field(() => String, { nullable: true, description: 'The language found.' })
  language!: string | null;

  @Field(() => String, { nullable: true, description: 'The address found.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was skipped, as in RunSkip; null where it was not.' })
  reason!: string | null;
}

export const RunRecipientConnection = connectionType('RunRecipient', () => RunRecipientType);

import { Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { ConditionInput } from '../../../catalogue/condition.input.js';
import { DateScalar, DecimalScalar } from '../../../graphql/scalars.js';

@InputType('AmountRangeInput', { description: '`moreThan` is inclusive: 10 keeps exactly 10. `lessThan` is exclusive.' })
export class AmountRangeInput {
  @Field(() => DecimalScalar, { nullable: true, description: 'At least this.' })
  moreThan?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Less than this.' })
  lessThan?: string | null;
}

@InputType('DayRangeInput', { description: 'A number of days from the day of the run: `moreThan` is inclusive, `lessThan` exclusive.' })
export class DayRangeInput {
  @Field(() => Int, { nullable: true, description: 'At least so many days.' })
  moreThan?: number | null;

  @Field(() => Int, { nullable: true, description: 'Fewer days than this.' })
  lessThan?: number | null;
}

@InputType('OutstandingAmountInput', {
  description: `What is outstanding of the account's bills that are due by a day, that day included; a bill without a due date is due at once. At most one
of the fields that give the day; with none it is the day of the run. Bills that the account does not have count 0.`,
})
export class OutstandingAmountInput extends AmountRangeInput {
  @Field(() => DateScalar, { nullable: true, description: 'Due by this day.' })
  dueOn?: string | null;

  @Field(() => Int, { nullable: true, description: 'Due by the day so many days before the run.' })
  dueDaysAgo?: number | null;

  @Field(() => Int, { nullable: true, description: 'Due by the day so many days after the run.' })
  dueInDays?: number | null;

  @Field(() => Int, { nullable: true, description: 'Due by the day so many months before the run.' })
  dueMonthsAgo?: number | null;

  @Field(() => Int, { nullable: true, description: 'Due by the day so many months after the run.' })
  dueInMonths?: number | null;

  @Field(() => Boolean, { nullable: true, description: "Due by the last day of the run's month." })
  dueByEndOfMonth?: boolean | null;
}

@InputType('ExpiringAmountInput', {
  description: 'What expires in a wallet between the day of the run and a later day, both included. Exactly one of the two spans.',
})
export class ExpiringAmountInput {
  @Field(() => DecimalScalar, { nullable: true, description: 'At least this much expires; default: anything above nothing.' })
  moreThan?: string | null;

  @Field(() => Int, { nullable: true, description: 'Within so many days.' })
  withinDays?: number | null;

  @Field(() => Int, { nullable: true, description: 'Within so many months.' })
  withinMonths?: number | null;
}

@InputType('ClassificationsInput', { description: 'Exactly one of the two.' })
export class ClassificationsInput {
  @Field(() => [String], { nullable: true, description: 'One of these.' })
  in?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'None of these; an account without classification is none of them.' })
  notIn?: string[] | null;
}

export const HistoryScopeEnum = { RECIPIENT: 'RECIPIENT', OBJECT: 'OBJECT' } as const;
export type HistoryScope = keyof typeof HistoryScopeEnum;
registerEnumType(HistoryScopeEnum, {
  name: 'HistoryScope',
  description: 'Who or what was notified before.',
  valuesConfig: {
    RECIPIENT: {
      description:
        'The account of a FINANCIAL type, the participant of a REWARD one; otherwise the contact, as between two classifications.',
    },
    OBJECT: { description: 'The object notified about, whoever was told: each completed job is told of once.' },
  },
});

@InputType('NotificationHistoryInput', { description: 'Notified before, or not.' })
export class NotificationHistoryInput {
  @Field(() => Boolean, { description: 'True: must have been notified. False: must not.' })
  notified!: boolean;

  @Field(() => ID, { nullable: true, description: 'By which type; default: this one.' })
  notificationTypeId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Counted in days of the system's zone: 1 is today, 30 today and the 29 days before. Default: ever.",
  })
  withinDays?: number | null;

  @Field(() => HistoryScopeEnum, { nullable: true, defaultValue: 'RECIPIENT', description: 'Who or what was notified.' })
  scope?: HistoryScope | null;
}

@InputType('NotificationHistoryRowInput', { description: 'All within a row must hold.' })
export class NotificationHistoryRowInput {
  @Field(() => [NotificationHistoryInput], { description: 'At least one.' })
  all!: NotificationHistoryInput[];
}

export const AwardedStateEnum = { AWARDED: 'AWARDED', NOT_AWARDED: 'NOT_AWARDED', CLOSE_TO_BE_AWARDED: 'CLOSE_TO_BE_AWARDED' } as const;
export type AwardedState = keyof typeof AwardedStateEnum;
registerEnumType(AwardedStateEnum, {
  name: 'AwardedState',
  description: 'How an offer stands for a participant.',
  valuesConfig: {
    AWARDED: { description: 'It has been awarded to the participant before.' },
    NOT_AWARDED: { description: 'It has never been awarded to the participant.' },
    CLOSE_TO_BE_AWARDED: { description: "What the offer's progress class counts is still missing, and no more than `progress` says." },
  },
});

@InputType('RewardProgressInput', {
  description: 'How much may still be missing, at most, by the class of the progress that an offer counts. At least one.',
})
export class RewardProgressInput {
  @Field(() => DecimalScalar, { nullable: true, description: 'Of an amount.' })
  missingAmount?: string | null;

  @Field(() => Int, { nullable: true, description: 'Of transactions.' })
  missingTransactions?: number | null;

  @Field(() => Int, { nullable: true, description: 'Of items.' })
  missingItems?: number | null;
}

@InputType('OfferValidityInput', {
  description: 'Offers that are valid on at least one day between two, both included. At least one of them.',
})
export class OfferValidityInput {
  @Field(() => DateScalar, { nullable: true, description: 'The first day.' })
  from?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'The last day.' })
  to?: string | null;
}

@InputType('NotificationCriteriaInput', {
  description: 'All that are given must hold. What belongs to another classification is refused.',
})
export class NotificationCriteriaInput {
  @Field(() => [ID], { nullable: true, description: 'The contact is in one of these segments.' })
  segmentIds?: string[] | null;

  @Field(() => [NotificationHistoryRowInput], { nullable: true, description: 'Rows are alternatives.' })
  history?: NotificationHistoryRowInput[] | null;

  @Field(() => ConditionInput, { nullable: true, description: 'Over the object notified about, its account and its contact.' })
  condition?: ConditionInput | null;

  @Field(() => AmountRangeInput, { nullable: true, description: "FINANCIAL: the account's balance." })
  accountBalance?: AmountRangeInput | null;

  @Field(() => ClassificationsInput, { nullable: true, description: "FINANCIAL: the account's classification." })
  accountClassifications?: ClassificationsInput | null;

  @Field(() => OutstandingAmountInput, { nullable: true, description: "FINANCIAL: of the account's bills due by then." })
  outstandingAmount?: OutstandingAmountInput | null;

  @Field(() => AmountRangeInput, {
    nullable: true,
    description: "FINANCIAL: the wallet's balance; notifying about something else, of one of the account's wallets.",
  })
  walletBalance?: AmountRangeInput | null;

  @Field(() => DayRangeInput, { nullable: true, description: "FINANCIAL: days until the wallet's estimated consumption." })
  estimatedConsumptionDays?: DayRangeInput | null;

  @Field(() => DayRangeInput, { nullable: true, description: "FINANCIAL: days until the estimated consumption of the wallet's products." })
  productEstimatedConsumptionDays?: DayRangeInput | null;

  @Field(() => AmountRangeInput, {
    nullable: true,
    description: "FINANCIAL: the amount of the product consumption notified about; otherwise of all of the account's.",
  })
  productConsumption?: AmountRangeInput | null;

  @Field(() => ExpiringAmountInput, { nullable: true, description: 'FINANCIAL: what expires in the wallet soon.' })
  expiringAmount?: ExpiringAmountInput | null;

  @Field(() => [String], {
    nullable: true,
    description: "FINANCIAL: the subscription's type is one of these; notifying about something else, the account has such a subscription.",
  })
  subscriptionTypes?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "FINANCIAL: the subscription's billing term scheme is one of these; notifying about something else, the account has such a subscription.",
  })
  billingTermSchemes?: string[] | null;

  @Field(() => AmountRangeInput, { nullable: true, description: 'FINANCIAL: of the objects in one notification, added up.' })
  totalPerNotification?: AmountRangeInput | null;

  @Field(() => [AwardedStateEnum], { nullable: true, description: 'REWARD: how the offer stands for the participant; one of these.' })
  awardedStates?: AwardedState[] | null;

  @Field(() => RewardProgressInput, { nullable: true, description: 'REWARD: required with CLOSE_TO_BE_AWARDED, and only with it.' })
  progress?: RewardProgressInput | null;

  @Field(() => [String], { nullable: true, description: 'REWARD: classifications of offers.' })
  offerClassifications?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'REWARD: types of reward.' })
  rewardTypes?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'REWARD: numbers of offers, effective ones.' })
  rewardOffers?: string[] | null;

  @Field(() => [String], { nullable: true, description: "REWARD: the participant's scheme." })
  rewardSchemes?: string[] | null;

  @Field(() => OfferValidityInput, { nullable: true, description: 'REWARD: when the offer is valid.' })
  offerValidity?: OfferValidityInput | null;
}

import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import type { NotificationClassification } from '../../catalogue/notifiable.js';
import { ScheduleInput } from '../../generate/schedule.type.js';
import { NotificationCriteriaInput } from './criteria/criteria.input.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';

export const NotificationClassificationEnum: Record<NotificationClassification, NotificationClassification> = {
  CUSTOMER_CARE: 'CUSTOMER_CARE',
  FINANCIAL: 'FINANCIAL',
  REWARD: 'REWARD',
};
registerEnumType(NotificationClassificationEnum, {
  name: 'NotificationClassification',
  description: 'For whom notifications are, and how they are grouped.',
  valuesConfig: {
    CUSTOMER_CARE: { description: 'For contacts: one notification for each object.' },
    FINANCIAL: { description: 'For accounts: one notification for each, with all its objects. Nobody can opt out of them.' },
    REWARD: { description: 'For rewards participants: one notification for each, with all offers.' },
  },
});

const aboutWords = `The type of business object notified about, by its name in tags. CUSTOMER_CARE: subscription, activity, job, buy_in_advance_request, rewards_participant,
service_request, lead, payment_gateway_card, payment_gateway_request, payment, award_reward_transaction, spend_reward_transaction,
award_expiration_transaction, subscription_action. FINANCIAL: subscription, bill, invoice, job, buy_in_advance_request, wallet,
wallet_product_consumption, wallet_transaction. REWARD: reward_offer.`;

@InputType('CreateNotificationTypeInput', {
  description: 'A new notification type. Its classification and what it is about never change.',
})
export class CreateNotificationTypeInput {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => NotificationClassificationEnum, { description: 'For whom, and how grouped.' })
  classification!: NotificationClassification;

  @Field(() => String, { description: aboutWords })
  about!: string;

  @Field(() => ID, {
    description:
      'An effective template of a medium that queues, about a notification, about what is notified about, or about nothing in particular.',
  })
  templateId!: string;

  @Field(() => ID, { nullable: true, description: 'Who processes it; absent: the engine itself.' })
  externalSystemId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A type of e-mail address or phone that the contact must have; default: its primary one, of any type.',
  })
  addressType?: string | null;

  @Field(() => NotificationCriteriaInput, { nullable: true, description: 'Whom to notify; without any, everybody who has such an object.' })
  criteria?: NotificationCriteriaInput | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Leave out who may not receive our own marketing; FINANCIAL ignores it.',
  })
  applyDirectMarketingPreference?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Leave out who may not receive partners' marketing; FINANCIAL ignores it.",
  })
  applyAffiliateMarketingPreference?: boolean | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('UpdateNotificationTypeInput', { description: 'What to change of a notification type. A field left out keeps its value.' })
export class UpdateNotificationTypeInput {
  @Field(() => ID, { description: 'The notification type.' })
  notificationTypeId!: string;

  @Field(() => String, { nullable: true, description: 'Unique.' })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: 'Another template.' })
  templateId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Who processes it; null: the engine itself.' })
  externalSystemId?: string | null;

  @Field(() => String, { nullable: true, description: 'A type of address that the contact must have; null: its primary one.' })
  addressType?: string | null;

  @Field(() => NotificationCriteriaInput, { nullable: true, description: 'All criteria anew; null: none.' })
  criteria?: NotificationCriteriaInput | null;

  @Field(() => Boolean, { nullable: true, description: 'Leave out who may not receive our own marketing.' })
  applyDirectMarketingPreference?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Leave out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it can run. An inactive one keeps its schedules, whose runs fail.' })
  active?: boolean | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('DeleteNotificationTypeInput', { description: 'Which notification type to delete: one that has never run.' })
export class DeleteNotificationTypeInput {
  @Field(() => ID, { description: 'The notification type.' })
  notificationTypeId!: string;
}

@InputType('RunNotificationsInput', { description: 'Which notification type to run now.' })
export class RunNotificationsInput {
  @Field(() => ID, { description: 'The notification type.' })
  notificationTypeId!: string;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('ScheduleNotificationsInput', { description: 'Which notification type to run, and when. Many schedules may use one type.' })
export class ScheduleNotificationsInput {
  @Field(() => ID, { description: 'The notification type.' })
  notificationTypeId!: string;

  @Field(() => String, { description: 'What people call the schedule: `Notify unsettled subscriptions`.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Its code, unique among schedules.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => ScheduleInput, { description: 'When.' })
  schedule!: ScheduleInput;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

import { Field, ID, Int, ObjectType } from 'type-graphql';
import { ContactType } from '../../audience/contact.type.js';
import type { NotificationClassification } from '../../catalogue/notifiable.js';
import { CommunicationType } from '../../communications/communication.type.js';
import { LifeCycleState } from '../../communications/lifeCycle.js';
import { TemplateType } from '../../content/template.type.js';
import { RunType } from '../../generate/run.type.js';
import { ScheduleType } from '../../generate/schedule.type.js';
import { connectionType } from '../../graphql/connection.js';
import { NodeType } from '../../graphql/node.js';
import { DateScalar, DateTimeScalar, DecimalScalar, JsonObjectScalar } from '../../graphql/scalars.js';
import { ExternalSystemType } from '../../queue/externalSystem.type.js';
import { NotificationClassificationEnum } from './notification-type.input.js';

@ObjectType('NotificationType', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'Whom to notify about what, with which words. Run now or on schedules, as often as one likes.',
})
export class NotificationTypeType extends NodeType {
  @Field(() => String, { description: 'Unique.' })
  name!: string;

  @Field(() => NotificationClassificationEnum, { description: 'For whom, and how grouped. It never changes.' })
  classification!: NotificationClassification;

  @Field(() => String, { description: 'The type of business object notified about. It never changes.' })
  about!: string;

  @Field(() => TemplateType, { description: 'The words. Each run takes its content as it is then.' })
  template?: TemplateType;

  @Field(() => ExternalSystemType, { nullable: true, description: 'Who processes the communications; none: the engine itself.' })
  externalSystem?: ExternalSystemType | null;

  @Field(() => String, { nullable: true, description: 'The type of address that the contact must have; none: its primary one.' })
  addressType?: string | null;

  @Field(() => JsonObjectScalar, { description: 'The criteria, as NotificationCriteriaInput has them; only those that are given.' })
  criteria!: object;

  @Field(() => Boolean, { description: 'Leaves out who may not receive our own marketing; FINANCIAL ignores it.' })
  applyDirectMarketingPreference!: boolean;

  @Field(() => Boolean, { description: "Leaves out who may not receive partners' marketing; FINANCIAL ignores it." })
  applyAffiliateMarketingPreference!: boolean;

  @Field(() => Boolean, { description: 'It can run.' })
  active!: boolean;

  @Field(() => [ScheduleType], { description: 'When it runs by itself.' })
  schedules?: ScheduleType[];

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const NotificationTypeConnection = connectionType('NotificationType', () => NotificationTypeType);

@ObjectType('NotifiedItem', {
  simpleResolvers: true,
  description: 'An object that a notification is about. Amounts are those told, in FINANCIAL ones.',
})
export class NotifiedItemType {
  @Field(() => String, { description: 'Its type, as in tags.' })
  objectType!: string;

  @Field(() => String, { description: 'Its id in the CRM of record.' })
  externalId!: string;

  @Field(() => String, { nullable: true, description: 'The number that people quote.' })
  number?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'The notified amount: what is outstanding, for wallets what is available, else its amount.',
  })
  amount?: string | null;

  @Field(() => String, { nullable: true, description: 'The currency of its amounts.' })
  currency?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'What was outstanding of it.' })
  outstandingAmount?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'What of that was past its due date; all of it where it has none.' })
  unsettledAmount?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'When a wallet is expected to be used up.' })
  estimatedConsumptionDate?: string | null;

  @Field(() => Int, { nullable: true, description: 'In how many days that was, from the day of the notification.' })
  estimatedConsumptionDays?: number | null;
}

@ObjectType('AmountByCurrency', { simpleResolvers: true, description: 'An amount of one currency.' })
export class AmountByCurrencyType {
  @Field(() => String, { nullable: true, description: 'The currency, by the code of ISO 4217.' })
  currency?: string | null;

  @Field(() => DecimalScalar, { description: 'The amount.' })
  amount!: string;
}

@ObjectType('Notification', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'The record that a recipient was notified: made by a run together with its communication. Read only.',
})
export class NotificationRecordType extends NodeType {
  @Field(() => String, { description: 'Unique, for people to quote.' })
  number!: string;

  @Field(() => NotificationTypeType, { description: 'What caused it.' })
  type?: NotificationTypeType;

  @Field(() => NotificationClassificationEnum, { description: 'For whom it is: that of its type.' })
  classification?: NotificationClassification;

  @Field(() => LifeCycleState, { description: 'That of its communication.' })
  state?: LifeCycleState;

  @Field(() => ContactType, { description: 'Who was notified; for FINANCIAL ones the owner of the account.' })
  contact?: ContactType;

  @Field(() => CommunicationType, { description: 'What was said.' })
  communication?: CommunicationType;

  @Field(() => String, { nullable: true, description: 'The number and the name of the account, joined.' })
  accountInformation?: string | null;

  @Field(() => String, { nullable: true, description: 'The currency of the account.' })
  currency?: string | null;

  @Field(() => [NotifiedItemType], { description: 'What it is about: one for CUSTOMER_CARE, all that matched otherwise.' })
  items?: NotifiedItemType[];

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'FINANCIAL: the amounts of its items in the currency of the account, added up.',
  })
  totalNotifiedAmount?: string | null;

  @Field(() => [AmountByCurrencyType], { description: 'FINANCIAL: the amounts of its items, added up for each currency.' })
  totals?: AmountByCurrencyType[];

  @Field(() => RunType, { description: 'The run that made it.' })
  run?: RunType;

  @Field(() => DateTimeScalar, { description: 'When its run met the recipient. From then on it counts as notified.' })
  createdAt!: Date;
}

export const NotificationConnection = connectionType('Notification', () => NotificationRecordType);

@ObjectType('CreateNotificationTypePayload', { simpleResolvers: true, description: 'What createNotificationType answers.' })
export class CreateNotificationTypePayload {
  @Field(() => NotificationTypeType, { description: 'The new type.' })
  notificationType!: NotificationTypeType;
}

@ObjectType('UpdateNotificationTypePayload', { simpleResolvers: true, description: 'What updateNotificationType answers.' })
export class UpdateNotificationTypePayload {
  @Field(() => NotificationTypeType, { description: 'The type as it is now.' })
  notificationType!: NotificationTypeType;
}

@ObjectType('DeleteNotificationTypePayload', { simpleResolvers: true, description: 'What deleteNotificationType answers.' })
export class DeleteNotificationTypePayload {
  @Field(() => ID, { description: 'The id that the type had.' })
  notificationTypeId!: string;
}

@ObjectType('RunNotificationsPayload', { simpleResolvers: true, description: 'What runNotifications answers.' })
export class RunNotificationsPayload {
  @Field(() => RunType, { description: 'The run, recorded; it starts in a moment. Follow it with `node`, `run` or `runProgressed`.' })
  run!: RunType;
}

@ObjectType('ScheduleNotificationsPayload', { simpleResolvers: true, description: 'What scheduleNotifications answers.' })
export class ScheduleNotificationsPayload {
  @Field(() => ScheduleType, { description: 'The schedule, with its next run.' })
  schedule!: ScheduleType;
}

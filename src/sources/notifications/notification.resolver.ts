import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ContactType } from '../../audience/contact.type.js';
import { loadContact } from '../../audience/load.js';
import { communicationById } from '../../communications/communication.resolver.js';
import { CommunicationType } from '../../communications/communication.type.js';
import { LifeCycleState } from '../../communications/lifeCycle.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { Forbidden, NotFound } from '../../errors.js';
import { type Run, runColumns, runTables } from '../../generate/run.js';
import { RunType } from '../../generate/run.type.js';
import { PageArgs } from '../../graphql/connection.js';
import { localId, type NodeKind } from '../../graphql/node.js';
import { DateTimeScalar } from '../../graphql/scalars.js';
import { itemsOf, listNotifications, loadNotification, type NotificationRow } from './notification.js';
import {
  AmountByCurrencyType,
  NotificationConnection,
  NotificationRecordType,
  NotificationTypeType,
  NotifiedItemType,
} from './notification.type.js';
import { NotificationClassificationEnum } from './notification-type.input.js';
import { loadNotificationType } from './notification-type.js';
import { totalsOf } from './totals.js';

@Resolver(() => NotificationRecordType)
export class NotificationResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => NotificationRecordType, { nullable: true, description: 'A notification by its id.' })
  async notification(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<unknown> {
    const row = localId('Notification', id);
    return row === undefined ? null : await loadNotification(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => NotificationConnection, { description: 'Notifications, newest first.' })
  async notifications(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('notificationTypeId', () => ID, { nullable: true, description: 'Of this type.' }) notificationTypeId?: string,
    @Arg('runId', () => ID, { nullable: true, description: 'Made by this run.' }) runId?: string,
    @Arg('states', () => [LifeCycleState], { nullable: true, description: 'Whose communications are in one of these states.' })
    states?: LifeCycleState[],
    @Arg('contactExternalId', () => String, { nullable: true, description: 'To this contact.' }) contactExternalId?: string,
    @Arg('accountExternalId', () => String, { nullable: true, description: 'About this account.' }) accountExternalId?: string,
    @Arg('createdAfter', () => DateTimeScalar, { nullable: true, description: 'Made at this instant or later.' }) createdAfter?: string,
    @Arg('createdBefore', () => DateTimeScalar, { nullable: true, description: 'Made before this instant.' }) createdBefore?: string,
  ): Promise<unknown> {
    const filter = { notificationTypeId, runId, states, contactExternalId, accountExternalId, createdAfter, createdBefore };
    return await listNotifications(ctx, args, filter);
  }

  @FieldResolver(() => NotificationTypeType)
  async type(@Ctx() ctx: Context, @Root() { typeId }: NotificationRow): Promise<unknown> {
    return await typeOf(ctx, typeId);
  }

  @FieldResolver(() => NotificationClassificationEnum)
  async classification(@Ctx() ctx: Context, @Root() { typeId }: NotificationRow): Promise<string> {
    return (await typeOf(ctx, typeId)).classification;
  }

  @FieldResolver(() => LifeCycleState)
  async state(@Ctx() ctx: Context, @Root() { id }: NotificationRow): Promise<LifeCycleState> {
    return (await communicationOf(ctx, id)).state;
  }

  @FieldResolver(() => ContactType)
  async contact(@Ctx() ctx: Context, @Root() { contactId }: NotificationRow): Promise<unknown> {
    return await loadContact(ctx, contactId);
  }

  @FieldResolver(() => CommunicationType)
  async communication(@Ctx() ctx: Context, @Root() { id }: NotificationRow): Promise<unknown> {
    return await communicationOf(ctx, id);
  }

  @FieldResolver(() => String, { nullable: true })
  accountInformation(@Root() { accountNumber, accountName }: NotificationRow): string | null {
    return [accountNumber, accountName].filter((each) => each !== null && each !== '').join(' ') || null;
  }

  @FieldResolver(() => [NotifiedItemType])
  async items(@Ctx() ctx: Context, @Root() { id }: NotificationRow): Promise<unknown> {
    return await itemsOf(ctx, id);
  }

  @FieldResolver(() => [AmountByCurrencyType])
  async totals(@Ctx() ctx: Context, @Root() { id }: NotificationRow): Promise<AmountByCurrencyType[]> {
    return await totalsOf(ctx, id);
  }

  @FieldResolver(() => RunType)
  async run(@Ctx() ctx: Context, @Root() { runId }: NotificationRow): Promise<unknown> {
    const loader = ctx.loader<string, Run>('run', async (of, ids) => {
      const found = await rows<Run>(of, `select ${runColumns} from ${runTables} where r.id = any($1::uuid[])`, [ids]);
      const byId = new Map(found.map((each) => [each.id, each]));
      return ids.map((id) => byId.get(id) ?? new NotFound('run'));
    });
    return await loader.load(runId);
  }
}

/** A contact's notifications: answered by the stage that keeps them. */
@Resolver(() => ContactType)
export class ContactNotificationsResolver {
  @FieldResolver(() => NotificationConnection, { description: 'What the contact was notified about, newest first.' })
  async notifications(@Ctx() ctx: Context, @Root() contact: { id: string }, @Args(() => PageArgs) page: PageArgs): Promise<unknown> {
    if (ctx.viewer.role === 'CONTACT' || ctx.viewer.role === 'EXTERNAL_SYSTEM') {
      throw new Forbidden(`A token for ${ctx.viewer.role} reads queue entries and the inbox, not notifications.`);
    }
    return await listNotifications(ctx, page, {}, contact.id);
  }
}

@Resolver(() => CommunicationType)
export class CommunicationNotificationResolver {
  @FieldResolver(() => NotificationRecordType, {
    nullable: true,
    description: 'The notification that it tells of; null where it tells of none.',
  })
  async notification(@Ctx() ctx: Context, @Root() communication: { id: string }): Promise<unknown> {
    // Whoever sees an entry of a queue sees what it says, not the record behind it.
    if (ctx.viewer.role === 'CONTACT' || ctx.viewer.role === 'EXTERNAL_SYSTEM') return null;
    return await loadNotification(ctx, communication.id);
  }
}

async function typeOf(ctx: Context, id: string) {
  const type = await loadNotificationType(ctx, id);
  if (!type) throw new Error(`The type ${id} of a notification is missing`);
  return type;
}

async function communicationOf(ctx: Context, id: string) {
  const communication = await communicationById(ctx, id);
  if (!communication) throw new Error(`The communication of the notification ${id} is missing`);
  return communication;
}

export const notificationNode: NodeKind = {
  type: 'Notification',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadNotification(ctx, id) : null),
};

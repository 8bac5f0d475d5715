import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { NotificationClassification } from '../../catalogue/notifiable.js';
import { loadTemplates, type Template } from '../../content/template.js';
import { TemplateType } from '../../content/template.type.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { Invalid, NotFound } from '../../errors.js';
import { rehearseRun } from '../../generate/rehearse.js';
import { loadRun, type Run, runColumns, runTables, startRun } from '../../generate/run.js';
import { RunConnection } from '../../generate/run.type.js';
import { createSchedule, schedulesOf } from '../../generate/schedule.js';
import { ScheduleType } from '../../generate/schedule.type.js';
import { connectionOf, keyset, PageArgs, pageOf } from '../../graphql/connection.js';
import { isDryRun } from '../../graphql/dry-run.js';
import { localId, type NodeKind, requireLocalId } from '../../graphql/node.js';
import { ExternalSystemType } from '../../queue/externalSystem.type.js';
import { loadExternalSystems } from '../../queue/systems.js';
import {
  CreateNotificationTypePayload,
  DeleteNotificationTypePayload,
  NotificationTypeConnection,
  NotificationTypeType,
  RunNotificationsPayload,
  ScheduleNotificationsPayload,
  UpdateNotificationTypePayload,
} from './notification.type.js';
import {
  CreateNotificationTypeInput,
  DeleteNotificationTypeInput,
  NotificationClassificationEnum,
  RunNotificationsInput,
  ScheduleNotificationsInput,
  UpdateNotificationTypeInput,
} from './notification-type.input.js';
import { listNotificationTypes, loadNotificationType, type NotificationType } from './notification-type.js';
import { createNotificationType, deleteNotificationType, updateNotificationType } from './save.js';

@Resolver(() => NotificationTypeType)
export class NotificationTypeResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => NotificationTypeType, { nullable: true, description: 'A notification type by its id.' })
  async notificationType(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<unknown> {
    const row = localId('NotificationType', id);
    return row === undefined ? null : await loadNotificationType(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => NotificationTypeConnection, { description: 'Notification types, newest first.' })
  async notificationTypes(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('search', () => String, { nullable: true, description: 'In the name, or in what it is about.' }) search?: string,
    @Arg('classification', () => NotificationClassificationEnum, { nullable: true, description: 'Only these.' })
    classification?: NotificationClassification,
    @Arg('active', () => Boolean, { nullable: true, description: 'Only those that can run, or only those that cannot.' }) active?: boolean,
  ): Promise<unknown> {
    return await listNotificationTypes(ctx, args, { search, classification, active });
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateNotificationTypePayload, { description: 'Makes a notification type.' })
  async createNotificationType(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateNotificationTypeInput) input: CreateNotificationTypeInput,
  ): Promise<unknown> {
    return { notificationType: await createNotificationType(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateNotificationTypePayload, {
    description: 'Changes a notification type, but for its classification and what it is about. Runs that have started go on as they were.',
  })
  async updateNotificationType(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateNotificationTypeInput) input: UpdateNotificationTypeInput,
  ): Promise<unknown> {
    return { notificationType: await updateNotificationType(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteNotificationTypePayload, {
    description: 'Deletes a notification type that has never run, with its schedules. One that has run can be made inactive.',
  })
  async deleteNotificationType(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteNotificationTypeInput) input: DeleteNotificationTypeInput,
  ): Promise<DeleteNotificationTypePayload> {
    await deleteNotificationType(ctx, input.notificationTypeId);
    return { notificationTypeId: input.notificationTypeId };
  }

  @Authorized('ADMIN')
  @Mutation(() => RunNotificationsPayload, {
    description:
      'Runs a notification type now. Every call makes a new run; an idempotency key guards against notifying twice, as a history criterion does.',
  })
  async runNotifications(
    @Ctx() ctx: Context,
    @Arg('input', () => RunNotificationsInput) input: RunNotificationsInput,
    @Info() info: GraphQLResolveInfo,
  ): Promise<{ run: Run }> {
    const type = await requireActive(ctx, input.notificationTypeId);
    const id = await startRun(ctx, { notificationTypeId: type.id });
    if (id !== null && isDryRun(info.operation)) await rehearseRun(ctx, id);
    const run = id === null ? null : await loadRun(ctx, id);
    if (!run) throw new Error('A run without a schedule is always new');
    return { run };
  }

  @Authorized('ADMIN')
  @Mutation(() => ScheduleNotificationsPayload, {
    description: 'Runs a notification type at an instant, after a while, or again and again.',
  })
  async scheduleNotifications(
    @Ctx() ctx: Context,
    @Arg('input', () => ScheduleNotificationsInput) input: ScheduleNotificationsInput,
  ): Promise<unknown> {
    const type = await requireActive(ctx, input.notificationTypeId);
    const name = input.name.trim();
    if (name === '' || name.length > 200)
      throw new Invalid([{ path: ['name'], code: 'INVALID', message: 'A name has 1 to 200 characters.' }]);
    const { code, description, schedule } = input;
    return {
      schedule: await createSchedule(ctx, { notificationTypeId: type.id, name, code, description, input: schedule, path: ['schedule'] }),
    };
  }

  @FieldResolver(() => TemplateType)
  async template(@Ctx() ctx: Context, @Root() type: NotificationType): Promise<unknown> {
    const loader = ctx.loader<string, Template>('templateOfType', async (of, ids) => {
      const found = await loadTemplates(of, ids);
      return ids.map((id) => found.get(id) ?? new NotFound('template'));
    });
    return await loader.load(type.templateId);
  }

  @FieldResolver(() => ExternalSystemType, { nullable: true })
  async externalSystem(@Ctx() ctx: Context, @Root() type: NotificationType): Promise<unknown> {
    if (type.externalSystemId === null) return null;
    const loader = ctx.loader<string, unknown>('systemOfType', async (of, ids) => {
      const found = await loadExternalSystems(of, ids);
      return ids.map((id) => found.get(id) ?? new NotFound('external system'));
    });
    return await loader.load(type.externalSystemId);
  }

  @FieldResolver(() => [ScheduleType])
  async schedules(@Ctx() ctx: Context, @Root() type: NotificationType): Promise<unknown> {
    return await schedulesOf(ctx, { notificationTypeId: type.id });
  }

  @FieldResolver(() => RunConnection, { description: 'Its runs, newest first.' })
  async runs(@Ctx() ctx: Context, @Root() type: NotificationType, @Args(() => PageArgs) args: PageArgs): Promise<unknown> {
    const page = pageOf(args);
    const parameters: unknown[] = [type.id];
    const { where, orderBy } = keyset(page, 'r.seq', 'bigint', true, parameters);
    const found = await rows<Run>(
      ctx,
      `select ${runColumns} from ${runTables} where r.notification_type_id = $1 and ${where} ${orderBy}`,
      parameters,
    );
    const count = 'select count(*)::int as count from run where notification_type_id = $1';
    return connectionOf(
      page,
      found,
      (each) => [each.seq],
      async () => (await first<{ count: number }>(ctx, count, [type.id]))?.count ?? 0,
    );
  }
}

/** The type with that id, if it can run; kept from being deleted before it is named. */
async function requireActive(ctx: Context, publicId: string): Promise<NotificationType> {
  const id = requireLocalId('NotificationType', publicId, 'notification type');
  await rows(ctx, 'select 1 from notification_type where id = $1 for key share', [id]);
  const type = await loadNotificationType(ctx, id);
  if (!type) throw new NotFound('notification type');
  if (!type.active) {
    const message = `The notification type ${JSON.stringify(type.name)} is not active.`;
    throw new Invalid([{ path: ['notificationTypeId'], code: 'NOT_ACTIVE', message }]);
  }
  return type;
}

export const notificationTypeNode: NodeKind = {
  type: 'NotificationType',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadNotificationType(ctx, id) : null),
};

import { Arg, Args, Authorized, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { Invalid } from '../errors.js';
import { connectionOf, greatestPage, keyset, PageArgs, pageOf } from '../graphql/connection.js';
import { type NodeKind, requireLocalId } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { type Run, runColumns, runsById, runTables } from './run.js';
import { RunConnection, RunType } from './run.type.js';
import {
  deleteSchedule,
  loadSchedule,
  pauseSchedule,
  previewRuns,
  resumeSchedule,
  type Schedule,
  type ScheduleRow,
  scheduleColumns,
  scheduleOf,
  updateSchedule,
} from './schedule.js';
import {
  DeleteScheduleInput,
  DeleteSchedulePayload,
  PauseScheduleInput,
  PauseSchedulePayload,
  RepeatType,
  ResumeScheduleInput,
  ResumeSchedulePayload,
  ScheduleConnection,
  ScheduleFireConnection,
  ScheduleFireType,
  ScheduleType,
  UpdateScheduleInput,
  UpdateSchedulePayload,
} from './schedule.type.js';
import { nameOf } from './schedule-input.js';
import { type FireRow, listFires } from './schedule-log.js';

@Resolver(() => ScheduleType)
export class ScheduleResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => ScheduleConnection, { description: 'All schedules, newest first.' })
  async schedules(@Ctx() ctx: Context, @Args(() => PageArgs) args: PageArgs): Promise<unknown> {
    const page = pageOf(args);
    const parameters: unknown[] = [];
    const { where, orderBy } = keyset(page, 's.id', 'uuid', true, parameters);
    const found = await rows<ScheduleRow>(ctx, `select ${scheduleColumns} from schedule s where ${where} ${orderBy}`, parameters);
    return connectionOf(
      page,
      found.map(scheduleOf),
      (each) => [each.id],
      async () => (await first<{ count: number }>(ctx, 'select count(*)::int as count from schedule'))?.count ?? 0,
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateSchedulePayload, {
    description:
      'Changes when it runs, or its name. Its runs stay, `times` counts anew. A paused one stays paused, one at its end waits again.',
  })
  async updateSchedule(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateScheduleInput) { scheduleId, name, code, description, schedule }: UpdateScheduleInput,
  ): Promise<UpdateSchedulePayload> {
    const id = requireLocalId('Schedule', scheduleId, 'schedule');
    return { schedule: await updateSchedule(ctx, id, { name: nameOf(name), code, description, input: schedule, path: ['schedule'] }) };
  }

  @Authorized('ADMIN')
  @Mutation(() => PauseSchedulePayload, {
    description:
      'No run begins until it is resumed, also none that is due and waits behind another; what it misses meanwhile is not made up for.',
  })
  async pauseSchedule(
    @Ctx() ctx: Context,
    @Arg('input', () => PauseScheduleInput) input: PauseScheduleInput,
  ): Promise<PauseSchedulePayload> {
    return { schedule: await pauseSchedule(ctx, requireLocalId('Schedule', input.scheduleId, 'schedule')) };
  }

  @Authorized('ADMIN')
  @Mutation(() => ResumeSchedulePayload, {
    description: 'Goes on with the runs that waited, and with the next instant that is still to come; CONFLICT where there is neither.',
  })
  async resumeSchedule(
    @Ctx() ctx: Context,
    @Arg('input', () => ResumeScheduleInput) input: ResumeScheduleInput,
  ): Promise<ResumeSchedulePayload> {
    return { schedule: await resumeSchedule(ctx, requireLocalId('Schedule', input.scheduleId, 'schedule')) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteSchedulePayload, {
    description: 'Ends a schedule for good. Its runs and their communications stay; runs that have not begun are cancelled.',
  })
  async deleteSchedule(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteScheduleInput) input: DeleteScheduleInput,
  ): Promise<DeleteSchedulePayload> {
    await deleteSchedule(ctx, requireLocalId('Schedule', input.scheduleId, 'schedule'));
    return { scheduleId: input.scheduleId };
  }

  @FieldResolver(() => [DateTimeScalar], {
    description: 'The next runs as things stand, computed by the code that starts them; 100 at most.',
  })
  nextRuns(
    @Root() schedule: Schedule,
    @Arg('first', () => Int, { nullable: true, defaultValue: 5, description: 'How many, 100 at most.' }) count: number | null,
  ): Date[] {
    const size = count ?? 5;
    if (size < 0 || size > greatestPage) {
      throw new Invalid([
        { path: ['first'], code: 'OUT_OF_RANGE', message: `${size} is out of range: 0 to ${greatestPage} runs are shown.` },
      ]);
    }
    return previewRuns(schedule, size);
  }

  @FieldResolver(() => RepeatType, { nullable: true, description: 'How it repeats; null for a single run.' })
  repeat(@Root() { rule }: Schedule): RepeatType | null {
    return rule.every === null && rule.cron === null ? null : rule;
  }

  @FieldResolver(() => ScheduleFireConnection, { description: 'What became of each of its instants, newest first.' })
  async fires(@Ctx() ctx: Context, @Root() schedule: Schedule, @Args(() => PageArgs) args: PageArgs): Promise<unknown> {
    return await listFires(ctx, schedule.id, args);
  }

  @FieldResolver(() => RunConnection, { description: 'Its runs, newest first.' })
  async runs(@Ctx() ctx: Context, @Root() schedule: Schedule, @Args(() => PageArgs) args: PageArgs): Promise<unknown> {
    const page = pageOf(args);
    const parameters: unknown[] = [schedule.id];
    const { where, orderBy } = keyset(page, 'r.seq', 'bigint', true, parameters);
    const found = await rows<Run>(
      ctx,
      `select ${runColumns} from ${runTables} where r.schedule_id = $1 and ${where} ${orderBy}`,
      parameters,
    );
    return connectionOf(
      page,
      found,
      (each) => [each.seq],
      async () =>
        (await first<{ count: number }>(ctx, 'select count(*)::int as count from run where schedule_id = $1', [schedule.id]))?.count ?? 0,
    );
  }
}

@Resolver(() => ScheduleFireType)
export class ScheduleFireResolver {
  @FieldResolver(() => RunType, { nullable: true, description: 'The run that it started, or was merged into.' })
  async run(@Ctx() ctx: Context, @Root() { runId }: FireRow): Promise<Run | null> {
    return runId === null ? null : await ctx.loader<string, Run | null>('run', runsById).load(runId);
  }
}

export const scheduleNode: NodeKind = {
  type: 'Schedule',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadSchedule(ctx, id) : null),
};

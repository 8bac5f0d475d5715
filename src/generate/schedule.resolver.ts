import { Arg, Args, Authorized, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { Invalid } from '../errors.js';
import { connectionOf, greatestPage, keyset, PageArgs, pageOf } from '../graphql/connection.js';
import { type NodeKind, requireLocalId } from '../graphql/node.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { type Run, runColumns, runTables } from './run.js';
import { RunConnection } from './run.type.js';
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
  ScheduleType,
} from './schedule.type.js';

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
  @Mutation(() => PauseSchedulePayload, { description: 'No run begins until it is resumed; what it misses meanwhile is not made up for.' })
  async pauseSchedule(
    @Ctx() ctx: Context,
    @Arg('input', () => PauseScheduleInput) input: PauseScheduleInput,
  ): Promise<PauseSchedulePayload> {
    return { schedule: await pauseSchedule(ctx, requireLocalId('Schedule', input.scheduleId, 'schedule')) };
  }

  @Authorized('ADMIN')
  @Mutation(() => ResumeSchedulePayload, {
    description: 'Goes on with the next instant that is still to come; CONFLICT where there is none.',
  })
  async resumeSchedule(
    @Ctx() ctx: Context,
    @Arg('input', () => ResumeScheduleInput) input: ResumeScheduleInput,
  ): Promise<ResumeSchedulePayload> {
    return { schedule: await resumeSchedule(ctx, requireLocalId('Schedule', input.scheduleId, 'schedule')) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteSchedulePayload, { description: 'Ends a schedule for good. Its runs and their communications stay.' })
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
    @Ctx() ctx: Context,
    @Root() schedule: Schedule,
    @Arg('first', () => Int, { nullable: true, defaultValue: 5, description: 'How many, 100 at most.' }) count: number | null,
  ): Date[] {
    const size = count ?? 5;
    if (size < 0 || size > greatestPage) {
      throw new Invalid([
        { path: ['first'], code: 'OUT_OF_RANGE', message: `${size} is out of range: 0 to ${greatestPage} runs are shown.` },
      ]);
    }
    return previewRuns(schedule, size, ctx.now());
  }

  @FieldResolver(() => RepeatType, { nullable: true, description: 'How it repeats; null for a single run.' })
  repeat(@Root() { rule }: Schedule): RepeatType | null {
    return rule.every === null && rule.cron === null ? null : rule;
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

export const scheduleNode: NodeKind = {
  type: 'Schedule',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadSchedule(ctx, id) : null),
};

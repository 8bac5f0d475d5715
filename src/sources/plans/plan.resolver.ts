import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ContactConnection } from '../../audience/contact.type.js';
import { type ContactRow, contactColumns } from '../../audience/load.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { Invalid, NotFound } from '../../errors.js';
import { loadRun, type Run, runColumns, runTables, startRun } from '../../generate/run.js';
import { RunConnection } from '../../generate/run.type.js';
import { createSchedule, schedulesOf } from '../../generate/schedule.js';
import { ScheduleType } from '../../generate/schedule.type.js';
import { nameOf } from '../../generate/schedule-input.js';
import { connectionOf, keyset, PageArgs, pageOf } from '../../graphql/connection.js';
import { localId, type NodeKind, requireLocalId } from '../../graphql/node.js';
import { createPlan } from './create.js';
import { loadPlan, type Plan, planColumns } from './plan.js';
import {
  CreatePlanInput,
  CreatePlanPayload,
  PlanConnection,
  PlanType,
  RunPlanInput,
  RunPlanPayload,
  SavePlanAsTemplateInput,
  SavePlanAsTemplatePayload,
  SchedulePlanInput,
  SchedulePlanPayload,
} from './plan.type.js';
import { savePlanAsTemplate } from './save-as-template.js';
import { recipientsOf } from './source.js';

@Resolver(() => PlanType)
export class PlanResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => PlanType, { nullable: true, description: 'A plan by its id.' })
  async plan(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<Plan | null> {
    const row = localId('Plan', id);
    return row === undefined ? null : await loadPlan(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => PlanConnection, { description: 'Plans, newest first.' })
  async plans(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('search', () => String, { nullable: true, description: 'In the name or the code.' }) search?: string,
  ): Promise<unknown> {
    const page = pageOf(args);
    const parameters: unknown[] = [search?.trim() ? `%${search.trim().replace(/[\\%_]/g, '\\$&')}%` : null];
    const where = '($1::text is null or p.name ilike $1 or p.code ilike $1)';
    const counting = [...parameters];
    const { where: beyond, orderBy } = keyset(page, 'p.id', 'uuid', true, parameters);
    const found = await rows<Plan>(ctx, `select ${planColumns} from plan p where ${where} and ${beyond} ${orderBy}`, parameters);
    return connectionOf(
      page,
      found,
      (each) => [each.id],
      async () => (await first<{ count: number }>(ctx, `select count(*)::int as count from plan p where ${where}`, counting))?.count ?? 0,
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => CreatePlanPayload, { description: 'Makes a plan.' })
  async createPlan(@Ctx() ctx: Context, @Arg('input', () => CreatePlanInput) input: CreatePlanInput): Promise<{ plan: Plan }> {
    return { plan: await createPlan(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => RunPlanPayload, {
    description: 'Runs a plan now. Every call makes a new run; an idempotency key guards against sending twice.',
  })
  async runPlan(@Ctx() ctx: Context, @Arg('input', () => RunPlanInput) input: RunPlanInput): Promise<{ run: Run }> {
    const plan = await requirePlan(ctx, input.planId);
    const id = await startRun(ctx, { planId: plan.id });
    const run = id === null ? null : await loadRun(ctx, id);
    if (!run) throw new Error('A run without a schedule is always new');
    return { run };
  }

  @Authorized('ADMIN')
  @Mutation(() => SchedulePlanPayload, { description: 'Runs a plan at an instant, after a while, or again and again.' })
  async schedulePlan(@Ctx() ctx: Context, @Arg('input', () => SchedulePlanInput) input: SchedulePlanInput): Promise<unknown> {
    const plan = await requirePlan(ctx, input.planId);
    const name = nameOf(input.name) ?? plan.name;
    return { schedule: await createSchedule(ctx, { planId: plan.id, name, input: input.schedule, path: ['schedule'] }) };
  }

  @Authorized('ADMIN')
  @Mutation(() => SavePlanAsTemplatePayload, { description: 'Keeps what a plan says through one medium as a template of its own.' })
  async savePlanAsTemplate(
    @Ctx() ctx: Context,
    @Arg('input', () => SavePlanAsTemplateInput) input: SavePlanAsTemplateInput,
  ): Promise<unknown> {
    return { template: await savePlanAsTemplate(ctx, input) };
  }

  @FieldResolver(() => ContactConnection, {
    description: 'The contacts who match now: members of the included segments, less those of the excluded ones.',
  })
  async matchedContacts(@Ctx() ctx: Context, @Root() plan: Plan, @Args(() => PageArgs) args: PageArgs): Promise<unknown> {
    const page = pageOf(args);
    const parameters: unknown[] = [];
    const met = `select k.* from contact k join (${(await recipientsOf(ctx, plan)).sql(parameters)}) q on q.contact_id = k.id and q.skip_reason is null`;
    const counting = [...parameters];
    const { where, orderBy } = keyset(page, 'm.id', 'uuid', false, parameters);
    const found = await rows<ContactRow>(ctx, `select ${contactColumns('m')} from (${met}) m where ${where} ${orderBy}`, parameters);
    return connectionOf(
      page,
      found,
      (each) => [each.id],
      async () => (await first<{ count: number }>(ctx, `select count(*)::int as count from (${met}) m`, counting))?.count ?? 0,
    );
  }

  @FieldResolver(() => RunConnection, { description: 'Its runs, newest first.' })
  async runs(@Ctx() ctx: Context, @Root() plan: Plan, @Args(() => PageArgs) args: PageArgs): Promise<unknown> {
    const page = pageOf(args);
    const parameters: unknown[] = [plan.id];
    const { where, orderBy } = keyset(page, 'r.seq', 'bigint', true, parameters);
    const found = await rows<Run>(ctx, `select ${runColumns} from ${runTables} where r.plan_id = $1 and ${where} ${orderBy}`, parameters);
    return connectionOf(
      page,
      found,
      (each) => [each.seq],
      async () => (await first<{ count: number }>(ctx, 'select count(*)::int as count from run where plan_id = $1', [plan.id]))?.count ?? 0,
    );
  }

  @FieldResolver(() => [ScheduleType], { description: 'When it runs by itself.' })
  async schedules(@Ctx() ctx: Context, @Root() plan: Plan): Promise<unknown> {
    return await schedulesOf(ctx, { planId: plan.id });
  }
}

/** The plan with that id, if it can still run. */
async function requirePlan(ctx: Context, publicId: string): Promise<Plan> {
  const plan = await loadPlan(ctx, requireLocalId('Plan', publicId, 'plan'));
  if (!plan) throw new NotFound('plan');
  if (plan.expiresAt !== null && plan.expiresAt <= ctx.now()) {
    throw new Invalid([
      {
        path: ['planId'],
        code: 'EXPIRED',
        message: `The validity of ${JSON.stringify(plan.name)} passed at ${plan.expiresAt.toISOString()}.`,
      },
    ]);
  }
  return plan;
}

export const planNode: NodeKind = {
  type: 'Plan',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadPlan(ctx, id) : null),
};

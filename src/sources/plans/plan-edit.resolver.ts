import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Authorized, Ctx, FieldResolver, Info, Mutation, Resolver, Root } from 'type-graphql';
import { ContentWarningType } from '../../content/template.type.js';
import type { ContentWarning } from '../../content/warnings.js';
import type { Context } from '../../context.js';
import { Invalid } from '../../errors.js';
import { rehearseRun } from '../../generate/rehearse.js';
import { retractRunsOf } from '../../generate/retract.js';
import { loadRun, type Run, startRun } from '../../generate/run.js';
import { createSchedule } from '../../generate/schedule.js';
import { nameOf } from '../../generate/schedule-input.js';
import { isDryRun } from '../../graphql/dry-run.js';
import { copyPlan, createPlan } from './create.js';
import {
  CopyPlanInput,
  CopyPlanPayload,
  CreatePlanInput,
  CreatePlanPayload,
  DeletePlanInput,
  DeletePlanPayload,
  RetractPlanInput,
  RetractPlanPayload,
  RunPlanInput,
  RunPlanPayload,
  SavePlanAsTemplateInput,
  SavePlanAsTemplatePayload,
  SchedulePlanInput,
  SchedulePlanPayload,
  UpdatePlanInput,
  UpdatePlanPayload,
} from './plan.input.js';
import { lockPlan, type Plan } from './plan.js';
import { PlanType } from './plan.type.js';
import { savePlanAsTemplate } from './save-as-template.js';
import { deletePlan, updatePlan } from './update.js';
import { planWarnings } from './warnings.js';

@Resolver(() => PlanType)
export class PlanEditResolver {
  @Authorized('ADMIN')
  @Mutation(() => CreatePlanPayload, { description: 'Makes a plan.' })
  async createPlan(@Ctx() ctx: Context, @Arg('input', () => CreatePlanInput) input: CreatePlanInput): Promise<{ plan: Plan }> {
    return { plan: await createPlan(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdatePlanPayload, {
    description: 'Changes a plan. Runs under way keep what they froze when they began; those to come go by the plan as it is then.',
  })
  async updatePlan(@Ctx() ctx: Context, @Arg('input', () => UpdatePlanInput) input: UpdatePlanInput): Promise<{ plan: Plan }> {
    return { plan: await updatePlan(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => CopyPlanPayload, {
    description: 'Makes a plan like another: its messages, segments and switches, without its schedules and runs.',
  })
  async copyPlan(@Ctx() ctx: Context, @Arg('input', () => CopyPlanInput) input: CopyPlanInput): Promise<{ plan: Plan }> {
    return { plan: await copyPlan(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeletePlanPayload, {
    description: 'Deletes a plan with its schedules; CONFLICT while a run of it is open. Its runs and their communications stay.',
  })
  async deletePlan(@Ctx() ctx: Context, @Arg('input', () => DeletePlanInput) input: DeletePlanInput): Promise<DeletePlanPayload> {
    await deletePlan(ctx, input.planId);
    return { planId: input.planId };
  }

  @Authorized('ADMIN')
  @Mutation(() => RunPlanPayload, {
    description:
      'Runs a plan now. Every call makes a new run; an idempotency key guards against sending twice. As a dry run it is matched at once, and its figures tell whom it would reach.',
  })
  async runPlan(
    @Ctx() ctx: Context,
    @Arg('input', () => RunPlanInput) input: RunPlanInput,
    @Info() info: GraphQLResolveInfo,
  ): Promise<{ run: Run }> {
    const plan = await requirePlan(ctx, input.planId);
    const id = await startRun(ctx, { planId: plan.id });
    if (id !== null && isDryRun(info.operation)) await rehearseRun(ctx, id);
    const run = id === null ? null : await loadRun(ctx, id);
    if (!run) throw new Error('A run without a schedule is always new');
    return { run };
  }

  @Authorized('ADMIN')
  @Mutation(() => RetractPlanPayload, {
    description: 'Takes back what all runs of a plan sent, as retractRun does for one. Its schedules stay.',
  })
  async retractPlan(@Ctx() ctx: Context, @Arg('input', () => RetractPlanInput) input: RetractPlanInput): Promise<{ runs: Run[] }> {
    const plan = await lockPlan(ctx, input.planId, 'key share');
    return { runs: await retractRunsOf(ctx, plan.id) };
  }

  @Authorized('ADMIN')
  @Mutation(() => SchedulePlanPayload, { description: 'Runs a plan at an instant, after a while, or again and again.' })
  async schedulePlan(@Ctx() ctx: Context, @Arg('input', () => SchedulePlanInput) input: SchedulePlanInput): Promise<unknown> {
    const plan = await requirePlan(ctx, input.planId);
    const name = nameOf(input.name) ?? plan.name;
    return {
      schedule: await createSchedule(ctx, {
        planId: plan.id,
        name,
        code: input.code,
        description: input.description,
        input: input.schedule,
        path: ['schedule'],
      }),
    };
  }

  @Authorized('ADMIN')
  @Mutation(() => SavePlanAsTemplatePayload, { description: 'Keeps what a plan says through one medium as a template of its own.' })
  async savePlanAsTemplate(
    @Ctx() ctx: Context,
    @Arg('input', () => SavePlanAsTemplateInput) input: SavePlanAsTemplateInput,
  ): Promise<unknown> {
    return { template: await savePlanAsTemplate(ctx, input) };
  }
}

const warningWords = 'What may go wrong with its texts, by the limits of the media and of the external systems; it is kept all the same.';

@Resolver(() => CreatePlanPayload)
export class CreatePlanWarningsResolver {
  @FieldResolver(() => [ContentWarningType], { description: warningWords })
  async warnings(@Ctx() ctx: Context, @Root() { plan }: { plan: Plan }): Promise<ContentWarning[]> {
    return await planWarnings(ctx, plan);
  }
}

@Resolver(() => UpdatePlanPayload)
export class UpdatePlanWarningsResolver {
  @FieldResolver(() => [ContentWarningType], { description: warningWords })
  async warnings(@Ctx() ctx: Context, @Root() { plan }: { plan: Plan }): Promise<ContentWarning[]> {
    return await planWarnings(ctx, plan);
  }
}

/** The plan with that id, if it can run, kept from being deleted until the transaction ends. */
async function requirePlan(ctx: Context, publicId: string): Promise<Plan> {
  const plan = await lockPlan(ctx, publicId, 'key share');
  const reason = whyNot(plan);
  if (reason) throw new Invalid([{ path: ['planId'], code: reason.code, message: reason.message }]);
  return plan;
}

function whyNot({ name, state, expired, expiresAt, includeSegmentIds }: Plan): { code: string; message: string } | undefined {
  const called = JSON.stringify(name);
  if (state !== 'EFFECTIVE') return { code: 'NOT_EFFECTIVE', message: `${called} is ${state}: only an EFFECTIVE plan runs.` };
  if (expired) return { code: 'EXPIRED', message: `The validity of ${called} passed at ${expiresAt?.toISOString()}.` };
  if (includeSegmentIds.length === 0) return { code: 'REQUIRED', message: `${called} includes no segment: there is nobody to reach.` };
  return undefined;
}

import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ContactConnection } from '../../audience/contact.type.js';
import { type ContactRow, contactColumns } from '../../audience/load.js';
import { loadSegments, type SegmentRow } from '../../audience/segment.js';
import { SegmentType } from '../../audience/segment.type.js';
import { TrackingFiguresType } from '../../communications/tracking.type.js';
import { figuresOf, type TrackingFigures } from '../../communications/tracking-figures.js';
import { type Category, categoryById } from '../../content/category.js';
import { CategoryType } from '../../content/category.type.js';
import type { ContentSource } from '../../content/content.js';
import { loadContents } from '../../content/load.js';
import { loadTemplates, type Template } from '../../content/template.js';
import { TemplateContentType, TemplateType } from '../../content/template.type.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { type KeptMessage, readMessages } from '../../generate/message.js';
import { type Run, runColumns, runTables } from '../../generate/run.js';
import { RunConnection } from '../../generate/run.type.js';
import { schedulesOf } from '../../generate/schedule.js';
import { ScheduleType } from '../../generate/schedule.type.js';
import { connectionOf, keyset, PageArgs, pageOf } from '../../graphql/connection.js';
import { localId, type NodeKind } from '../../graphql/node.js';
import { ExternalSystemType } from '../../queue/externalSystem.type.js';
import { type ExternalSystem, loadExternalSystems } from '../../queue/systems.js';
import { countAudience } from './audience.js';
import { AudienceCountInput, AudienceCountType } from './audience.type.js';
import { listPlans } from './list.js';
import { PlanFilter } from './plan.input.js';
import { loadPlan, type Plan } from './plan.js';
import { PlanConnection, PlanMessageType, PlanType } from './plan.type.js';
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
    @Arg('search', () => String, { nullable: true, description: 'In the name, the code or the description.' }) search?: string | null,
    @Arg('filter', () => PlanFilter, { nullable: true, description: 'Only those.' }) filter?: PlanFilter | null,
  ): Promise<unknown> {
    return await listPlans(ctx, args, { ...filter, search: filter?.search ?? search ?? null });
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => AudienceCountType, { description: 'How many contacts a plan would have to do with, counted while it is edited.' })
  async audienceCount(@Ctx() ctx: Context, @Arg('input', () => AudienceCountInput) input: AudienceCountInput): Promise<AudienceCountType> {
    return await countAudience(ctx, input);
  }

  @FieldResolver(() => [PlanMessageType], { description: 'What it says, one for each medium.' })
  async messages(@Ctx() ctx: Context, @Root() plan: Plan): Promise<KeptMessage[]> {
    return await ctx
      .loader<string, KeptMessage[]>('plan.messages', (inside, ids) => readMessages(inside, 'plan_message', ids))
      .load(plan.id);
  }

  @FieldResolver(() => [SegmentType], { description: 'Their members are the recipients.' })
  async includeSegments(@Ctx() ctx: Context, @Root() plan: Plan): Promise<SegmentRow[]> {
    return await segmentsOf(ctx, plan.includeSegmentIds);
  }

  @FieldResolver(() => [SegmentType], { description: 'Their members are left out.' })
  async excludeSegments(@Ctx() ctx: Context, @Root() plan: Plan): Promise<SegmentRow[]> {
    return await segmentsOf(ctx, plan.excludeSegmentIds);
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

  @FieldResolver(() => TrackingFiguresType, { description: 'What readers did with what all its runs sent.' })
  async tracking(@Ctx() ctx: Context, @Root() plan: Plan): Promise<TrackingFigures> {
    return await ctx.loader<string, TrackingFigures>('plan.tracking', figuresOf('plan_id')).load(plan.id);
  }

  @FieldResolver(() => [ScheduleType], { description: 'When it runs by itself.' })
  async schedules(@Ctx() ctx: Context, @Root() plan: Plan): Promise<unknown> {
    return await schedulesOf(ctx, { planId: plan.id });
  }
}

@Resolver(() => PlanMessageType)
export class PlanMessageResolver {
  @FieldResolver(() => TemplateType, { nullable: true, description: 'The template whose text each run takes as it is then.' })
  async template(@Ctx() ctx: Context, @Root() { templateId }: KeptMessage): Promise<Template | null> {
    return await byId(ctx, 'plan.template', loadTemplates, templateId);
  }

  @FieldResolver(() => [TemplateContentType], { nullable: true, description: 'Its own text, one for each language; null with a template.' })
  async content(@Ctx() ctx: Context, @Root() { contentId }: KeptMessage): Promise<readonly ContentSource[] | null> {
    return (await byId(ctx, 'plan.content', loadContents, contentId))?.sources ?? null;
  }

  @FieldResolver(() => ExternalSystemType, { nullable: true, description: 'Who processes it; null: the engine itself.' })
  async externalSystem(@Ctx() ctx: Context, @Root() { externalSystemId }: KeptMessage): Promise<ExternalSystem | null> {
    return await byId(ctx, 'plan.system', loadExternalSystems, externalSystemId);
  }

  @FieldResolver(() => CategoryType, { nullable: true, description: "What it is about for the business; null: the template's category." })
  async category(@Ctx() ctx: Context, @Root() { categoryId }: KeptMessage): Promise<Category | null> {
    return await categoryById(ctx, categoryId);
  }
}

/** One statement for all things of that kind that the request asks for. */
async function byId<Thing>(
  ctx: Context,
  name: string,
  load: (ctx: Context, ids: readonly string[]) => Promise<Map<string, Thing>>,
  id: string | null,
): Promise<Thing | null> {
  if (id === null) return null;
  const loadAll = async (inside: Context, ids: readonly string[]) => {
    const found = await load(inside, ids);
    return ids.map((each) => found.get(each) ?? null);
  };
  return await ctx.loader<string, Thing | null>(name, loadAll).load(id);
}

/** Those that are there still, in the order in which the plan names them. */
async function segmentsOf(ctx: Context, ids: readonly string[]): Promise<SegmentRow[]> {
  const load = async (inside: Context, wanted: readonly string[]) =>
    new Map((await loadSegments(inside, wanted)).map((each) => [each.id, each]));
  const found = await Promise.all(ids.map(async (id) => await byId(ctx, 'plan.segment', load, id)));
  return found.filter((each) => each !== null);
}

export const planNode: NodeKind = {
  type: 'Plan',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadPlan(ctx, id) : null),
};

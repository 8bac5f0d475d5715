import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { CommunicationConnection } from '../../communications/communication.type.js';
import { listCommunications } from '../../communications/list.js';
import { loadContents } from '../../content/load.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import type { KeptMessage } from '../../generate/message.js';
import { PageArgs } from '../../graphql/connection.js';
import { localId, type NodeKind, publicId } from '../../graphql/node.js';
import { PreviewRuleInput, RulePreviewType } from './outcome.type.js';
import { previewRule } from './preview.js';
import { CopyRuleInput, CreateRuleInput, DeleteRuleInput, DisableRuleInput, EnableRuleInput, UpdateRuleInput } from './rule.input.js';
import { listRules, loadRule, type Rule, ruleMessages } from './rule.js';
import {
  CopyRulePayload,
  CreateRulePayload,
  DeleteRulePayload,
  DisableRulePayload,
  EnableRulePayload,
  RuleConnection,
  RuleFilter,
  RuleMessageType,
  RuleTimingType,
  RuleType,
  UpdateRulePayload,
} from './rule.type.js';
import { copyRule, createRule, deleteRule, type Saved, switchRule, updateRule } from './write.js';

@Resolver(() => RuleType)
export class RuleResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => RuleType, { nullable: true, description: 'A rule by its id.' })
  async rule(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<unknown> {
    const row = localId('Rule', id);
    return row === undefined ? null : await loadRule(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => RuleConnection, { description: 'Rules, newest first.' })
  async rules(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => RuleFilter, { nullable: true }) filter?: RuleFilter,
  ): Promise<unknown> {
    return await listRules(ctx, page, filter ?? {});
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => RulePreviewType, {
    description: 'What a rule would do if one of its events happened to an object now. Nothing is kept and nothing is sent.',
  })
  async previewRule(@Ctx() ctx: Context, @Arg('input', () => PreviewRuleInput) input: PreviewRuleInput): Promise<RulePreviewType> {
    return await previewRule(ctx, input);
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateRulePayload, { description: 'Makes a rule.' })
  async createRule(@Ctx() ctx: Context, @Arg('input', () => CreateRuleInput) input: CreateRuleInput): Promise<Saved> {
    return await createRule(ctx, input);
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateRulePayload, { description: 'Changes a rule.' })
  async updateRule(@Ctx() ctx: Context, @Arg('input', () => UpdateRuleInput) input: UpdateRuleInput): Promise<Saved> {
    return await updateRule(ctx, input);
  }

  @Authorized('ADMIN')
  @Mutation(() => CopyRulePayload, { description: 'Makes a new rule from another one; it is off.' })
  async copyRule(@Ctx() ctx: Context, @Arg('input', () => CopyRuleInput) input: CopyRuleInput): Promise<{ rule: Rule }> {
    return { rule: await copyRule(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => EnableRulePayload, { description: 'Turns a rule on: it listens to what happens from now on.' })
  async enableRule(@Ctx() ctx: Context, @Arg('input', () => EnableRuleInput) input: EnableRuleInput): Promise<{ rule: Rule }> {
    return { rule: await switchRule(ctx, input.ruleId, true) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DisableRulePayload, { description: 'Turns a rule off: it sends nothing more, not even what waits for its time.' })
  async disableRule(@Ctx() ctx: Context, @Arg('input', () => DisableRuleInput) input: DisableRuleInput): Promise<{ rule: Rule }> {
    return { rule: await switchRule(ctx, input.ruleId, false) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteRulePayload, { description: 'Deletes a rule with what waits for its time; what it has sent stays.' })
  async deleteRule(@Ctx() ctx: Context, @Arg('input', () => DeleteRuleInput) input: DeleteRuleInput): Promise<DeleteRulePayload> {
    await deleteRule(ctx, input.ruleId);
    return { ruleId: input.ruleId };
  }

  @FieldResolver(() => [RuleMessageType])
  async messages(@Ctx() ctx: Context, @Root() rule: Rule): Promise<unknown> {
    const load = async (inside: Context, ids: readonly string[]) => {
      const found = await ruleMessages(inside, ids);
      return ids.map((id) => found.get(id) ?? []);
    };
    const messages = await ctx.loader<string, KeptMessage[]>('ruleMessages', load).load(rule.id);
    const templates = await loadTemplates(
      ctx,
      messages.flatMap((each) => each.templateId ?? []),
    );
    const contents = await loadContents(
      ctx,
      messages.flatMap((each) => each.contentId ?? []),
    );
    return messages.map((each) => ({
      ...each,
      template: templates.get(each.templateId ?? '') ?? null,
      content: contents.get(each.contentId ?? '')?.sources ?? [],
      externalSystemId: each.externalSystemId && publicId('ExternalSystem', each.externalSystemId),
      categoryId: each.categoryId && publicId('Category', each.categoryId),
    }));
  }

  @FieldResolver(() => RuleTimingType)
  timing(@Root() { timeOfDay, after }: Rule): RuleTimingType | null {
    return timeOfDay === null && after === null ? null : { timeOfDay, after };
  }

  @FieldResolver(() => CommunicationConnection, { description: 'What it has sent, newest first.' })
  async communications(@Ctx() ctx: Context, @Root() rule: Rule, @Args(() => PageArgs) page: PageArgs): Promise<unknown> {
    return await listCommunications(ctx, page, null, { narrow: (parameters) => `c.rule_id = $${parameters.push(rule.id)}` });
  }
}

export const ruleNode: NodeKind = {
  type: 'Rule',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadRule(ctx, id) : null),
};

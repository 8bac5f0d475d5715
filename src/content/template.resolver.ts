import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { type Connection, PageArgs } from '../graphql/connection.js';
import { localId, type NodeKind } from '../graphql/node.js';
import { type Category, categoryById } from './category.js';
import { CategoryType } from './category.type.js';
import type { ContentSource } from './content.js';
import { contentOfTemplate, listTemplates, loadTemplates, type Template } from './template.js';
import {
  ContentWarningType,
  CopyTemplateInput,
  CopyTemplatePayload,
  CreateTemplateInput,
  CreateTemplatePayload,
  DeleteTemplateInput,
  DeleteTemplatePayload,
  TemplateConnectionType,
  TemplateContentType,
  TemplateFilter,
  TemplateType,
  UpdateTemplateInput,
  UpdateTemplatePayload,
} from './template.type.js';
import { copyTemplate, createTemplate, deleteTemplate, updateTemplate } from './template-write.js';
import { type ContentWarning, warningsOf } from './warnings.js';

/** `node(id)` of a template, for those who may see templates. */
export const templateNode: NodeKind = {
  type: 'Template',
  async load(ctx, id) {
    if (ctx.viewer.role !== 'ADMIN' && ctx.viewer.role !== 'AGENT') return null;
    return (await loadTemplates(ctx, [id])).get(id) ?? null;
  },
};

@Resolver(() => TemplateType)
export class TemplateResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => TemplateConnectionType, { description: 'The templates, newest first.' })
  async templates(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => TemplateFilter, { nullable: true }) filter?: TemplateFilter,
  ): Promise<Connection<Template>> {
    return await listTemplates(ctx, page, filter);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => TemplateType, { nullable: true, description: 'A template by its id; null where there is none.' })
  async template(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<Template | null> {
    const row = localId('Template', id);
    return row === undefined ? null : ((await loadTemplates(ctx, [row])).get(row) ?? null);
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateTemplatePayload, { description: 'Writes a template.' })
  async createTemplate(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateTemplateInput) input: CreateTemplateInput,
  ): Promise<{ template: Template }> {
    return { template: await createTemplate(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateTemplatePayload, { description: 'Changes a template. Other texts are a new version.' })
  async updateTemplate(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateTemplateInput) input: UpdateTemplateInput,
  ): Promise<{ template: Template }> {
    return { template: await updateTemplate(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => CopyTemplatePayload, { description: 'Makes a new template from another one.' })
  async copyTemplate(
    @Ctx() ctx: Context,
    @Arg('input', () => CopyTemplateInput) input: CopyTemplateInput,
  ): Promise<{ template: Template }> {
    return { template: await copyTemplate(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteTemplatePayload, { description: 'Deletes a template that nothing uses; otherwise CONFLICT says what does.' })
  async deleteTemplate(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteTemplateInput) input: DeleteTemplateInput,
  ): Promise<DeleteTemplatePayload> {
    await deleteTemplate(ctx, input.templateId);
    return { templateId: input.templateId };
  }

  @FieldResolver(() => CategoryType)
  async category(@Ctx() ctx: Context, @Root() template: Template): Promise<Category | null> {
    return await categoryById(ctx, template.categoryId);
  }

  @FieldResolver(() => [TemplateContentType], { description: 'Its text in each language, as it was written.' })
  async content(@Ctx() ctx: Context, @Root() template: Template): Promise<readonly ContentSource[]> {
    return (await contentOfTemplate(ctx, template)).sources;
  }

  @FieldResolver(() => [String], { description: 'The tags that it uses, without #.' })
  async tags(@Ctx() ctx: Context, @Root() template: Template): Promise<readonly string[]> {
    return (await contentOfTemplate(ctx, template)).tags;
  }
}

/** Of the texts just saved, by the settings as they are. */
@Resolver(() => CreateTemplatePayload)
export class CreateTemplateWarningsResolver {
  @FieldResolver(() => [ContentWarningType])
  async warnings(@Ctx() ctx: Context, @Root() { template }: { template: Template }): Promise<ContentWarning[]> {
    return await warningsOf(ctx, await contentOfTemplate(ctx, template));
  }
}

/** The same after a change. */
@Resolver(() => UpdateTemplatePayload)
export class UpdateTemplateWarningsResolver {
  @FieldResolver(() => [ContentWarningType])
  async warnings(@Ctx() ctx: Context, @Root() { template }: { template: Template }): Promise<ContentWarning[]> {
    return await warningsOf(ctx, await contentOfTemplate(ctx, template));
  }
}

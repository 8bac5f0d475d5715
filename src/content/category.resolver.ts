import { Arg, Authorized, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import type { NodeKind } from '../graphql/node.js';
import { type Category, categoryById, childrenOf, createCategory, deleteCategory, loadCategories, updateCategory } from './category.js';
import {
  CategoryType,
  CreateCategoryInput,
  CreateCategoryPayload,
  DeleteCategoryInput,
  DeleteCategoryPayload,
  UpdateCategoryInput,
  UpdateCategoryPayload,
} from './category.type.js';

@Resolver(() => CategoryType)
export class CategoryResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => [CategoryType], { description: 'The tree of categories: its roots by name, each with its `children`.' })
  async categories(@Ctx() ctx: Context): Promise<unknown> {
    return await childrenOf(ctx, null);
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateCategoryPayload, { description: 'Makes a category.' })
  async createCategory(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateCategoryInput) input: CreateCategoryInput,
  ): Promise<{ category: Category }> {
    return { category: await createCategory(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateCategoryPayload, { description: 'Renames or describes a category, or moves it with all that is below it.' })
  async updateCategory(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateCategoryInput) input: UpdateCategoryInput,
  ): Promise<{ category: Category }> {
    return { category: await updateCategory(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteCategoryPayload, { description: 'Deletes a category that nothing uses; otherwise CONFLICT says what does.' })
  async deleteCategory(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteCategoryInput) input: DeleteCategoryInput,
  ): Promise<DeleteCategoryPayload> {
    await deleteCategory(ctx, input.categoryId);
    return { categoryId: input.categoryId };
  }

  @FieldResolver(() => CategoryType)
  async parent(@Ctx() ctx: Context, @Root() category: Category): Promise<unknown> {
    return await categoryById(ctx, category.parentId);
  }

  @FieldResolver(() => [CategoryType])
  async children(@Ctx() ctx: Context, @Root() category: Category): Promise<unknown> {
    return await childrenOf(ctx, category.id);
  }
}

/** `node(id)` of a category. */
export const categoryNode: NodeKind = {
  type: 'Category',
  load: async (ctx, id) =>
    ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? ((await loadCategories(ctx, [id])).get(id) ?? null) : null,
};

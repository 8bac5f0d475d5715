import { Arg, Args, Authorized, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { connectionOf, keyset, PageArgs, pageOf } from '../graphql/connection.js';
import type { NodeKind } from '../graphql/node.js';
import {
  CreateExternalSystemInput,
  CreateExternalSystemPayload,
  ExternalSystemConnection,
  ExternalSystemType,
} from './externalSystem.type.js';
import { createExternalSystem, type ExternalSystem, externalSystemColumns, findExternalSystem, loadExternalSystems } from './systems.js';

@Resolver(() => ExternalSystemType)
export class ExternalSystemResolver {
  @Authorized('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM')
  @Query(() => ExternalSystemType, {
    nullable: true,
    description: 'An external system by its code; an EXTERNAL_SYSTEM token sees its own.',
  })
  async externalSystem(@Ctx() ctx: Context, @Arg('code', () => String, { description: 'Its code.' }) code: string): Promise<unknown> {
    if (ctx.viewer.role === 'EXTERNAL_SYSTEM' && ctx.viewer.subject !== code) return null;
    return await findExternalSystem(ctx, code);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => ExternalSystemConnection, { description: 'The external systems, oldest first.' })
  async externalSystems(@Ctx() ctx: Context, @Args(() => PageArgs) args: PageArgs): Promise<unknown> {
    const page = pageOf(args);
    const parameters: unknown[] = [];
    const { where, orderBy } = keyset(page, 's.id', 'uuid', false, parameters);
    const found = await rows<ExternalSystem>(
      ctx,
      `select ${externalSystemColumns} from external_system s where ${where} ${orderBy}`,
      parameters,
    );
    return connectionOf(
      page,
      found,
      (each) => [each.id],
      async () => (await first<{ count: number }>(ctx, 'select count(*)::int as count from external_system'))?.count ?? 0,
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateExternalSystemPayload, { description: 'Adds an external system.' })
  async createExternalSystem(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateExternalSystemInput) input: CreateExternalSystemInput,
  ): Promise<unknown> {
    return { externalSystem: await createExternalSystem(ctx, input) };
  }

  @FieldResolver(() => Int, { description: 'Entries that wait, expired ones left out.' })
  async pendingCount(@Ctx() ctx: Context, @Root() system: ExternalSystem): Promise<number> {
    const counted = await first<{ count: number }>(
      ctx,
      `select count(*)::int as count from queue_entry where external_system_id = $1 and (expires_at is null or expires_at > clock_timestamp())`,
      [system.id],
    );
    return counted?.count ?? 0;
  }
}

export const externalSystemNode: NodeKind = {
  type: 'ExternalSystem',
  async load(ctx, id) {
    const found = (await loadExternalSystems(ctx, [id])).get(id) ?? null;
    if (ctx.viewer.role === 'CONTACT') return null;
    return ctx.viewer.role === 'EXTERNAL_SYSTEM' && found?.code !== ctx.viewer.subject ? null : found;
  },
};

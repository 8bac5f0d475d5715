import { Arg, Args, Authorized, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { CommunicationType } from '../communications/communication.type.js';
import type { CommunicationRow } from '../communications/row.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, PageArgs, pageOf } from '../graphql/connection.js';
import type { NodeKind } from '../graphql/node.js';
import {
  CreateExternalSystemInput,
  CreateExternalSystemPayload,
  DeleteExternalSystemInput,
  DeleteExternalSystemPayload,
  ExternalSystemConnection,
  ExternalSystemFilter,
  ExternalSystemType,
  UpdateExternalSystemInput,
  UpdateExternalSystemPayload,
} from './externalSystem.type.js';
import { createExternalSystem, deleteExternalSystem, updateExternalSystem } from './system-write.js';
import { type ExternalSystem, externalSystemColumns, findExternalSystem, loadSystemsEver } from './systems.js';

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
  async externalSystems(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ExternalSystemFilter, { nullable: true, description: 'Only those that meet it.' })
    filter?: ExternalSystemFilter | null,
  ): Promise<Connection<ExternalSystem>> {
    const page = pageOf(args);
    const parameters: unknown[] = [];
    const where = filterSql(filter ?? {}, parameters);
    const counting = [...parameters];
    const { where: beyond, orderBy } = keyset(page, 's.id', 'uuid', false, parameters);
    const found = await rows<ExternalSystem>(
      ctx,
      `select ${externalSystemColumns} from external_system s where ${where} and ${beyond} ${orderBy}`,
      parameters,
    );
    const count = async () =>
      (await first<{ count: number }>(ctx, `select count(*)::int as count from external_system s where ${where}`, counting))?.count ?? 0;
    return connectionOf(page, found, (each) => [each.id], count);
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateExternalSystemPayload, { description: 'Adds an external system.' })
  async createExternalSystem(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateExternalSystemInput) input: CreateExternalSystemInput,
  ): Promise<{ externalSystem: ExternalSystem }> {
    return { externalSystem: await createExternalSystem(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateExternalSystemPayload, { description: 'Changes an external system, disables it or enables it again.' })
  async updateExternalSystem(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateExternalSystemInput) input: UpdateExternalSystemInput,
  ): Promise<{ externalSystem: ExternalSystem }> {
    return { externalSystem: await updateExternalSystem(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteExternalSystemPayload, {
    description:
      'Deletes an external system for which nothing waits and that nothing uses; otherwise CONFLICT says what does. Its keys end, what stands in inboxes from it leaves them, and its name and code are free again. What it was sent goes on naming it.',
  })
  async deleteExternalSystem(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteExternalSystemInput) input: DeleteExternalSystemInput,
  ): Promise<DeleteExternalSystemPayload> {
    await deleteExternalSystem(ctx, input.externalSystemId);
    return { externalSystemId: input.externalSystemId };
  }

  @FieldResolver(() => Int, { description: 'Entries that wait, expired ones left out.' })
  async pendingCount(@Ctx() ctx: Context, @Root() system: ExternalSystem): Promise<number> {
    const counts = ctx.loader('pendingCount', async (inside, ids: readonly string[]) => {
      const counted = await rows<{ id: string; count: number }>(
        inside,
        `select external_system_id as id, count(*)::int as count from queue_entry
         where external_system_id = any($1::uuid[]) and (expires_at is null or expires_at > clock_timestamp()) group by 1`,
        [ids],
      );
      const byId = new Map(counted.map((each) => [each.id, each.count]));
      return ids.map((id) => byId.get(id) ?? 0);
    });
    return await counts.load(system.id);
  }
}

/** For whom a communication is meant (X13): data of the stage on the right, answered by the one that keeps systems. */
@Resolver(() => CommunicationType)
export class CommunicationSystemResolver {
  @FieldResolver(() => ExternalSystemType, {
    nullable: true,
    description: 'The external system that it is meant for; null where the engine sends it, and for the contact.',
  })
  async externalSystem(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<ExternalSystem | null> {
    return await systemOfRow(ctx, row);
  }
}

export async function systemOfRow(ctx: Context, { externalSystemId }: CommunicationRow): Promise<ExternalSystem | null> {
  if (externalSystemId === null || ctx.viewer.role === 'CONTACT') return null;
  const systems = ctx.loader('externalSystem', async (inside, ids: readonly string[]) => {
    const found = await loadSystemsEver(inside, ids);
    return ids.map((id) => found.get(id) ?? null);
  });
  return await systems.load(externalSystemId);
}

function filterSql(filter: ExternalSystemFilter, parameters: unknown[]): string {
  const conditions: string[] = ['s.deleted_at is null'];
  const add = (sql: (place: string) => string, value: unknown) => {
    if (value == null) return;
    parameters.push(value);
    conditions.push(sql(`$${parameters.length}`));
  };
  add((at) => `${at} = any(s.media)`, filter.medium);
  add((at) => `s.enabled = ${at}`, filter.enabled);
  add((at) => `(s.usable_by_units is null or ${at} = any(s.usable_by_units))`, filter.unit);
  add((at) => `s.provisioning_provider = ${at}`, filter.provisioningProvider);
  add((at) => `s.contact_inbox = ${at}`, filter.contactInbox);
  return conditions.join(' and ');
}

export const externalSystemNode: NodeKind = {
  type: 'ExternalSystem',
  async load(ctx, id) {
    const found = (await loadSystemsEver(ctx, [id])).get(id) ?? null;
    if (ctx.viewer.role === 'CONTACT') return null;
    return ctx.viewer.role === 'EXTERNAL_SYSTEM' && (found?.deletedAt || found?.code !== ctx.viewer.subject) ? null : found;
  },
};

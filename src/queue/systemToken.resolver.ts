import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import type { NodeKind } from '../graphql/node.js';
import { ExternalSystemType } from './externalSystem.type.js';
import type { ExternalSystem } from './systems.js';
import {
  CreateExternalSystemTokenInput,
  ExternalSystemTokenPayload,
  ExternalSystemTokenType,
  RevokeExternalSystemTokenInput,
  RevokeExternalSystemTokenPayload,
  RotateExternalSystemTokenInput,
} from './systemToken.type.js';
import {
  createSystemToken,
  loadSystemToken,
  type NewSystemToken,
  revokeSystemToken,
  rotateSystemToken,
  type SystemToken,
  tokensOf,
} from './systemTokens.js';

@Resolver(() => ExternalSystemType)
export class SystemTokenResolver {
  @Authorized('ADMIN')
  @Mutation(() => ExternalSystemTokenPayload, { description: 'Makes a further key for an external system, and shows it this once.' })
  async createExternalSystemToken(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateExternalSystemTokenInput) input: CreateExternalSystemTokenInput,
  ): Promise<NewSystemToken> {
    return await createSystemToken(ctx, input);
  }

  @Authorized('ADMIN')
  @Mutation(() => ExternalSystemTokenPayload, {
    description:
      'Makes a new key for an external system; its other keys end after `overlapSeconds`, so that it can be put in place meanwhile.',
  })
  async rotateExternalSystemToken(
    @Ctx() ctx: Context,
    @Arg('input', () => RotateExternalSystemTokenInput) input: RotateExternalSystemTokenInput,
  ): Promise<NewSystemToken> {
    return await rotateSystemToken(ctx, input);
  }

  @Authorized('ADMIN')
  @Mutation(() => RevokeExternalSystemTokenPayload, {
    description: 'Refuses a key from now on. Sockets that showed it are closed within 5 s with code 4403.',
  })
  async revokeExternalSystemToken(
    @Ctx() ctx: Context,
    @Arg('input', () => RevokeExternalSystemTokenInput) input: RevokeExternalSystemTokenInput,
  ): Promise<{ externalSystemToken: SystemToken }> {
    return { externalSystemToken: await revokeSystemToken(ctx, input.tokenId) };
  }

  @Authorized('ADMIN')
  @FieldResolver(() => [ExternalSystemTokenType], { description: 'Its keys, newest first, ended ones too. JWTs are not among them.' })
  async tokens(@Ctx() ctx: Context, @Root() system: ExternalSystem): Promise<SystemToken[]> {
    return await ctx.loader('systemTokens', (inside, codes: readonly string[]) => tokensOf(inside, codes)).load(system.code);
  }
}

export const systemTokenNode: NodeKind = {
  type: 'ExternalSystemToken',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' ? await loadSystemToken(ctx, id) : null),
};

import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { Invalid } from '../errors.js';
import { CommunicationType } from './communication.type.js';
import type { CommunicationRow } from './row.js';
import { openShortLink } from './short-link.js';
import { openPixels, recordSightings } from './tracking.js';
import { CommunicationTrackingType, RecordTrackingInput, RecordTrackingPayload } from './tracking.type.js';
import { trackingDetails } from './tracking-details.js';

@Resolver(() => CommunicationType)
export class TrackingResolver {
  @Authorized('ADMIN', 'AGENT')
  @FieldResolver(() => CommunicationTrackingType, {
    nullable: true,
    description: 'What its reader did with it; null where it is not tracked.',
  })
  async tracking(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<CommunicationTrackingType | null> {
    return await trackingDetails(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM')
  @Mutation(() => RecordTrackingPayload, {
    description:
      'Keeps that an e-mail was opened or a link followed, for whoever tracks by an address of their own, and answers where the link leads. The code is the permission; every call counts.',
  })
  async recordTracking(
    @Ctx() ctx: Context,
    @Arg('input', () => RecordTrackingInput) { code, machine }: RecordTrackingInput,
  ): Promise<RecordTrackingPayload> {
    const seen = { machine: machine ?? false, ageMs: 0 };
    if ((await openPixels(ctx, [code])).has(code)) {
      return { kind: 'OPENED', url: null, recorded: (await recordSightings(ctx, [{ what: { pixel: code }, ...seen }])) > 0 };
    }
    const link = await openShortLink(ctx, code);
    if (!link) {
      const message = 'This is no code of ours, or it was changed on the way: give it exactly as it stands in the address.';
      throw new Invalid([{ path: ['code'], code: 'INVALID', message }]);
    }
    const { target: url, communicationId, index, tracked } = link;
    const recorded = tracked && (await recordSightings(ctx, [{ what: { communicationId, link: index }, ...seen }])) > 0;
    return { kind: 'CLICKED', url, recorded };
  }
}

import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../context.js';
import { PageArgs } from '../../graphql/connection.js';
import { localId, type NodeKind, publicId } from '../../graphql/node.js';
import { ContactType } from '../contact.type.js';
import { loadContact } from '../load.js';
import { type EventRow, listEvents, loadEvent } from './event.js';
import { EventConnection, EventType, RecordEventsInput, RecordEventsPayload } from './event.type.js';
import { recordEvents } from './record.js';

@Resolver(() => EventType)
export class EventResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => EventType, { nullable: true, description: 'An event by its id.' })
  async event(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<unknown> {
    const row = localId('Event', id);
    return row === undefined ? null : await loadEvent(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => EventConnection, { description: 'What happened, the latest recorded first.' })
  async events(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('objectType', () => String, { nullable: true, description: 'To objects of this type.' }) objectType?: string | null,
    @Arg('event', () => String, { nullable: true, description: 'Only these.' }) event?: string | null,
    @Arg('contactExternalId', () => String, { nullable: true, description: 'To objects of this contact.' }) contactExternalId?:
      | string
      | null,
  ): Promise<unknown> {
    return await listEvents(ctx, page, {
      objectType: objectType ?? null,
      event: event ?? null,
      contactExternalId: contactExternalId ?? null,
    });
  }

  @Authorized('ADMIN')
  @Mutation(() => RecordEventsPayload, {
    description: 'Records what happened, all or nothing, at most 1,000 events. Rules that listen act on them right after.',
  })
  async recordEvents(@Ctx() ctx: Context, @Arg('input', () => RecordEventsInput) input: RecordEventsInput): Promise<RecordEventsPayload> {
    const { eventIds, ...counts } = await recordEvents(
      ctx,
      input.events.map(({ object, ...rest }) => ({ ...rest, objectType: object.type, externalId: object.externalId })),
    );
    return { ...counts, eventIds: eventIds.map((each) => publicId('Event', each)) };
  }

  @FieldResolver(() => ContactType)
  async contact(@Ctx() ctx: Context, @Root() event: EventRow): Promise<unknown> {
    return await loadContact(ctx, event.contactId);
  }
}

export const eventNode: NodeKind = {
  type: 'Event',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadEvent(ctx, id) : null),
};

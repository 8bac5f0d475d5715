import { Arg, Args, Authorized, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ContactType } from '../../audience/contact.type.js';
import { type EventRow, eventBySeq } from '../../audience/events/event.js';
import { EventType } from '../../audience/events/event.type.js';
import { loadContact } from '../../audience/load.js';
import { communicationById } from '../../communications/communication.resolver.js';
import { CommunicationType } from '../../communications/communication.type.js';
import type { Context } from '../../context.js';
import { PageArgs } from '../../graphql/connection.js';
import { localId } from '../../graphql/node.js';
import { listOutcomes, type OutcomeRow, outcomesOfEvent } from './outcome.js';
import { RuleOutcomeConnection, RuleOutcomeStateEnum, RuleOutcomeType } from './outcome.type.js';
import { loadRules, type Rule } from './rule.js';
import { RuleType } from './rule.type.js';

const nobody = '00000000-0000-0000-0000-000000000000';

@Resolver(() => RuleOutcomeType)
export class RuleOutcomeResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => RuleOutcomeConnection, {
    description: 'What events came to by a rule, or an event by all rules, the latest first: kept for 30 days.',
  })
  async ruleLog(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('ruleId', () => ID, { nullable: true, description: 'Of this rule. It or `eventId` is needed.' }) ruleId?: string | null,
    @Arg('eventId', () => ID, { nullable: true, description: 'Of this event.' }) eventId?: string | null,
    @Arg('states', () => [RuleOutcomeStateEnum], { nullable: true, description: 'Only these.' }) states?: OutcomeRow['state'][] | null,
  ): Promise<unknown> {
    return await listOutcomes(ctx, page, {
      ruleId: ruleId == null ? null : (localId('Rule', ruleId) ?? nobody),
      eventId: eventId == null ? null : (localId('Event', eventId) ?? nobody),
      states: states ?? null,
    });
  }

  @FieldResolver(() => EventType)
  async event(@Ctx() ctx: Context, @Root() outcome: OutcomeRow): Promise<EventRow | null> {
    return await eventBySeq(ctx, outcome.eventSeq);
  }

  @FieldResolver(() => RuleType)
  async rule(@Ctx() ctx: Context, @Root() outcome: OutcomeRow): Promise<unknown> {
    const load = async (inside: Context, ids: readonly string[]) => {
      const found = await loadRules(inside, ids);
      return ids.map((id) => found.get(id) ?? null);
    };
    return await ctx.loader<string, Rule | null>('rule', load).load(outcome.ruleId);
  }

  @FieldResolver(() => ContactType)
  async contact(@Ctx() ctx: Context, @Root() outcome: OutcomeRow): Promise<unknown> {
    return await loadContact(ctx, outcome.contactId);
  }

  @FieldResolver(() => CommunicationType)
  async communication(@Ctx() ctx: Context, @Root() outcome: OutcomeRow): Promise<unknown> {
    return outcome.communicationId && (await communicationById(ctx, outcome.communicationId));
  }
}

/** What an event came to: kept by the stage on the left of the one that keeps events. */
@Resolver(() => EventType)
export class EventOutcomesResolver {
  @FieldResolver(() => [RuleOutcomeType], { description: 'What it came to, by every rule that listened.' })
  async outcomes(@Ctx() ctx: Context, @Root() event: EventRow): Promise<unknown> {
    return await outcomesOfEvent(ctx, event.seq);
  }
}

import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Authorized, Ctx, Extensions, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ContactType } from '../audience/contact.type.js';
import { loadContact } from '../audience/load.js';
import { CommunicationType } from '../communications/communication.type.js';
import { LifeCycleState } from '../communications/lifeCycle.js';
import { renderedAtHand, renderedOf } from '../communications/rendered.js';
import { type CommunicationRow, communicationColumns, loadCommunications } from '../communications/row.js';
import type { Context, Part } from '../context.js';
import { first } from '../database/sql.js';
import { Forbidden, Problems } from '../errors.js';
import type { HotMutation } from '../graphql/compiled.js';
import { PageArgs } from '../graphql/connection.js';
import { type HotField, hotField } from '../graphql/hot-field.js';
import { localId, type NodeKind } from '../graphql/node.js';
import { selects } from '../graphql/selection.js';
import type { MayBeTogether, MayCommitItself } from '../graphql/together.js';
import {
  CompleteQueueEntriesInput,
  type LeaseType,
  QueueEntryConnection,
  QueueEntryFilter,
  QueueEntryType,
  RejectQueueEntriesInput,
  RemoveQueueEntriesInput,
  type SettleEntryInput,
  SettleQueueEntriesPayload,
  ViewQueueEntriesInput,
} from './entry.type.js';
import { systemOfRow } from './externalSystem.resolver.js';
import { ExternalSystemType } from './externalSystem.type.js';
import { nowInInbox } from './inbox/scope.js';
import { ExtendLeasesInput } from './lease.type.js';
import { entryNumberOf, listEntries } from './list.js';
import type { Move } from './move.js';
import { checkRanges } from './ranges.js';
import { type SettleOutcome, settle } from './settle.js';
import { extendSystemLeases, ownLeases } from './systemLease.js';
import { requireSystem } from './systems.js';
import { viewEntries } from './view.js';
import { visibleEntries } from './visible.js';

/** A queue entry is its communication's row, with the lease where the caller holds one. */
export type EntryRow = CommunicationRow & { lease?: LeaseType | null };

const mostEntries = 1_000;

/** Apps and portals acknowledge one entry at a time, thousands of them at once: those are committed together. */
const together: MayBeTogether = { roles: ['CONTACT', 'EXTERNAL_SYSTEM'], objects: ['results', 'entry', 'error'] };
const sure = ['__typename', 'results', 'id', 'error', 'code', 'message'];
const hot = { together, sure, hotMutation: true } satisfies HotMutation & MayCommitItself & { together: MayBeTogether };

/** At once where its content is at hand, as it mostly is. */
function shown<Name extends 'subject' | 'body'>(name: Name): HotField<CommunicationRow> {
  const shownAtHand = (row: CommunicationRow) => renderedAtHand(row)?.[name];
  return {
    atHand: shownAtHand,
    hot(row, _args, ctx) {
      const value = shownAtHand(row);
      return value === undefined ? renderedOf(ctx, row).then((each) => each[name]) : value;
    },
  };
}

@Resolver(() => QueueEntryType)
export class QueueEntryResolver {
  @Authorized('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM')
  @Query(() => QueueEntryConnection, {
    description: 'The queue of an external system, newest first. An EXTERNAL_SYSTEM token names its own system; others pass it.',
  })
  async queueEntries(
    @Ctx() ctx: Context,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('externalSystemId', () => ID, { nullable: true, description: 'Whose queue; an EXTERNAL_SYSTEM token names its own.' })
    externalSystemId?: string,
    @Arg('states', () => [LifeCycleState], { nullable: true, description: 'In one of these states; default: all.' })
    states?: LifeCycleState[],
    @Arg('filter', () => QueueEntryFilter, { nullable: true, description: 'Only those that meet it.' })
    filter?: QueueEntryFilter | null,
  ): Promise<unknown> {
    const system = await requireSystem(ctx, externalSystemId);
    return await listEntries(ctx, page, system.id, states ?? null, filter ?? {});
  }

  @Extensions(hot)
  @Mutation(() => SettleQueueEntriesPayload, { description: 'Says that entries were handed over.' })
  async completeQueueEntries(
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('input', () => CompleteQueueEntriesInput) input: CompleteQueueEntriesInput,
  ): Promise<unknown> {
    return await settleInput(ctx, info, input.entries, () => ({ to: 'COMPLETED' }));
  }

  @Extensions(hot)
  @Mutation(() => SettleQueueEntriesPayload, { description: 'Says that entries could not be handed over, and why.' })
  async rejectQueueEntries(
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('input', () => RejectQueueEntriesInput) input: RejectQueueEntriesInput,
  ): Promise<unknown> {
    if (ctx.viewer.role === 'CONTACT')
      throw new Forbidden('A contact completes and removes its entries; only who carries them rejects them.');
    const problems = new Problems();
    for (const [index, { reason }] of input.entries.entries()) {
      if (reason.trim() === '' || reason.length > 2_000)
        problems.add(['entries', index, 'reason'], 'INVALID', 'A reason has 1 to 2,000 characters.');
    }
    problems.throwIfAny();
    return await settleInput(ctx, info, input.entries, ({ reason }) => ({
      to: 'REJECTED',
      rejection: { code: 'EXTERNAL_SYSTEM', message: reason },
    }));
  }

  @Extensions(hot)
  @Mutation(() => SettleQueueEntriesPayload, { description: 'Completed and Removed: their reader deleted the entries.' })
  async removeQueueEntries(
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('input', () => RemoveQueueEntriesInput) input: RemoveQueueEntriesInput,
  ): Promise<unknown> {
    return await settleInput(ctx, info, input.entries, () => ({ to: 'COMPLETED_AND_REMOVED' }));
  }

  @Extensions(hot)
  @Mutation(() => SettleQueueEntriesPayload, { description: 'Says that the reader has seen entries. The first time counts.' })
  async viewQueueEntries(
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('input', () => ViewQueueEntriesInput) input: ViewQueueEntriesInput,
  ): Promise<unknown> {
    refuseMany(['ids'], input.ids.length);
    const rowIds = input.ids.map((id) => localId('QueueEntry', id));
    const outcomes = await viewEntries(
      ctx,
      rowIds.filter((id) => id !== undefined),
    );
    return await results(ctx, info, { asked: input.ids, rowIds, outcomes });
  }

  @Authorized('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM')
  @Mutation(() => SettleQueueEntriesPayload, {
    description: 'Asks for more time. A lease that has ended stays ended: its entry answers CONFLICT, and the others are extended.',
  })
  async extendLeases(
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('input', () => ExtendLeasesInput) input: ExtendLeasesInput,
  ): Promise<unknown> {
    refuseMany(['entries'], input.entries.length);
    checkRanges([['leaseSeconds', input.leaseSeconds, 3_600]]);
    const rowIds = input.entries.map(({ id }) => localId('QueueEntry', id));
    const extensions = input.entries.flatMap((entry, index) => {
      const id = rowIds[index];
      return id === undefined ? [] : [{ id, leaseToken: leaseTokenOf(entry) ?? '' }];
    });
    const asked = input.entries.map(({ id }) => id);
    const outcomes = await extendSystemLeases(ctx, extensions, input.leaseSeconds);
    return await results(ctx, info, { asked, rowIds, outcomes });
  }

  @Extensions(hotField(entryNumberOf))
  @FieldResolver()
  number(@Root() row: CommunicationRow): QueueEntryType['number'] {
    return entryNumberOf(row);
  }

  @FieldResolver(() => ExternalSystemType)
  async externalSystem(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<unknown> {
    return await systemOfRow(ctx, row);
  }

  @FieldResolver(() => CommunicationType)
  communication(@Root() row: CommunicationRow): unknown {
    return row;
  }

  @FieldResolver(() => ContactType)
  async contact(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<unknown> {
    return await loadContact(ctx, row.contactId);
  }

  @Extensions({ hot: (row, _args, ctx) => leaseOf(ctx, row), atHand: ({ lease }) => lease ?? undefined } satisfies HotField<EntryRow>)
  @FieldResolver()
  async lease(@Ctx() ctx: Context, @Root() row: EntryRow): Promise<LeaseType | null> {
    return await leaseOf(ctx, row);
  }

  @Extensions(shown('subject'))
  @FieldResolver()
  async subject(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<QueueEntryType['subject']> {
    return (await renderedOf(ctx, row)).subject;
  }

  @Extensions(shown('body'))
  @FieldResolver()
  async body(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<QueueEntryType['body']> {
    return (await renderedOf(ctx, row)).body;
  }
}

/** At hand where it was leased just now; looked up, all at once, elsewhere. */
function leaseOf(ctx: Context, row: EntryRow): LeaseType | Promise<LeaseType | null> {
  return row.lease ?? ctx.loader('lease', (inside, ids: readonly string[]) => ownLeases(inside, ids)).load(row.id);
}

async function settleInput<Input extends SettleEntryInput>(
  ctx: Context,
  info: GraphQLResolveInfo,
  entries: Input[],
  moveOf: (entry: Input) => Omit<Move, 'id' | 'leaseToken'>,
): Promise<unknown> {
  refuseMany(['entries'], entries.length);
  const rowIds = entries.map(({ id }) => localId('QueueEntry', id));
  const moves = entries.flatMap((entry, index) => {
    const id = rowIds[index];
    return id === undefined ? [] : [{ id, leaseToken: leaseTokenOf(entry), ...moveOf(entry) }];
  });
  const outcomes = await settle(ctx, moves);
  return await results(ctx, info, { asked: entries.map(({ id }) => id), rowIds, outcomes });
}

/** A token of another shape cannot be that of any lease: it is answered as any wrong one, not as an error of the database. */
function leaseTokenOf({ leaseToken }: SettleEntryInput): string | null {
  if (leaseToken == null) return null;
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(leaseToken) ? leaseToken.toLowerCase() : '00000000-0000-0000-0000-000000000000';
}

function refuseMany(path: string[], count: number): void {
  const problems = new Problems();
  if (count > mostEntries) problems.add(path, 'TOO_MANY', `${count} are too many: a call settles at most ${mostEntries} entries.`);
  problems.throwIfAny();
}

interface Settled {
  asked: readonly string[];
  rowIds: readonly (string | undefined)[];
  outcomes: readonly SettleOutcome[];
}

async function results(ctx: Context, info: GraphQLResolveInfo, { asked, rowIds, outcomes }: Settled): Promise<unknown> {
  // Most callers ask for the errors alone: the entries are read for those who want to see them.
  const shown = selects(info, 'results', 'entry') ? outcomes : [];
  const settled = shown.filter((each) => !each.error).map((each) => each.id);
  const rows = new Map(
    (settled.length === 0 ? [] : await ctx.together('entries', settled, loadParts)).flatMap((row) => (row ? [[row.id, row] as const] : [])),
  );
  let next = 0;
  return {
    results: asked.map((id, index) => {
      const outcome = rowIds[index] === undefined ? undefined : outcomes[next++];
      const error = outcome ? outcome.error : { code: 'NOT_FOUND', message: 'There is no such queue entry.' };
      return { id, entry: outcome && !error ? (rows.get(outcome.id) ?? null) : null, error: error ?? null };
    }),
  };
}

/** One look for all whose payloads are made at the same time. */
async function loadParts(ctx: Context, parts: readonly Part<string>[]): Promise<(CommunicationRow | null)[][]> {
  const ids = [...new Set(parts.flatMap((each) => each.items))];
  const found = new Map((await loadCommunications(ctx, ids)).map((row, index) => [ids[index], row]));
  return parts.map(({ items }) => items.map((id) => found.get(id) ?? null));
}

/** A queue entry and its communication share their id: outsiders see the entry, people the communication. */
export const queueEntryNode: NodeKind = {
  type: 'QueueEntry',
  async load(ctx, id) {
    if (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT') return null;
    const parameters: unknown[] = [id];
    // A contact reads what is in its inbox: what was removed, retracted or has expired is not shown again (Q11, Q12).
    const where = `${visibleEntries(ctx.viewer, parameters)} and ${ctx.viewer.role === 'CONTACT' ? nowInInbox : 'true'}`;
    const found = await first<CommunicationRow>(
      ctx,
      `select ${communicationColumns} from communication c where c.id = $1 and c.direction = 'OUTGOING' and c.state <> 'DRAFT' and ${where}`,
      parameters,
    );
    return found ?? null;
  },
};

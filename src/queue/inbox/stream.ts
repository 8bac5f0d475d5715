import { setTimeout as delay } from 'node:timers/promises';
import { type Change, type LogState, logState } from '../../changes/log.js';
import type { Context } from '../../context.js';
import { type AtHand, askNext, atHand, notYet, type Waiter } from '../../graphql/at-hand.js';
import { isAway } from '../../graphql/errors.js';
import { results } from '../../graphql/shared.js';
import { countInboxes, countsOf, type InboxCounts } from './counts.js';
import { type Cursor, historyOf, markOf, readCursor, writeCursor } from './cursor.js';
import { entryAfter, type InboxEntry, type InboxEvent, kindOf } from './event.js';
import type { InboxHub, LiveChange } from './hub.js';
import type { Mailbox } from './mailbox.js';
import { entriesOf, lastUnplaced, listInbox, markAt, replayInbox } from './read.js';
import type { InboxScope } from './scope.js';

export interface InboxStreamOptions {
  scope: InboxScope;
  after: string | null | undefined;
  hub: InboxHub;
  /** A fresh context for each read: the stream may live for days. */
  open: () => Context;
}

const pageSize = 200;
const retryMs = 250;
/** Past it SYNCED comes first, and what was late comes live. */
const placingMs = 2_000;

/**
 * The events of `inboxChanged`: the inbox as it is, or every change since the cursor; then SYNCED; then live. The subscriber
 * holds a position in the log and nothing else: whenever it falls behind, it reads on from there.
 */
export function inboxStream(options: InboxStreamOptions): AsyncIterableIterator<InboxEvent> & AtHand<InboxEvent> {
  return new InboxStream(options);
}

/** What is read, in order; the last of it may be what it returns. */
type Reading = AsyncGenerator<InboxEvent, InboxEvent | undefined>;

/** A class: tens of thousands of them are idle at a time, and a generator that waits costs ten times as much. */
class InboxStream implements AsyncIterableIterator<InboxEvent>, AtHand<InboxEvent> {
  private readonly scope: InboxScope;
  private readonly mailbox: Mailbox;
  private readonly open: () => Context;
  /** Something that is read from the database comes before what is live. */
  private reading: Reading | undefined;
  private history = '';
  private position = 0;
  /** Entries that had expired when they would have been shown: their REMOVED concerns nobody here. */
  private overdue: Set<string> | undefined;

  constructor({ scope, after, hub, open }: InboxStreamOptions) {
    this.scope = scope;
    this.open = open;
    this.mailbox = hub.open(scope.contactId);
    this.reading = this.begin(after);
  }

  /** What is live, one at a time. */
  [atHand](waiter: Waiter): InboxEvent | typeof notYet | typeof askNext {
    const { mailbox } = this;
    if (this.reading || mailbox.closed) return askNext;
    for (let item = mailbox.take(); item; item = mailbox.take()) {
      const event = this.liveEvent(item);
      if (event) return event;
    }
    if (mailbox.behind) {
      mailbox.behind = false;
      this.reading = this.replay();
      return askNext;
    }
    mailbox.wait(waiter);
    return notYet;
  }

  async next(): Promise<IteratorResult<InboxEvent, undefined>> {
    for (;;) {
      const { reading, mailbox } = this;
      if (mailbox.closed) return { done: true, value: undefined };
      if (reading) {
        const value = await this.read(reading);
        if (value) return { done: false, value };
        continue;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const event = this[atHand]({ wake: resolve });
      if (event === notYet) await promise;
      else if (event !== askNext) return { done: false, value: event };
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    // Wakes a `next` that waits for the next change, and ends reading that waits for the database.
    this.mailbox.close();
    await this.reading?.return(undefined);
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async read(reading: Reading): Promise<InboxEvent | undefined> {
    try {
      const { done, value } = await reading.next();
      if (done) this.reading = undefined;
      return value;
    } catch (error) {
      this.mailbox.close();
      throw error;
    }
  }

  /** SYNCED is what it returns, so that with it reading is over: from then on nothing waits but the mailbox. */
  private async *begin(after: string | null | undefined): Reading {
    const asked = after == null ? undefined : readCursor(after);
    await this.placed();
    const log = await this.patiently(logState);
    this.history = historyOf(log.epoch, this.scope);
    const known = asked !== undefined && (await this.isKnown(asked, log));
    const from = known ? asked : { ...(await this.cursorAt(log.position)), listedTo: 0 };
    this.position = from.position;
    if (asked && !known) yield await this.bare('RESYNC', from);
    if (from.listedTo !== undefined) yield* this.listing(from, from.listedTo);
    yield* this.replay();
    return await this.bare('SYNCED', await this.cursorAt(this.position));
  }

  private async cursorAt(position: number): Promise<Cursor> {
    return { history: this.history, position, mark: await this.patiently((ctx) => markAt(ctx, position)) };
  }

  /** Whether all that came after the cursor is in the log, and the log is still the one that the cursor was written in. */
  private async isKnown({ history, position, mark }: Cursor, log: LogState): Promise<boolean> {
    if (history !== this.history || position > log.position || position < log.prunedTo) return false;
    return position === log.prunedTo || (await this.cursorAt(position)).mark === mark;
  }

  /** What was committed before the subscription comes before SYNCED: a moment for the sequencer, which may be behind. */
  private async placed(): Promise<void> {
    const { contactId } = this.scope;
    const last = await this.patiently((ctx) => lastUnplaced(ctx, contactId));
    if (last === null) return;
    for (const until = Date.now() + placingMs; Date.now() < until && !this.mailbox.closed; ) {
      await delay(10);
      if ((await this.patiently((ctx) => lastUnplaced(ctx, contactId, last))) === null) return;
    }
  }

  private async bare(kind: InboxEvent['kind'], cursor: Cursor): Promise<InboxEvent> {
    return { kind, cursor: writeCursor(cursor), entryId: null, entry: null, ...(await this.countsNow()) };
  }

  private async countsNow(): Promise<InboxCounts> {
    return countsOf(await this.patiently((ctx) => countInboxes(ctx, [this.scope.contactId])), this.scope);
  }

  /** The inbox as it was at the cursor's position, oldest first. */
  private async *listing(cursor: Cursor, from: number): AsyncGenerator<InboxEvent, undefined> {
    for (let at: number | undefined = from; at !== undefined; ) {
      const start: number = at;
      const page = await this.patiently((ctx) => listInbox(ctx, this.scope, cursor.position, start, pageSize));
      const counts = await this.countsNow();
      for (const id of page.overdueIds) this.hide(id);
      for (const entry of page.entries) {
        yield { kind: 'ADDED', cursor: writeCursor({ ...cursor, listedTo: entry.seq }), entryId: entry.id, entry, ...counts };
      }
      at = page.next;
    }
    return undefined;
  }

  /** Every change from the own position to the log's end. */
  private async *replay(): AsyncGenerator<InboxEvent, undefined> {
    for (let atEnd = false; !atEnd; ) {
      const page = await this.patiently((ctx) => replayInbox(ctx, this.scope.contactId, this.position, pageSize));
      const ids = [...new Set(page.changes.map((each) => each.communicationId ?? ''))];
      const entries = await this.patiently((ctx) => entriesOf(ctx, ids));
      const counts = page.changes.length > 0 ? await this.countsNow() : { pendingCount: 0, unviewedCount: 0 };
      for (const change of page.changes) {
        this.position = change.position;
        const event = this.toEvent(change, entries.get(change.communicationId ?? ''), counts);
        if (event) yield event;
      }
      this.position = Math.max(this.position, page.readTo);
      atEnd = page.atEnd;
    }
    return undefined;
  }

  private liveEvent({ change, entry, counts, events }: LiveChange): InboxEvent | undefined {
    // It was read already, while it came.
    if (change.position <= this.position) return undefined;
    this.position = change.position;
    const event = this.toEvent(change, entry, countsOf(counts, this.scope));
    return event && events ? sharedBy(events, this.history, event) : event;
  }

  private toEvent(
    change: Change,
    entry: (InboxEntry & { overdue: boolean }) | undefined,
    { pendingCount, unviewedCount }: InboxCounts,
  ): InboxEvent | undefined {
    const kind = kindOf(change);
    if (!kind || !entry || !isOf(entry, this.scope)) return undefined;
    // An expired entry is out of reach; its REMOVED follows, and concerns only who was shown it.
    if (kind === 'ADDED' && entry.overdue) this.hide(entry.id);
    if (kind !== 'REMOVED' && entry.overdue) return undefined;
    if (kind === 'REMOVED' && this.overdue?.delete(entry.id)) return undefined;
    const cursor = writeCursor({ history: this.history, position: change.position, mark: markOf(change.at) });
    return { kind, cursor, entryId: entry.id, entry: kind === 'REMOVED' ? null : entryAfter(entry, change), pendingCount, unviewedCount };
  }

  private hide(id: string): void {
    this.overdue = (this.overdue ?? new Set()).add(id);
  }

  /** A database that is away for a while must not end a subscription: the client would take it for a fatal error. */
  private async patiently<T>(read: (ctx: Context) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read(this.open());
      } catch (error) {
        if (this.mailbox.closed || !isAway(error)) throw error;
        await delay(retryMs);
      }
    }
  }
}

/** All devices of a contact that see the same get the same object, so that it is answered once (see Shareable). */
function sharedBy(events: Map<string, InboxEvent>, key: string, own: InboxEvent): InboxEvent {
  let event = events.get(key);
  if (!event) {
    event = { ...own, [results]: new Map() };
    events.set(key, event);
  }
  return event;
}

function isOf({ externalSystemId, contactInbox }: InboxEntry, { systemIds }: InboxScope): boolean {
  return systemIds === undefined ? contactInbox : systemIds.includes(externalSystemId ?? '');
}

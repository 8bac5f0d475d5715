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
import { type CurrentEntry, entriesOf, lastUnplaced, listInbox, markAt, replayInbox } from './read.js';
import { asksWhoFeeds, type InboxScope } from './scope.js';

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
  /** The seq of entries that had expired when they would have been shown: their REMOVED concerns nobody here. */
  private hidden: Set<number> | undefined;

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
      this.reading = this.catchUp();
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
    if (asked && (await this.isKnown(asked, log))) {
      this.position = asked.position;
      this.hidden = asked.hidden;
      if (asked.listedTo !== undefined) yield* this.listing(asked, asked.listedTo);
    } else {
      yield* this.anew(log.position, asked !== undefined);
    }
    yield* this.replay();
    return await this.synced();
  }

  /** Reads on from the log, where something did not come live. */
  private async *catchUp(): Reading {
    return (yield* this.replay()) ? await this.synced() : undefined;
  }

  /** The inbox as it is, and first of all, where the client has one already, the word to forget it. */
  private async *anew(position: number, resync: boolean): AsyncGenerator<InboxEvent, undefined> {
    this.position = position;
    this.hidden = undefined;
    const from = { ...(await this.cursorAt(position)), listedTo: 0 };
    if (resync) yield await this.bare('RESYNC', from);
    yield* this.listing(from, 0);
    return undefined;
  }

  private async synced(): Promise<InboxEvent> {
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
    return { kind, cursor: writeCursor({ ...cursor, hidden: this.hidden }), entryId: null, entry: null, ...(await this.countsNow()) };
  }

  private async countsNow(): Promise<InboxCounts> {
    const [counts] = await this.patiently((ctx) => countInboxes(ctx, [this.scope.contactId]));
    return countsOf(counts, this.scope);
  }

  /** The inbox as it was at the cursor's position, oldest first. */
  private async *listing(cursor: Cursor, from: number): AsyncGenerator<InboxEvent, undefined> {
    for (let at: number | undefined = from; at !== undefined; ) {
      const start: number = at;
      const page = await this.patiently((ctx) => listInbox(ctx, this.scope, cursor.position, start, pageSize));
      const counts = await this.countsNow();
      for (const entry of page.entries) {
        if (isOver(entry)) {
          this.hide(entry.seq);
          continue;
        }
        const here = writeCursor({ ...cursor, listedTo: entry.seq, hidden: this.hidden });
        yield { kind: 'ADDED', cursor: here, entryId: entry.id, entry, ...counts };
      }
      at = page.next;
    }
    return undefined;
  }

  /** Every change from the own position to the log's end; where the inbox has another source by then, all of it anew. Answers whether that was so. */
  private async *replay(): AsyncGenerator<InboxEvent, boolean> {
    let isAnew = false;
    for (let atEnd = false; !atEnd; ) {
      const page = await this.patiently((ctx) => replayInbox(ctx, this.scope, this.position, pageSize));
      if (page.switched) {
        isAnew = true;
        yield* this.anew((await this.patiently(logState)).position, true);
        continue;
      }
      const ids = page.changes.map((each) => each.communicationId);
      const entries = await this.patiently((ctx) => entriesOf(ctx, ids));
      // Read again: what it was switched to is in the log.
      if (page.changes.some((change, index) => this.isAhead(entries[index], change.position))) continue;
      const counts = page.changes.length > 0 ? await this.countsNow() : { pendingCount: 0, unviewedCount: 0 };
      for (const [index, change] of page.changes.entries()) {
        this.position = change.position;
        const event = this.toEvent(change, entries[index], counts);
        if (event) yield event;
      }
      this.position = Math.max(this.position, page.readTo);
      atEnd = page.atEnd;
    }
    return isAnew;
  }

  private liveEvent({ change, entry, counts, events }: LiveChange): InboxEvent | undefined {
    // It was read already, while it came.
    if (change.position <= this.position) return undefined;
    if (this.isAhead(entry, change.position)) {
      this.mailbox.fallBehind();
      return undefined;
    }
    this.position = change.position;
    const event = this.toEvent(change, entry, countsOf(counts, this.scope));
    return event && events ? sharedBy(events, event) : event;
  }

  private toEvent(change: Change, entry: CurrentEntry | undefined, { pendingCount, unviewedCount }: InboxCounts): InboxEvent | undefined {
    const kind = kindOf(change);
    if (!kind || !entry || !isOf(entry, this.scope)) return undefined;
    // An expired entry is out of reach; its REMOVED follows, and concerns only who was shown it. When it expires is told anew, some milliseconds
    // early or late, with each reading: what was passed over once stays so.
    if (kind === 'ADDED' && isOver(entry)) this.hide(entry.seq);
    if (kind !== 'REMOVED' && (isOver(entry) || this.hidden?.has(entry.seq))) return undefined;
    if (kind === 'REMOVED' && this.hidden?.delete(entry.seq)) return undefined;
    const cursor = writeCursor({ history: this.history, position: change.position, mark: markOf(change.at), hidden: this.hidden });
    return { kind, cursor, entryId: entry.id, entry: kind === 'REMOVED' ? null : entryAfter(entry, change), pendingCount, unviewedCount };
  }

  /**
   * Whether the entry was read when its system had been switched since the change: whether it was in the scope then cannot be told from it,
   * for it may have been switched twice. The log has the switch by now, and all begins anew there.
   */
  private isAhead(entry: CurrentEntry | undefined, position: number): boolean {
    return entry !== undefined && asksWhoFeeds(this.scope) && isOfSystems(entry, this.scope) && entry.inboxSince > position;
  }

  private hide(seq: number): void {
    this.hidden = (this.hidden ?? new Set()).add(seq);
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

/** All devices of a contact that see the same, and stand at the same cursor, get the same object, so that it is answered once (see Shareable). */
function sharedBy(events: Map<string, InboxEvent>, own: InboxEvent): InboxEvent {
  let event = events.get(own.cursor);
  if (!event) {
    event = { ...own, [results]: new Map() };
    events.set(own.cursor, event);
  }
  return event;
}

/** Nobody is shown what has expired, however long it waited here to be read. */
function isOver({ endsAt }: CurrentEntry): boolean {
  return performance.now() >= endsAt;
}

/** Whether the entry was in the scope when the change was made, of an entry that is not ahead of it. */
function isOf(entry: InboxEntry, scope: InboxScope): boolean {
  return isOfSystems(entry, scope) && (entry.contactInbox || !asksWhoFeeds(scope));
}

function isOfSystems({ externalSystemId }: InboxEntry, { systemIds }: InboxScope): boolean {
  return systemIds === undefined || systemIds.includes(externalSystemId ?? '');
}

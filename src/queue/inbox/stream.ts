import { setTimeout as delay } from 'node:timers/promises';
import { type Change, logState } from '../../changes/log.js';
import type { Context } from '../../context.js';
import { isAway } from '../../graphql/errors.js';
import { results } from '../../graphql/shared.js';
import { countInboxes, countsOf } from './counts.js';
import { type Cursor, historyOf, markOf, readCursor, writeCursor } from './cursor.js';
import { entryAfter, type InboxEntry, type InboxEvent, kindOf } from './event.js';
import type { InboxHub, Mailbox } from './hub.js';
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
export function inboxStream(options: InboxStreamOptions): AsyncIterableIterator<InboxEvent> {
  const mailbox = options.hub.open(options.scope.contactId);
  const events = follow(options, mailbox);
  return {
    next: () => events.next(),
    async return() {
      // Wakes a `next` that waits for the next change; the generator then ends by itself.
      mailbox.close();
      return await events.return(undefined);
    },
    async throw(error) {
      mailbox.close();
      return await events.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow({ scope, after, open }: InboxStreamOptions, mailbox: Mailbox): AsyncGenerator<InboxEvent, undefined> {
  try {
    const asked = after == null ? undefined : readCursor(after);
    await placed();
    const log = await patiently(mailbox, () => logState(open()));
    const history = historyOf(log.epoch, scope);
    const known = asked !== undefined && (await isKnown(asked));
    const begin: Cursor = known ? asked : { history, position: log.position, mark: await mark(log.position), listedTo: 0 };
    const overdue = new Set<string>();
    const stand = { position: begin.position };
    const event = async (kind: InboxEvent['kind'], { position, listedTo }: Pick<Cursor, 'position' | 'listedTo'>): Promise<InboxEvent> => ({
      kind,
      cursor: writeCursor({ history, position, mark: await mark(position), listedTo }),
      entryId: null,
      entry: null,
      ...countsOf(await patiently(mailbox, () => countInboxes(open(), [scope.contactId])), scope),
    });

    if (asked && !known) yield await event('RESYNC', begin);
    if (begin.listedTo !== undefined) yield* listing(begin, begin.listedTo);
    yield* replay();
    yield await event('SYNCED', stand);

    for (;;) {
      const { items, behind, closed } = await mailbox.take();
      if (closed) return undefined;
      if (behind) yield* replay();
      for (const { change, entry, counts, events } of items) {
        if (change.position <= stand.position) continue;
        stand.position = change.position;
        const made = toEvent(change, entry);
        if (made) yield sharedBy(events, history, () => ({ ...made, ...countsOf(counts, scope) }));
      }
    }

    async function mark(position: number): Promise<string> {
      return await patiently(mailbox, () => markAt(open(), position));
    }

    /** Whether all that came after the cursor is in the log, and the log is still the one that the cursor was written in. */
    async function isKnown(cursor: Cursor): Promise<boolean> {
      if (cursor.history !== history || cursor.position > log.position || cursor.position < log.prunedTo) return false;
      return cursor.position === log.prunedTo || (await mark(cursor.position)) === cursor.mark;
    }

    /** What was committed before the subscription comes before SYNCED: a moment for the sequencer, which may be behind. */
    async function placed(): Promise<void> {
      const last = await patiently(mailbox, () => lastUnplaced(open(), scope.contactId));
      if (last === null) return;
      for (const until = Date.now() + placingMs; Date.now() < until && !mailbox.closed; ) {
        await delay(10);
        if ((await patiently(mailbox, () => lastUnplaced(open(), scope.contactId, last))) === null) return;
      }
    }

    /** The inbox as it was at the cursor's position, oldest first. */
    async function* listing(cursor: Cursor, from: number): AsyncGenerator<InboxEvent, undefined> {
      for (let at: number | undefined = from; at !== undefined; ) {
        const start: number = at;
        const page = await patiently(mailbox, () => listInbox(open(), scope, cursor.position, start, pageSize));
        const counts = countsOf(await patiently(mailbox, () => countInboxes(open(), [scope.contactId])), scope);
        for (const id of page.overdueIds) overdue.add(id);
        for (const entry of page.entries) {
          yield { kind: 'ADDED', cursor: writeCursor({ ...cursor, listedTo: entry.seq }), entryId: entry.id, entry, ...counts };
        }
        at = page.next;
      }
      return undefined;
    }

    /** Every change from the own position to the log's end. */
    async function* replay(): AsyncGenerator<InboxEvent, undefined> {
      for (let atEnd = false; !atEnd; ) {
        const page = await patiently(mailbox, () => replayInbox(open(), scope.contactId, stand.position, pageSize));
        const entries = await patiently(mailbox, () =>
          entriesOf(open(), [...new Set(page.changes.map((each) => each.communicationId ?? ''))]),
        );
        const counts = page.changes.length > 0 ? await patiently(mailbox, () => countInboxes(open(), [scope.contactId])) : new Map();
        for (const change of page.changes) {
          stand.position = change.position;
          const made = toEvent(change, entries.get(change.communicationId ?? ''));
          if (made) yield { ...made, ...countsOf(counts, scope) };
        }
        stand.position = Math.max(stand.position, page.readTo);
        atEnd = page.atEnd;
      }
      return undefined;
    }

    function toEvent(
      change: Change,
      entry: (InboxEntry & { overdue: boolean }) | undefined,
    ): Omit<InboxEvent, 'pendingCount' | 'unviewedCount'> | undefined {
      const kind = kindOf(change);
      if (!kind || !entry || !isOf(entry, scope)) return undefined;
      // An expired entry is out of reach; its REMOVED follows, and concerns only who was shown it.
      if (kind === 'ADDED' && entry.overdue) overdue.add(entry.id);
      if (kind !== 'REMOVED' && entry.overdue) return undefined;
      if (kind === 'REMOVED' && overdue.delete(entry.id)) return undefined;
      const cursor = writeCursor({ history, position: change.position, mark: markOf(change.at) });
      return { kind, cursor, entryId: entry.id, entry: kind === 'REMOVED' ? null : entryAfter(entry, change) };
    }
  } finally {
    mailbox.close();
  }
}

/** All devices of a contact that see the same get the same object, so that it is answered once (see Shareable). */
function sharedBy(events: Map<string, InboxEvent> | undefined, key: string, make: () => InboxEvent): InboxEvent {
  if (!events) return make();
  let event = events.get(key);
  if (!event) {
    event = { ...make(), [results]: new Map() };
    events.set(key, event);
  }
  return event;
}

function isOf({ externalSystemId, contactInbox }: InboxEntry, { systemIds }: InboxScope): boolean {
  return systemIds === undefined ? contactInbox : systemIds.includes(externalSystemId ?? '');
}

/** A database that is away for a while must not end a subscription: the client would take it for a fatal error. */
async function patiently<T>(mailbox: Mailbox, read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (mailbox.closed || !isAway(error)) throw error;
      await delay(retryMs);
    }
  }
}

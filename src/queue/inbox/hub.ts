import { engine } from '../../access/viewer.js';
import type { Change } from '../../changes/log.js';
import type { Tail } from '../../changes/tail.js';
import type { Context } from '../../context.js';
import type { HasEntityManager } from '../../database/sql.js';
import { type CountsBySystem, countInboxes } from './counts.js';
import type { InboxEntry, InboxEvent } from './event.js';
import { entriesOf } from './read.js';

/** A change on its way to the devices of one contact; what it needs is loaded once for all of them. */
export interface LiveChange {
  change: Change;
  entry: (InboxEntry & { overdue: boolean }) | undefined;
  counts: CountsBySystem;
  /** Where the contact has several subscribers: the event that those of one scope get, made once. */
  events: Map<string, InboxEvent> | undefined;
}

/** Keeps a few changes for one subscriber. What does not fit is not kept at all: the subscriber reads it from the log later. */
export interface Mailbox {
  /** Waits for changes; `behind` tells to read the log from one's own position, `closed` to end. */
  take(): Promise<{ items: LiveChange[]; behind: boolean; closed: boolean }>;
  readonly closed: boolean;
  close(): void;
}

export interface InboxHub {
  /** Opens a mailbox for the changes of one contact from now on. */
  open(contactId: string): Mailbox;
  /** How many mailboxes are open. */
  readonly size: number;
}

/** A slow device costs this many references, not a growing queue (design.md, idea 5). */
const mailboxSize = 256;

interface Slot {
  offer(items: readonly LiveChange[]): void;
}

const hubs = new WeakMap<Tail, InboxHub>();

/** The hub of this process, which lives as long as its tail. */
export function inboxHub({ tail, open }: Pick<Context, 'tail' | 'open'>): InboxHub {
  let hub = hubs.get(tail);
  if (!hub) {
    hub = startInboxHub(tail, () => open(engine));
    hubs.set(tail, hub);
  }
  return hub;
}

/** Routes the log's changes to the contacts that have a subscriber here: the cost is by change, not by subscriber. */
function startInboxHub(tail: Tail, open: () => HasEntityManager): InboxHub {
  const slots = new Map<string, Set<Slot>>();
  let size = 0;

  tail.listen(async (batch) => {
    const wanted = batch.filter((each) => each.contactId !== null && each.kind.startsWith('entry.') && slots.has(each.contactId));
    if (wanted.length === 0) return;
    const ctx = open();
    const contactIds = [...new Set(wanted.map((each) => each.contactId ?? ''))];
    const [entries, counts] = await Promise.all([
      entriesOf(ctx, [...new Set(wanted.map((each) => each.communicationId ?? ''))]),
      countInboxes(ctx, contactIds),
    ]);
    const byContact = Map.groupBy(wanted, (each) => each.contactId ?? '');
    for (const [contactId, changes] of byContact) {
      const listening = slots.get(contactId);
      if (!listening) continue;
      const several = listening.size > 1;
      const items = changes.map(
        (change): LiveChange => ({
          change,
          entry: entries.get(change.communicationId ?? ''),
          counts,
          events: several ? new Map() : undefined,
        }),
      );
      for (const slot of listening) slot.offer(items);
    }
  });

  return {
    get size() {
      return size;
    },
    open(contactId) {
      const { slot, mailbox } = makeMailbox(() => {
        const rest = slots.get(contactId);
        if (!rest?.delete(slot)) return;
        size -= 1;
        if (rest.size === 0) slots.delete(contactId);
      });
      slots.set(contactId, (slots.get(contactId) ?? new Set()).add(slot));
      size += 1;
      return mailbox;
    },
  };
}

function makeMailbox(onClose: () => void): { slot: Slot; mailbox: Mailbox } {
  let items: LiveChange[] = [];
  let behind = false;
  let closed = false;
  let wake: (() => void) | undefined;
  return {
    slot: {
      offer(more) {
        if (closed || behind) return;
        if (items.length + more.length > mailboxSize) {
          items = [];
          behind = true;
        } else {
          items.push(...more);
        }
        wake?.();
      },
    },
    mailbox: {
      get closed() {
        return closed;
      },
      async take() {
        if (items.length === 0 && !behind && !closed) {
          await new Promise<void>((done) => {
            wake = done;
          });
          wake = undefined;
        }
        const taken = { items, behind, closed };
        items = [];
        behind = false;
        return taken;
      },
      close() {
        closed = true;
        onClose();
        wake?.();
      },
    },
  };
}

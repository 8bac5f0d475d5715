import { engine } from '../../access/viewer.js';
import type { Change } from '../../changes/log.js';
import type { Tail } from '../../changes/tail.js';
import type { Context } from '../../context.js';
import type { HasEntityManager } from '../../database/sql.js';
import { type CountsBySystem, countInboxes } from './counts.js';
import type { InboxEntry, InboxEvent } from './event.js';
import { Mailbox } from './mailbox.js';
import { contactsOf, entriesOf } from './read.js';

/** A change on its way to the devices of one contact; what it needs is loaded once for all of them. */
export interface LiveChange {
  change: Change;
  entry: (InboxEntry & { overdue: boolean }) | undefined;
  counts: CountsBySystem;
  /** Where the contact has several subscribers: the event that those of one scope get, made once. */
  events: Map<string, InboxEvent> | undefined;
}

export interface InboxHub {
  /** Opens a mailbox for the changes of one contact from now on. */
  open(contactId: string): Mailbox;
  /** How many mailboxes are open. */
  readonly size: number;
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
  const boxes = new Map<string, Set<Mailbox>>();
  let size = 0;

  tail.listen(async (batch) => {
    const switched = batch.filter((each) => each.kind === 'system.switched');
    if (switched.length > 0) await beginAnew(switched.map((each) => each.externalSystemId ?? ''));
    const wanted = batch.filter((each) => each.contactId !== null && each.kind.startsWith('entry.') && boxes.has(each.contactId));
    if (wanted.length === 0) return;
    const ctx = open();
    const contactIds = [...new Set(wanted.map((each) => each.contactId ?? ''))];
    const [entries, counts] = await Promise.all([
      entriesOf(ctx, [...new Set(wanted.map((each) => each.communicationId ?? ''))]),
      countInboxes(ctx, contactIds),
    ]);
    const byContact = Map.groupBy(wanted, (each) => each.contactId ?? '');
    for (const [contactId, changes] of byContact) {
      const listening = boxes.get(contactId);
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
      for (const box of listening) box.offer(items);
    }
  });

  return {
    get size() {
      return size;
    },
    open(contactId) {
      const box = new Mailbox(leave, contactId);
      boxes.set(contactId, (boxes.get(contactId) ?? new Set()).add(box));
      size += 1;
      return box;
    },
  };

  /** Those that have entries of these systems find in the log what has become of their inboxes. */
  async function beginAnew(systemIds: readonly string[]): Promise<void> {
    for (const contactId of await contactsOf(open(), systemIds, [...boxes.keys()])) {
      for (const box of boxes.get(contactId) ?? []) box.fallBehind();
    }
  }

  function leave(contactId: string, box: Mailbox): void {
    const rest = boxes.get(contactId);
    if (!rest?.delete(box)) return;
    size -= 1;
    if (rest.size === 0) boxes.delete(contactId);
  }
}

import { engine } from '../../access/viewer.js';
import type { Change } from '../../changes/log.js';
import type { Tail } from '../../changes/tail.js';
import type { Context } from '../../context.js';
import type { HasEntityManager } from '../../database/sql.js';
import { countInboxes, type SystemCounts } from './counts.js';
import type { InboxEvent } from './event.js';
import { Mailbox } from './mailbox.js';
import { type CurrentEntry, contactsOf, entriesOf } from './read.js';

/** A change on its way to the devices of one contact; what it needs is loaded once for all of them. */
export interface LiveChange {
  change: Change;
  entry: CurrentEntry | undefined;
  counts: readonly SystemCounts[] | undefined;
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

/** The subscribers of one contact. */
interface Listeners {
  readonly contactId: string;
  readonly boxes: Mailbox[];
  /** What the batch in hand has for them. */
  items: LiveChange[] | undefined;
}

/** Routes the log's changes to the contacts that have a subscriber here: the cost is by change, not by subscriber. */
function startInboxHub(tail: Tail, open: () => HasEntityManager): InboxHub {
  const contacts = new Map<string, Listeners>();
  let size = 0;

  const route = async (batch: readonly Change[]) => {
    const switched = batch.filter((each) => each.kind === 'system.switched');
    if (switched.length > 0) await beginAnew(switched.map((each) => each.externalSystemId ?? ''));
    const wanted: LiveChange[] = [];
    const touched: Listeners[] = [];
    for (const change of batch) {
      const listeners = change.contactId !== null && change.kind.startsWith('entry.') ? contacts.get(change.contactId) : undefined;
      if (!listeners) continue;
      if (!listeners.items) {
        listeners.items = [];
        touched.push(listeners);
      }
      const events = listeners.boxes.length > 1 ? new Map<string, InboxEvent>() : undefined;
      const item: LiveChange = { change, entry: undefined, counts: undefined, events };
      listeners.items.push(item);
      wanted.push(item);
    }
    if (wanted.length > 0) await deliver(wanted, touched);
  };
  tail.listen(route, () => size === 0);

  /** What is loaded comes in the order in which it was asked for: nothing is looked up by its id once more. */
  async function deliver(wanted: readonly LiveChange[], touched: readonly Listeners[]): Promise<void> {
    const ctx = open();
    const items = touched.map((listeners) => {
      const own = listeners.items ?? [];
      listeners.items = undefined;
      return own;
    });
    const [entries, counts] = await Promise.all([
      entriesOf(
        ctx,
        wanted.map(({ change }) => change.communicationId),
      ),
      countInboxes(
        ctx,
        touched.map(({ contactId }) => contactId),
      ),
    ]);
    for (const [index, item] of wanted.entries()) item.entry = entries[index];
    for (const [index, { boxes }] of touched.entries()) {
      const own = items[index] ?? [];
      for (const item of own) item.counts = counts[index];
      // A copy where there are several: one may leave while it is told.
      for (const box of boxes.length > 1 ? [...boxes] : boxes) box.offer(own);
    }
  }

  return {
    get size() {
      return size;
    },
    open(contactId) {
      const box = new Mailbox(leave, contactId);
      const listeners = contacts.get(contactId);
      if (listeners) listeners.boxes.push(box);
      else contacts.set(contactId, { contactId, boxes: [box], items: undefined });
      size += 1;
      // What is given a position only now and then while nobody waits, is from now on.
      if (size === 1) tail.heard();
      return box;
    },
  };

  /** Those that have entries of these systems find in the log what has become of their inboxes. */
  async function beginAnew(systemIds: readonly string[]): Promise<void> {
    for (const contactId of await contactsOf(open(), systemIds, [...contacts.keys()])) {
      for (const box of [...(contacts.get(contactId)?.boxes ?? [])]) box.fallBehind();
    }
  }

  function leave(contactId: string, box: Mailbox): void {
    const boxes = contacts.get(contactId)?.boxes;
    const at = boxes?.indexOf(box) ?? -1;
    if (!boxes || at < 0) return;
    boxes.splice(at, 1);
    size -= 1;
    if (boxes.length === 0) contacts.delete(contactId);
  }
}

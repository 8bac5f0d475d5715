import type { InboxEntry, InboxEvent } from './operations.js';

/** What of the browser's `Storage` is used; an app may bring its own. */
export type InboxStorage = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * What the client knows, and up to where: the cursor of the last event it has handled and the entries that those events
 * left. The two are changed together and stored together, because a cursor without its entries would skip them for good.
 */
export interface InboxMemory {
  cursor: string | undefined;
  entries: Map<string, InboxEntry>;
  pendingCount: number;
  unviewedCount: number;
}

export function emptyMemory(): InboxMemory {
  return { cursor: undefined, entries: new Map(), pendingCount: 0, unviewedCount: 0 };
}

/** Takes one event in. Events of one entry come in their order, so that the last one always holds. */
export function remember(memory: InboxMemory, event: InboxEvent): void {
  if (event.kind === 'RESYNC') memory.entries.clear();
  if (event.kind === 'REMOVED' && event.entryId) memory.entries.delete(event.entryId);
  if (event.entry) memory.entries.set(event.entry.id, event.entry);
  memory.cursor = event.cursor;
  memory.pendingCount = event.pendingCount;
  memory.unviewedCount = event.unviewedCount;
}

/** The memory of an earlier life of the page; anything unreadable counts as none, and costs one fresh listing. */
export function recall(storage: InboxStorage | undefined, key: string): InboxMemory {
  try {
    const stored = storage?.getItem(key);
    if (!stored) return emptyMemory();
    const memory = JSON.parse(stored) as Omit<InboxMemory, 'entries'> & { entries: InboxEntry[] };
    return { ...memory, entries: new Map(memory.entries.map((entry) => [entry.id, entry])) };
  } catch {
    return emptyMemory();
  }
}

export function store(storage: InboxStorage | undefined, key: string, memory: InboxMemory): void {
  try {
    storage?.setItem(key, JSON.stringify({ ...memory, entries: [...memory.entries.values()] }));
  } catch {
    // Over the quota. An older pair of cursor and entries is still right, only further behind.
  }
}

import type { InboxStorage } from './memory.js';
import type { InboxEntry, InboxEvent, Verb } from './operations.js';

/** Something the reader has asked for that the inbox's events do not show yet. */
export interface Wish {
  id: string;
  verb: Verb;
  /** False until the server has answered: it is sent again after a lost connection. Settling is idempotent. */
  sent: boolean;
}
export type Wishes = Map<string, Wish>;

export function wish(wishes: Wishes, verb: Verb, id: string): void {
  wishes.set(keyOf(verb, id), { id, verb, sent: false });
}

export function withdraw(wishes: Wishes, verb: Verb, id: string): void {
  wishes.delete(keyOf(verb, id));
}

export function markSent(wishes: Wishes, verb: Verb, ids: readonly string[], sent: boolean): void {
  for (const id of ids) {
    const made = wishes.get(keyOf(verb, id));
    if (made) made.sent = sent;
  }
}

export function unsent(wishes: Wishes, verb: Verb): string[] {
  return [...wishes.values()].filter((made) => made.verb === verb && !made.sent).map((made) => made.id);
}

/** Forgets the wishes that an event shows fulfilled. */
export function fulfil(wishes: Wishes, event: InboxEvent): void {
  const { entry, entryId } = event;
  if (event.kind === 'REMOVED' && entryId) for (const verb of ['view', 'complete', 'remove'] as const) withdraw(wishes, verb, entryId);
  if (entry?.viewedAt) withdraw(wishes, 'view', entry.id);
  if (entry && entry.state !== 'PENDING') withdraw(wishes, 'complete', entry.id);
}

/** The entry as it will be when the wishes have come true; nothing where it will be gone. States only ever move forward. */
export function asWished(wishes: Wishes, entry: InboxEntry): InboxEntry | undefined {
  if (wishes.has(keyOf('remove', entry.id))) return undefined;
  const completed = wishes.has(keyOf('complete', entry.id)) && entry.state === 'PENDING';
  const viewed = wishes.has(keyOf('view', entry.id)) && !entry.viewedAt;
  if (!completed && !viewed) return entry;
  return { ...entry, state: completed ? 'COMPLETED' : entry.state, viewedAt: viewed ? new Date().toISOString() : entry.viewedAt };
}

/** Whether the verb does anything to the entry as it is known; to an unknown one it may. */
export function wouldChange(verb: Verb, entry: InboxEntry | undefined): boolean {
  if (!entry || verb === 'remove') return true;
  return verb === 'view' ? !entry.viewedAt : entry.state === 'PENDING';
}

/** What was asked for before a reload and may not have reached the server. */
export function recallWishes(storage: InboxStorage | undefined, key: string): Wishes {
  try {
    const stored = JSON.parse(storage?.getItem(key) ?? '[]') as Pick<Wish, 'verb' | 'id'>[];
    return new Map(stored.map(({ verb, id }) => [keyOf(verb, id), { verb, id, sent: false }]));
  } catch {
    return new Map();
  }
}

export function storeWishes(storage: InboxStorage | undefined, key: string, wishes: Wishes): void {
  try {
    storage?.setItem(key, JSON.stringify([...wishes.values()].map(({ verb, id }) => ({ verb, id }))));
  } catch {
    // Over the quota: they are still in memory, and are sent from there.
  }
}

function keyOf(verb: Verb, id: string): string {
  return `${verb} ${id}`;
}

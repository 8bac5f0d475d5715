import type { Change } from '../../changes/log.js';
import type { LifeCycleState } from '../../communications/lifeCycle.js';
import type { CommunicationRow } from '../../communications/row.js';
import type { Shareable } from '../../graphql/shared.js';

/** An entry with what an inbox needs beside the row. */
export interface InboxEntry extends CommunicationRow {
  /** Whether its system feeds inboxes, */
  contactInbox: boolean;
  /** and from which position of the log on; before, it was the other, until the switch before that. */
  inboxSince: number;
}

export interface InboxEvent extends Shareable {
  kind: 'ADDED' | 'CHANGED' | 'REMOVED' | 'RESYNC' | 'SYNCED';
  cursor: string;
  /** The communication's id, not yet the public one. */
  entryId: string | null;
  entry: InboxEntry | null;
  pendingCount: number;
  unviewedCount: number;
}

/** What the data of an `entry.*` change says. */
interface EntryData {
  state?: LifeCycleState;
  viewedAt?: string | null;
  was?: { state: LifeCycleState; viewedAt: string | null; gone?: boolean };
}

/** What a change means to an inbox; undefined where it means nothing (it had left before). */
export function kindOf(change: Pick<Change, 'kind' | 'data'>): 'ADDED' | 'CHANGED' | 'REMOVED' | undefined {
  const { state, was } = change.data as EntryData;
  if (change.kind === 'entry.created') return state === 'PENDING' ? 'ADDED' : undefined;
  if (was && (was.gone || (was.state !== 'PENDING' && was.state !== 'COMPLETED'))) return undefined;
  if (change.kind === 'entry.expired') return 'REMOVED';
  if (change.kind !== 'entry.changed') return undefined;
  return state === 'REJECTED' || state === 'COMPLETED_AND_REMOVED' ? 'REMOVED' : 'CHANGED';
}

/** The entry as the change left it: later changes have events of their own. */
export function entryAfter(entry: InboxEntry, change: Pick<Change, 'data'>): InboxEntry {
  const { state, viewedAt } = change.data as EntryData;
  return asOf(entry, state, viewedAt);
}

/** The entry as it was before the change; undefined where it was not in the inbox then. */
export function entryBefore(entry: InboxEntry, change: Pick<Change, 'kind' | 'data'>): InboxEntry | undefined {
  const { was } = change.data as EntryData;
  if (change.kind === 'entry.created' || !was || was.gone) return undefined;
  if (was.state !== 'PENDING' && was.state !== 'COMPLETED') return undefined;
  return asOf(entry, was.state, was.viewedAt);
}

/** Only state and viewedAt of an entry ever change; what follows from the state goes with it. */
function asOf(entry: InboxEntry, state: LifeCycleState | undefined, viewedAt: string | null | undefined): InboxEntry {
  if (state === undefined) return entry;
  const completed = state === 'COMPLETED' || state === 'COMPLETED_AND_REMOVED';
  // Mostly it is the row as it was read, and a copy of all its columns is spared.
  if (state === entry.state && !viewedAt && entry.viewedAt === null && (completed || entry.completedAt === null)) return entry;
  return { ...entry, state, viewedAt: viewedAt ? new Date(viewedAt) : null, completedAt: completed ? entry.completedAt : null };
}

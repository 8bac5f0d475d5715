export {
  type Connection,
  type ConnectionState,
  type InboxActivity,
  InboxClient,
  type InboxOptions,
  type TokenSource,
} from './client.js';
export type { InboxStorage } from './memory.js';
export type { EntryState, InboxEntry, InboxEvent, InboxEventKind, Verb } from './operations.js';
export { retryDelayMs } from './retry.js';

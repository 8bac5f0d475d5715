import { type Operation, RequestFailed, request } from '../site/graphql.js';
import { emptyMemory, type InboxMemory, recall, remember, store } from './memory.js';
import { type InboxEntry, type InboxEvent, type SettleOutcome, settleOperation, type Verb } from './operations.js';
import { openStream, type Stream, type StreamEnd } from './stream.js';
import { asWished, fulfil, markSent, unsent, type Wishes, wish, withdraw } from './wishes.js';

/**
 * connecting: no answer yet. replaying: the listing or the missed events are coming. live: all is known, changes come as
 * they happen. offline: the connection is lost (`retryAt`) or cut. refused: the token is not valid; another one is needed.
 */
export type ConnectionState = 'connecting' | 'replaying' | 'live' | 'offline' | 'refused';

export interface Connection {
  state: ConnectionState;
  /** Why the last connection ended. */
  reason?: string;
  /** When the next attempt will be made, in milliseconds since 1970; absent where it waits for `connect()`. */
  retryAt?: number;
}

export type InboxActivity =
  | { type: 'connection'; connection: Connection }
  | { type: 'event'; event: InboxEvent; replayed: boolean }
  | { type: 'problem'; message: string };

export interface InboxOptions {
  /** Of the HTTP endpoint and, with ws(s):, of the WebSocket. */
  url: string;
  socketUrl: string;
  token: string;
  /** Only for a token that is not the contact's own. */
  contactExternalId?: string | undefined;
  /** Where to keep entries and cursor, together, over a reload; absent: in memory only. */
  storage?: Storage | undefined;
  storageKey?: string;
  /** Something that `entries()`, `counts()` or `connection` shows has changed. */
  onChange(): void;
  /** Each event and each change of the connection, for a log. */
  onActivity?(activity: InboxActivity): void;
}

const storeAfterMs = 300;
const resendAfterMs = 3_000;
const firstRetryMs = 500;
const longestRetryMs = 30_000;
const tryAgainLater = 1013;
const refusals: (number | string)[] = [4401, 4403, 'UNAUTHENTICATED', 'FORBIDDEN'];
const verbs: Verb[] = ['view', 'complete', 'remove'];

/**
 * A contact's inbox: the entries, kept right by a live subscription that resumes where it was cut, and what the reader
 * does with them, shown at once and sent as soon as there is a connection.
 */
export class InboxClient {
  connection: Connection = { state: 'offline' };
  readonly #options: InboxOptions;
  readonly #storageKey: string;
  readonly #wishes: Wishes = new Map();
  #memory: InboxMemory;
  #stream: Stream | undefined;
  /** The present connection began with a cursor: what comes before SYNCED are missed events, not a listing. */
  #resumed = false;
  #failures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #storeTimer: ReturnType<typeof setTimeout> | undefined;
  #resendTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#storageKey = options.storageKey ?? 'carillon.inbox';
    this.#memory = recall(options.storage, this.#storageKey);
  }

  /** The cursor of the last event handled. */
  get cursor(): string | undefined {
    return this.#memory.cursor;
  }

  /** Whether the present connection replays what was missed, rather than listing the inbox from its beginning. */
  get resumed(): boolean {
    return this.#resumed;
  }

  /** Newest first, as the reader's own doings will leave them. */
  entries(): InboxEntry[] {
    return [...this.#memory.entries.values()]
      .map((entry) => asWished(this.#wishes, entry))
      .filter((entry) => entry !== undefined)
      .sort((one, other) => other.createdAt.localeCompare(one.createdAt) || other.id.localeCompare(one.id));
  }

  /** The server's counts, less what the reader has done since. */
  counts(): { pending: number; unviewed: number } {
    let { pendingCount: pending, unviewedCount: unviewed } = this.#memory;
    for (const entry of this.#memory.entries.values()) {
      const wished = asWished(this.#wishes, entry);
      if (entry.state === 'PENDING' && wished?.state !== 'PENDING') pending -= 1;
      if (!entry.viewedAt && (!wished || wished.viewedAt)) unviewed -= 1;
    }
    return { pending: Math.max(0, pending), unviewed: Math.max(0, unviewed) };
  }

  /** Opens the connection, or tries at once where it waits for its next attempt. */
  connect(): void {
    this.#stop();
    this.#resumed = this.#memory.cursor !== undefined;
    this.#become({ state: 'connecting' });
    this.#stream = openStream({
      url: this.#options.socketUrl,
      token: this.#options.token,
      contactExternalId: this.#options.contactExternalId,
      after: this.#memory.cursor,
      onConnected: () => this.#become({ state: 'replaying' }),
      onEvent: (event) => this.#take(event),
      onEnd: (end) => this.#ended(end),
    });
  }

  /** Drops the connection until `connect()`. What the reader does meanwhile is kept and sent then. */
  disconnect(reason = ''): void {
    this.#stop();
    this.#become({ state: 'offline', reason });
  }

  /** Forgets everything and lists the inbox afresh. */
  startAfresh(): void {
    this.#memory = emptyMemory();
    this.#wishes.clear();
    this.#storeNow();
    this.connect();
  }

  /** Ends the connection and all timers; the client is of no further use. */
  dispose(): void {
    this.#stop();
    clearTimeout(this.#storeTimer);
    this.#storeNow();
  }

  view(ids: string[]): void {
    this.#settle('view', ids);
  }
  complete(ids: string[]): void {
    this.#settle('complete', ids);
  }
  /** Completed and Removed: the entries leave the inbox, on every device. */
  remove(ids: string[]): void {
    this.#settle('remove', ids);
  }

  #take(event: InboxEvent): void {
    if (event.kind === 'RESYNC') this.#resumed = false;
    const replayed = this.#resumed && this.connection.state === 'replaying' && event.kind !== 'SYNCED';
    remember(this.#memory, event);
    fulfil(this.#wishes, event);
    this.#storeSoon();
    this.#options.onActivity?.({ type: 'event', event, replayed });
    if (event.kind === 'SYNCED') this.#synced();
    else this.#options.onChange();
  }

  #synced(): void {
    this.#failures = 0;
    this.#become({ state: 'live' });
    this.#sendUnsent();
  }

  #ended(end: StreamEnd): void {
    const reason = end.reason ? `${end.code} ${end.reason}` : `${end.code}`;
    // The server does not know our cursor: without it, it begins with a listing.
    if (end.code === 'BAD_USER_INPUT') this.#memory = emptyMemory();
    if (refusals.includes(end.code)) this.#become({ state: 'refused', reason });
    else this.#retryAfter(retryDelayMs(this.#failures++, end.code), reason);
  }

  #retryAfter(delayMs: number, reason: string): void {
    this.#retryTimer = setTimeout(() => this.connect(), delayMs);
    this.#become({ state: 'offline', reason, retryAt: Date.now() + delayMs });
  }

  #stop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#resendTimer);
    this.#stream?.close();
    this.#stream = undefined;
  }

  #become(connection: Connection): void {
    this.connection = connection;
    this.#options.onActivity?.({ type: 'connection', connection });
    this.#options.onChange();
  }

  #settle(verb: Verb, ids: string[]): void {
    if (ids.length === 0) return;
    for (const id of ids) wish(this.#wishes, verb, id);
    this.#options.onChange();
    if (this.connection.state === 'live') this.#sendUnsent();
  }

  #sendUnsent(): void {
    for (const verb of verbs) {
      const ids = unsent(this.#wishes, verb);
      if (ids.length > 0) void this.#send(verb, ids);
    }
  }

  async #send(verb: Verb, ids: string[]): Promise<void> {
    markSent(this.#wishes, verb, ids, true);
    try {
      const { outcome } = await this.#request<{ outcome: SettleOutcome }>(settleOperation(verb, ids));
      for (const result of outcome.results) if (result.error) this.#refuse(verb, [result.id], result.error.message);
    } catch (error) {
      this.#sendingFailed(verb, ids, error);
    }
    this.#options.onChange();
  }

  #sendingFailed(verb: Verb, ids: string[], error: unknown): void {
    if (!(error instanceof RequestFailed)) throw error;
    if (error.transient) this.#sendLater(verb, ids);
    else this.#refuse(verb, ids, error.message);
  }

  #sendLater(verb: Verb, ids: string[]): void {
    markSent(this.#wishes, verb, ids, false);
    clearTimeout(this.#resendTimer);
    this.#resendTimer = setTimeout(() => this.connection.state === 'live' && this.#sendUnsent(), resendAfterMs);
  }

  #refuse(verb: Verb, ids: string[], message: string): void {
    for (const id of ids) withdraw(this.#wishes, verb, id);
    this.#options.onActivity?.({ type: 'problem', message });
  }

  #request<Data>(operation: Operation): Promise<Data> {
    return request<Data>(this.#options.url, this.#options.token, operation);
  }

  #storeSoon(): void {
    clearTimeout(this.#storeTimer);
    this.#storeTimer = setTimeout(() => this.#storeNow(), storeAfterMs);
  }

  #storeNow(): void {
    store(this.#options.storage, this.#storageKey, this.#memory);
  }
}

/** Doubles from half a second to half a minute, with jitter, so that a restarted server is not met by all clients at once. */
export function retryDelayMs(failures: number, code: number | string, random = Math.random): number {
  const ceiling = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
  const floor = code === tryAgainLater ? 2_000 : 0;
  return floor + ceiling * (0.5 + random() / 2);
}

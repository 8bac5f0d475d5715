import { hasImages, withImages } from './images.js';
import { emptyMemory, type InboxMemory, type InboxStorage, recall, remember, store } from './memory.js';
import { type InboxEntry, type InboxEvent, type SettleOutcome, settleOperation, type Verb } from './operations.js';
import { type Operation, RequestFailed, request } from './request.js';
import { retryDelayMs } from './retry.js';
import { openStream, type Stream, type StreamEnd } from './stream.js';
import { asWished, fulfil, markSent, recallWishes, storeWishes, unsent, type Wishes, wish, withdraw, wouldChange } from './wishes.js';

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

/** A token, or what gets a fresh one: it is asked for each connection, and again after a refusal. */
export type TokenSource = string | (() => string | Promise<string>);

export interface InboxOptions {
  /** Of the server's /graphql, with http: or https:. */
  url: string;
  /** Default: `url` with ws: or wss:. */
  socketUrl?: string | undefined;
  token: TokenSource;
  /** Only for a token that is not the contact's own. */
  contactExternalId?: string | undefined;
  /** Where to keep entries and cursor, together, over a reload; absent: in memory only. */
  storage?: InboxStorage | undefined;
  storageKey?: string;
  /** Something that `entries()`, `counts()` or `connection` shows has changed. */
  onChange?(): void;
  /** Each event and each change of the connection, for a log. */
  onActivity?(activity: InboxActivity): void;
}

const storeAfterMs = 300;
const resendAfterMs = 3_000;
/** The server takes a thousand. */
const mostAtOnce = 500;
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
  readonly #wishes: Wishes;
  #memory: InboxMemory;
  #stream: Stream | undefined;
  /** The present connection began with a cursor: what comes before SYNCED are missed events, not a listing. */
  #resumed = false;
  #failures = 0;
  #refusedOnce = false;
  /** Which call of connect() is under way: an earlier one that still waits for its token must not open a second socket. */
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #storeTimer: ReturnType<typeof setTimeout> | undefined;
  #resendTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#storageKey = options.storageKey ?? 'carillon.inbox';
    this.#memory = recall(options.storage, this.#storageKey);
    this.#wishes = recallWishes(options.storage, wishesKey(this.#storageKey));
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
    const attempt = this.#attempt;
    this.#freshToken().then(
      (token) => attempt === this.#attempt && this.#open(token),
      (error: unknown) => attempt === this.#attempt && this.#ended({ code: 'TOKEN', reason: messageOf(error) }),
    );
  }

  #open(token: string): void {
    this.#stream = openStream({
      url: this.#options.socketUrl ?? this.#options.url.replace(/^http/, 'ws'),
      token,
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

  /** The body as a page can show it: images that go with the entry are links, good for ten minutes. */
  async bodyOf(entry: InboxEntry): Promise<string> {
    return hasImages(entry.body) ? await withImages(this.#options.url, await this.#freshToken(), entry) : entry.body;
  }

  view(ids: string[]): void {
    this.#settle('view', ids);
  }
  /** Marks everything in the inbox as viewed. */
  viewAll(): void {
    const unviewed = this.entries().filter((entry) => !entry.viewedAt);
    this.view(unviewed.map((entry) => entry.id));
  }
  /** Completed: handed over to the reader. */
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
    else this.#options.onChange?.();
  }

  #synced(): void {
    this.#failures = 0;
    this.#refusedOnce = false;
    this.#become({ state: 'live' });
    this.#sendUnsent();
  }

  #ended(end: StreamEnd): void {
    const reason = end.reason ? `${end.code} ${end.reason}` : `${end.code}`;
    // The server does not know our cursor: without it, it begins with a listing.
    if (end.code === 'BAD_USER_INPUT') this.#memory = emptyMemory();
    // A token that has run out is refused once; one that is refused when it is fresh will not do better.
    const renewable = typeof this.#options.token === 'function' && !this.#refusedOnce;
    if (refusals.includes(end.code)) this.#refusedOnce = true;
    if (refusals.includes(end.code) && !renewable) this.#become({ state: 'refused', reason });
    else this.#retryAfter(retryDelayMs(this.#failures++, end.code), reason);
  }

  #retryAfter(delayMs: number, reason: string): void {
    this.#retryTimer = setTimeout(() => this.connect(), delayMs);
    this.#become({ state: 'offline', reason, retryAt: Date.now() + delayMs });
  }

  #stop(): void {
    this.#attempt += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#resendTimer);
    this.#stream?.close();
    this.#stream = undefined;
  }

  #become(connection: Connection): void {
    this.connection = connection;
    this.#options.onActivity?.({ type: 'connection', connection });
    this.#options.onChange?.();
  }

  #settle(verb: Verb, ids: string[]): void {
    const open = ids.filter((id) => wouldChange(verb, this.#memory.entries.get(id)));
    if (open.length === 0) return;
    for (const id of open) wish(this.#wishes, verb, id);
    this.#storeSoon();
    this.#options.onChange?.();
    if (this.connection.state === 'live') this.#sendUnsent();
  }

  #sendUnsent(): void {
    for (const verb of verbs) {
      const ids = unsent(this.#wishes, verb);
      for (let from = 0; from < ids.length; from += mostAtOnce) void this.#send(verb, ids.slice(from, from + mostAtOnce));
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
    this.#options.onChange?.();
  }

  #sendingFailed(verb: Verb, ids: string[], error: unknown): void {
    // Without a valid token the connection ends as well; what the reader did waits for the next one.
    const final = error instanceof RequestFailed && !error.transient && !error.denied;
    if (final) this.#refuse(verb, ids, error.message);
    else this.#sendLater(verb, ids);
  }

  #sendLater(verb: Verb, ids: string[]): void {
    markSent(this.#wishes, verb, ids, false);
    clearTimeout(this.#resendTimer);
    this.#resendTimer = setTimeout(() => this.connection.state === 'live' && this.#sendUnsent(), resendAfterMs);
  }

  #refuse(verb: Verb, ids: string[], message: string): void {
    for (const id of ids) withdraw(this.#wishes, verb, id);
    this.#storeSoon();
    this.#options.onActivity?.({ type: 'problem', message });
  }

  async #request<Data>(operation: Operation): Promise<Data> {
    return await request<Data>(this.#options.url, await this.#freshToken(), operation);
  }

  async #freshToken(): Promise<string> {
    const { token } = this.#options;
    return typeof token === 'function' ? await token() : token;
  }

  #storeSoon(): void {
    clearTimeout(this.#storeTimer);
    this.#storeTimer = setTimeout(() => this.#storeNow(), storeAfterMs);
  }

  #storeNow(): void {
    const { storage } = this.#options;
    store(storage, this.#storageKey, this.#memory);
    storeWishes(storage, wishesKey(this.#storageKey), this.#wishes);
  }
}

function wishesKey(storageKey: string): string {
  return `${storageKey}.wishes`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { type MessagePage, type MessageSummary, readPage } from './messages.js';

/** The list of messages as far as it has been read: newest first, kept fresh from its head, grown at its end. */
export class Outbox {
  messages: MessageSummary[] = [];
  hasMore = false;
  #cursor: string | undefined;
  #generation = 0;

  constructor(
    readonly token: string,
    public search = '',
  ) {}

  /** Begins anew, for other words; answers to the former ones come too late and are dropped. */
  startOver(search: string): void {
    this.search = search;
    this.#generation += 1;
    this.#cursor = undefined;
    this.messages = [];
  }

  /** Reads the newest page and puts what is new before what is known. */
  async refresh(): Promise<void> {
    const generation = this.#generation;
    const page = await readPage(this.token, this.search);
    if (generation !== this.#generation) return;
    const known = new Set(this.messages.map((message) => message.id));
    const fresh = page.nodes.filter((message) => !known.has(message.id));
    const meets = fresh.length < page.nodes.length;
    // More than a page has come at once: the list would have a hole, so it begins with this page.
    if (meets) this.messages = [...fresh, ...this.messages];
    else this.#begin(page);
  }

  async readMore(): Promise<void> {
    const generation = this.#generation;
    const page = await readPage(this.token, this.search, this.#cursor);
    if (generation !== this.#generation) return;
    const known = new Set(this.messages.map((message) => message.id));
    this.messages = [...this.messages, ...page.nodes.filter((message) => !known.has(message.id))];
    this.#continueAfter(page);
  }

  #begin(page: MessagePage): void {
    this.messages = page.nodes;
    this.#continueAfter(page);
  }

  #continueAfter(page: MessagePage): void {
    this.hasMore = page.pageInfo.hasNextPage;
    this.#cursor = page.pageInfo.endCursor ?? undefined;
  }
}

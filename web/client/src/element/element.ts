import { type Connection, type InboxActivity, InboxClient, type TokenSource } from '../client.js';
import type { InboxStorage } from '../memory.js';
import type { InboxEntry } from '../operations.js';
import { EntryCard } from './card.js';
import { h, keyedRows, setText } from './dom.js';
import { type ElementLabels, elementLabels, languageOf } from './labels.js';
import { style } from './style.js';

const tones: Record<Connection['state'], string> = { connecting: '', replaying: 'accent', live: 'good', offline: 'bad', refused: 'bad' };

// Adopted, not inline: a portal's Content-Security-Policy may forbid <style>.
const sheet = new CSSStyleSheet();
sheet.replaceSync(style);

/** Attributes that make another client; the others only draw anew. */
const sources = ['url', 'token', 'contact', 'storage'];

/**
 * `<carillon-inbox token="…">`: a contact's inbox, live.
 *
 * Attributes: `url` of /graphql (default: this page's own), `token`, `contact` (its externalId, for a token that is not the
 * contact's own), `storage` = local, session (default) or none (nothing is kept where the contact's name is not known), `lang` = en or el (default: the page's), `heading`.
 * Properties: `token` also takes a function that fetches one, `labels` another language, `client` is the InboxClient.
 * Events, all with a detail: `carillon-connection` Connection, `carillon-counts` {pending, unviewed},
 * `carillon-activity` InboxActivity. Styled by custom properties --carillon-* and by ::part(header), (entry), (notice) ...
 */
export class CarillonInbox extends HTMLElement {
  static readonly observedAttributes = [...sources, 'lang', 'heading'];

  labels: ElementLabels | undefined;
  readonly #title = h('h2', { part: 'title' });
  readonly #connection = h('span', { class: 'badge', part: 'connection', role: 'status' });
  readonly #counts = h('p', { class: 'counts', part: 'counts', 'aria-live': 'polite' });
  readonly #viewAll = h('button', { type: 'button', part: 'button', click: () => this.#client?.viewAll() });
  readonly #completeAll = h('button', { type: 'button', part: 'button', click: () => this.#completeWaiting() });
  readonly #notice = h('p', { class: 'notice', part: 'notice', role: 'status', hidden: true });
  readonly #empty = h('div', { class: 'empty card', part: 'empty', hidden: true });
  readonly #list = h('ul', { part: 'entries' });
  #draw: (entries: readonly InboxEntry[]) => void = () => undefined;
  #client: InboxClient | undefined;
  #tokenSource: TokenSource | undefined;
  #renewing = false;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #told = '';

  constructor() {
    super();
    const section = h(
      'section',
      { part: 'inbox' },
      h(
        'header',
        { part: 'header' },
        h('div', {}, h('div', { class: 'line' }, this.#title, this.#connection), this.#counts),
        h('div', { class: 'line', part: 'actions' }, this.#viewAll, this.#completeAll, h('slot', { name: 'actions' })),
      ),
      this.#notice,
      this.#empty,
      this.#list,
    );
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    root.append(section);
  }

  /** Null before there is a token. */
  get client(): InboxClient | null {
    return this.#client ?? null;
  }

  get token(): TokenSource | undefined {
    return this.#tokenSource;
  }

  set token(token: TokenSource | undefined) {
    this.#tokenSource = token;
    this.#renew();
  }

  connectedCallback(): void {
    window.addEventListener('online', this.#online);
    window.addEventListener('pagehide', this.#hide);
    window.addEventListener('pageshow', this.#show);
    this.#ticking = setInterval(() => this.draw(), 1_000);
    this.#renew();
  }

  disconnectedCallback(): void {
    window.removeEventListener('online', this.#online);
    window.removeEventListener('pagehide', this.#hide);
    window.removeEventListener('pageshow', this.#show);
    clearInterval(this.#ticking);
    this.#client?.dispose();
    this.#client = undefined;
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === 'token') this.#tokenSource = after ?? undefined;
    if (sources.includes(name)) this.#renew();
    else this.draw();
  }

  /** Shows the client's inbox as it is now. */
  draw(): void {
    if (!this.isConnected) return;
    const entries = this.#client?.entries() ?? [];
    this.#drawHead(entries);
    this.#drawNotice();
    const state = this.#client?.connection.state;
    this.#empty.hidden = entries.length > 0 || !state || state === 'connecting' || state === 'replaying';
    this.#draw(entries);
  }

  get #language(): string {
    return this.lang || this.closest('[lang]')?.getAttribute('lang') || navigator.language;
  }

  get #words(): ElementLabels {
    return this.labels ?? elementLabels[languageOf(this.#language)];
  }

  /** Several attributes that change in one go make one client. */
  #renew(): void {
    if (this.#renewing) return;
    this.#renewing = true;
    queueMicrotask(() => {
      this.#renewing = false;
      if (this.isConnected) this.#makeClient();
    });
  }

  #makeClient(): void {
    this.#client?.dispose();
    this.#list.replaceChildren();
    this.#draw = keyedRows(
      this.#list,
      (entry) => entry.id,
      () => this.#row(),
    );
    const token = this.#tokenSource;
    this.#client = token ? this.#clientFor(token) : undefined;
    this.#client?.connect();
    this.draw();
  }

  #clientFor(token: TokenSource): InboxClient {
    const contact = this.getAttribute('contact') ?? undefined;
    const owner = contact ?? (typeof token === 'string' ? ownerOf(token) : undefined);
    const made: InboxClient = new InboxClient({
      url: new URL(this.getAttribute('url') ?? '/graphql', location.href).href,
      token,
      contactExternalId: contact,
      storage: owner === undefined ? undefined : storageOf(this.getAttribute('storage')),
      storageKey: `carillon.inbox.${owner}`,
      // A client that has been replaced may still finish a request; it must not draw.
      onChange: () => made === this.#client && this.draw(),
      onActivity: (activity) => made === this.#client && this.#tell(activity),
    });
    return made;
  }

  #row() {
    const card = new EntryCard({
      complete: (ids) => this.#client?.complete(ids),
      remove: (ids) => this.#client?.remove(ids),
      view: (ids) => this.#client?.view(ids),
      bodyOf: async (entry) => (await this.#client?.bodyOf(entry)) ?? entry.body,
    });
    const element = h('li', { part: 'entry' }, card.element);
    return { element, update: (entry: InboxEntry) => card.draw(entry, this.#words, this.#language) };
  }

  #drawHead(entries: InboxEntry[]): void {
    const { pending, unviewed } = this.#client?.counts() ?? { pending: 0, unviewed: 0 };
    const words = this.#words;
    setText(this.#title, this.getAttribute('heading') ?? words.inbox);
    setText(this.#counts, this.#client ? `${pending} ${words.pending} · ${unviewed} ${words.unviewed}` : '');
    setText(this.#completeAll, words.completeAll);
    this.#completeAll.disabled = !entries.some((entry) => entry.state === 'PENDING');
    setText(this.#viewAll, words.viewAll);
    this.#viewAll.disabled = !entries.some((entry) => !entry.viewedAt);
    if (this.#empty.firstElementChild?.textContent !== words.emptyTitle)
      this.#empty.replaceChildren(h('h2', {}, words.emptyTitle), h('p', {}, words.emptyText));
    const told = `${pending} ${unviewed}`;
    if (this.#client && told !== this.#told) this.#emit('carillon-counts', { pending, unviewed });
    this.#told = told;
  }

  #drawNotice(): void {
    const connection = this.#client?.connection;
    this.#connection.hidden = !connection;
    const text = connection ? this.#noticeText(connection) : '';
    this.#notice.hidden = !text;
    this.#notice.className = `notice ${connection?.state === 'refused' ? 'bad' : ''}`;
    setText(this.#notice, text);
    if (!connection) return;
    this.#connection.className = `badge ${tones[connection.state]}`;
    setText(this.#connection, this.#words.connection[connection.state]);
  }

  #noticeText({ state, retryAt }: Connection): string {
    if (state === 'refused') return this.#words.refused;
    if (state !== 'offline') return '';
    return retryAt ? this.#words.retry(Math.max(0, Math.ceil((retryAt - Date.now()) / 1_000))) : this.#words.offline;
  }

  #completeWaiting(): void {
    const waiting = (this.#client?.entries() ?? []).filter((entry) => entry.state === 'PENDING');
    this.#client?.complete(waiting.map((entry) => entry.id));
  }

  #tell(activity: InboxActivity): void {
    if (activity.type === 'connection') this.#emit('carillon-connection', activity.connection);
    this.#emit('carillon-activity', activity);
  }

  #emit(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  readonly #online = () => {
    if (this.#client?.connection.retryAt) this.#client.connect();
  };

  readonly #hide = () => this.#client?.dispose();

  /** A page that comes back from the browser's cache finds its socket gone. */
  readonly #show = (event: PageTransitionEvent) => {
    if (event.persisted) this.#client?.connect();
  };
}

function storageOf(name: string | null): InboxStorage | undefined {
  if (name === 'none') return undefined;
  return name === 'local' ? localStorage : sessionStorage;
}

/** Whose token it is, so that inboxes in one browser are kept apart; without a name nothing is kept. The server decides, this only names a drawer. */
function ownerOf(token: string): string | undefined {
  try {
    const claims = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: string };
    return claims.sub;
  } catch {
    return undefined;
  }
}

if (!customElements.get('carillon-inbox')) customElements.define('carillon-inbox', CarillonInbox);

declare global {
  interface HTMLElementTagNameMap {
    'carillon-inbox': CarillonInbox;
  }
}

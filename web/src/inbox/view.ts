import { h, keyedRows, setText } from '../site/dom.js';
import { type EntryActions, EntryCard } from './card.js';
import type { InboxActivity, InboxClient } from './client.js';
import { type Labels, type Language, labelsOf } from './labels.js';
import { EventLog } from './log.js';
import type { InboxEntry } from './operations.js';

export interface InboxActions extends EntryActions {
  cut(): void;
  reconnect(): void;
  startAfresh(): void;
}

const announcementMs = 6_000;
const connectionTones = { connecting: 'warn busy', replaying: 'info busy', live: 'good', offline: 'bad', refused: 'bad' } as const;

/** Draws a client's inbox. It decides nothing: what the reader does goes to the actions, what is shown comes from the client. */
export class InboxView {
  language: Language;
  readonly #actions: InboxActions;
  readonly #title = h('h1');
  readonly #connection = h('span', { class: 'badge dot', role: 'status' });
  readonly #counts = h('p', { class: 'counts' });
  readonly #cut = h('button', { type: 'button', click: () => this.#toggleConnection() });
  readonly #completeAll = h('button', { type: 'button', click: () => this.#completeWaiting() });
  readonly #secondWindow = h('a', { class: 'button', target: '_blank', rel: 'opener' });
  readonly #notice = h('p', { class: 'notice', hidden: true });
  readonly #announcement = h('p', { class: 'notice', role: 'status', hidden: true });
  readonly #empty = h('div', { class: 'empty card' });
  readonly #list = h('div', { class: 'entries' });
  readonly #log: EventLog;
  #client: InboxClient | undefined;
  #contact: string | undefined;
  #drawEntries: (entries: readonly InboxEntry[]) => void;
  #announcementTimer: number | undefined;

  constructor(host: HTMLElement, language: Language, actions: InboxActions) {
    this.#actions = actions;
    this.language = language;
    this.#log = new EventLog(actions.startAfresh);
    this.#drawEntries = this.#freshList();
    host.append(
      h(
        'div',
        { class: 'inbox-head' },
        h('div', {}, h('div', { class: 'title-line' }, this.#title, this.#connection), this.#counts),
        h('div', { class: 'inbox-actions' }, this.#completeAll, this.#secondWindow, this.#cut),
      ),
      h(
        'div',
        { class: 'inbox-columns' },
        h('section', { class: 'inbox-main' }, this.#notice, this.#announcement, this.#empty, this.#list),
        this.#log.element,
      ),
    );
    window.setInterval(() => this.draw(), 1_000);
    this.speak(language);
  }

  get #labels(): Labels {
    return labelsOf[this.language];
  }

  /** Another inbox, or none. */
  show(client: InboxClient | undefined, contact: string | undefined): void {
    this.#client = client;
    this.#contact = contact;
    this.#announcement.hidden = true;
    this.#log.clear();
    this.#drawEntries = this.#freshList();
    this.draw();
  }

  speak(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
    this.#log.speak(this.#labels, language);
    this.draw();
  }

  log(activity: InboxActivity): void {
    this.#log.add(activity);
  }

  /** A line that goes away by itself. */
  announce(text: string, tone: 'good' | 'bad'): void {
    this.#announcement.className = `notice ${tone}`;
    this.#announcement.textContent = text;
    this.#announcement.hidden = false;
    window.clearTimeout(this.#announcementTimer);
    this.#announcementTimer = window.setTimeout(() => {
      this.#announcement.hidden = true;
    }, announcementMs);
  }

  draw(): void {
    const entries = this.#client?.entries() ?? [];
    this.#drawHead(entries);
    this.#drawConnection();
    this.#drawEmpty(entries.length === 0);
    this.#log.element.hidden = !this.#client;
    this.#drawEntries(entries);
  }

  #drawHead(entries: InboxEntry[]): void {
    const labels = this.#labels;
    const counts = this.#client?.counts();
    const title = this.#contact ? labels.inboxOf(this.#contact) : labels.inbox;
    setText(this.#title, title);
    document.title = `${counts?.unviewed ? `(${counts.unviewed}) ` : ''}${title} · Carillon`;
    setText(this.#counts, counts ? `${counts.pending} ${labels.pending} · ${counts.unviewed} ${labels.unviewed}` : '');
    setText(this.#completeAll, labels.completeAll);
    this.#completeAll.disabled = !entries.some((entry) => entry.state === 'PENDING');
    setText(this.#secondWindow, labels.secondWindow);
    this.#secondWindow.setAttribute('href', location.pathname + (this.#contact ? `?contact=${encodeURIComponent(this.#contact)}` : ''));
    for (const control of [this.#completeAll, this.#secondWindow, this.#cut, this.#connection]) control.hidden = !this.#client;
  }

  #drawConnection(): void {
    const connection = this.#client?.connection;
    if (!connection) {
      this.#notice.hidden = true;
      return;
    }
    this.#connection.className = `badge dot ${connectionTones[connection.state]}`;
    setText(this.#connection, this.#labels.connection[connection.state]);
    setText(this.#cut, connection.state === 'offline' ? this.#labels.reconnect : this.#labels.cut);
    this.#cut.classList.toggle('primary', connection.state === 'offline');
    this.#cut.disabled = connection.state === 'refused';
    const notice = this.#noticeText();
    this.#notice.hidden = !notice;
    this.#notice.className = `notice ${connection.state === 'refused' ? 'bad' : 'warn'}`;
    setText(this.#notice, notice);
  }

  #noticeText(): string {
    const connection = this.#client?.connection;
    if (connection?.state === 'refused') return this.#labels.refusedNotice;
    if (connection?.state !== 'offline') return '';
    if (!connection.retryAt) return this.#labels.cutNotice;
    return this.#labels.retryNotice(Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1_000)));
  }

  #drawEmpty(empty: boolean): void {
    const state = this.#client?.connection.state;
    this.#empty.hidden = !empty || state === 'connecting' || state === 'replaying';
    const [title, text] = this.#client
      ? [this.#labels.emptyTitle, this.#labels.emptyText]
      : [this.#labels.noTokenTitle, this.#labels.noTokenText];
    if (this.#empty.firstElementChild?.textContent === title) return;
    this.#empty.replaceChildren(h('h2', {}, title), h('p', {}, text));
  }

  #freshList(): (entries: readonly InboxEntry[]) => void {
    this.#list.replaceChildren();
    return keyedRows<InboxEntry>(
      this.#list,
      (entry) => entry.id,
      () => {
        const card = new EntryCard(this.#actions);
        return { element: card.element, update: (entry) => card.draw(entry, this.#labels, this.language) };
      },
    );
  }

  #toggleConnection(): void {
    if (this.#client?.connection.state === 'offline') this.#actions.reconnect();
    else this.#actions.cut();
  }

  #completeWaiting(): void {
    const waiting = (this.#client?.entries() ?? []).filter((entry) => entry.state === 'PENDING');
    this.#actions.complete(waiting.map((entry) => entry.id));
  }
}

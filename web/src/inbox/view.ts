import type { Connection, InboxActivity } from '../../client/src/client.js';
import { h, setText } from '../../client/src/element/dom.js';
import type { CarillonInbox } from '../../client/src/element/element.js';
import type { Language } from '../../client/src/element/labels.js';
import type { TokenChoice } from '../site/token.js';
import { type Labels, labelsOf } from './labels.js';
import { EventLog } from './log.js';

const announcementMs = 6_000;

/** The demo page around the element: whose inbox it is, a way to cut the connection, and the events as they come. */
export class InboxPage {
  language: Language;
  readonly #inbox: CarillonInbox;
  readonly #cut = h('button', { type: 'button', slot: 'actions', click: () => this.#toggleConnection() });
  readonly #secondWindow = h('a', { class: 'button', slot: 'actions', target: '_blank', rel: 'opener' });
  readonly #announcement = h('p', { class: 'notice', role: 'status', hidden: true });
  readonly #nobody = h('div', { class: 'empty card' });
  readonly #log: EventLog;
  #contact: string | undefined;
  #announcementTimer: number | undefined;

  constructor(host: HTMLElement, language: Language) {
    this.language = language;
    this.#inbox = h('carillon-inbox', { hidden: true }, this.#secondWindow, this.#cut);
    this.#log = new EventLog(() => this.#inbox.client?.startAfresh());
    host.append(
      h(
        'div',
        { class: 'inbox-columns' },
        h('section', { class: 'inbox-main' }, this.#announcement, this.#nobody, this.#inbox),
        this.#log.element,
      ),
    );
    this.#inbox.addEventListener('carillon-activity', (event) => this.#follow((event as CustomEvent<InboxActivity>).detail));
    this.#inbox.addEventListener('carillon-counts', (event) =>
      this.#titleWith((event as CustomEvent<{ unviewed: number }>).detail.unviewed),
    );
    this.speak(language);
  }

  /** Called when a token is refused. */
  onRefused: () => void = () => undefined;

  /** The inbox that a token opens; `contact` where it is not the token's own. */
  show(choice: TokenChoice | undefined, contact: string | undefined): void {
    const own = choice?.role === undefined || choice.role === 'CONTACT';
    this.#contact = contact;
    this.#announcement.hidden = true;
    this.#log.clear();
    if (own || contact === undefined) this.#inbox.removeAttribute('contact');
    else this.#inbox.setAttribute('contact', contact);
    this.#inbox.token = choice?.token;
    for (const part of [this.#inbox, this.#log.element]) part.hidden = !choice;
    this.#nobody.hidden = choice !== undefined;
    this.speak(this.language);
  }

  speak(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
    const labels = this.#labels;
    this.#inbox.lang = language;
    if (this.#contact) this.#inbox.setAttribute('heading', labels.inboxOf(this.#contact));
    else this.#inbox.removeAttribute('heading');
    this.#log.speak(labels, language);
    this.#nobody.replaceChildren(h('h1', {}, labels.noTokenTitle), h('p', {}, labels.noTokenText));
    setText(this.#secondWindow, labels.secondWindow);
    this.#secondWindow.setAttribute('href', location.pathname + (this.#contact ? `?contact=${encodeURIComponent(this.#contact)}` : ''));
    this.#titleWith(this.#inbox.client?.counts().unviewed ?? 0);
    this.#drawCut(this.#inbox.client?.connection);
  }

  get #labels(): Labels {
    return labelsOf[this.language];
  }

  #replayedEvents = 0;

  #follow(activity: InboxActivity): void {
    this.#log.add(activity);
    if (activity.type === 'problem') this.#announce(activity.message, 'bad');
    if (activity.type === 'event' && activity.replayed) this.#replayedEvents += 1;
    if (activity.type === 'connection') this.#followConnection(activity.connection);
  }

  #followConnection(connection: Connection): void {
    if (connection.state === 'replaying') this.#replayedEvents = 0;
    if (connection.state === 'live' && this.#inbox.client?.resumed) this.#announce(this.#labels.replayed(this.#replayedEvents), 'good');
    if (connection.state === 'refused') this.onRefused();
    this.#drawCut(connection);
  }

  /** A line that goes away by itself. */
  #announce(text: string, tone: 'good' | 'bad'): void {
    this.#announcement.className = `notice ${tone}`;
    this.#announcement.textContent = text;
    this.#announcement.hidden = false;
    window.clearTimeout(this.#announcementTimer);
    this.#announcementTimer = window.setTimeout(() => {
      this.#announcement.hidden = true;
    }, announcementMs);
  }

  #drawCut(connection: Connection | undefined): void {
    const offline = connection?.state === 'offline';
    setText(this.#cut, offline ? this.#labels.reconnect : this.#labels.cut);
    this.#cut.classList.toggle('primary', offline);
    this.#cut.disabled = !connection || connection.state === 'refused';
  }

  #toggleConnection(): void {
    const client = this.#inbox.client;
    if (client?.connection.state === 'offline') client.connect();
    else client?.disconnect();
  }

  #titleWith(unviewed: number): void {
    const title = this.#contact ? this.#labels.inboxOf(this.#contact) : this.#inbox.getAttribute('heading') || 'Carillon';
    document.title = `${unviewed ? `(${unviewed}) ` : ''}${title}${this.#contact ? ' · Carillon' : ''}`;
  }
}

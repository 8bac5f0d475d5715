import type { Connection, InboxActivity } from '../../client/src/client.js';
import { h, setText } from '../../client/src/element/dom.js';
import type { Language } from '../../client/src/element/labels.js';
import { clockTime } from '../../client/src/element/time.js';
import type { InboxEvent } from '../../client/src/operations.js';
import type { Labels } from './labels.js';

const longestLog = 300;
const kindTones: Record<InboxEvent['kind'], string> = { ADDED: 'good', CHANGED: 'info', REMOVED: 'bad', RESYNC: 'warn', SYNCED: 'accent' };

/** The panel of raw events: kind, entry and cursor, with the connection's ups and downs between them. */
export class EventLog {
  readonly element: HTMLElement;
  readonly #title = h('h2');
  readonly #text = h('p', { class: 'soft' });
  readonly #startAfresh: HTMLButtonElement;
  readonly #lines = h('ol', { class: 'log-lines', tabindex: '0' });
  #labels: Labels | undefined;
  #language: Language = 'en';

  constructor(startAfresh: () => void) {
    this.#startAfresh = h('button', { type: 'button', class: 'small quiet', click: startAfresh });
    this.element = h(
      'aside',
      { class: 'log card' },
      h('header', {}, h('div', {}, this.#title, this.#text), this.#startAfresh),
      this.#lines,
    );
  }

  speak(labels: Labels, language: Language): void {
    this.#labels = labels;
    this.#language = language;
    setText(this.#title, labels.log);
    setText(this.#text, labels.logText);
    setText(this.#startAfresh, labels.startAfresh);
    this.#lines.setAttribute('aria-label', labels.log);
  }

  clear(): void {
    this.#lines.replaceChildren();
  }

  add(activity: InboxActivity): void {
    this.#lines.prepend(this.#line(activity));
    while (this.#lines.children.length > longestLog) this.#lines.lastElementChild?.remove();
  }

  #line(activity: InboxActivity): HTMLElement {
    const time = h('time', {}, clockTime(Date.now(), this.#language));
    if (activity.type === 'event') return this.#eventLine(time, activity.event, activity.replayed);
    const text = activity.type === 'problem' ? activity.message : this.#connectionText(activity.connection);
    return h('li', { class: `log-line ${activity.type}` }, time, h('span', {}, text));
  }

  #eventLine(time: HTMLElement, event: InboxEvent, replayed: boolean): HTMLElement {
    const what = event.entry?.subject ?? event.entry?.body ?? event.entryId ?? '';
    return h(
      'li',
      { class: `log-line event${replayed ? ' replayed' : ''}` },
      time,
      h('span', { class: `kind ${kindTones[event.kind]}` }, event.kind),
      h('span', { class: 'what' }, what),
      h('code', { title: event.cursor }, event.cursor),
      replayed ? h('span', { class: 'badge info' }, this.#labels?.replayMark ?? '') : undefined,
    );
  }

  #connectionText({ state, reason }: Connection): string {
    const name = this.#labels?.connection[state] ?? state;
    return reason ? `${name} (${reason})` : name;
  }
}

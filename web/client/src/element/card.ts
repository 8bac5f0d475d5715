import { hasImages } from '../images.js';
import type { EntryState, InboxEntry } from '../operations.js';
import { h, setText } from './dom.js';
import { looksLikeHtml, safeFrame } from './frame.js';
import type { ElementLabels } from './labels.js';
import { ago, fullTime } from './time.js';

export interface EntryActions {
  complete(ids: string[]): void;
  remove(ids: string[]): void;
  view(ids: string[]): void;
  /** The body with its images. */
  bodyOf(entry: InboxEntry): Promise<string>;
}

const stateTones: Record<EntryState, string> = {
  DRAFT: '',
  PENDING: 'accent',
  COMPLETED: 'good',
  REJECTED: 'bad',
  COMPLETED_AND_REMOVED: '',
};
const flashMs = 1_200;

let cards = 0;

/** One entry: opening it marks it viewed; its body is text, or HTML in a frame that can do nothing. */
export class EntryCard {
  readonly element: HTMLElement;
  readonly #body = h('div', { class: 'entry-body', id: `entry-body-${++cards}`, hidden: true });
  readonly #subject = h('span', { class: 'entry-subject' });
  readonly #excerpt = h('span', { class: 'entry-excerpt' });
  readonly #state = h('span', { class: 'badge' });
  readonly #meta = h('span', { class: 'entry-meta' });
  readonly #viewed = h('span', { class: 'viewed-mark', role: 'img' });
  readonly #complete = h('button', { type: 'button', click: () => this.#do('complete') });
  readonly #remove = h('button', { type: 'button', class: 'quiet danger', click: () => this.#do('remove') });
  readonly #toggle: HTMLButtonElement;
  readonly #actions: EntryActions;
  #entry: InboxEntry | undefined;

  constructor(actions: EntryActions) {
    this.#actions = actions;
    this.#toggle = h(
      'button',
      { type: 'button', class: 'entry-toggle', 'aria-expanded': 'false', 'aria-controls': this.#body.id, click: () => this.#openOrClose() },
      this.#viewed,
      h('span', { class: 'entry-text' }, this.#subject, this.#excerpt),
    );
    this.element = h(
      'article',
      { class: 'entry card' },
      this.#toggle,
      this.#body,
      h('footer', {}, this.#state, this.#meta, h('span', { class: 'entry-buttons' }, this.#complete, this.#remove)),
    );
  }

  draw(entry: InboxEntry, labels: ElementLabels, language: string): void {
    const known = this.#entry;
    this.#entry = entry;
    if (known && (known.state !== entry.state || known.viewedAt !== entry.viewedAt)) this.#flash();
    if (known?.body !== entry.body || known.subject !== entry.subject) this.#drawText(entry);
    this.#drawMarks(entry, labels, language);
    setText(this.#complete, labels.complete);
    setText(this.#remove, labels.remove);
    this.#complete.hidden = entry.state !== 'PENDING';
  }

  #drawMarks(entry: InboxEntry, labels: ElementLabels, language: string): void {
    this.element.classList.toggle('unviewed', !entry.viewedAt);
    this.#viewed.setAttribute('aria-label', entry.viewedAt ? labels.viewed : labels.notViewed);
    this.#viewed.title = entry.viewedAt ? `${labels.viewed}: ${fullTime(entry.viewedAt, language)}` : labels.notViewed;
    this.#state.className = `badge ${stateTones[entry.state]}`;
    setText(this.#state, labels.state[entry.state]);
    const expiry = entry.expiresAt ? ` · ${labels.expires(fullTime(entry.expiresAt, language))}` : '';
    setText(this.#meta, `${entry.medium} · ${ago(entry.createdAt, language)}${expiry}`);
    this.#meta.title = fullTime(entry.createdAt, language);
  }

  #drawText(entry: InboxEntry): void {
    const excerpt = plain(entry.body);
    setText(this.#subject, entry.subject ?? excerpt);
    setText(this.#excerpt, entry.subject ? excerpt : '');
    const body = looksLikeHtml(entry.body) ? safeFrame(entry.body, entry.subject ?? entry.medium) : h('p', {}, entry.body);
    this.#body.replaceChildren(body);
    if (!this.#body.hidden) void this.#drawImages();
  }

  /** Their links do not last: they are asked for whenever somebody opens the entry. */
  async #drawImages(): Promise<void> {
    const entry = this.#entry;
    if (!entry || !hasImages(entry.body) || !looksLikeHtml(entry.body)) return;
    // Without them the text is readable all the same.
    const body = await this.#actions.bodyOf(entry).catch(() => undefined);
    if (body !== undefined && this.#entry?.body === entry.body) this.#body.replaceChildren(safeFrame(body, entry.subject ?? entry.medium));
  }

  #openOrClose(): void {
    this.#body.hidden = !this.#body.hidden;
    this.element.classList.toggle('open', !this.#body.hidden);
    this.#toggle.setAttribute('aria-expanded', String(!this.#body.hidden));
    if (!this.#body.hidden) void this.#drawImages();
    if (this.#entry && !this.#entry.viewedAt) this.#actions.view([this.#entry.id]);
  }

  #do(action: 'complete' | 'remove'): void {
    if (this.#entry) this.#actions[action]([this.#entry.id]);
  }

  #flash(): void {
    this.element.classList.add('flash');
    window.setTimeout(() => this.element.classList.remove('flash'), flashMs);
  }
}

/** A body's text in one line, for the excerpt. Parsing makes an inert document: nothing in it loads or runs. */
function plain(body: string): string {
  const text = looksLikeHtml(body) ? textOf(body) : body;
  return text.replace(/\s+/g, ' ').trim();
}

function textOf(html: string): string {
  // The end of a block is the end of a word, which the text content alone would lose.
  const spaced = html.replace(/<(\/(p|div|h[1-6]|li|t[dhr])|br)\b/gi, ' $&');
  const { body } = new DOMParser().parseFromString(spaced, 'text/html');
  for (const unseen of body.querySelectorAll('style, script, title')) unseen.remove();
  return body.textContent ?? '';
}

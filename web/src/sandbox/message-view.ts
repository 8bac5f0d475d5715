import { h } from '../../client/src/element/dom.js';
import { safeFrame } from '../../client/src/element/frame.js';
import { fullTime } from '../../client/src/element/time.js';
import { copyButton } from '../site/copy.js';
import type { Message } from './messages.js';

interface View {
  name: string;
  content(): HTMLElement;
}

let lastView: string | undefined;

/** A message as its reader gets it, and behind that its text, headers and source. */
export function messageView(message: Message): HTMLElement {
  const views = viewsOf(message);
  const panel = h('div', { class: 'panel', role: 'tabpanel', id: 'message-panel', tabindex: '0' });
  const tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views of the message', keydown: moveBetweenTabs });
  const buttons = views.map((view) =>
    h('button', { type: 'button', role: 'tab', 'aria-controls': panel.id, id: `tab-${view.name}`, click: () => choose(view) }, view.name),
  );
  tabs.append(...buttons);

  function choose(view: View): void {
    lastView = view.name;
    for (const button of buttons) {
      const chosen = button.textContent === view.name;
      button.setAttribute('aria-selected', String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', `tab-${view.name}`);
    panel.replaceChildren(view.content());
  }

  // Going through messages, one looks at the same side of each.
  const first = views.find((view) => view.name === lastView) ?? views[0];
  if (first) choose(first);
  return h('div', { class: 'message' }, envelope(message), tabs, panel);
}

function viewsOf(message: Message): View[] {
  const { html, text, raw, headers } = message;
  const views: View[] = [];
  if (html) views.push({ name: 'HTML', content: () => safeFrame(html, message.subject ?? 'Message') });
  if (!html && isPhone(message.medium)) views.push({ name: 'Phone', content: () => phone(message) });
  if (text !== null) views.push({ name: 'Text', content: () => h('pre', { class: 'text' }, text) });
  if (headers.length > 0) views.push({ name: 'Headers', content: () => headerTable(message) });
  if (raw) views.push({ name: 'Raw', content: () => h('pre', { class: 'raw' }, raw) });
  return views;
}

function envelope(message: Message): HTMLElement {
  return h(
    'header',
    { class: 'envelope' },
    h('h2', {}, message.subject ?? `${message.medium} to ${message.to}`),
    h(
      'dl',
      {},
      ...line('To', message.to),
      ...(message.from ? line('From', message.from) : []),
      ...line('When', fullTime(message.receivedAt, 'en')),
      ...(message.communicationId
        ? line(
            'Communication',
            h('span', { class: 'id' }, h('code', {}, message.communicationId), copyButton(message.communicationId, 'the id')),
          )
        : []),
    ),
  );
}

function line(term: string, value: string | HTMLElement): HTMLElement[] {
  return [h('dt', {}, term), h('dd', {}, value)];
}

function isPhone(medium: string): boolean {
  return ['SMS', 'DEVICE', 'WHATSAPP'].includes(medium);
}

function phone(message: Message): HTMLElement {
  const text = message.text ?? '';
  const push = message.medium === 'DEVICE';
  const sender = message.from ?? message.medium;
  return h(
    'div',
    { class: 'phone-stage' },
    h(
      'div',
      { class: `phone ${push ? 'push' : 'texts'}` },
      h(
        'div',
        { class: 'phone-top' },
        h('span', { class: 'speaker' }),
        push ? h('span', { class: 'phone-clock' }, phoneClock(message.receivedAt)) : h('strong', {}, sender),
      ),
      h('div', { class: 'bubble' }, push && message.subject ? h('strong', {}, message.subject) : undefined, h('p', { dir: 'auto' }, text)),
      push ? undefined : h('time', {}, phoneClock(message.receivedAt)),
    ),
    h('p', { class: 'soft' }, `${[...text].length} characters`),
  );
}

function phoneClock(instant: string): string {
  return new Date(instant).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

function headerTable(message: Message): HTMLElement {
  return h(
    'div',
    { class: 'headers' },
    h(
      'table',
      {},
      h('tbody', {}, ...message.headers.map(({ name, value }) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value)))),
    ),
  );
}

function moveBetweenTabs(event: Event): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[(event as KeyboardEvent).key];
  const tabs = [...(event.currentTarget as HTMLElement).children] as HTMLElement[];
  if (!step) return;
  const next = tabs[(tabs.indexOf(document.activeElement as HTMLElement) + step + tabs.length) % tabs.length];
  next?.focus();
  next?.click();
}

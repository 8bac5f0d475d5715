import '../site/site.css';
import './page.css';
import { byId, h, keyedRows, setText } from '../../client/src/element/dom.js';
import { ago, fullTime } from '../../client/src/element/time.js';
import { RequestFailed } from '../../client/src/request.js';
import { readStatus, type ServerStatus } from '../site/status.js';
import { mountTokenPicker, type TokenChoice, type TokenPicker } from '../site/token.js';
import { messageView } from './message-view.js';
import { type MessageSummary, readMessage } from './messages.js';
import { Outbox } from './outbox.js';

const refreshMs = 2_000;
const typingPauseMs = 250;

const search = h('input', {
  type: 'search',
  placeholder: 'Search address, subject, text',
  'aria-label': 'Search the messages',
  input: searchSoon,
});
const notice = h('p', { class: 'notice', role: 'status', hidden: true });
const list = h('ul', { class: 'messages' });
const more = h('button', { type: 'button', class: 'more', hidden: true, click: () => void readMore() }, 'Older messages');
const none = h('p', { class: 'none soft', hidden: true });
const reader = h('section', { class: 'reader', 'aria-label': 'The chosen message', tabindex: '-1' });
const back = h('button', { type: 'button', class: 'small back', click: closeMessage }, '← All messages');
const drawList = keyedRows<MessageSummary>(list, (message) => message.id, createRow);

let outbox: Outbox | undefined;
let picker: TokenPicker | undefined;
let chosen: string | undefined;
let typing: number | undefined;

byId('main').append(
  h(
    'section',
    { class: 'list', 'aria-label': 'Messages' },
    h('div', { class: 'list-head' }, h('h1', {}, 'Outbox'), search),
    notice,
    list,
    none,
    more,
  ),
  reader,
);
void start();

async function start(): Promise<void> {
  const status = await readStatus();
  explain(status);
  picker = mountTokenPicker({
    host: byId('header-tools'),
    page: 'sandbox',
    tokens: (status?.tokens ?? []).filter((token) => token.role === 'ADMIN'),
    onChoose: open,
  });
  window.addEventListener('hashchange', showFromAddress);
  document.addEventListener('visibilitychange', () => void refresh());
  void keepFresh();
}

function explain(status: ServerStatus | undefined): void {
  const live = status?.deliveryMode === 'live';
  setText(
    none,
    live ? 'Delivery is live: messages are sent, and none is kept here.' : 'No message yet. What would leave this machine appears here.',
  );
}

function open(choice: TokenChoice | undefined): void {
  outbox = choice ? new Outbox(choice.token, search.value.trim()) : undefined;
  tell(choice ? '' : 'Choose or paste the token of an administrator.');
  draw();
  void refresh();
  showFromAddress();
}

/** Waits for each answer before the next pause, so that a slow server is not asked faster than it answers. */
async function keepFresh(): Promise<never> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, refreshMs));
    if (document.visibilityState === 'visible') await refresh();
  }
}

async function refresh(): Promise<void> {
  await attempt(async (current) => current.refresh());
}

async function readMore(): Promise<void> {
  more.disabled = true;
  await attempt(async (current) => current.readMore());
  more.disabled = false;
}

/** Runs a reading of the present outbox, shows what came of it, and tells a failure in words. */
async function attempt(read: (current: Outbox) => Promise<void>): Promise<void> {
  const current = outbox;
  if (!current) return;
  try {
    await read(current);
    if (current !== outbox) return;
    tell('');
    draw();
  } catch (error) {
    if (current === outbox) tellFailure(error);
  }
}

function tellFailure(error: unknown): void {
  if (!(error instanceof RequestFailed)) throw error;
  if (error.denied) stopAsking(error.message);
  else tell(error.message);
}

/** Asking every two seconds with a refused token would only fill the server's log. */
function stopAsking(reason: string): void {
  outbox = undefined;
  picker?.ask();
  tell(`${reason}. Choose or paste the token of an administrator.`);
}

function tell(text: string): void {
  notice.hidden = text === '';
  notice.classList.toggle('warn', text !== '');
  setText(notice, text);
}

function draw(): void {
  const messages = outbox?.messages ?? [];
  drawList(messages);
  none.hidden = messages.length > 0 || !notice.hidden;
  more.hidden = !outbox?.hasMore;
  if (!chosen) drawNothingChosen(messages.length);
}

function createRow(message: MessageSummary) {
  const time = h('time', { datetime: message.receivedAt, title: fullTime(message.receivedAt, 'en') });
  const link = h(
    'a',
    { href: `#${encodeURIComponent(message.id)}` },
    h('span', { class: `medium ${message.medium.toLowerCase()}` }, message.medium),
    time,
    h('strong', {}, message.to),
    h('span', { class: 'subject' }, message.subject ?? ''),
  );
  const update = (): void => {
    setText(time, ago(message.receivedAt, 'en'));
    if (message.id === chosen) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  };
  return { element: h('li', {}, link), update };
}

function searchSoon(): void {
  window.clearTimeout(typing);
  typing = window.setTimeout(() => {
    outbox?.startOver(search.value.trim());
    setText(none, search.value.trim() ? 'Nothing matches.' : 'No message yet. What would leave this machine appears here.');
    void refresh();
  }, typingPauseMs);
}

function showFromAddress(): void {
  chosen = decodeURIComponent(location.hash.slice(1)) || undefined;
  document.body.classList.toggle('reading', chosen !== undefined);
  draw();
  if (chosen) void showMessage(chosen);
}

async function showMessage(id: string): Promise<void> {
  await attempt(async (current) => {
    const message = await readMessage(current.token, id);
    if (id !== chosen) return;
    reader.replaceChildren(back, message ? messageView(message) : h('p', { class: 'empty' }, 'There is no such message.'));
    reader.scrollTop = 0;
  });
}

function closeMessage(): void {
  location.hash = '';
}

function drawNothingChosen(count: number): void {
  const text = count > 0 ? 'Choose a message to see it as its reader would.' : 'Run an example in the playground that sends something.';
  if (reader.textContent !== text) reader.replaceChildren(h('p', { class: 'empty' }, text));
}

import '../site/site.css';
import './page.css';
import { byId, h } from '../site/dom.js';
import { type DemoToken, readStatus } from '../site/status.js';
import { mountTokenPicker, type TokenChoice, type TokenPicker } from '../site/token.js';
import { type InboxActivity, InboxClient } from './client.js';
import { type Language, labelsOf } from './labels.js';
import { InboxView } from './view.js';

const languageKey = 'carillon.language';
const asked = new URLSearchParams(location.search).get('contact') ?? undefined;

let client: InboxClient | undefined;
let picker: TokenPicker | undefined;
let replayedEvents = 0;

const view = new InboxView(byId('main'), startLanguage(), {
  complete: (ids) => client?.complete(ids),
  remove: (ids) => client?.remove(ids),
  view: (ids) => client?.view(ids),
  cut: () => client?.disconnect(),
  reconnect: () => client?.connect(),
  startAfresh: () => client?.startAfresh(),
});

void start();

async function start(): Promise<void> {
  const status = await readStatus();
  const tools = byId('header-tools');
  picker = mountTokenPicker({
    host: tools,
    page: 'inbox',
    tokens: inboxTokens(status?.tokens ?? []),
    preferred: asked,
    labels: labelsOf[view.language].picker,
    onChoose: open,
  });
  tools.append(languageChoice());
  window.addEventListener('online', () => client?.connection.retryAt && client.connect());
  window.addEventListener('pagehide', () => client?.dispose());
  // A page that comes back from the browser's cache finds its socket gone.
  window.addEventListener('pageshow', (event) => event.persisted && client?.connect());
}

/** Contacts open their own inbox; the one that the address asks for is opened as the administrator where it has no token. */
function inboxTokens(tokens: DemoToken[]): DemoToken[] {
  const contacts = tokens.filter((token) => token.role === 'CONTACT');
  const admin = tokens.find((token) => token.role === 'ADMIN');
  if (!asked || !admin || contacts.some((token) => token.subject === asked)) return contacts;
  return [{ ...admin, label: asked, subject: asked }, ...contacts];
}

function open(choice: TokenChoice | undefined): void {
  client?.dispose();
  client = choice ? clientFor(choice) : undefined;
  view.show(client, contactOf(choice));
  client?.connect();
}

function clientFor(choice: TokenChoice): InboxClient {
  const own = choice.role === undefined || choice.role === 'CONTACT';
  const made: InboxClient = new InboxClient({
    url: '/graphql',
    socketUrl: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    token: choice.token,
    contactExternalId: own ? undefined : contactOf(choice),
    storage: sessionStorage,
    storageKey: `carillon.inbox.${contactOf(choice) ?? choice.token}`,
    // A client that has been replaced may still finish a request; it must not draw.
    onChange: () => made === client && view.draw(),
    onActivity: (activity) => made === client && follow(activity),
  });
  return made;
}

function contactOf(choice: TokenChoice | undefined): string | undefined {
  return choice?.role === undefined || choice.role === 'CONTACT' ? choice?.subject : asked;
}

function follow(activity: InboxActivity): void {
  view.log(activity);
  if (activity.type === 'problem') view.announce(activity.message, 'bad');
  if (activity.type === 'event' && activity.replayed) replayedEvents += 1;
  if (activity.type === 'connection') followConnection(activity.connection.state);
}

function followConnection(state: string): void {
  if (state === 'replaying') replayedEvents = 0;
  if (state === 'live' && client?.resumed) view.announce(labelsOf[view.language].replayed(replayedEvents), 'good');
  if (state === 'refused') picker?.ask();
}

function startLanguage(): Language {
  const chosen = localStorage.getItem(languageKey) ?? navigator.language;
  return chosen.startsWith('el') ? 'el' : 'en';
}

function languageChoice(): HTMLElement {
  const select = h(
    'select',
    { 'aria-label': labelsOf[view.language].language, class: 'language' },
    h('option', { value: 'en' }, 'English'),
    h('option', { value: 'el' }, 'Ελληνικά'),
  );
  select.value = view.language;
  select.addEventListener('change', () => {
    const language: Language = select.value === 'el' ? 'el' : 'en';
    localStorage.setItem(languageKey, language);
    picker?.relabel(labelsOf[language].picker);
    view.speak(language);
  });
  return select;
}

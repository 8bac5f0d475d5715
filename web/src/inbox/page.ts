import '../site/site.css';
import './page.css';
import '../../client/src/element/element.js';
import { byId, h } from '../../client/src/element/dom.js';
import { type Language, languageOf } from '../../client/src/element/labels.js';
import { type DemoToken, readStatus } from '../site/status.js';
import { mountTokenPicker, type TokenChoice } from '../site/token.js';
import { labelsOf } from './labels.js';
import { InboxPage } from './view.js';

const languageKey = 'carillon.language';
const asked = new URLSearchParams(location.search).get('contact') ?? undefined;
const page = new InboxPage(byId('main'), languageOf(localStorage.getItem(languageKey) ?? navigator.language));

void start();

async function start(): Promise<void> {
  const status = await readStatus();
  const tools = byId('header-tools');
  const picker = mountTokenPicker({
    host: tools,
    page: 'inbox',
    tokens: inboxTokens(status?.tokens ?? []),
    preferred: asked,
    labels: labelsOf[page.language].picker,
    onChoose: (choice) => page.show(choice, contactOf(choice)),
  });
  page.onRefused = () => picker.ask();
  tools.append(
    languageChoice((language) => {
      picker.relabel(labelsOf[language].picker);
      page.speak(language);
    }),
  );
}

/** Contacts open their own inbox; the one that the address asks for is opened as the administrator where it has no token. */
function inboxTokens(tokens: DemoToken[]): DemoToken[] {
  const contacts = tokens.filter((token) => token.role === 'CONTACT');
  const admin = tokens.find((token) => token.role === 'ADMIN');
  if (!asked || !admin || contacts.some((token) => token.subject === asked)) return contacts;
  return [{ ...admin, label: asked, subject: asked }, ...contacts];
}

function contactOf(choice: TokenChoice | undefined): string | undefined {
  return choice?.role === undefined || choice.role === 'CONTACT' ? choice?.subject : asked;
}

function languageChoice(onChoose: (language: Language) => void): HTMLElement {
  const select = h(
    'select',
    { 'aria-label': labelsOf[page.language].language, class: 'language' },
    h('option', { value: 'en' }, 'English'),
    h('option', { value: 'el' }, 'Ελληνικά'),
  );
  select.value = page.language;
  select.addEventListener('change', () => {
    const language = languageOf(select.value);
    localStorage.setItem(languageKey, language);
    onChoose(language);
  });
  return select;
}

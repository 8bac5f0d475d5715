import { h } from '../../client/src/element/dom.js';
import type { DemoToken } from './status.js';

export interface TokenChoice {
  token: string;
  /** Known for the demo's tokens and for JWTs; an API key says nothing about itself. */
  subject?: string;
  role?: string;
}

export interface TokenPickerLabels {
  token: string;
  paste: string;
  placeholder: string;
  use: string;
}
export interface TokenPickerOptions {
  host: HTMLElement;
  /** Each page remembers its own choice: the inbox wants a contact's token where the playground wants an administrator's. */
  page: string;
  tokens: DemoToken[];
  /** Subject of the demo token to begin with, over what was chosen before. */
  preferred?: string | undefined;
  labels?: TokenPickerLabels;
  onChoose(choice: TokenChoice | undefined): void;
}
export interface TokenPicker {
  /** Opens the field for a token, after the server has refused the present one. */
  ask(): void;
  relabel(labels: TokenPickerLabels): void;
}

const english: TokenPickerLabels = { token: 'Token', paste: 'Paste a token…', placeholder: 'Paste a token', use: 'Use' };
const pasted = '(pasted)';

/** A choice among the demo's tokens, or a field to paste one, which stays in this tab's session and goes nowhere else. */
export function mountTokenPicker(options: TokenPickerOptions): TokenPicker {
  const storageKey = `carillon.token.${options.page}`;
  const select = h('select', { id: 'token-select', hidden: options.tokens.length === 0 });
  const field = h('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', id: 'token-field' });
  const use = h('button', { type: 'submit', class: 'small' });
  const form = h('form', { class: 'token-form', submit: usePasted }, field, use);
  const label = h('label', { for: options.tokens.length > 0 ? select.id : field.id });
  options.host.append(h('div', { class: 'token-picker' }, label, select, form));
  select.addEventListener('change', choose);

  relabel(options.labels ?? english);
  begin();
  return { ask, relabel };

  function begin(): void {
    const remembered = recallChoice(storageKey);
    const known = options.tokens.map((token) => token.subject);
    const subject = [options.preferred, remembered.subject].find((each) => each && known.includes(each));
    if (!subject && remembered.token) field.value = remembered.token;
    select.value = subject ?? (field.value ? pasted : (known[0] ?? pasted));
    choose();
  }

  function choose(): void {
    const demoToken = options.tokens.find((token) => token.subject === select.value);
    form.hidden = demoToken !== undefined;
    if (demoToken) remember({ subject: demoToken.subject });
    options.onChoose(demoToken ?? describeToken(field.value.trim()));
  }

  function usePasted(event: Event): void {
    event.preventDefault();
    remember({ token: field.value.trim() });
    choose();
  }

  function remember(choice: RememberedChoice): void {
    sessionStorage.setItem(storageKey, JSON.stringify(choice));
  }

  function ask(): void {
    select.value = pasted;
    form.hidden = false;
    field.select();
    field.focus();
  }

  function relabel(labels: TokenPickerLabels): void {
    label.textContent = labels.token;
    field.placeholder = labels.placeholder;
    field.setAttribute('aria-label', labels.placeholder);
    use.textContent = labels.use;
    const chosen = select.value;
    select.replaceChildren(
      ...options.tokens.map((token) => h('option', { value: token.subject }, optionText(token))),
      h('option', { value: pasted }, labels.paste),
    );
    if (chosen) select.value = chosen;
  }
}

/** A demo token is remembered by its subject, because a restarted demo has made new ones. */
interface RememberedChoice {
  subject?: string;
  token?: string;
}

function recallChoice(storageKey: string): RememberedChoice {
  try {
    return (JSON.parse(sessionStorage.getItem(storageKey) ?? '{}') ?? {}) as RememberedChoice;
  } catch {
    return {};
  }
}

/** The label, and the subject where the label does not tell it. */
function optionText({ label, subject }: DemoToken): string {
  return label.toLowerCase().includes(subject.toLowerCase()) ? label : `${label} · ${subject}`;
}

/** EXTERNAL_SYSTEM as "external system". */
export function roleName(role: string): string {
  return role.toLowerCase().replaceAll('_', ' ');
}

function describeToken(token: string): TokenChoice | undefined {
  if (!token) return undefined;
  const { sub, role } = readClaims(token);
  return { token, ...(sub ? { subject: sub } : {}), ...(role ? { role } : {}) };
}

/** Reads a JWT's claims without verifying it: they only label the page, the server decides. */
function readClaims(token: string): { sub?: string; role?: string } {
  const payload = token.split('.')[1];
  if (!payload) return {};
  try {
    return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: string; role?: string };
  } catch {
    return {};
  }
}

import '../site/site.css';
import './page.css';
import { byId, h, setText } from '../../client/src/element/dom.js';
import { copyButton } from '../site/copy.js';
import { type DemoToken, readStatus, type ServerStatus } from '../site/status.js';
import { roleName } from '../site/token.js';
import { placesOf } from './places.js';
import { stepsOf } from './steps.js';

const pollMs = 5_000;

void showStatus();
window.setInterval(() => {
  if (document.visibilityState === 'visible') void showStatus();
}, pollMs);

/** What is on the page; redrawn only where it has changed, so that polling never takes the focus or a selection away. */
let shown: string | undefined;

async function showStatus(): Promise<void> {
  const status = await readStatus();
  const next = JSON.stringify(status ?? null);
  if (next === shown) return;
  shown = next;
  drawStatus(status);
  drawSteps(status);
  drawTokens(status);
  drawPlaces(status);
}

function drawStatus(status: ServerStatus | undefined): void {
  const badge = byId('status-badge');
  badge.className = `badge dot ${status?.ready ? 'good' : 'bad'}`;
  setText(badge, status ? (status.ready ? 'Ready' : 'Not ready') : 'No answer');
  byId('status-facts').replaceChildren(...(status ? facts(status) : []));
  drawReasons(status ? status.reasons : ['/status.json does not answer. The pages still work; choose a token by hand.']);
  byId('open-playground').hidden = status?.playground === false;
}

function facts(status: ServerStatus): HTMLElement[] {
  const live = status.deliveryMode === 'live';
  return [
    fact('Version', `${status.name} ${status.version}`),
    fact('Delivery', live ? 'Live: messages are sent' : 'Sandbox: nothing leaves this machine', live ? 'warn' : 'good'),
    fact('Data', status.demo ? 'The demo company' : 'Your own'),
  ];
}

function fact(term: string, text: string, tone?: string): HTMLElement {
  const value = tone ? h('span', { class: `tone ${tone}` }, text) : text;
  return h('div', {}, h('dt', {}, term), h('dd', {}, value));
}

function drawReasons(reasons: string[]): void {
  const list = byId('status-reasons');
  list.hidden = reasons.length === 0;
  list.replaceChildren(...reasons.map((reason) => h('li', {}, reason)));
}

function drawSteps(status: ServerStatus | undefined): void {
  const steps = stepsOf(status);
  byId('walkthrough').hidden = steps.length === 0;
  byId('steps').replaceChildren(
    ...steps.map((step) =>
      h(
        'li',
        {},
        h('h3', {}, step.title),
        h('p', {}, step.text),
        h('a', { href: step.href, target: step.newWindow ? '_blank' : undefined }, step.action),
      ),
    ),
  );
}

function drawTokens(status: ServerStatus | undefined): void {
  const body = status?.tokens?.length ? tokenTable(status.tokens, status.playground) : ownToken();
  byId('tokens-body').replaceChildren(body);
}

function tokenTable(tokens: DemoToken[], playground: boolean): HTMLElement {
  return h('ul', { class: 'tokens card' }, ...tokens.map((token) => tokenRow(token, playground)));
}

function tokenRow(token: DemoToken, playground: boolean): HTMLElement {
  const subject = encodeURIComponent(token.subject);
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'who' },
      h('strong', {}, token.label),
      h('span', { class: 'badge' }, roleName(token.role)),
      token.label === token.subject ? undefined : h('code', { class: 'soft' }, token.subject),
      token.hint ? h('p', { class: 'soft' }, token.hint) : undefined,
    ),
    h('code', { class: 'token', title: token.token }, token.token),
    h(
      'div',
      { class: 'row-actions' },
      token.role === 'CONTACT' ? h('a', { class: 'button small', href: `/inbox?contact=${subject}` }, 'Open inbox') : undefined,
      playground ? h('a', { class: 'button small', href: `/playground?as=${subject}` }, 'Playground') : undefined,
      copyButton(token.token, `the token of ${token.subject}`),
    ),
  );
}

function ownToken(): HTMLElement {
  const command = 'npx carillon token create --role ADMIN --sub you';
  return h(
    'div',
    { class: 'own-token card' },
    h(
      'p',
      {},
      'Every request shows a token. Make one on the server, then paste it in the playground or the inbox; it stays in your browser tab.',
    ),
    h('div', { class: 'command' }, h('code', {}, command), copyButton(command, 'the command')),
  );
}

function drawPlaces(status: ServerStatus | undefined): void {
  byId('places').replaceChildren(
    ...placesOf(status).map((place) =>
      h(
        'li',
        {},
        h(
          'a',
          { class: 'card place', href: place.href },
          h('strong', {}, place.label),
          h('code', {}, place.href),
          h('span', { class: 'soft' }, place.description),
        ),
      ),
    ),
  );
}

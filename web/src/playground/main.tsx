import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '../site/site.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { byId, h } from '../../client/src/element/dom.js';
import { readStatus } from '../site/status.js';
import { mountTokenPicker, type TokenChoice, type TokenPicker } from '../site/token.js';
import { Playground } from './playground.js';

void start();

async function start(): Promise<void> {
  const status = await readStatus();
  const root = createRoot(byId('main'));
  // The picker answers with the remembered choice while it is being mounted, so that it cannot be a constant yet.
  let picker: TokenPicker | undefined;
  const askAgain = (): void => picker?.ask();
  const show = (choice: TokenChoice | undefined): void => root.render(<Playground token={choice?.token} onRefused={askAgain} />);
  const tools = byId('header-tools');
  tools.append(h('button', { type: 'button', class: 'small quiet', click: restoreExamples }, 'Restore examples'));
  picker = mountTokenPicker({
    host: tools,
    page: 'playground',
    tokens: status?.tokens ?? [],
    preferred: new URLSearchParams(location.search).get('as') ?? undefined,
    onChoose: show,
  });
}

/** GraphiQL remembers its tabs in this browser; without them it opens the examples again. */
function restoreExamples(): void {
  if (!confirm('Close all tabs and open the examples again?')) return;
  for (const key of Object.keys(localStorage)) {
    if (/^graphiql:(tabState|query|variables|headers)$/.test(key)) localStorage.removeItem(key);
  }
  location.reload();
}

import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** What a public page shows: a card with a message, perhaps facts, perhaps one button. */
export interface Page {
  status: number;
  language: string;
  /** The company, on top. */
  sender: string;
  title: string;
  text: string;
  tone: 'ASK' | 'DONE' | 'SORRY';
  /** A quiet line above the button. */
  note?: string | undefined;
  facts?: readonly (readonly [name: string, value: string])[];
  /** Something longer that somebody wrote. */
  quote?: { heading: string; text: string; by: string } | undefined;
  button?: { text: string; disabled: boolean } | undefined;
  /** Where the button may lead to in the end, beside this server. */
  leadsTo?: string | null | undefined;
}

/** Sends the page: no scripts, nothing from elsewhere, in no search engine, no cache and no frame. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  // Browsers hold the redirect behind a form against the policy, too.
  const target = page.leadsTo == null ? '' : ` ${new URL(page.leadsTo).origin}`;
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'${target}; frame-ancestors 'none'; base-uri 'none'`;
  return reply
    .code(page.status)
    .header('content-security-policy', policy)
    .header('x-frame-options', 'DENY')
    .header('x-robots-tag', 'noindex, nofollow')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(htmlOf(page));
}

function htmlOf({ language, sender, title, text, tone, note, facts = [], quote, button }: Page): string {
  const rows = facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join('');
  return `<!doctype html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} – ${escaped(sender)}</title>
<style>${style}</style>
</head>
<body>
<main class="${tone.toLowerCase()}">
<p class="sender">${escaped(sender)}</p>
${tone === 'ASK' ? '' : `<p class="sign" aria-hidden="true">${tone === 'DONE' ? '✓' : '!'}</p>`}
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
${quote ? `<figure><figcaption>${escaped(quote.heading)}</figcaption><blockquote>${escaped(quote.text).replaceAll('\n', '<br>')}</blockquote>${quote.by === '' ? '' : `<p class="by">${escaped(quote.by)}</p>`}</figure>` : ''}
${rows === '' ? '' : `<dl>${rows}</dl>`}
${note === undefined ? '' : `<p class="note" role="note">${escaped(note)}</p>`}
${button ? `<form method="post"><button${button.disabled ? ' disabled' : ''}>${escaped(button.text)}</button></form>` : ''}
</main>
</body>
</html>
`;
}

const style = `
:root{--ground:#faf8f5;--surface:#fff;--raised:#f4f0ea;--line:#e5dfd6;--ink:#221e1a;--soft:#655d53;--accent:#8f5b12;--strong:#2a241e;--on:#fffaf2;--good:#1c6b45;--good-ground:#e3f3ea;--warn:#8a5a00;--warn-ground:#fdf1d8}
@media(prefers-color-scheme:dark){:root{--ground:#141210;--surface:#1d1a17;--raised:#26221e;--line:#352f29;--ink:#f1ece5;--soft:#b3a99c;--accent:#e6b663;--strong:#f1e3cb;--on:#231b10;--good:#6fcf9c;--good-ground:#13301f;--warn:#f0bd5c;--warn-ground:#382a0c}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;align-items:center;justify-content:center;padding:24px 16px;background:var(--ground);color:var(--ink);font:400 17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",sans-serif;-webkit-text-size-adjust:100%}
main{width:100%;max-width:27rem;padding:28px 24px 24px;background:var(--surface);border:1px solid var(--line);border-radius:16px;box-shadow:0 1px 2px #0000000d,0 8px 32px #00000014;overflow-wrap:anywhere}
p,h1,dl,dd,figure,blockquote{margin:0}
.sender{margin-bottom:20px;padding-bottom:14px;border-bottom:1px solid var(--line);color:var(--accent);font-weight:600}
h1{margin-bottom:10px;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}
.sign{width:44px;height:44px;margin-bottom:14px;border-radius:50%;display:grid;place-items:center;font-size:1.35rem;font-weight:700;background:var(--good-ground);color:var(--good)}
.sorry .sign{background:var(--warn-ground);color:var(--warn)}
figure{margin-top:18px;padding:14px 16px;background:var(--raised);border-left:3px solid var(--accent);border-radius:4px 12px 12px 4px}
figcaption{margin-bottom:4px;font-size:.8rem;font-weight:600;letter-spacing:.03em;color:var(--soft)}
.by{margin-top:8px;font-size:.88rem;color:var(--soft)}
dl{margin-top:18px;font-size:.92rem}
dl div{display:flex;gap:12px;padding:8px 0;border-top:1px solid var(--line)}
dl div:last-child{border-bottom:1px solid var(--line)}
dt{flex:0 0 5.5rem;color:var(--soft)}
.note{margin-top:18px;padding:10px 14px;border-radius:10px;background:var(--warn-ground);color:var(--warn);font-size:.92rem}
form{margin-top:22px}
button{width:100%;min-height:52px;padding:12px 20px;border:0;border-radius:12px;background:var(--strong);color:var(--on);font:inherit;font-weight:600;cursor:pointer}
button:hover{opacity:.92}
button:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
button:disabled{opacity:.45;cursor:not-allowed}
`;
const styleHash = createHash('sha256').update(style).digest('base64');

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}

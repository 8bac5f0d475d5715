import type { PrintWords } from './words.js';

/** A letter on paper. */
export interface PrintedPage {
  language: string;
  /** The company. */
  sender: string;
  /** The contact, who wrote it where it is incoming. */
  contact: string;
  incoming: boolean;
  /** Their address for the medium, where there is one. */
  address: string | null;
  date: string;
  /** Null for what is not written to anybody yet. */
  number: string | null;
  /** Large and pale across the top: a draft, a preview. */
  mark: string | null;
  subject: string | null;
  body: string;
  isHtml: boolean;
  attachments: readonly string[];
  words: PrintWords;
}

/** What a browser that shows the page may do: nothing runs, and of the world only pictures come in. */
export const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-modals";
/** Of a page that becomes a PDF on our own machine: nothing comes in at all, no file of this machine either. */
export const pdfPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

/** The page as HTML, made for paper. `policy` stands in the page itself, too, for whoever opens it as a file. */
export function printPage(page: PrintedPage, policy: string): string {
  const { language, sender, contact, incoming, address, date, number, mark, subject, attachments, words } = page;
  const facts = [number === null ? '' : `<span>${escaped(words.number)} <b>${escaped(number)}</b></span>`, `<span>${escaped(date)}</span>`];
  const files = attachments.map((name) => `<li>${escaped(name)}</li>`).join('');
  return `<!doctype html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy.replace(/; (frame-ancestors|sandbox)[^;]*/g, '')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escaped([number, subject].filter((each) => each !== null).join(' – ') || sender)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header><p class="sender">${escaped(sender)}</p><p class="facts">${facts.join('')}</p></header>
${mark === null ? '' : `<p class="mark">${escaped(mark)}</p>`}
<address><small>${escaped(incoming ? words.from : words.to)}</small>${escaped(contact)}${address === null ? '' : `<br>${escaped(address)}`}</address>
${subject === null || subject === '' ? '' : `<h1 dir="auto">${escaped(subject)}</h1>`}
${bodyOf(page)}
${files === '' ? '' : `<footer><h2>${escaped(words.attachments)}</h2><ul>${files}</ul></footer>`}
</main>
</body>
</html>
`;
}

/** An e-mail's own styles stay inside of it, and the page's outside: in a tree of its own, which needs no script. */
function bodyOf({ body, isHtml }: PrintedPage): string {
  if (!isHtml) return `<div class="text" dir="auto">${escaped(body)}</div>`;
  const inside = body.replaceAll(/<(\/?)template/gi, '&lt;$1template');
  return `<div class="html"><template shadowrootmode="open"><style>:host{display:block;overflow-wrap:anywhere}img{max-width:100%}</style>${inside}</template></div>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

const style = `
@page { size: A4; margin: 20mm 20mm 18mm 22mm; }
* { box-sizing: border-box; print-color-adjust: exact; }
html { color: #16181d; background: #eceef2; font: 11pt/1.55 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif; }
body { margin: 0; padding: 2rem 1rem; }
main { background: #fff; width: 100%; max-width: 210mm; min-height: 297mm; margin: 0 auto; padding: 20mm 20mm 18mm 22mm; box-shadow: 0 1px 3px #0003, 0 8px 32px #0001; position: relative; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 2em; padding-bottom: .7em; border-bottom: .4mm solid #16181d; }
header p { margin: 0; }
.sender { font-weight: 700; font-size: 13pt; letter-spacing: -.01em; }
.facts { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 1.6em; color: #555b66; font-size: 9pt; }
.facts b { color: #16181d; font-weight: 600; font-variant-numeric: tabular-nums; }
.mark { position: absolute; inset: 34mm 20mm auto auto; margin: 0; padding: .1em .7em; border: .5mm solid #b3261e; border-radius: 1.5mm; color: #b3261e; font-size: 10pt; font-weight: 700; letter-spacing: .08em; text-transform: uppercase; }
address { font-style: normal; margin: 14mm 0 12mm; min-height: 18mm; overflow-wrap: anywhere; max-width: 110mm; }
address small { display: block; color: #555b66; font-size: 8pt; }
h1 { font-size: 14pt; line-height: 1.3; margin: 0 0 1em; overflow-wrap: anywhere; break-after: avoid; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; orphans: 3; widows: 3; }
footer { margin-top: 12mm; padding-top: .7em; border-top: .2mm solid #c4c8d0; font-size: 9pt; color: #555b66; break-inside: avoid; }
footer h2 { font-size: 9pt; margin: 0 0 .3em; color: #16181d; }
footer ul { margin: 0; padding-left: 1.3em; overflow-wrap: anywhere; }
@media print { html { background: none; } body { padding: 0; } main { max-width: none; min-height: 0; margin: 0; padding: 0; box-shadow: none; } .mark { inset: 14mm 0 auto auto; } }
@media screen and (max-width: 700px) { body { padding: 0; } main { padding: 1.5rem; min-height: 0; } .mark { position: static; display: inline-block; margin-top: 1em; } }
`.trim();

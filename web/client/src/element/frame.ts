import { h } from './dom.js';

/**
 * Shows HTML that others wrote: no scripts, no forms, no access to this page. Links open in a new window, because a
 * foreign page inside the frame would inherit the sandbox and look broken.
 */
export function safeFrame(html: string, title: string): HTMLIFrameElement {
  const frame = h('iframe', {
    class: 'safe-frame',
    sandbox: 'allow-popups allow-popups-to-escape-sandbox',
    referrerpolicy: 'no-referrer',
    title,
  });
  frame.srcdoc = withNewWindowLinks(html);
  return frame;
}

/** Bodies have no field that tells their format; a closing or self-closed tag is what makes a text HTML. */
export function looksLikeHtml(body: string): boolean {
  return /<\/[a-z][a-z0-9]*\s*>|<(br|img|hr)\b[^>]*>|<!doctype html/i.test(body);
}

/** A fragment gets type and a margin to be readable; a whole document brings its own. */
const fragmentHead =
  '<!doctype html><meta charset="utf-8"><style>body{font:15px/1.55 system-ui,sans-serif;margin:16px 18px;color:#221e1a}</style>';

function withNewWindowLinks(html: string): string {
  const base = '<base target="_blank">';
  const head = /<head[^>]*>/i;
  return head.test(html) ? html.replace(head, (tag) => tag + base) : fragmentHead + base + html;
}

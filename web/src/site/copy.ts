import { h } from '../../client/src/element/dom.js';

const confirmationMs = 1_500;

/** A button that copies a text and says so for a moment. */
export function copyButton(text: string, what: string): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'small', 'aria-label': `Copy ${what}` }, 'Copy');
  button.addEventListener('click', () => {
    void copyText(text).then((copied) => confirm(button, copied));
  });
  return button;
}

function confirm(button: HTMLButtonElement, copied: boolean): void {
  button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
  button.classList.toggle('done', copied);
  window.setTimeout(() => {
    button.textContent = 'Copy';
    button.classList.remove('done');
  }, confirmationMs);
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The clipboard API exists only on https and localhost; a demo may be looked at from another machine over http. */
function copyBySelection(text: string): boolean {
  const field = h('textarea', { class: 'visually-hidden' });
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}

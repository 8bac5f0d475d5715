import { join } from 'node:path';
import { Window } from 'happy-dom';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/files.js';
import { eventually, openApp } from '../support/app.js';
import { buildContact } from '../support/build.js';
import { png, upload } from '../support/upload.js';

// <carillon-inbox> as it is published, in a document, against the real server.
const app = await openApp();
const window = new Window({ url: app.url });
const page: any = window.document;
let systemId: string;

beforeAll(async () => {
  const made = await app.call(
    `mutation { createExternalSystem(input: { name: "App", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }`,
  );
  systemId = made.createExternalSystem.externalSystem.id;
  const names = [
    'window',
    'document',
    'HTMLElement',
    'customElements',
    'CSSStyleSheet',
    'CustomEvent',
    'DOMParser',
    'sessionStorage',
    'location',
  ];
  for (const name of names) Object.defineProperty(globalThis, name, { value: (window as any)[name], configurable: true });
  await import(/* @vite-ignore */ join(packageRoot, 'dist/web/client/element.js'));
});

afterAll(async () => {
  page.body.replaceChildren();
  await window.happyDOM.close();
});

async function send(contact: string, subject: string): Promise<void> {
  await app.call(`mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }`, {
    input: { contactExternalId: contact, medium: 'DEVICE', externalSystemId: systemId, subject, body: subject },
  });
}

/** The element of a fresh contact, live. */
async function mount(attributes: Record<string, string> = {}, subjects: string[] = []) {
  const contact = String((await buildContact(app)).external_id);
  for (const subject of subjects) await send(contact, subject);
  const element = page.createElement('carillon-inbox');
  const told: Record<string, any[]> = { 'carillon-counts': [], 'carillon-connection': [] };
  for (const [name, details] of Object.entries(told)) element.addEventListener(name, (event: any) => details.push(event.detail));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.setAttribute('token', await app.token('CONTACT', contact));
  page.body.append(element);
  await eventually(() => element.client?.connection.state === 'live');
  const find = (selector: string): any => element.shadowRoot.querySelector(selector);
  return { contact, element, told, find, all: (selector: string): any[] => [...element.shadowRoot.querySelectorAll(selector)] };
}

const texts = (elements: any[]) => elements.map((each) => each.textContent);

test('it shows the inbox, newest first, and what comes while it is open', async () => {
  const { contact, all, find, told } = await mount({}, ['older', 'newer']);
  expect(texts(all('.entry-subject'))).toEqual(['newer', 'older']);
  await send(contact, 'newest');
  await eventually(() => all('.entry-subject')[0]?.textContent === 'newest');
  expect(find('[part=counts]').textContent).toBe('3 waiting · 3 not viewed');
  expect(told['carillon-counts']?.at(-1)).toEqual({ pending: 3, unviewed: 3 });
  expect(told['carillon-connection']?.map((each) => each.state)).toContain('live');
});

test('opening an entry marks it viewed; completing and removing reach the server', async () => {
  const { contact, all, find } = await mount({}, ['one']);
  find('.entry-toggle').click();
  expect(find('.entry-body').hidden).toBe(false);
  expect(find('.entry-toggle').getAttribute('aria-expanded')).toBe('true');
  const seen = async () =>
    (await app.call('query ($c: String) { inbox(contactExternalId: $c) { nodes { state viewedAt } } }', { c: contact })).inbox.nodes;
  await eventually(async () => (await seen())[0]?.viewedAt);
  const [complete, remove] = all('.entry-buttons button');
  complete.click();
  await eventually(async () => (await seen())[0]?.state === 'COMPLETED');
  remove.click();
  expect(all('.entry')).toHaveLength(0);
  await eventually(async () => (await seen()).length === 0);
  await eventually(() => find('[part=empty]').hidden === false);
});

test('mark all viewed and complete all', async () => {
  const { all, find } = await mount({}, ['one', 'two']);
  const [viewAll, completeAll] = all('[part=actions] button');
  viewAll.click();
  completeAll.click();
  await eventually(() => find('[part=counts]').textContent === '0 waiting · 0 not viewed');
  expect(viewAll.disabled && completeAll.disabled).toBe(true);
});

test('it speaks Greek where the page does', async () => {
  const { find } = await mount({ lang: 'el' }, ['ένα']);
  expect(find('[part=title]').textContent).toBe('Εισερχόμενα');
  expect(find('[part=connection]').textContent).toBe('Ζωντανά');
});

test('HTML that others wrote stands in a frame that runs nothing', async () => {
  const { contact, find } = await mount();
  const code = '<p>Hello</p><script>window.stolen = 1</script>';
  await app.call(`mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }`, {
    input: { contactExternalId: contact, medium: 'DEVICE', externalSystemId: systemId, subject: 'code', body: code, format: 'HTML' },
  });
  const frame = await eventually(() => find('.entry-body iframe'));
  expect(frame.getAttribute('sandbox')).not.toContain('allow-scripts');
  expect(frame.getAttribute('sandbox')).not.toContain('allow-same-origin');
});

test('W2 an image that goes with an entry is shown once it is opened, by a link that its reader has for some minutes', async () => {
  const { contact, find } = await mount();
  const { id } = await upload(app, { name: 'a.png', type: 'image/png', bytes: png });
  const stranger = (await upload(app, { name: 'b.png', type: 'image/png', bytes: png })).id;
  await app.call(`mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }`, {
    input: {
      contactExternalId: contact,
      medium: 'DEVICE',
      externalSystemId: systemId,
      subject: 'picture',
      body: `<p><img src="cid:${id}" alt="" /><img src="cid:${stranger}" alt="" /></p>`,
      format: 'HTML',
      attachmentIds: [id],
    },
  });
  const frame = await eventually(() => find('.entry-body iframe'));
  expect(frame.srcdoc).toContain(`src="cid:${id}"`);
  find('.entry-toggle').click();
  const shown = await eventually(() => {
    const { srcdoc } = find('.entry-body iframe');
    return srcdoc.includes('?token=') ? (srcdoc as string) : undefined;
  });
  const [, address = ''] = /src="(http[^"]+)"/.exec(shown) ?? [];
  expect(address).toMatch(new RegExp(`^${app.url}/attachments/${id}\\?token=`));
  const response = await fetch(address);
  expect(Buffer.from(await response.arrayBuffer()).equals(png)).toBe(true);
  // What does not go with it stays unseen.
  expect(shown).toContain(`src="cid:${stranger}"`);
});

test('another token is another inbox; taken out of the page it closes its connection', async () => {
  const { element, all } = await mount({}, ['mine']);
  const other = String((await buildContact(app)).external_id);
  await send(other, 'theirs');
  const before = element.client;
  element.setAttribute('token', await app.token('CONTACT', other));
  await eventually(() => texts(all('.entry-subject')).join() === 'theirs');
  expect(element.client).not.toBe(before);
  element.remove();
  expect(element.client).toBeNull();
});

import { attachmentsOf } from '../attachments/attachment.js';
import { showImages } from '../attachments/images.js';
import { findContact, loadContact } from '../audience/load.js';
import { contentOf, unseenOf } from '../communications/rendered.js';
import { type CommunicationRow, loadCommunications, numberOf } from '../communications/row.js';
import { isHtml } from '../content/content.js';
import { loadContents } from '../content/load.js';
import { previewContent } from '../content/preview.js';
import { loadTemplates } from '../content/template.js';
import type { Context } from '../context.js';
import { NotFound } from '../errors.js';
import { localId } from '../graphql/node.js';
import type { Printed } from './link.js';
import type { PrintedPage } from './page.js';
import { printWords } from './words.js';

/**
 * What is printed, as the page shows it: rendered as everywhere. What is not there, or not for the caller, is NOT_FOUND. `embed`:
 * the images that go with it stand in the page itself.
 */
export async function printed(ctx: Context, asked: Printed, { embed = false } = {}): Promise<PrintedPage> {
  const { role } = ctx.viewer;
  if (role !== 'ADMIN' && role !== 'AGENT') throw new NotFound('page');
  return asked.kind === 'COMMUNICATION' ? await ofCommunication(ctx, asked.id, embed) : await ofTemplate(ctx, asked);
}

async function ofCommunication(ctx: Context, id: string, embed: boolean): Promise<PrintedPage> {
  const row = await rowOf(ctx, id);
  const { subject, body } = await unseenOf(ctx, row);
  const html = isHtml(await contentOf(ctx, row), row.language);
  const { name } = await loadContact(ctx, row.contactId);
  const words = printWords(row.language);
  const files = (await attachmentsOf(ctx, [row.id])).get(row.id) ?? [];
  return {
    language: row.language,
    sender: senderOf(ctx),
    contact: name,
    incoming: row.direction === 'INCOMING',
    address: row.address,
    date: dayOf(row.completedAt ?? row.createdAt, row.language, row.zoneOffset),
    number: numberOf(row),
    mark: row.state === 'DRAFT' ? words.draft : null,
    subject,
    body: html ? await showImages(ctx, body, files, embed) : body,
    isHtml: html,
    attachments: files.map((each) => each.name),
    words,
  };
}

async function rowOf(ctx: Context, publicId: string): Promise<CommunicationRow> {
  const id = localId('Communication', publicId);
  const [row] = id === undefined ? [] : await loadCommunications(ctx, [id]);
  if (!row) throw new NotFound('page');
  return row;
}

async function ofTemplate(ctx: Context, { id, ...input }: Extract<Printed, { kind: 'TEMPLATE' }>): Promise<PrintedPage> {
  const row = localId('Template', id);
  const template = row === undefined ? undefined : (await loadTemplates(ctx, [row])).get(row);
  if (!template) throw new NotFound('page');
  const { language, subject, body } = await previewContent(ctx, { ...input, templateId: id });
  const content = (await loadContents(ctx, [template.contentId])).get(template.contentId);
  const contact = await findContact(ctx, input.contactExternalId);
  if (!content || !contact) throw new NotFound('page');
  const words = printWords(language);
  return {
    language,
    sender: senderOf(ctx),
    contact: contact.name,
    incoming: template.direction === 'INCOMING',
    address: template.medium === 'EMAIL' ? contact.email : ['SMS', 'WHATSAPP', 'PHONE'].includes(template.medium) ? contact.phone : null,
    date: dayOf(ctx.now(), language, 0),
    number: null,
    mark: words.preview,
    subject: subject ?? null,
    body,
    isHtml: isHtml(content, language),
    attachments: [],
    words,
  };
}

/** The name in MAIL_FROM, else its address. */
function senderOf({ config }: Context): string {
  return /^\s*"?([^"<]+?)"?\s*</.exec(config.mailFrom)?.[1] ?? config.mailFrom;
}

/** In the zone that was frozen with the communication, so that it is the same on every copy. */
function dayOf(instant: Date, language: string, zoneOffset: number): string {
  const shifted = new Date(instant.getTime() + zoneOffset * 60_000);
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(shifted);
}

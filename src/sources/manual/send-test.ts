import { findContact } from '../../audience/load.js';
import { queueingMedia } from '../../catalogue/medium.js';
import { type FoundObject, findObject } from '../../catalogue/object-ref.js';
import { type CommunicationRow, loadCommunications } from '../../communications/row.js';
import { compileContent } from '../../content/compile.js';
import { type Content, speaksAbout } from '../../content/content.js';
import { languageFor } from '../../content/language.js';
import { limitsOf } from '../../content/limits.js';
import { loadContents } from '../../content/load.js';
import { paramsOf } from '../../content/parameters.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import { Problems } from '../../errors.js';
import { insertCommunications } from '../../generate/insert.js';
import { localId } from '../../graphql/node.js';
import { readSettings } from '../../settings/settings.js';
import { readAddress } from './address.js';
import type { SendTestInput } from './resend.type.js';
import { pickedSql } from './write.js';

/** Somebody waits for it. */
const testPriority = 1;

/**
 * Sends a text as one contact would get it, to another address (E13x): by the same values, renderer and provider as everything
 * else, so that what was previewed is what arrives. It belongs to no run, asks no preference, and no inbox sees it.
 */
export async function sendTest(ctx: Context, input: SendTestInput): Promise<CommunicationRow> {
  const problems = new Problems();
  const content = await contentOf(ctx, input, problems);
  const contact = await findContact(ctx, input.contactExternalId);
  if (!contact)
    problems.add(['contactExternalId'], 'UNKNOWN_CONTACT', `There is no contact ${JSON.stringify(input.contactExternalId.slice(0, 80))}.`);
  const object = input.object ? await findObject(ctx, input.object, problems, ['object']) : undefined;
  if (object && contact && object.contactId !== contact.id)
    problems.add(['object', 'externalId'], 'OF_ANOTHER_CONTACT', `This ${object.type} does not belong to the contact.`);
  if (content && object && !speaksAbout(content, object.type))
    problems.add(['object', 'type'], 'WRONG_OBJECT_TYPE', `The text speaks about a ${content.objectType}, not about a ${object.type}.`);
  if (content && !queueingMedia.includes(content.medium))
    problems.add(['medium'], 'NOT_QUEUED', `${content.medium} is never sent; give a text for one of ${queueingMedia.join(', ')}.`);
  const settings = await readSettings(ctx);
  const address = content ? readAddress(content.medium, input.to, ['to'], problems, settings.countries) : null;
  const params = paramsOf(input.parameters ?? [], problems, ['parameters']);
  problems.throwIfAny();
  if (!content || !contact) throw new Error('A test without problems has a text and a contact');
  const language = languageFor(content, input.language ?? contact.preferredLanguage) ?? content.languages[0] ?? content.defaultLanguage;
  const { firstId } = await insertCommunications(ctx, {
    picked: (parameters) => pickedSql(contact.id, subjectOf(object), language, address, parameters),
    medium: content.medium,
    content,
    origin: 'TEST',
    externalSystemId: null,
    categoryId: null,
    runId: null,
    objectType: object?.type ?? null,
    params,
    expiresAt: null,
    priority: testPriority,
    limits: limitsOf(settings, content.medium, null),
    begin: { direction: 'OUTGOING', state: 'PENDING', createdBy: ctx.viewer.subject },
  });
  const [made] = await loadCommunications(ctx, [firstId ?? '']);
  if (!made) throw new Error('What was inserted can be read');
  return made;
}

/** A template in any state: it is tested before it takes effect. */
async function contentOf(ctx: Context, input: SendTestInput, problems: Problems): Promise<Content | undefined> {
  if ((input.templateId == null) === (input.content == null)) {
    problems.add([], 'EXACTLY_ONE', 'Give either `templateId` or `content`.');
    return undefined;
  }
  const contentId =
    input.content == null
      ? await contentOfTemplate(ctx, input, problems)
      : await compileContent(ctx, {
          medium: input.medium ?? 'EMAIL',
          contents: input.content,
          path: ['content'],
          problems,
          anyLanguage: true,
        });
  return contentId === undefined ? undefined : (await loadContents(ctx, [contentId])).get(contentId);
}

async function contentOfTemplate(ctx: Context, { templateId, medium }: SendTestInput, problems: Problems): Promise<string | undefined> {
  const id = localId('Template', templateId ?? '');
  const template = id === undefined ? undefined : (await loadTemplates(ctx, [id])).get(id);
  if (!template) problems.add(['templateId'], 'NOT_FOUND', 'There is no such template.');
  else if (medium != null && medium !== template.medium)
    problems.add(['medium'], 'WRONG_MEDIUM', `The template is for ${template.medium}, not for ${medium}.`);
  return template?.contentId;
}

function subjectOf(object: FoundObject | undefined): { objectId: string | null; accountId: string | null } {
  if (!object || object.type === 'contact') return { objectId: null, accountId: null };
  return { objectId: object.type === 'account' ? null : object.id, accountId: object.accountId };
}

import { pushTo } from '../catalogue/field-sql.js';
import { type FoundNotification, findNotification } from '../catalogue/find-notification.js';
import type { Medium } from '../catalogue/medium.js';
import { notificationRowSql } from '../catalogue/notification-row.js';
import { type FoundObject, findObject, tableOf } from '../catalogue/object-ref.js';
import { tagValuesSql, zoneOffsetSql } from '../catalogue/values.js';
import type { Context } from '../context.js';
import { first } from '../database/sql.js';
import { Problems } from '../errors.js';
import { localId } from '../graphql/node.js';
import { readSettings } from '../settings/settings.js';
import { compileTexts } from './compile.js';
import { type Content, readyContent, speaksAbout } from './content.js';
import { languageSql } from './language.js';
import { characterCount, smsSegments } from './length.js';
import { frameOf } from './links/frame.js';
import { previewLinks } from './links/maker.js';
import { loadContents } from './load.js';
import { paramsOf } from './parameters.js';
import type { PreviewContentInput, RenderedContentType } from './preview.type.js';
import { render } from './render.js';
import { loadTemplates } from './template.js';

/** Renders for one contact, by the SQL and the render() that a send uses. */
export async function previewContent(ctx: Context, input: PreviewContentInput): Promise<RenderedContentType> {
  const problems = new Problems();
  if ((input.templateId == null) === (input.content == null)) problems.add([], 'EXACTLY_ONE', 'Give either `templateId` or `content`.');
  const content = await contentOf(ctx, input, problems);
  const contactId = await findContact(ctx, input.contactExternalId, problems);
  const { object, notification } = await subjectOf(ctx, input.object, problems);
  const owner = (notification ?? object)?.contactId;
  if (owner !== undefined && contactId !== undefined && owner !== contactId) {
    problems.add(['object', 'externalId'], 'OF_ANOTHER_CONTACT', `This ${input.object?.type} does not belong to the contact.`);
  }
  if (content && object && content.objectType !== 'notification' && !speaksAbout(content, object.type))
    problems.add(['object', 'type'], 'WRONG_OBJECT_TYPE', `The text speaks about a ${content.objectType}, not about a ${object.type}.`);
  const params = paramsOf(input.parameters ?? [], problems, ['parameters']);
  problems.throwIfAny();
  if (!content || contactId === undefined) throw new Error('A preview without problems has a content and a contact');

  const { language, values, zoneOffset } = await freeze(ctx, content, {
    contactId,
    object,
    notificationId: notification?.id,
    params,
    language: input.language ?? null,
  });
  const links = previewLinks(await frameOf(ctx, content, content.medium, { origin: 'MANUAL' }), contactId, ctx.secrets.link);
  const { subject, body, text, unresolvedTags } = render(content, language, values, { zoneOffset, links });
  return {
    language,
    subject,
    body,
    text,
    characterCount: characterCount(text),
    smsSegments: content.medium === 'SMS' ? smsSegments(text) : null,
    unresolvedTags,
  };
}

async function contentOf(ctx: Context, input: PreviewContentInput, problems: Problems): Promise<Content | undefined> {
  if (input.templateId != null) {
    const id = localId('Template', input.templateId);
    const template = id === undefined ? undefined : (await loadTemplates(ctx, [id])).get(id);
    if (!template) problems.add(['templateId'], 'NOT_FOUND', 'There is no such template.');
    else if (input.medium != null && input.medium !== template.medium) {
      problems.add(['medium'], 'WRONG_MEDIUM', `The template is for ${template.medium}, not for ${input.medium}.`);
    }
    return template && (await loadContents(ctx, [template.contentId])).get(template.contentId);
  }
  if (input.content == null) return undefined;
  const medium: Medium = input.medium ?? 'EMAIL';
  const compiled = await compileTexts(ctx, { medium, contents: input.content, path: ['content'], problems, anyLanguage: true });
  return compiled && readyContent('of a preview', compiled);
}

/** What the text is about: a notification by its number, with what that refers to, or a record of the CRM. */
async function subjectOf(
  ctx: Context,
  ref: PreviewContentInput['object'],
  problems: Problems,
): Promise<{ object?: FoundObject | undefined; notification?: FoundNotification | undefined }> {
  if (ref == null) return {};
  if (ref.type !== 'notification') return { object: await findObject(ctx, ref, problems, ['object']) };
  const notification = await findNotification(ctx, ref.externalId, problems, ['object']);
  return { object: notification?.object, notification };
}

async function findContact(ctx: Context, externalId: string, problems: Problems): Promise<string | undefined> {
  const found = await first<{ id: string }>(ctx, 'select id from contact where external_id = $1', [externalId]);
  if (!found) problems.add(['contactExternalId'], 'NOT_FOUND', `There is no contact ${JSON.stringify(externalId.slice(0, 80))}.`);
  return found?.id;
}

interface Frozen {
  language: string;
  values: unknown[];
  zoneOffset: number;
}

interface Recipient {
  contactId: string;
  object: FoundObject | undefined;
  notificationId: string | undefined;
  params: Record<string, string>;
  /** Asked for; null: the contact's preferred one. */
  language: string | null;
}

/** What a send would keep with the communication. */
async function freeze(ctx: Context, content: Content, { contactId, object, notificationId, params, language }: Recipient): Promise<Frozen> {
  const parameters: unknown[] = [contactId];
  const push = pushTo(parameters);
  const { defaultTimeZone: timeZone } = ctx.config;
  const about = object && object.type !== 'contact' ? { type: object.type, alias: 'about' } : undefined;
  const join = object && about ? `left join ${tableOf(object.type)} about on about.id = ${push(object.id)}` : '';
  const told =
    notificationId === undefined
      ? ''
      : `join lateral (${notificationRowSql(content.tags, `nt.id = ${push(notificationId)}`)}) told on true`;
  const notification = told === '' ? undefined : 'told';
  const links = (await readSettings(ctx)).dynamicLinks;
  const names = { contact: 'c', object: about, notification, timeZone, parameters: push, params, links };
  const { joins, expression } = tagValuesSql(content.tags, names);
  const preferred = language === null ? 'c.preferred_language' : `${push(language)}::text`;
  const found = await first<Omit<Frozen, 'language'> & { language: string | null }>(
    ctx,
    `select ${languageSql(content, preferred, push)} as language, ${expression} as values, ${zoneOffsetSql('c', timeZone, push)} as "zoneOffset"
     from contact c ${join} ${told} ${joins} where c.id = $1`,
    parameters,
  );
  if (!found) throw new Error('The contact was there a moment ago');
  return { ...found, language: found.language ?? content.languages[0] ?? content.defaultLanguage };
}

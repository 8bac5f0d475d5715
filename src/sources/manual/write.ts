import { checkUnit } from '../../access/unit.js';
import { attach, keepAttachments } from '../../attachments/attachment.js';
import type { ContactRow } from '../../audience/load.js';
import { type Direction, type Medium, queueingMedia } from '../../catalogue/medium.js';
import { type CommunicationRow, loadCommunications } from '../../communications/row.js';
import { keepCategory } from '../../content/category.js';
import { compileContent } from '../../content/compile.js';
import { languageFor } from '../../content/language.js';
import { limitsOf } from '../../content/limits.js';
import { loadContents } from '../../content/load.js';
import { paramsOf } from '../../content/parameters.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import { databaseNow } from '../../database/clock.js';
import { rows } from '../../database/sql.js';
import { Problems } from '../../errors.js';
import { type Beginning, insertCommunications } from '../../generate/insert.js';
import { localId } from '../../graphql/node.js';
import { checkChosen, type ExternalSystem, loadExternalSystems } from '../../queue/systems.js';
import { readSettings } from '../../settings/settings.js';
import { addressOf, readAddress } from './address.js';
import { nothing, type Subject, subjectOf } from './refer.js';

/** What a person wrote, whole: what a draft keeps, so that it can be written anew. */
export interface Writing {
  medium: Medium | null;
  /** Null: the template's, else OUTGOING. */
  direction: Direction | null;
  to: string | null;
  externalSystemId: string | null;
  subject: string | null;
  body: string | null;
  format: 'TEXT' | 'HTML' | 'MJML';
  templateId: string | null;
  categoryId: string | null;
  /** Absent in drafts from before there was one. */
  ownedByUnit?: string | null;
  parameters: { name: string; value: string }[];
  referringTo: { type: string; externalId: string } | null;
  expiresAt: string | null;
  /** An administrator wrote the body, whose HTML is kept as it is; whoever sends the draft of somebody else does not vouch for it. */
  byAdministrator?: boolean;
  /** Public ids; absent in drafts from before there were any. */
  attachmentIds?: string[];
}

export interface WriteOptions {
  /** Null where there is none such, which is among the `problems`: the rest is checked all the same. */
  contact: ContactRow | null;
  writing: Writing;
  asDraft: boolean;
  followUpOf?: string | null;
  /** Who caused it: a person, or a provisioning process (X16). */
  origin?: 'MANUAL' | 'PROVISIONING';
  as?: Beginning['as'];
  /** Who wrote it first. */
  createdBy?: string | null;
  /** Of the draft: one more with each change. */
  version?: number;
  /** Where the problems' paths begin. */
  path?: (string | number)[];
  /** What the caller has found already: told together with what is found here. */
  problems?: Problems;
}

/** What people write goes before campaigns (E8x). */
export const manualPriority = 3;

/** Writes one communication: a set of one, through the statement that serves millions (design.md, idea 1). */
export async function writeCommunication(
  ctx: Context,
  {
    contact,
    writing,
    asDraft,
    followUpOf = null,
    origin = 'MANUAL',
    as,
    createdBy = ctx.viewer.subject,
    version = 1,
    ...more
  }: WriteOptions,
): Promise<CommunicationRow> {
  const { path = [], problems = new Problems() } = more;
  const template = await templateOf(ctx, writing, path, problems);
  const medium = writing.medium ?? template?.medium ?? null;
  const direction = writing.direction ?? template?.direction ?? 'OUTGOING';
  if (medium === null) problems.add([...path, 'medium'], 'REQUIRED', 'Give a medium, or a template that has one.');
  if (writing.expiresAt !== null && new Date(writing.expiresAt) <= (await databaseNow(ctx)))
    problems.add([...path, 'expiresAt'], 'IN_THE_PAST', 'The expiry must be in the future.');
  const queues = medium !== null && queueingMedia.includes(medium) && direction === 'OUTGOING';
  const system = await systemOf(ctx, writing, path, problems);
  const needed = queues && !asDraft && !system?.contactInbox;
  const { countries } = await readSettings(ctx);
  const address =
    medium === null || contact === null ? null : addressOf({ contact, medium, to: writing.to, needed, path, problems, countries });
  if (medium !== null && contact === null && writing.to !== null) readAddress(medium, writing.to, [...path, 'to'], problems, countries);
  const reference = { ref: writing.referringTo, template, path: [...path, 'referringTo'], problems };
  const subject = contact === null ? nothing : await subjectOf(ctx, { ...reference, contact });
  const attachmentIds = await keepAttachments(ctx, writing.attachmentIds ?? [], problems, [...path, 'attachmentIds']);
  if (attachmentIds.length > 0 && queues && !system && medium !== 'EMAIL')
    problems.add([...path, 'attachmentIds'], 'NOT_CARRIED', `${medium} carries no attachments, unless an external system processes it.`);
  const params = paramsOf(writing.parameters, problems, [...path, 'parameters']);
  const categoryId = await keepCategory(ctx, writing.categoryId, problems, [...path, 'categoryId']);
  const ownedByUnit = checkUnit(problems, [...path, 'ownedByUnit'], writing.ownedByUnit);
  const language = contact?.preferredLanguage ?? ctx.config.defaultLanguage;
  const contentId =
    template?.contentId ??
    (await inlineContent(ctx, {
      writing,
      medium,
      language,
      direction,
      objectType: subject.type,
      bodyNeeded: queues && !asDraft,
      path,
      problems,
    }));
  problems.throwIfAny();
  const content = (await loadContents(ctx, [contentId ?? ''])).get(contentId ?? '');
  if (!content || !contact || medium === null) throw new Error('A communication without problems has a contact, content and a medium');

  const begin: Beginning = {
    direction,
    followUpOf: subject.followUpOf ?? followUpOf,
    createdBy,
    ...(as && { as }),
    state: asDraft ? 'DRAFT' : queues ? 'PENDING' : 'COMPLETED',
  };
  const { firstId } = await insertCommunications(ctx, {
    picked: (parameters) => pickedSql(contact.id, subject, languageFor(content, language) ?? language, address, parameters),
    medium,
    content,
    origin,
    externalSystemId: system?.id ?? null,
    categoryId: categoryId ?? template?.categoryId ?? null,
    runId: null,
    objectType: subject.type,
    params,
    expiresAt: writing.expiresAt ?? undefined,
    priority: manualPriority,
    limits: limitsOf(await readSettings(ctx), medium, system?.characterLimit ?? null),
    begin,
  });
  await attach(ctx, firstId ?? '', attachmentIds);
  // Not by the statement above, which serves runs of millions, too.
  if (ownedByUnit !== null) await rows(ctx, 'update communication set owned_by_unit = $2 where id = $1', [firstId, ownedByUnit]);
  if (asDraft)
    await rows(ctx, 'insert into draft (communication_id, input, version) values ($1, $2, $3)', [
      firstId,
      JSON.stringify({ ...writing, medium }),
      version,
    ]);
  const [row] = await loadCommunications(ctx, [firstId ?? '']);
  if (!row) throw new Error('What was inserted can be read');
  return row;
}

async function templateOf(
  ctx: Context,
  { templateId, medium, subject, body }: Writing,
  path: WriteOptions['path'] & {},
  problems: Problems,
) {
  if (templateId === null) return undefined;
  if (subject !== null || body !== null)
    problems.add([...path, 'templateId'], 'CONTRADICTION', 'Give a template, or subject and body, not both.');
  const id = localId('Template', templateId);
  const template = id === undefined ? undefined : (await loadTemplates(ctx, [id])).get(id);
  if (!template) problems.add([...path, 'templateId'], 'NOT_FOUND', 'There is no such template.');
  else if (!template.effective)
    problems.add([...path, 'templateId'], 'NOT_EFFECTIVE', 'The template is not effective; make it so, or give another.');
  else if (medium !== null && template.medium !== medium) {
    problems.add([...path, 'medium'], 'WRONG_MEDIUM', `The template is for ${template.medium}, not for ${medium}.`);
  }
  return template;
}

async function systemOf(
  ctx: Context,
  { externalSystemId }: Writing,
  path: WriteOptions['path'] & {},
  problems: Problems,
): Promise<ExternalSystem | undefined> {
  if (externalSystemId === null) return undefined;
  const id = localId('ExternalSystem', externalSystemId);
  const system = id === undefined ? undefined : (await loadExternalSystems(ctx, [id])).get(id);
  if (!system) problems.add([...path, 'externalSystemId'], 'NOT_FOUND', 'There is no such external system.');
  else checkChosen(system, problems, [...path, 'externalSystemId']);
  return system;
}

interface Inline {
  writing: Writing;
  medium: Medium | null;
  language: string;
  direction: Direction;
  objectType: string | null;
  bodyNeeded: boolean;
  path: WriteOptions['path'] & {};
  problems: Problems;
}

/** A person writes to one contact in one language: the contact's. */
async function inlineContent(
  ctx: Context,
  { writing, medium, language, direction, objectType, bodyNeeded, path, problems }: Inline,
): Promise<string | undefined> {
  const found = new Problems();
  const contentId = await compileContent(ctx, {
    medium: medium ?? 'LETTER',
    objectType,
    contents: [{ language, subject: writing.subject, body: writing.body ?? '', format: writing.format }],
    path: [],
    problems: found,
    literal: direction === 'INCOMING',
    untrusted: writing.byAdministrator !== true,
    anyLanguage: true,
    mayBeEmpty: !bodyNeeded,
  });
  // The one text is the input itself: its place in the list of texts means nothing to the caller.
  for (const each of found.list) problems.list.push({ ...each, path: [...path, ...each.path.slice(1)] });
  return contentId;
}

export function pickedSql(
  contactId: string,
  { objectId, accountId }: Pick<Subject, 'objectId' | 'accountId'>,
  language: string,
  address: string | null,
  parameters: unknown[],
): string {
  const at = parameters.length;
  parameters.push(contactId, accountId, objectId, language, address);
  return `select 1::bigint as ordinal, $${at + 1}::uuid as contact_id, $${at + 2}::uuid as account_id, $${at + 3}::uuid as object_id,
    $${at + 4}::text as language, $${at + 5}::text as address`;
}

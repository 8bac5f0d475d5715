import { queueingMedia } from '../../catalogue/medium.js';
import { didYouMean } from '../../catalogue/nearest.js';
import { type NotificationClassification, notifiable } from '../../catalogue/notifiable.js';
import { loadContents } from '../../content/load.js';
import { loadTemplates, type Template } from '../../content/template.js';
import type { Context } from '../../context.js';
import { takeTurns } from '../../database/lock.js';
import { affected, first, rows } from '../../database/sql.js';
import { Conflict, NotFound, Problems } from '../../errors.js';
import { localId, publicId, requireLocalId } from '../../graphql/node.js';
import { loadExternalSystems } from '../../queue/systems.js';
import { type CheckedCriteria, checkCriteria } from './criteria/check.js';
import type { CreateNotificationTypeInput, UpdateNotificationTypeInput } from './notification-type.input.js';
import { type NotificationType, notificationTypeColumns } from './notification-type.js';
import { checkWords } from './words.js';

/** Makes a type; all problems of the input at once, and nothing is kept where there is one. */
export async function createNotificationType(ctx: Context, input: CreateNotificationTypeInput): Promise<NotificationType> {
  const problems = new Problems();
  const { classification } = input;
  const about = checkAbout(classification, input.about, problems);
  const written = await check(ctx, { ...input, about, except: null }, problems);
  const made = await first<NotificationType>(
    ctx,
    `insert into notification_type as t (name, classification, about, template_id, external_system_id, address_type, criteria, segment_ids,
       history_type_ids, apply_direct_marketing, apply_affiliate_marketing, active)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning ${notificationTypeColumns}`,
    [written.name, classification, about, ...written.rest],
  );
  if (!made) throw new Error('An insert answers its row');
  return made;
}

/** A field left out keeps its value. Runs that have started go on with what they froze. */
export async function updateNotificationType(ctx: Context, input: UpdateNotificationTypeInput): Promise<NotificationType> {
  const before = await lock(ctx, input.notificationTypeId, 'no key update');
  const problems = new Problems();
  const wanted = {
    name: input.name ?? before.name,
    classification: before.classification,
    about: before.about,
    templateId: input.templateId ?? publicId('Template', before.templateId),
    externalSystemId:
      input.externalSystemId === undefined && before.externalSystemId !== null
        ? publicId('ExternalSystem', before.externalSystemId)
        : input.externalSystemId,
    addressType: input.addressType === undefined ? before.addressType : input.addressType,
    criteria: input.criteria,
    applyDirectMarketingPreference: input.applyDirectMarketingPreference ?? before.applyDirectMarketingPreference,
    applyAffiliateMarketingPreference: input.applyAffiliateMarketingPreference ?? before.applyAffiliateMarketingPreference,
    active: input.active ?? before.active,
  };
  // What stays is not asked again: a type whose template has been retired since can still be renamed or made inactive.
  const stays = { template: input.templateId == null, criteria: input.criteria === undefined ? before : null };
  const written = await check(ctx, { ...wanted, except: before.id, stays }, problems);
  const changed = await first<NotificationType>(
    ctx,
    `update notification_type t set name = $2, template_id = $3, external_system_id = $4, address_type = $5, criteria = $6, segment_ids = $7,
       history_type_ids = $8, apply_direct_marketing = $9, apply_affiliate_marketing = $10, active = $11, updated_at = clock_timestamp()
     where t.id = $1 returning ${notificationTypeColumns}`,
    [before.id, written.name, ...written.rest],
  );
  if (!changed) throw new NotFound('notification type');
  return changed;
}

/** Its schedules go with it. Refused once it has run, because notifications are records (O11), and while another type's history names it. */
export async function deleteNotificationType(ctx: Context, publicId: string): Promise<void> {
  const type = await lock(ctx, publicId, 'update');
  const name = JSON.stringify(type.name);
  const used = await first<{ ran: boolean; user: string | null }>(
    ctx,
    `select exists (select from run where notification_type_id = $1) as ran,
       (select min(t.name) from notification_type t where $1::uuid = any(t.history_type_ids) and t.id <> $1) as user`,
    [type.id],
  );
  if (used?.ran) throw new Conflict(`The notification type ${name} has run, and its notifications are kept; make it inactive instead.`);
  if (used?.user != null) throw new Conflict(`The notification type ${name} is used by the history of ${JSON.stringify(used.user)}.`);
  await affected(ctx, 'delete from notification_type where id = $1', [type.id]);
}

interface Given extends Omit<CreateNotificationTypeInput, 'about' | 'idempotencyKey'> {
  about: string | undefined;
  except: string | null;
  active?: boolean | null;
  /** What an update leaves as it was. */
  stays?: { template: boolean; criteria: CheckedCriteria | null };
}

/** Checks everything that can be changed later, too; throws all problems. `rest` are the columns behind the name, in the order of both statements. */
async function check(ctx: Context, given: Given, problems: Problems): Promise<{ name: string; rest: unknown[] }> {
  const { classification, about } = given;
  const name = given.name.trim();
  await checkName(ctx, name, given.except, problems);
  const template = await checkTemplate(ctx, given.templateId, given.stays?.template ?? false, problems);
  const content = template && (await loadContents(ctx, [template.contentId])).get(template.contentId);
  if (template && content && about !== undefined && !given.stays?.template)
    checkWords({ classification, about }, template, content, problems);
  const externalSystemId = await checkSystem(ctx, given.externalSystemId, template, problems);
  const addressType = given.addressType?.trim() || null;
  if (addressType !== null && template?.medium === 'DEVICE')
    problems.add(['addressType'], 'UNEXPECTED', 'DEVICE needs no address; leave the type of address out.');
  const { criteria, segmentIds, historyTypeIds } =
    given.stays?.criteria ?? (await checkCriteria(ctx, classification, given.criteria, problems));
  problems.throwIfAny();
  return {
    name,
    rest: [
      template?.id,
      externalSystemId,
      addressType,
      JSON.stringify(criteria),
      segmentIds,
      historyTypeIds,
      given.applyDirectMarketingPreference ?? false,
      given.applyAffiliateMarketingPreference ?? false,
      given.active ?? true,
    ],
  };
}

function checkAbout(classification: NotificationClassification, given: string, problems: Problems): string | undefined {
  const about = given.trim().toLowerCase();
  const allowed = notifiable[classification];
  if (allowed.includes(about)) return about;
  const hint = didYouMean(about, [...allowed]) || ` It notifies about ${allowed.join(', ')}.`;
  const words = `${classification} does not notify about ${JSON.stringify(given.slice(0, 80))}.${hint}`;
  problems.add(['about'], 'FORBIDDEN_FOR_CLASSIFICATION', words);
  return undefined;
}

async function checkName(ctx: Context, name: string, except: string | null, problems: Problems): Promise<void> {
  if (name === '' || name.length > 200 || /\p{Cc}/u.test(name)) {
    problems.add(['name'], 'INVALID', 'A name has 1 to 200 characters, in one line.');
    return;
  }
  await takeTurns(ctx, 'notification_type.names');
  const taken = await rows(ctx, 'select 1 from notification_type where name = $1 and id is distinct from $2::uuid', [name, except]);
  if (taken.length > 0) problems.add(['name'], 'TAKEN', `There is a notification type ${JSON.stringify(name)} already.`);
}

/** The template, kept from being deleted until it is named (N4). */
async function checkTemplate(ctx: Context, publicId: string, stays: boolean, problems: Problems): Promise<Template | undefined> {
  const id = localId('Template', publicId);
  if (id !== undefined) await rows(ctx, 'select 1 from template where id = $1 for key share', [id]);
  const template = id === undefined ? undefined : (await loadTemplates(ctx, [id])).get(id);
  if (!template) problems.add(['templateId'], 'NOT_FOUND', 'There is no such template.');
  else if (!template.effective && !stays)
    problems.add(['templateId'], 'NOT_EFFECTIVE', 'The template is not effective; make it so, or give another.');
  if (template && !queueingMedia.includes(template.medium))
    problems.add(
      ['templateId'],
      'NOT_QUEUED',
      `The template is for ${template.medium}, which never queues; one for ${queueingMedia.join(', ')} is needed.`,
    );
  return template;
}

async function checkSystem(
  ctx: Context,
  publicId: string | null | undefined,
  template: Template | undefined,
  problems: Problems,
): Promise<string | null> {
  if (publicId == null) return null;
  const id = localId('ExternalSystem', publicId);
  const system = id === undefined ? undefined : (await loadExternalSystems(ctx, [id])).get(id);
  if (!system) problems.add(['externalSystemId'], 'NOT_FOUND', 'There is no such external system.');
  else if (template && !system.media.includes(template.medium))
    problems.add(
      ['externalSystemId'],
      'UNSUPPORTED_MEDIUM',
      `${system.name} processes ${system.media.join(', ')}, not ${template.medium}.`,
    );
  return system?.id ?? null;
}

async function lock(ctx: Context, publicId: string, how: 'no key update' | 'update'): Promise<NotificationType> {
  const id = requireLocalId('NotificationType', publicId, 'notification type');
  const found = await first<NotificationType>(
    ctx,
    `select ${notificationTypeColumns} from notification_type t where t.id = $1 for ${how}`,
    [id],
  );
  if (!found) throw new NotFound('notification type');
  return found;
}
